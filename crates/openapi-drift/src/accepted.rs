//! Reads `spec/accepted.toml`: reviewed changes between releases, and reviewed differences from reference pages, each
//! with a reason.

use std::fmt;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::compat::{Waiver, rules};
use crate::drift::{Comparison, Difference};
use crate::facts::{FactKind, Location};

/// Everything that was reviewed and accepted.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Changes between two releases.
    #[serde(default, rename = "accepted")]
    pub changes: Vec<Waiver>,
    /// Differences between a reference page and the spec.
    #[serde(default, rename = "page")]
    pub differences: Vec<AcceptedDifference>,
}

/// Differences between a reference page and the spec that were reviewed and accepted.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedDifference {
    /// The operationId.
    pub operation: String,
    /// What differs, as in the report: `presence`, `range`.
    pub aspect: String,
    /// The parameters and fields, each with its location: `query limit`.
    pub names: Vec<String>,
    /// The value on the page, without which the page states none. It is not compared for `presence`.
    pub page: Option<Json>,
    /// Why they are accepted.
    pub reason: String,
}

impl AcceptedDifference {
    fn is(&self, name: &str, difference: &Difference) -> bool {
        let presence = difference.kind == FactKind::Presence;
        self.operation == difference.operation
            && self.aspect == difference.kind.as_str()
            && name.split_once(' ') == Some((difference.location.as_str(), &difference.name))
            && (presence || difference.page == *self.page.as_ref().unwrap_or(&Json::Null))
    }
}

impl Accepted {
    /// Removes the accepted differences from a comparison, and returns the entries that match none: `query limit,
    /// range`.
    pub fn apply(&self, comparison: &mut Comparison<'_>) -> Vec<String> {
        let operation = comparison.operation.id();
        let entries = self.differences.iter().filter(|entry| entry.operation == operation);
        let entries: Vec<_> = entries.flat_map(|entry| entry.names.iter().map(move |name| (entry, name))).collect();
        let before = comparison.differences.len();
        let is_unused = |(entry, name): &&(&AcceptedDifference, &String)| {
            !comparison.differences.iter().any(|difference| entry.is(name, difference))
        };
        let unused =
            entries.iter().filter(is_unused).map(|(entry, name)| format!("{name}, {}", entry.aspect)).collect();
        comparison.differences.retain(|difference| !entries.iter().any(|(entry, name)| entry.is(name, difference)));
        comparison.accepted += before - comparison.differences.len();
        unused
    }
}

/// Why the file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedError(String);

impl fmt::Display for AcceptedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AcceptedError {}

/// Reads the file.
///
/// # Errors
/// The text is not TOML, has an unknown key, names an unknown rule, aspect or location, or an entry has no reason.
pub fn read_accepted(text: &str) -> Result<Accepted, AcceptedError> {
    let accepted: Accepted =
        toml::from_str(text).map_err(|error| AcceptedError(error.to_string().trim_end().to_owned()))?;
    let reasons = accepted.changes.iter().map(|entry| (&entry.id, &entry.operation, &entry.reason));
    let reasons =
        reasons.chain(accepted.differences.iter().map(|entry| (&entry.aspect, &entry.operation, &entry.reason)));
    for (what, operation, reason) in reasons {
        if reason.trim().is_empty() {
            return Err(AcceptedError(format!("the entry for {what} of {operation} has no reason: add one")));
        }
    }
    let known = rules();
    if let Some(entry) = accepted.changes.iter().find(|entry| !known.iter().any(|rule| rule.id == entry.id)) {
        return Err(AcceptedError(format!("unknown rule `{}`: `cargo xtask explain` lists all rules", entry.id)));
    }
    for entry in &accepted.differences {
        if !FactKind::ALL.iter().any(|kind| kind.as_str() == entry.aspect) {
            return Err(AcceptedError(format!("unknown aspect `{}`: spec/README.md lists all aspects", entry.aspect)));
        }
        let is_name = |name: &&String| {
            let location = name.split_once(' ').map(|(location, _)| location);
            !Location::TABLES.iter().any(|known| Some(known.as_str()) == location)
        };
        if let Some(name) = entry.names.iter().find(is_name) {
            return Err(AcceptedError(format!("`{name}` does not begin with a location, such as `query limit`")));
        }
    }
    Ok(accepted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::spec::Spec;

    const SPEC: &str = "paths: {/a: {get: {operationId: List, parameters: [{name: limit, in: query, schema: {type: integer, minimum: 5}}]}}}";

    #[test]
    fn differences_are_accepted_while_the_page_stays_the_same() {
        let operations = Spec::read("spec", SPEC).unwrap().operations();
        let entry = |page: &str| {
            format!(
                "[[page]]\noperation = 'List'\naspect = 'range'\nnames = ['query limit', 'query gone']\n{page}reason = 'why'\n"
            )
        };
        for (page, value, left) in [
            ("", Json::Null, 0),
            ("", json!({"min": 1}), 1),
            ("page = { min = 1 }\n", json!({"min": 1}), 0),
            ("page = { min = 1 }\n", json!({"min": 2}), 1),
            ("page = '≥ zero'\n", json!("≥ zero"), 0),
        ] {
            let mut facts = operations[0].facts.clone();
            facts.parameters[0].set(FactKind::Range, value, 1);
            let mut comparison = Comparison::of(&facts, &operations[0]);
            let unused = read_accepted(&entry(page)).unwrap().apply(&mut comparison);
            assert_eq!((comparison.differences.len(), unused.len()), (left, 1 + left), "{page}");
            assert_eq!(comparison.accepted, 1 - left);
        }
        let mut facts = operations[0].facts.clone();
        facts.parameters.clear();
        let mut comparison = Comparison::of(&facts, &operations[0]);
        let presence = read_accepted(&entry("").replace("range", "presence")).unwrap();
        assert_eq!(presence.apply(&mut comparison), ["query gone, presence"]);
        assert_eq!(comparison.differences, []);
    }

    #[test]
    fn an_entry_without_meaning_is_an_error() {
        let change =
            "[[accepted]]\nid = 'request-body-max-items-lowered'\noperation = 'A'\nbase = '0.1.0'\nreason = 'why'\n";
        let page = "[[page]]\noperation = 'A'\naspect = 'range'\nnames = ['query a']\nreason = 'why'\n";
        assert!(read_accepted(&format!("{change}{page}")).is_ok());
        for (text, message) in [
            (change.replace("'why'", "' '"), "has no reason"),
            (page.replace("'why'", "''"), "has no reason"),
            (change.replace("lowered", "sunk"), "unknown rule `request-body-max-items-sunk`"),
            (page.replace("'range'", "'length'"), "unknown aspect `length`"),
            (page.replace("'query a'", "'limit'"), "`limit` does not begin with a location"),
            (page.replace("names", "name"), "unknown field `name`"),
        ] {
            assert!(read_accepted(&text).unwrap_err().to_string().contains(message), "{text}");
        }
    }
}
