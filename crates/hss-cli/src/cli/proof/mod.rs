//! The arguments of the commands that show which servers were scanned.

mod coverage;
mod verify;

pub(crate) use coverage::CoverageArgs;
pub(crate) use verify::{VerifyArgs, VerifyOptionArgs};
