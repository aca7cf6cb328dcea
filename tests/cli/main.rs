//! Tests of the `hss` binary: see `tests/README.md`.

mod deploy;
mod emulator;
mod inventory;
mod list_pages;
mod lists;
mod proof;
mod scan;
mod setup;
mod usage;
