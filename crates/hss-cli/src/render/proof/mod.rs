//! Formats which servers were scanned, and which never can be.

mod coverage;

pub(crate) use coverage::{CoverageReport, CoverageRow, print_coverage};
