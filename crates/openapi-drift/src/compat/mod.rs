//! Compares two releases of a spec: what changed for callers of the service, and the version bump that the changes
//! need.

mod change;
mod compare;
mod flatten;
mod report;
mod rules;
mod version;
mod waivers;

pub use change::Change;
pub use compare::changes;
pub use report::{Release, diff_report};
pub use rules::{Rule, Severity, rules};
pub use version::{VersionBump, next_version, parse_version, version_bump};
pub use waivers::Waiver;
