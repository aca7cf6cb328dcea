//! Compares a hand-written OpenAPI spec with the vendor's reference page it was written from, as typed facts, and two
//! releases of a spec with each other, for callers of the service.
//!
//! - [`read_page`] reads the facts of a saved reference page: plain text, Markdown or HTML, English or Chinese.
//! - [`Spec`] reads the facts of each operation of an OpenAPI document, with the line of each.
//! - [`compare`] finds the operation that a page is about, and returns each fact that the two state differently.
//! - [`read_reference`] and [`write_reference`] keep the facts of an accepted page, without its prose.
//! - [`read_accepted`] reads the differences and changes that were reviewed and accepted.
//! - [`scaffold_operation`] drafts an operation from a page that no spec has yet.
//! - [`compat`] compares two releases of a spec.
//!
//! This crate does no file I/O. Of this workspace it uses only the YAML reader, which is re-exported as [`yaml`].
//!
//! HTML is read with `html5gum`, a tokenizer of the WHATWG standard without `unsafe` and without dependencies, whose
//! run time is linear. Tables can be found without a tree, and a deeply nested tree could overflow the stack.

// docs.rs builds with this.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod accepted;
pub mod compat;
mod drift;
mod facts;
mod format;
mod page;
mod reference;
mod scaffold;
mod spec;
mod text;

pub use located_yaml as yaml;

pub use self::{
    accepted::{Accepted, AcceptedDifference, AcceptedError, read_accepted},
    drift::{Comparison, Difference, compare, drift_report},
    facts::{FactKind, Facts, Located, Location, OperationFacts, Parameter, bounds},
    format::{Format, github_annotation},
    page::{PageError, PageErrorKind, operation_from_file_name, read_page},
    reference::{ReferenceError, read_reference, write_reference},
    scaffold::scaffold_operation,
    spec::{Operation, Spec},
};

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
