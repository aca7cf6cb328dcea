//! The rules of compatibility: how severe each change is for callers, by direction and location.

use std::fmt;

use serde::Serialize;

use crate::facts::Location;

/// How severe a change is for a program that was written for the older spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It keeps working.
    Compatible,
    /// It keeps working, but may behave differently.
    Caution,
    /// It can fail.
    Breaking,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compatible => "compatible",
            Self::Caution => "caution",
            Self::Breaking => "breaking",
        })
    }
}

/// The direction in which a value is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    /// From the caller to the service.
    Request,
    /// From the service to the caller.
    Response,
}

/// A rule, for one direction and one location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `<direction>-<location>-<kind>-<action>`, stable across releases.
    pub id: String,
    /// How severe the change is.
    pub severity: Severity,
    /// Why, in a sentence.
    pub why: &'static str,
}

/// A rule, for all its locations.
struct RuleRow {
    kind: &'static str,
    action: &'static str,
    request: Option<Severity>,
    response: Option<Severity>,
    locations: &'static [Location],
    why: &'static str,
}

const OPERATION: &[Location] = &[Location::Operation];
const PARAMETERS: &[Location] = &[Location::Path, Location::Query, Location::Header];
const BODY: &[Location] = &[Location::Body];
const VALUES: &[Location] = &[Location::Path, Location::Query, Location::Header, Location::Body];

/// A rule with opposite severities: a tighter limit breaks requests, a looser one responses.
const fn value(
    kind: &'static str,
    action: &'static str,
    request: Severity,
    response: Severity,
    why: &'static str,
) -> RuleRow {
    RuleRow { kind, action, request: Some(request), response: Some(response), locations: VALUES, why }
}

const fn request(
    kind: &'static str,
    action: &'static str,
    severity: Severity,
    locations: &'static [Location],
    why: &'static str,
) -> RuleRow {
    RuleRow { kind, action, request: Some(severity), response: None, locations, why }
}

const fn response(
    kind: &'static str,
    action: &'static str,
    severity: Severity,
    locations: &'static [Location],
    why: &'static str,
) -> RuleRow {
    RuleRow { kind, action, request: None, response: Some(severity), locations, why }
}

use Severity::{Breaking, Caution, Compatible};

const LESS: &str = "fewer values are allowed now: the service may refuse a request that it accepted before; a response has no new value";
const MORE: &str =
    "more values are allowed now: existing requests still work; a response may have a value that callers do not expect";

