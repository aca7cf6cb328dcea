//! Client for asset scans of Huawei Cloud HSS: starts a scan, reports whether one is pending, and records the outcome
//! for each host.
//!
//! The service has one pair of calls, `POST` and `GET` on `/v5/{project_id}/asset/assign-task`. It returns no task id,
//! accepts at most 200 ids per call, reports success and refusal in the text of a 200 response, and silently drops all
//! but one kind of selector. This crate checks each documented bound before anything is sent, parses that text, and
//! distinguishes calls that were refused, calls with an unknown outcome, and calls that were never sent.
//!
//! ```no_run
//! use huaweicloud_hss::{Client, ProjectId, Queue, ScanOutcome, ScanRequest, Secret};
//!
//! # async fn example(token: String) -> Result<(), huaweicloud_hss::Error> {
//! let client = Client::builder()
//!     .with_endpoint("https://hss.cn-north-4.myhuaweicloud.com")
//!     .with_token(Secret::new(token))
//!     .build()?;
//! let queue = Queue::new("2b31ed520xxxxxxebedb6e57xxxxxxxx".parse::<ProjectId>()?);
//! let response = client.scan(&ScanRequest::all_hosts(queue.clone())).await?;
//! match response.outcome {
//!     ScanOutcome::Accepted { processed } => println!("{processed} tasks"),
//!     ScanOutcome::AlreadyQueued => println!("a scan is pending: {}", client.status(&queue).await?.pending),
//!     other => println!("not accepted: {other:?}: {}", response.message),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Runtime
//! Calls need a Tokio runtime with I/O and timers (`enable_all`, which `#[tokio::main]` sets). On a thread without one,
//! they return an error of kind [`ErrorKind::Config`]; a runtime whose timers are disabled panics. A program that is not
//! asynchronous runs each call to its end:
//!
//! ```no_run
//! # fn example(client: huaweicloud_hss::Client, queue: huaweicloud_hss::Queue) -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! let pending = runtime.block_on(client.status(&queue))?.pending;
//! # Ok(())
//! # }
//! ```
//!
//! # Tracing
//! Each call is a span `hss.call`, and each attempt a span `hss.attempt` in it. The fields have the names of
//! OpenTelemetry where it has one: `server.address`, `server.port`, `cloud.region`, `rpc.method`,
//! `http.request.method`, `http.request.resend_count`, `http.response.status_code`, `error.type`. The others are
//! `hss.project_id`, `hss.enterprise_project_id`, `hss.category`, `hss.outcome` and `request_id`. `error.type` is the name
//! of an [`ErrorKind`], `already_queued`, or `dropped` if the caller stopped waiting. No span or event has a body or a
//! credential.
//!
//! # TLS, and what this does to the rest of the program
//! If several TLS features are on, the first of `rustls-ring`, `rustls-aws-lc` and `native-tls` is used. Without one, only
//! `http` to this machine works. Certificates are checked by the system, and those of
//! [`HttpConfig::with_ca_certificates`] are trusted too.
//!
//! Cargo compiles `reqwest` and `rustls` once for the whole program, with the features of all its crates. Two programs
//! notice that, and both are fixed by [`install_default_crypto_provider`] at the start of `main`: one that uses `reqwest`
//! without TLS (`reqwest::Client::new` now looks for a provider of rustls and panics without one), and one that leaves
//! the choice to a `rustls` with another provider (`rustls::ClientConfig::builder` panics, because there are two). The
//! feature `rustls-aws-lc` avoids the second provider in a program that uses aws-lc-rs, and `native-tls` avoids rustls.
//!
//! # Examples
//! The folder `examples` of this crate has complete programs: `scan` (an access key), `resolve_credentials`,
//! `own_credential_source`, `fleet` (progress and graceful stop), `journal` (resume), `list_hosts` (a stream),
//! `own_http_client` (proxy and CA), `raw_client`, and `service`, which uses nearly all of them. For tests of your own there are [`FakeClient`], the typed mocks
//! of crate `huaweicloud-hss-httpmock`, and the server of crate `huaweicloud-hss-emulator`;
//! `tests/docs/with_fake_client.rs`, `with_mocks.rs` and `with_emulator.rs` in the repository show each.
//!
//! # Features
//! - `assets`: reads what scans found on servers and in containers, and finds out which servers were scanned.
//! - `codegen` (default): compiles the spec at build time. Without it the reviewed snapshot of the same code is used,
//!   and no generator is compiled.
//! - `fleet` (default): scans many hosts with many calls and queues, and reports the outcome of each; a run can be
//!   resumed from its journal.
//! - `rustls-ring` (default), `rustls-aws-lc`, `native-tls`: the TLS library for https endpoints.

// docs.rs builds with this, and marks what only exists with a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "assets")]
pub mod assets;
mod client;
mod credentials;
mod error;
#[cfg(feature = "fleet")]
pub mod fleet;
mod generated;
mod http;
mod response;
mod services;
mod types;
#[cfg(feature = "assets")]
pub mod verify;

pub use client::Client;
pub use client::builder::ClientBuilder;
pub use client::fake_client::FakeClient;
pub use client::hosts::{HostGroupPager, HostPager};
pub use client::scan_api::{ApiFuture, ScanApi};
pub use credentials::ecs_metadata::EcsMetadata;
pub use credentials::iam_password::IamPassword;
pub use credentials::resolver::{CredentialsResolver, MetadataEndpoint, ResolvedCredentials};
pub use error::{Error, ErrorKind};
pub use generated::bounded_vec::BoundedVec;
pub use generated::bounds::{Bounds, BoundsUnit};
pub use generated::hss as api;
pub use http::call_options::CallOptions;
pub use http::config::HttpConfig;
pub use http::connection::tls::install_default_crypto_provider;
pub use http::context::RequestContext;
pub use http::executor::CallControl;
pub use http::rate_limit::rate::RateLimit;
pub use http::rate_limit::reported::ReportedLimit;
pub use http::retry::RetryPolicy;
pub use huaweicloud_auth::{
    self as auth, AccessKey, Credentials, CredentialsProvider, Environment, OsEnvironment, Secret, SourceLocation,
    Token, testing,
};
pub use reqwest;
pub use response::clock_skew::CLOCK_TOLERANCE;
pub use response::outcome::{CallOutcome, ScanOutcome};
pub use response::printable::printable;
pub use services::{eps, iam};
pub use types::host::{
    AgentStatus, AssetValue, DetectResult, Edition, Host, HostFilter, HostGroup, HostStatus, OsType, ProtectStatus,
};
pub use types::id::IdProblem;
pub use types::id_list::IdList;
pub use types::project::{EnterpriseProject, ProjectId};
pub use types::queue::{Category, Queue};
pub use types::region::Region;
pub use types::scan::{ResponseMeta, ScanRequest, ScanResponse, StatusResponse};
pub use types::selector::Selector;

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
