//! Validates JSON values against the schemas of OpenAPI 3.0.

mod compiler;
mod rule;
mod validator;

pub(crate) use compiler::compile;
#[cfg(test)]
pub(crate) use compiler::compile_value;
pub(crate) use rule::{Rule, ValueType};
pub(crate) use validator::{Schema, Step, Violation};

#[cfg(test)]
mod tests;
