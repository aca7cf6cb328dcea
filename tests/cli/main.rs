//! The real `hss` binary: see `tests/README.md`.

mod access;
mod deploy;
mod doctor;
mod emulator_verb;
mod environment;
mod fleet;
mod interrupted;
mod journal;
mod lists;
mod outcomes;
mod results;
mod targets;
mod usage;
