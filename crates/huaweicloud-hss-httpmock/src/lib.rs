//! Typed mocks of Huawei Cloud HSS asset scans for `httpmock`, generated from the same spec as the client.
//!
//! ```
//! use huaweicloud_hss::api::types::{Category, CreateGlobalAssetScanTaskResponse};
//! use huaweicloud_hss::{Client, ProjectId, Queue, ScanOutcome, ScanRequest, Secret};
//! use huaweicloud_hss_httpmock::MockServerExt as _;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), huaweicloud_hss::Error> {
//! let server = httpmock::MockServer::start_async().await;
//! let mock = server.create_global_asset_scan_task(|when, then| {
//!     when.category(Category::Host);
//!     let error = Some("p-0 processed 1 tasks successfully.".to_owned());
//!     then.ok(&CreateGlobalAssetScanTaskResponse { error });
//! });
//!
//! let client = Client::builder().with_endpoint(server.base_url()).with_token(Secret::new("t".to_owned())).build()?;
//! let queue = Queue::new("p".parse::<ProjectId>()?);
//! let response = client.scan(&ScanRequest::all_hosts(queue)).await?;
//! assert_eq!(response.outcome, ScanOutcome::Accepted { processed: 1 });
//! mock.assert_calls_async(1).await;
//! # Ok(())
//! # }
//! ```
//!
//! [`MockResponse`] has the service's formats for everything but plain success, and [`ThenExt`] sends a sequence of
//! them. One mock covers a sequence such as "throttled, then accepted" or "already queued, then free":
//!
//! ```
//! use huaweicloud_hss::{Client, ProjectId, Queue, ScanOutcome, ScanRequest, Secret};
//! use huaweicloud_hss_httpmock::{MockResponse, ThenExt as _, MockServerExt as _};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), huaweicloud_hss::Error> {
//! let server = httpmock::MockServer::start_async().await;
//! let mock = server.create_global_asset_scan_task(|_when, then| {
//!     then.respond_in_sequence([
//!         MockResponse::throttled().with_retry_after(0),
//!         MockResponse::accepted("p", "0", 1),
//!         MockResponse::already_queued("p", "0"),
//!     ]);
//! });
//!
//! let client = Client::builder().with_endpoint(server.base_url()).with_token(Secret::new("t".to_owned())).build()?;
//! let all = ScanRequest::all_hosts(Queue::new("p".parse::<ProjectId>()?));
//! assert_eq!(client.scan(&all).await?.outcome, ScanOutcome::Accepted { processed: 1 });
//! assert_eq!(client.scan(&all).await?.outcome, ScanOutcome::AlreadyQueued);
//! // The client retried the throttled call.
//! mock.assert_calls_async(3).await;
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//! - `assets`: the module [`assets`], with mocks of the operations that read the asset inventory.
//! - `codegen`: the mocks are generated from the spec at build time. Without it, which is the default, the reviewed
//!   snapshot of the same code is used. It does not enable the client's feature of the same name.
//!
//! # Limitations
//! The generated `project_id` matchers treat their value as a regular expression: use ids of letters, digits, `-` and
//! `_` with them, or match the path with `into_inner()`.

// docs.rs builds with this, and marks what only exists with a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod mock_response;

pub use mock_response::{MockResponse, ThenExt};

#[allow(missing_docs, unreachable_pub, clippy::all, clippy::unwrap_used, rustdoc::bare_urls)]
mod generated {
    #[cfg(feature = "codegen")]
    include!(concat!(env!("OUT_DIR"), "/hss.rs"));
    #[cfg(not(feature = "codegen"))]
    include!("../generated/hss.rs");
}

pub use generated::{MockServerExt, operations};

/// Typed mocks of the asset inventory.
#[cfg(feature = "assets")]
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::unwrap_used, rustdoc::bare_urls)]
pub mod assets {
    #[cfg(feature = "codegen")]
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
    #[cfg(not(feature = "codegen"))]
    include!("../generated/assets.rs");
}

#[cfg(all(test, feature = "codegen"))]
mod tests {
    #[test]
    fn the_compiled_code_equals_the_reviewed_snapshot() {
        let compiled = include_str!(concat!(env!("OUT_DIR"), "/hss.rs"));
        assert!(compiled == include_str!("../generated/hss.rs"), "run `cargo xtask gen` and review the difference");
        #[cfg(feature = "assets")]
        assert!(
            include_str!(concat!(env!("OUT_DIR"), "/assets.rs")) == include_str!("../generated/assets.rs"),
            "run `cargo xtask gen` and review the difference"
        );
    }
}

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
