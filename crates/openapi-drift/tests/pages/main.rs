//! Reference pages in every layout and edition: what is read from them, what is refused, and that each changed fact is
//! found.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod cells;
mod faults;
mod layouts;
mod properties;
