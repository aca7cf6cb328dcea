//! An emulator of Huawei Cloud HSS asset scans, so that a test needs no account.
//!
//! It reads the OpenAPI documents at start-up and validates every request against them. Then a handler for each operation
//! works on a seeded inventory and on scan queues that are free again after a set duration.
//!
//! ```
//! use huaweicloud_hss_emulator::Emulator;
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), huaweicloud_hss_emulator::EmulatorError> {
//! let emulator = Emulator::builder()
//!     .with_hosts(500)
//!     .with_scan_duration(Duration::from_millis(200))
//!     .start()
//!     .await?;
//! assert!(emulator.url().starts_with("http://127.0.0.1:"));
//!
//! // Ids to scan: the same ones in every run with the same seed.
//! let first = emulator.inventory().hosts()[0].id();
//! assert_eq!(first.len(), 36);
//!
//! // ... point the program under test at emulator.url(), then check what arrived:
//! assert!(emulator.requests().is_empty());
//! emulator.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! Without a socket, for unit tests that may also pause the clock:
//!
//! ```
//! use bytes::Bytes;
//! use huaweicloud_hss_emulator::Emulator;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = Emulator::builder().with_hosts(3).service()?;
//! let request = http::Request::post("/v5/my-project/asset/assign-task?category=host")
//!     .header("X-Auth-Token", "any-well-formed-token")
//!     .header("Content-Type", "application/json")
//!     .body(Bytes::from_static(br#"{"all_hosts": true}"#))?;
//! let response = service.handle(&request);
//! assert_eq!(response.status(), 200);
//! assert_eq!(response.body(), r#"{"error":"my-project-0 processed 3 tasks successfully."}"#);
//! # Ok(())
//! # }
//! ```

mod auth;
mod builder;
mod error;
mod error_response;
mod faults;
mod handlers;
mod http;
mod model;
mod service;
mod spec;

pub use builder::{
    DEFAULT_HOSTS, DEFAULT_REQUEST_LOG_CAPACITY, DEFAULT_SCAN_DURATION, DEFAULT_SEED, DEFAULT_TOKEN_LIFETIME, Emulator,
    EmulatorBuilder,
};
pub use error::{EmulatorError, ErrorKind};
pub use faults::{FaultError, Faults};
pub use handlers::state::WebFrameworkSpelling;
pub use http::server::MAX_HEADER_BYTES;
pub use model::assets::coverage::{HostAttributes, NotCoverable};
pub use model::assets::kind::{AssetCategory, AssetKind};
pub use model::assets::truth::{AssetTruth, CollectStatus, CollectionCause, HostTruth, LastCollection};
pub use model::inventory::{AgentStatus, Group, Host, Inventory};
pub use model::request_log::{AcceptedScan, AuthMethod, AuthOutcome, RecordedRequest, Selector};
pub use service::{InProcessService, MAX_BODY_BYTES};

/// Compiles and runs the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
