//! The client crate, used from outside: see `tests/README.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod broken;
mod emulator;
mod mocks;
#[path = "../raw_server.rs"]
mod raw_server;
mod readme;

use huaweicloud_hss::{Client, Queue, Secret};

/// A client of a server on this machine.
fn client(endpoint: impl Into<String>) -> Client {
    Client::builder().endpoint(endpoint).token(Secret::new("test-token".to_owned())).build().unwrap()
}

/// The queue of project `p`.
fn queue() -> Queue {
    Queue::new("p".parse().unwrap())
}
