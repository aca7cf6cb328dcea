//! Tells when a hand-written OpenAPI spec and the vendor's page it was written from say different things, as typed facts.
#[cfg(feature = "facts")]
mod compare;
#[cfg(feature = "facts")]
pub mod compat;
#[cfg(feature = "facts")]
mod draft;
#[cfg(feature = "facts")]
mod fact;
#[cfg(feature = "facts")]
mod page;
#[cfg(feature = "facts")]
mod reference;
#[cfg(feature = "facts")]
mod report;
#[cfg(feature = "facts")]
mod schema;
#[cfg(feature = "facts")]
mod spec;
#[cfg(feature = "facts")]
mod text;
pub mod yaml;
#[cfg(feature = "facts")]
pub use compare::{Comparison, Difference, compare, differences};
#[cfg(feature = "facts")]
pub use draft::draft;
#[cfg(feature = "facts")]
pub use fact::{Aspect, Fact, Facts, Item, Location, Range, Stated, Value};
#[cfg(feature = "facts")]
pub use page::{PageError, PageErrorKind, operation_named, read_page};
#[cfg(feature = "facts")]
pub use reference::{ReferenceError, read_reference, write_reference};
#[cfg(feature = "facts")]
pub use report::{Format, drift_report, github};
#[cfg(feature = "facts")]
pub use spec::{Operation, Spec, SpecError};
