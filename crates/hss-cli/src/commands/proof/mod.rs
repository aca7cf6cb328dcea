//! The commands that show which servers were scanned, and which never can be.

pub(crate) mod collect;
pub(crate) mod coverage;
pub(crate) mod look_up;
pub(crate) mod selection;
pub(crate) mod verification;
pub(crate) mod verify;
