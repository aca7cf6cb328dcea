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

/// A rule for all its locations.
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

/// A rule with opposite severities in requests and responses: a tighter limit breaks requests, a looser one responses.
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

const LESS: &str =
    "what was within the limit before may be beyond it now: a request is refused; an answer only gets easier to take";
const MORE: &str = "what was refused before is allowed now: a request goes on working; an answer may bring what its reader is not ready for";

const ROWS: &[RuleRow] = &[
    request("existence", "added", Compatible, OPERATION, "a new operation disturbs nobody"),
    request("existence", "removed", Breaking, OPERATION, "a call that worked is gone"),
    request("id", "changed", Breaking, OPERATION, "the operationId is the name of the generated method"),
    request("address", "changed", Breaking, OPERATION, "calls go to the old method or path"),
    request("deprecation", "added", Caution, OPERATION, "the operation is on its way out"),
    request("deprecation", "removed", Compatible, OPERATION, "the operation is there to stay"),
    request("security", "added", Breaking, OPERATION, "a call without credentials is refused now"),
    request("security", "removed", Compatible, OPERATION, "credentials are not needed any more"),
    request("security-alternative", "added", Compatible, OPERATION, "one more way to prove who calls"),
    request("security-alternative", "removed", Breaking, OPERATION, "those who used this way are refused now"),
    request("security-scheme", "changed", Breaking, OPERATION, "the credential goes elsewhere than before"),
    request("body", "added", Compatible, OPERATION, "a body may be sent now"),
    request("mandatory-body", "added", Breaking, OPERATION, "a call without a body is refused now"),
    request("body", "removed", Breaking, OPERATION, "the body that callers send is not looked at any more"),
    response("body", "added", Compatible, OPERATION, "an answer that had no body has one now"),
    response("body", "removed", Breaking, OPERATION, "the body that callers read is gone"),
    response("status", "added", Caution, OPERATION, "callers may not know this status"),
    response("status", "removed", Breaking, OPERATION, "callers wait for an answer that does not come"),
    request("media-type", "added", Compatible, BODY, "one more way to write the body"),
    request("media-type", "removed", Breaking, BODY, "those who write the body this way are refused now"),
    response("media-type", "added", Caution, BODY, "an answer may come in a form that callers do not read"),
    response("media-type", "removed", Breaking, BODY, "the form that callers read is gone"),
    request("parameter", "added", Compatible, PARAMETERS, "it can be left out"),
    request("mandatory-parameter", "added", Breaking, PARAMETERS, "calls without it are refused now"),
    request("parameter", "removed", Breaking, PARAMETERS, "what callers send is not looked at any more"),
    request("field", "added", Compatible, BODY, "it can be left out"),
    request("mandatory-field", "added", Breaking, BODY, "bodies without it are refused now"),
    request("field", "removed", Breaking, BODY, "what callers send is not looked at any more"),
    response("field", "added", Compatible, BODY, "readers pass over what they do not know"),
    response("field", "removed", Breaking, BODY, "what callers read is gone"),
    value(
        "mandatory",
        "added",
        Breaking,
        Compatible,
        "a request without it is refused now; an answer always has it now",
    ),
    value("mandatory", "removed", Compatible, Breaking, "a request may leave it out now; an answer may lack it now"),
    value("type", "changed", Breaking, Breaking, "the value is written in another way"),
    value("type", "widened", Compatible, Breaking, "every old value is a new one, not the other way round"),
    value("type", "narrowed", Breaking, Compatible, "every new value is an old one, not the other way round"),
    value("format", "added", Breaking, Compatible, "not every old value has this form"),
    value("format", "removed", Compatible, Breaking, "values of any form are allowed now"),
    value("format", "changed", Breaking, Breaking, "values have another form now"),
    value("nullable", "added", Compatible, Breaking, "it may be null now"),
    value("nullable", "removed", Breaking, Compatible, "it may not be null any more"),
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
    value("pattern", "changed", Breaking, Breaking, "values have another form now"),
    value("enum", "added", Breaking, Compatible, LESS),
    value("enum", "removed", Compatible, Breaking, MORE),
    value("enum-value", "added", Compatible, Breaking, MORE),
    value("enum-value", "removed", Breaking, Compatible, LESS),
    value("default", "added", Caution, Compatible, "a request without it means something else now"),
    value("default", "removed", Caution, Compatible, "a request without it means something else now"),
    value("default", "changed", Caution, Compatible, "a request without it means something else now"),
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
        why: line.map_or("no rule knows this change", |line| line.why),
    }
}
