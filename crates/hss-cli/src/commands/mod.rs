//! The commands, one module each.

pub(crate) mod assets;
pub(crate) mod auth;
#[cfg(feature = "completions")]
pub(crate) mod completions;
pub(crate) mod doctor;
#[cfg(feature = "emulator")]
pub(crate) mod emulator;
pub(crate) mod hosts;
#[cfg(feature = "completions")]
pub(crate) mod man;
pub(crate) mod projects;
pub(crate) mod report;
pub(crate) mod scan;
pub(crate) mod status;
