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

/// Kind, action, severity in a request and in a response (`.` for no rule), and why; below the locations. A tighter
/// limit breaks requests, a looser one responses.
const ROWS: &str = "
@ operation
existence added compatible . a new operation does not affect existing callers
existence removed breaking . callers use an operation that no longer exists
id changed breaking . the generated method is named after the operationId
address changed breaking . callers use the old method or path
deprecation added caution . the operation may be removed in a later release
deprecation removed compatible . the operation is no longer deprecated
security added breaking . the service now refuses calls without credentials
security removed compatible . credentials are no longer needed
security-alternative added compatible . callers can authenticate in one more way
security-alternative removed breaking . the service now refuses callers that authenticate in this way
security-scheme changed breaking . callers must send the credential in a different way
body added compatible . callers may now send a body
mandatory-body added breaking . the service now refuses calls without a body
body removed breaking . the service now ignores the body that callers send
body added . compatible the response now has a body, which callers can ignore
body removed . breaking callers may depend on the removed body
status added . caution callers may not handle this status
status removed . breaking callers may depend on the removed response
@ body
media-type added compatible . callers can send the body in one more format
media-type removed breaking . the service now refuses a body in this format
media-type added . caution a response may have a format that callers cannot read
media-type removed . breaking callers may depend on the removed format
field added compatible . callers may omit it
mandatory-field added breaking . the service now refuses bodies without it
field removed breaking . the service now ignores the value that callers send
field added . compatible callers ignore unknown fields
field removed . breaking callers may depend on the removed field
@ path query header
parameter added compatible . callers may omit it
mandatory-parameter added breaking . the service now refuses calls without it
parameter removed breaking . the service now ignores the value that callers send
@ path query header body
mandatory added breaking compatible the service now refuses requests without it; responses now always have it
mandatory removed compatible breaking requests may now omit it; responses may now omit it
type changed breaking breaking the value now has a different type
type widened compatible breaking every old value is still valid, but a new value may not fit the old type
type narrowed breaking compatible every new value fits the old type, but some old values are no longer valid
format added breaking compatible some old values do not have this format
format removed compatible breaking values no longer need this format
format changed breaking breaking values now have a different format
nullable added compatible breaking the value may now be null
nullable removed breaking compatible the value may no longer be null
min-length added,raised breaking compatible LESS
min-length removed,lowered compatible breaking MORE
max-length added,lowered breaking compatible LESS
max-length removed,raised compatible breaking MORE
min-items added,raised breaking compatible LESS
min-items removed,lowered compatible breaking MORE
max-items added,lowered breaking compatible LESS
max-items removed,raised compatible breaking MORE
minimum added,raised breaking compatible LESS
minimum removed,lowered compatible breaking MORE
maximum added,lowered breaking compatible LESS
maximum removed,raised compatible breaking MORE
pattern added breaking compatible LESS
pattern removed compatible breaking MORE
pattern changed breaking breaking values now follow a different pattern
enum added breaking compatible LESS
enum removed compatible breaking MORE
enum-value added compatible breaking MORE
enum-value removed breaking compatible LESS
default added,removed,changed caution compatible a request without it now has a different meaning
";

const LESS: &str = "fewer values are allowed now: the service may refuse a request that it accepted before; a response has no new value";
const MORE: &str =
    "more values are allowed now: existing requests still work; a response may have a value that callers do not expect";

fn severity(word: &str) -> Option<Severity> {
    [Severity::Compatible, Severity::Caution, Severity::Breaking].into_iter().find(|known| known.to_string() == word)
}

/// Returns every rule, by direction, kind and location.
#[must_use]
pub fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for (direction, column) in [("request", 2), ("response", 3)] {
        let mut locations: Vec<&str> = Vec::new();
        for line in ROWS.lines() {
            if let Some(listed) = line.strip_prefix("@ ") {
                // A response has no path and no query, and no spec here describes its headers.
                let all = |location: &&str| direction == "request" || ["operation", "body"].contains(location);
                locations = listed.split(' ').filter(all).collect();
            }
            let words: Vec<&str> = line.splitn(5, ' ').collect();
            let [kind, actions, .., why] = words[..] else { continue };
            let Some(severity) = words.get(column).and_then(|word| severity(word)) else { continue };
            let why = match why {
                "LESS" => LESS,
                "MORE" => MORE,
                why => why,
            };
            for action in actions.split(',') {
                let ids = locations.iter().map(|location| format!("{direction}-{location}-{kind}-{action}"));
                rules.extend(ids.map(|id| Rule { id, severity, why }));
            }
        }
    }
    rules
}

/// Returns the rule for a change. A change without a rule counts as breaking.
pub(super) fn rule(direction: Direction, location: Location, kind: &str, action: &str) -> Rule {
    let direction = if direction == Direction::Request { "request" } else { "response" };
    let id = format!("{direction}-{location}-{kind}-{action}");
    let known = rules().into_iter().find(|rule| rule.id == id);
    debug_assert!(known.is_some(), "no rule {id}");
    known.unwrap_or(Rule { id, severity: Severity::Breaking, why: "no rule covers this change" })
}
