//! Two releases of a spec held against each other: what changed for those who call the service, and the version step it needs.

mod accepted;
mod report;
mod rules;
mod security;
mod values;
mod walk;

use serde::Serialize;
use serde_json::Value as Json;

pub use accepted::{Accepted, AcceptedError, read_accepted};
pub use report::{Release, diff_report};
pub use rules::{Direction, Level, Place, Rule, rules};

use crate::spec::Spec;

/// One change between two releases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The rule's id.
    pub id: String,
    /// What it means for callers.
    pub level: Level,
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

/// Everything that changed from one release of a spec to the next. A spec that is missing on one side is new, or gone.
#[must_use]
pub fn changes(base: Option<&Spec>, new: Option<&Spec>) -> Vec<Change> {
    walk::changes(base, new)
}

/// The version step that changes need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Nothing changed for callers.
    Patch,
    /// Something is new.
    Minor,
    /// Something can break.
    Major,
}

/// The step for a list of changes: an accepted change is known, and still one.
#[must_use]
pub fn step(changes: &[Change]) -> Step {
    changes
        .iter()
        .map(|change| if change.level == Level::Breaking { Step::Major } else { Step::Minor })
        .max()
        .unwrap_or(Step::Patch)
}

/// The least version after `version` that a step leads to, `major.minor.patch`. Before 1.0 the minor number is what breaks.
#[must_use]
pub fn next_version(version: &str, step: Step) -> Option<String> {
    let (major, minor, patch) = parse_version(version)?;
    Some(match step {
        Step::Major if major > 0 => format!("{}.0.0", major.checked_add(1)?),
        Step::Major => format!("0.{}.0", minor.checked_add(1)?),
        Step::Minor if major > 0 => format!("{major}.{}.0", minor.checked_add(1)?),
        Step::Minor | Step::Patch => format!("{major}.{minor}.{}", patch.checked_add(1)?),
    })
}

/// The three numbers of a version.
#[must_use]
pub fn parse_version(version: &str) -> Option<(u64, u64, u64)> {
    let mut numbers = version.split('.').map(|number| {
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse::<u64>().ok().filter(|_| plain && (number == "0" || !number.starts_with('0')))
    });
    let parsed = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_to_versions() {
        for (version, step, next) in [
            ("0.1.0", Step::Major, Some("0.2.0")),
            ("0.1.0", Step::Minor, Some("0.1.1")),
            ("0.1.0", Step::Patch, Some("0.1.1")),
            ("1.2.3", Step::Major, Some("2.0.0")),
            ("1.2.3", Step::Minor, Some("1.3.0")),
            ("1.2.3", Step::Patch, Some("1.2.4")),
            ("1.2", Step::Patch, None),
            ("01.2.3", Step::Patch, None),
            ("1.2.+3", Step::Patch, None),
        ] {
            assert_eq!(next_version(version, step).as_deref(), next, "{version} {step:?}");
        }
    }
}
