//! Fault injection: the rules, and the engine that applies them.

pub(crate) mod change;
mod engine;
mod parse;
pub(crate) mod rule;
mod rule_set;
pub(crate) mod throttle;
mod windows;

pub(crate) use engine::{Arrival, FaultDecision, FaultEngine};
pub(crate) use parse::parse_duration;
pub use rule::FaultError;
pub use rule_set::Faults;
pub(crate) use windows::Caller;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod throttle_tests;
