//! One file for each command of `cargo xtask`.

pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod drift;
pub(crate) mod explain;
pub(crate) mod freeze;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod lint;
