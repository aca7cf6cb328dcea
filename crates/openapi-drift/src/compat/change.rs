//! A change between two releases of a spec.

use serde::Serialize;
use serde_json::Value as Json;

use super::rules::Severity;

/// One change between two releases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The rule's id.
    pub id: String,
    /// How severe it is for callers.
    #[serde(rename = "level")]
    pub severity: Severity,
    /// The operationId.
    pub operation: String,
    /// The parameter or field; `[]` means the elements of a list.
    pub name: String,
    /// The value in the older release; `null` if it has none.
    pub base: Json,
    /// The value in the newer release; `null` if it has none.
    pub new: Json,
    /// The reason of the waiver, if there is one.
    pub accepted: Option<String>,
    /// The spec.
    pub file: String,
    /// The line in the newer release, or in the older one if the newer has none.
    pub line: u64,
}
