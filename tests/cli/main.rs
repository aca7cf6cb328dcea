//! The real `hss` binary: see `tests/README.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod access;
mod binary;
mod doctor;
mod emulator_verb;
mod environment;
mod fleet;
mod hss;
mod interrupted;
mod journal;
mod lists;
mod outcomes;
#[path = "../raw_server.rs"]
mod raw_server;
mod results;
mod targets;
#[path = "../tls_server.rs"]
mod tls_server;
mod usage;
