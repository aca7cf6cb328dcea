//! Tells when a hand-written OpenAPI spec and the vendor's page it was written from say different things, as typed facts, and
//! what changed between two releases of a spec for those who call the service.
//!
//! - [`read_page`] reads the facts of a saved reference page: plain text, Markdown or HTML, English or Chinese.
//! - [`Spec`] reads the facts of each operation of an OpenAPI document, with the line of each.
//! - [`compare`] finds the operation that a page is about, and tells each fact that the two state differently.
//! - [`read_reference`] and [`write_reference`] keep the facts of a page that was accepted, without a word of its prose.
//! - [`draft`] makes an operation out of a page that no spec has yet.
//! - [`compat`] holds two releases of a spec against each other.
//! - [`yaml`] reads YAML with the place of every key and value; the code generator reads specs with it too.
//!
//! This crate reads and writes no file, and knows no other crate of the workspace. Without the feature `facts` it is the YAML
//! reader alone, so that a build that only generates code compiles no page reader.
//!
//! HTML is read with `html5gum`: a tokenizer after the WHATWG text, without `unsafe` and without dependencies, whose time grows with
//! the text alone. A tree is not needed to find tables, and one that is nested deep enough is a danger of its own.

// docs.rs builds with this, and marks what only exists with a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "facts")]
pub mod compat;
#[cfg(feature = "facts")]
mod drift;
#[cfg(feature = "facts")]
mod facts;
#[cfg(feature = "facts")]
mod format;
#[cfg(feature = "facts")]
mod page;
#[cfg(feature = "facts")]
mod reference;
#[cfg(feature = "facts")]
mod scaffold;
#[cfg(feature = "facts")]
mod spec;
#[cfg(feature = "facts")]
mod text;
pub mod yaml;

#[cfg(feature = "facts")]
pub use self::{
    drift::{Comparison, Difference, compare, differences, drift_report},
    facts::{Fact, FactKind, Located, Location, OperationFacts, Parameter, Range, Value},
    format::{Format, github_annotation},
    page::{PageError, PageErrorKind, operation_from_file_name, read_page},
    reference::{ReferenceError, read_reference, write_reference},
    scaffold::scaffold_operation,
    spec::{Operation, Spec, SpecError},
};

/// The examples of the README are tested.
#[cfg(all(doctest, feature = "facts"))]
#[doc = include_str!("../README.md")]
struct Readme;
