//! Pages as people see them, in a real browser: see `tests/README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may panic, and says what it leaves out"
)]

mod report;
#[path = "../web_driver.rs"]
mod web_driver;
