//! Fault injection: the rules, and the engine that applies them.

mod engine;
pub(crate) mod rule;
mod rule_set;

pub(crate) use engine::{FaultDecision, FaultEngine};
pub use rule::FaultError;
pub use rule_set::Faults;

#[cfg(test)]
mod tests;
