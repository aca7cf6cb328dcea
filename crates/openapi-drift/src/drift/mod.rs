//! Compares the facts of a reference page with those of a spec, and reports each difference.

mod compare;
mod report;

pub use compare::{Comparison, Difference, compare};
pub use report::drift_report;
