//! Reads `spec/accepted.toml`: reviewed changes, each with a reason.

use std::fmt;

use serde::Deserialize;

use super::change::Change;
use super::rules::rules;

/// A change that was reviewed and accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The rule's id.
    pub id: String,
    /// The operationId.
    pub operation: String,
    /// The parameter or field; empty for the operation itself.
    #[serde(default)]
    pub name: String,
    /// The release that the change is compared with. After the next release the entry is useless.
    pub base: String,
    /// Why it is accepted.
    pub reason: String,
}

impl Waiver {
    fn is(&self, change: &Change, base: &str) -> bool {
        self.id == change.id && self.operation == change.operation && self.name == change.name && self.base == base
    }

    /// Sets the reason of each change that is waived for this release, and returns the waivers that match no change.
    pub fn apply<'a>(accepted: &'a [Self], base: &str, changes: &mut [Change]) -> Vec<&'a Self> {
        for change in changes.iter_mut() {
            change.accepted = accepted.iter().find(|entry| entry.is(change, base)).map(|entry| entry.reason.clone());
        }
        let of_base = accepted.iter().filter(|entry| entry.base == base);
        of_base.filter(|entry| !changes.iter().any(|change| entry.is(change, base))).collect()
    }
}

/// Why the file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverError(String);

impl fmt::Display for WaiverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WaiverError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accepted: Vec<Waiver>,
}

/// Reads the file.
///
/// # Errors
/// The text is not TOML, has an unknown key, names an unknown rule, or an entry has no reason.
pub fn read_waivers(text: &str) -> Result<Vec<Waiver>, WaiverError> {
    let file: File = toml::from_str(text).map_err(|error| WaiverError(error.to_string().trim_end().to_owned()))?;
    let known = rules();
    for entry in &file.accepted {
        if entry.reason.trim().is_empty() {
            return Err(WaiverError(format!(
                "the entry for {} of {} has no reason: add one",
                entry.id, entry.operation
            )));
        }
        if !known.iter().any(|rule| rule.id == entry.id) {
            return Err(WaiverError(format!("unknown rule `{}`: `cargo xtask explain` lists all rules", entry.id)));
        }
    }
    Ok(file.accepted)
}
