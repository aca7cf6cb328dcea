//! From an OpenAPI spec to Rust: lint, generator settings and generation, used alike by build scripts and by `cargo xtask`.
//!
//! A [`Job`] says which spec becomes which file of which crate. [`Job::generate`] reads the spec with the position of every
//! key, refuses what the generator would drop in silence or choke on ([`lint`]), runs the generator, and adds a `limits`
//! module with every documented limit, so that no number is typed twice. The result is the same text in a build script's
//! `OUT_DIR` and in the reviewed snapshot; [`snapshot`] tells why the two differ when they do.
//!
//! This crate writes no file but the one a build script asks for, and reads none but the spec.

// docs.rs builds with this, and marks what only exists with a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod generate;
mod jobs;
mod limits;
pub mod lint;
mod problem;
pub mod snapshot;

pub use generate::GENERATOR;
pub use jobs::{EPS_CLIENT, HSS_CLIENT, HSS_MOCKS, IAM_CLIENT, JOBS, Job, Kind};
pub use openapi_drift::yaml::{Entry, Node, Position, Value};
pub use problem::{Problem, Problems, read_yaml};

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
