//! Pages as people see them, in a real browser: see `tests/README.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod report;
#[path = "../web_driver.rs"]
mod web_driver;
