//! The faults that are injected on purpose.

mod engine;
pub(crate) mod rule;
mod rule_set;

pub(crate) use engine::{Plan, Running};
pub use rule::FaultError;
pub use rule_set::Faults;

#[cfg(test)]
mod tests;
