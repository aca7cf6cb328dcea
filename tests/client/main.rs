//! Tests the client crate from the outside: see `tests/README.md`.

mod downstream;
mod faults;
mod fleet;
mod identity;
mod inventory;
mod log_in;
mod metadata;
mod mocks;
mod own_source;
mod signed;

use std::time::Duration;

use huaweicloud_hss::{Client, HttpConfig, Queue, RetryPolicy, Secret};

/// Returns a client of a server on this machine, with short delays between attempts.
fn client(endpoint: impl Into<String>) -> Client {
    client_over(endpoint, network())
}

fn client_over(endpoint: impl Into<String>, network: HttpConfig) -> Client {
    Client::builder()
        .with_endpoint(endpoint)
        .with_token(Secret::new("test-token".to_owned()))
        .with_http_config(network)
        .build()
        .unwrap()
}

fn network() -> HttpConfig {
    HttpConfig::default().with_retry(retry())
}

fn retry() -> RetryPolicy {
    RetryPolicy::default().with_max_attempts(4).with_backoff(Duration::from_millis(1), Duration::from_millis(5))
}

/// Returns the queue of project `p`.
fn queue() -> Queue {
    Queue::new("p".parse().unwrap())
}
