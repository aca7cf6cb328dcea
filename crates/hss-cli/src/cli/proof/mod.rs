//! The arguments of the commands that show which servers were scanned.

mod collect;
mod coverage;
mod verify;

pub(crate) use collect::CollectArgs;
pub(crate) use coverage::CoverageArgs;
pub(crate) use verify::{VerifyArgs, VerifyOptionArgs};
