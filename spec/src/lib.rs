//! The hand-written OpenAPI 3.0.3 specs as text, for the build scripts and tests of the crates that are made from them.
//!
//! ```
//! assert!(huaweicloud_hss_spec::HSS.contains("\nopenapi: 3.0.3\n"));
//! ```

/// Host Security Service (HSS): asset scans, hosts and host groups. The text of `hss.yaml`.
pub const HSS: &str = include_str!("../hss.yaml");

/// The asset inventory of HSS: what scans found, collection on one host, and exports. The text of `assets.yaml`.
pub const ASSETS: &str = include_str!("../assets.yaml");

/// Identity and Access Management (IAM): tokens and projects. The text of `iam.yaml`.
pub const IAM: &str = include_str!("../iam.yaml");

/// Enterprise Project Management Service (EPS): enterprise projects. The text of `eps.yaml`.
pub const EPS: &str = include_str!("../eps.yaml");
