//! Credentials for Huawei Cloud: what they are, where they are found and how they sign. It knows no HTTP client and no operation.
//!
//! - [`CredentialChain`] looks through the places where users already keep credentials and says which one won.
//! - [`sign::sign`] signs one request with an [`AccessKey`]; a [`Token`] needs no signing, its text is a header value.
//! - [`Environment`] stands for the environment, the files and the clock, so that all of it can be tested; [`testing`] has one in memory.
//!
//! ```
//! use huaweicloud_auth::{AccessKey, Secret, sign};
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! let key = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("made-up-secret".to_owned()), None)?;
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

// docs.rs builds with this, and marks what only exists with a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod chain;
mod credentials;
mod environment;
mod error;
mod lookup;
mod secret;
pub mod sign;
pub mod source;
mod source_location;
pub mod testing;
pub mod timestamp;
mod validate;

pub use chain::{CredentialChain, Resolved, ShadowedSource};
pub use credentials::{AccessKey, Credentials, Token};
pub use environment::{Environment, FileContents, FileError, NotUnicode, OsEnvironment};
pub use error::{Error, ErrorKind};
pub use lookup::{LoadedCredentials, Lookup, Warning};
pub use secret::Secret;
pub use source_location::SourceLocation;
pub use validate::{CredentialField, CredentialProblem, InvalidCredential};

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
