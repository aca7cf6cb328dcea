//! The client crate, used from outside: see `tests/README.md`.

mod canned_responses;
mod emulator;
mod every_id_once;
mod faults;
mod identity;
mod mocks;
mod signed;

use std::time::Duration;

use huaweicloud_hss::{Client, Network, Queue, Retry, Secret};

/// A client of a server on this machine, whose pauses before trying again are short.
fn client(endpoint: impl Into<String>) -> Client {
    client_over(endpoint, network())
}

fn client_over(endpoint: impl Into<String>, network: Network) -> Client {
    Client::builder().endpoint(endpoint).token(Secret::new("test-token".to_owned())).network(network).build().unwrap()
}

fn network() -> Network {
    Network::default().with_retry(retry())
}

fn retry() -> Retry {
    Retry::default().with_pauses(Duration::from_millis(1), Duration::from_millis(5))
}

/// The queue of project `p`.
fn queue() -> Queue {
    Queue::new("p".parse().unwrap())
}
