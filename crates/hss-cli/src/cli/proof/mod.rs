//! The arguments of the commands that show which servers were scanned.

mod coverage;

pub(crate) use coverage::CoverageArgs;
