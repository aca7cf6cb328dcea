//! Which servers were really scanned, and which never can be.
//!
//! The service reports that it accepted a scan, but not which servers it reached. [`Coverage`] shows which servers a scan
//! can refresh, and [`Client::coverage`](crate::Client::coverage) how old their data is.

mod bulk;
mod coverage;
mod selection;
mod survey;
mod witness;

pub use coverage::Coverage;
pub use selection::HostSelection;
pub use survey::{CoverageSurvey, HostCoverage};
pub use witness::Witness;
