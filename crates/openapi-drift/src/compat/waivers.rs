//! Reviewed changes, each with a reason.

use serde::Deserialize;

use super::change::Change;

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
