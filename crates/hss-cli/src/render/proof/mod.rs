//! Formats which servers were scanned, and which never can be.

mod coverage;
mod verdicts;

pub(crate) use coverage::{CoverageReport, CoverageRow, print_coverage};
pub(crate) use verdicts::{VerdictReport, VerdictRow, print_verdicts};
pub(super) use verdicts::{VerdictSummary, strength};
