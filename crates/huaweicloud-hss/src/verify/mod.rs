//! Which servers were really scanned, and which never can be.
//!
//! The service reports that it accepted a scan, but not which servers it reached. [`Coverage`] shows which servers a scan
//! can refresh, and [`Client::coverage`](crate::Client::coverage) how old their data is. A [`Verification`] finds out which
//! servers a scan reached, and [`Client::collect_all`](crate::Client::collect_all) makes single servers collect again.

mod bulk;
mod collect;
mod collect_run;
mod coverage;
mod selection;
mod survey;
mod times;
mod verdict;
mod verification;
mod weekly;
mod witness;

pub use collect::{CollectKind, CollectState, Collection};
pub use collect_run::{CollectRun, HostCollection};
pub use coverage::Coverage;
pub use selection::HostSelection;
pub use survey::{CoverageSurvey, HostCoverage};
pub use verdict::Verdict;
pub use verification::{HostVerdict, Verification, VerificationEstimate, VerifyOptions};
pub use witness::{Source, Witness};
