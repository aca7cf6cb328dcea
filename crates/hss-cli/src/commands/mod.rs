//! The commands, one module each.

pub(crate) mod assets;
pub(crate) mod auth;
pub(crate) mod doctor;
#[cfg(feature = "emulator")]
pub(crate) mod emulator;
#[cfg(feature = "completions")]
pub(crate) mod generate;
pub(crate) mod hosts;
pub(crate) mod projects;
pub(crate) mod proof;
pub(crate) mod report;
pub(crate) mod scan;
pub(crate) mod status;
