//! A change between two releases of a spec.

use serde::Serialize;
use serde_json::Value as Json;

use super::rules::Severity;

/// One change between two releases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The rule's id.
    pub id: String,
    /// What it means for callers.
    #[serde(rename = "level")]
    pub severity: Severity,
    /// The operationId.
    pub operation: String,
    /// The parameter or field; `[]` stands for the elements of a list.
    pub name: String,
    /// What the older release says; `null` if nothing.
    pub base: Json,
    /// What the newer release says; `null` if nothing.
    pub new: Json,
    /// Why it was accepted, if it was.
    pub accepted: Option<String>,
    /// The spec.
    pub file: String,
    /// The line of the newer release, or of the older where that has nothing.
    pub line: u64,
}
