//! Which servers were really scanned, and which never can be.
//!
//! The service reports that it accepted a scan, but not which servers it reached. [`Coverage`] shows which servers a scan
//! can refresh, and [`Client::coverage`](crate::Client::coverage) how old their data is.

mod bulk;
mod collect;
mod coverage;
mod selection;
mod survey;
mod times;
mod verdict;
mod verification;
mod weekly;
mod witness;

pub use collect::{CollectKind, CollectState, Collection};
pub use coverage::Coverage;
pub use selection::HostSelection;
pub use survey::{CoverageSurvey, HostCoverage};
pub use verdict::Verdict;
pub use verification::{HostVerdict, Verification, VerifyOptions};
pub use witness::{Source, Witness};