const ROWS: &[RuleRow] = &[
    request("existence", "added", Compatible, OPERATION, "a new operation does not affect existing callers"),
    request("existence", "removed", Breaking, OPERATION, "callers use an operation that no longer exists"),
    request("id", "changed", Breaking, OPERATION, "the generated method is named after the operationId"),
    request("address", "changed", Breaking, OPERATION, "callers use the old method or path"),
    request("deprecation", "added", Caution, OPERATION, "the operation may be removed in a later release"),
    request("deprecation", "removed", Compatible, OPERATION, "the operation is no longer deprecated"),
    request("security", "added", Breaking, OPERATION, "the service now refuses calls without credentials"),
    request("security", "removed", Compatible, OPERATION, "credentials are no longer needed"),
    request("security-alternative", "added", Compatible, OPERATION, "callers can authenticate in one more way"),
    request(
        "security-alternative",
        "removed",
        Breaking,
        OPERATION,
        "the service now refuses callers that authenticate in this way",
    ),
    request("security-scheme", "changed", Breaking, OPERATION, "callers must send the credential in a different way"),
    request("body", "added", Compatible, OPERATION, "callers may now send a body"),
    request("mandatory-body", "added", Breaking, OPERATION, "the service now refuses calls without a body"),
    request("body", "removed", Breaking, OPERATION, "the service now ignores the body that callers send"),
    response("body", "added", Compatible, OPERATION, "the response now has a body, which callers can ignore"),
    response("body", "removed", Breaking, OPERATION, "callers may depend on the removed body"),
    response("status", "added", Caution, OPERATION, "callers may not handle this status"),
    response("status", "removed", Breaking, OPERATION, "callers may depend on the removed response"),
    request("media-type", "added", Compatible, BODY, "callers can send the body in one more format"),
    request("media-type", "removed", Breaking, BODY, "the service now refuses a body in this format"),
    response("media-type", "added", Caution, BODY, "a response may have a format that callers cannot read"),
    response("media-type", "removed", Breaking, BODY, "callers may depend on the removed format"),
    request("parameter", "added", Compatible, PARAMETERS, "callers may omit it"),
    request("mandatory-parameter", "added", Breaking, PARAMETERS, "the service now refuses calls without it"),
    request("parameter", "removed", Breaking, PARAMETERS, "the service now ignores the value that callers send"),
    request("field", "added", Compatible, BODY, "callers may omit it"),
    request("mandatory-field", "added", Breaking, BODY, "the service now refuses bodies without it"),
    request("field", "removed", Breaking, BODY, "the service now ignores the value that callers send"),
    response("field", "added", Compatible, BODY, "callers ignore unknown fields"),
    response("field", "removed", Breaking, BODY, "callers may depend on the removed field"),
    value(
        "mandatory",
        "added",
        Breaking,
        Compatible,
        "the service now refuses requests without it; responses now always have it",
    ),
    value("mandatory", "removed", Compatible, Breaking, "requests may now omit it; responses may now omit it"),
    value("type", "changed", Breaking, Breaking, "the value now has a different type"),
    value(
        "type",
        "widened",
        Compatible,
        Breaking,
        "every old value is still valid, but a new value may not fit the old type",
    ),
    value(
        "type",
        "narrowed",
        Breaking,
        Compatible,
        "every new value fits the old type, but some old values are no longer valid",
    ),
    value("format", "added", Breaking, Compatible, "some old values do not have this format"),
    value("format", "removed", Compatible, Breaking, "values no longer need this format"),
    value("format", "changed", Breaking, Breaking, "values now have a different format"),
    value("nullable", "added", Compatible, Breaking, "the value may now be null"),
    value("nullable", "removed", Breaking, Compatible, "the value may no longer be null"),
    value("min-length", "added", Breaking, Compatible, LESS),
    value("min-length", "removed", Compatible, Breaking, MORE),
    value("min-length", "raised", Breaking, Compatible, LESS),
    value("min-length", "lowered", Compatible, Breaking, MORE),
    value("max-length", "added", Breaking, Compatible, LESS),
    value("max-length", "removed", Compatible, Breaking, MORE),
    value("max-length", "raised", Compatible, Breaking, MORE),
    value("max-length", "lowered", Breaking, Compatible, LESS),
    value("min-items", "added", Breaking, Compatible, LESS),
    value("min-items", "removed", Compatible, Breaking, MORE),
    value("min-items", "raised", Breaking, Compatible, LESS),
    value("min-items", "lowered", Compatible, Breaking, MORE),
    value("max-items", "added", Breaking, Compatible, LESS),
    value("max-items", "removed", Compatible, Breaking, MORE),
    value("max-items", "raised", Compatible, Breaking, MORE),
    value("max-items", "lowered", Breaking, Compatible, LESS),
    value("minimum", "added", Breaking, Compatible, LESS),
    value("minimum", "removed", Compatible, Breaking, MORE),
    value("minimum", "raised", Breaking, Compatible, LESS),
    value("minimum", "lowered", Compatible, Breaking, MORE),
    value("maximum", "added", Breaking, Compatible, LESS),
    value("maximum", "removed", Compatible, Breaking, MORE),
    value("maximum", "raised", Compatible, Breaking, MORE),
    value("maximum", "lowered", Breaking, Compatible, LESS),
    value("pattern", "added", Breaking, Compatible, LESS),
    value("pattern", "removed", Compatible, Breaking, MORE),
    value("pattern", "changed", Breaking, Breaking, "values now follow a different pattern"),
    value("enum", "added", Breaking, Compatible, LESS),
    value("enum", "removed", Compatible, Breaking, MORE),
    value("enum-value", "added", Compatible, Breaking, MORE),
    value("enum-value", "removed", Breaking, Compatible, LESS),
    value("default", "added", Caution, Compatible, "a request without it now has a different meaning"),
    value("default", "removed", Caution, Compatible, "a request without it now has a different meaning"),
    value("default", "changed", Caution, Compatible, "a request without it now has a different meaning"),
];

fn in_direction(line: &RuleRow, direction: Direction) -> Option<Severity> {
    match direction {
        Direction::Request => line.request,
        Direction::Response => line.response,
    }
}

fn named(direction: Direction, location: Location, kind: &str, action: &str) -> String {
    let direction = match direction {
        Direction::Request => "request",
        Direction::Response => "response",
    };
    format!("{direction}-{}-{kind}-{action}", location.as_str())
}

/// Returns every rule, by direction, kind and location.
#[must_use]
pub fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for direction in [Direction::Request, Direction::Response] {
        for line in ROWS {
            let Some(severity) = in_direction(line, direction) else { continue };
            for location in line.locations.iter().copied() {
                // A response has no path and no query, and no spec here describes its headers.
                if direction == Direction::Response && !matches!(location, Location::Operation | Location::Body) {
                    continue;
                }
                rules.push(Rule { id: named(direction, location, line.kind, line.action), severity, why: line.why });
            }
        }
    }
    rules
}

/// Returns the rule for a change.
pub(super) fn rule(direction: Direction, location: Location, kind: &str, action: &str) -> Rule {
    let line = ROWS.iter().find(|line| {
        line.kind == kind
            && line.action == action
            && line.locations.contains(&location)
            && in_direction(line, direction).is_some()
    });
    debug_assert!(line.is_some(), "no rule for {direction:?} {location:?} {kind} {action}");
    Rule {
        id: named(direction, location, kind, action),
        // A change without a rule counts as breaking.
        severity: line.and_then(|line| in_direction(line, direction)).unwrap_or(Breaking),
        why: line.map_or("no rule covers this change", |line| line.why),
    }
}
