//! From an OpenAPI spec to Rust: lint, generator settings and generation, used alike by build scripts and by `cargo
//! xtask`.
//!
//! A [`GeneratedFile`] names a spec, a crate and what to generate. [`GeneratedFile::generate`] reads the spec with the
//! position of every key, refuses what the generator would silently drop or fail on ([`lint`]), runs the generator, and
//! adds a module `bounds` with every documented limit, so that Rust code repeats no number. The result is the same text
//! in a build script's `OUT_DIR` and in the reviewed snapshot; [`snapshot`] finds out why the two differ.
//!
//! This crate reads no files, and writes only the one that a build script asks for.

// docs.rs builds with this, and marks what only exists with a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bounds;
mod build_script;
mod diagnostic;
mod generate;
pub mod lint;
mod operations;
mod outputs;
pub mod snapshot;

pub use diagnostic::{Diagnostic, Diagnostics, read_yaml};
pub use located_yaml::{Entry, Node, Position, Value};
pub use outputs::{
    ASSETS_CLIENT, ASSETS_MOCKS, EPS_CLIENT, GENERATOR, GeneratedFile, HSS_CLIENT, HSS_MOCKS, IAM_CLIENT, Output,
};

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
