//! The commands that write files for shells and packages.

pub(crate) mod completions;
pub(crate) mod man;
