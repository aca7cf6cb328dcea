//! Credentials for Huawei Cloud: what they are, where they come from and how they sign. It contains no HTTP client and
//! no operation.
//!
//! - [`CredentialSource`] is a source of credentials. [`source`] has those that users already have; programs can add
//!   their own.
//! - [`CredentialChain`] asks several sources in order and reports which one won.
//! - [`CredentialsProvider`] supplies a running client and replaces credentials that expire.
//! - [`sign::sign`] signs one request with an [`AccessKey`]; a [`Token`] needs no signing, its text is a header value.
//! - [`Environment`] stands for variables, files and the clock, so that all of it can be tested; [`testing`] has one in
//!   memory.
//!
//! ```
//! use huaweicloud_auth::{AccessKey, Secret, sign};
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! let key = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("example-secret".to_owned()), None)?;
//! let request = sign::Request {
//!     method: "GET",
//!     host: "hss.cn-north-4.myhuaweicloud.com",
//!     path: "/v5/2b31/asset/assign-task",
//!     query: "category=host",
//!     headers: &[],
//!     body: b"",
//!     scope: sign::Scope::Project("2b31"),
//! };
//! let signed = sign::sign(&key, &request, UNIX_EPOCH + Duration::from_secs(1_775_204_130))?;
//! let names: Vec<_> = signed.headers().map(|header| header.name).collect();
//! assert_eq!(names, ["x-sdk-date", "x-project-id", "authorization"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// docs.rs sets `docsrs` and then marks items that need a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod chain;
mod credential_source;
mod credentials;
mod environment;
mod error;
mod provider;
pub mod sign;
pub mod source;
mod source_location;
pub mod testing;
mod timestamp;

pub use chain::{CredentialChain, Resolved, empty_variable};
pub use credential_source::{
    CredentialSource, DeferredCredentials, LoadFuture, Lookup, ShadowedSource, load_credentials,
};
pub use credentials::{
    AccessKey, CredentialField, CredentialProblem, Credentials, InvalidCredential, LoadedCredentials, Secret, Token,
    Warning,
};
pub use environment::{Environment, FileContents, FileError, NotUnicode, OsEnvironment};
pub use error::{Error, ErrorKind};
pub use provider::CredentialsProvider;
pub use source_location::SourceLocation;
pub use timestamp::parse_rfc3339;

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
