//! What is wrong with a spec: a sentence, where it stands, and the way out.

use std::fmt;

use openapi_drift::yaml::{self, Node, Position};

/// One thing that is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Id of the rule, stable across releases.
    pub rule: &'static str,
    /// Where it stands.
    pub at: Position,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: [{}] {}. {}", self.at, self.rule, self.message, self.help)
    }
}

/// Everything that is wrong with a spec, in the order in which it stands there. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// One problem alone.
    #[must_use]
    pub fn one(rule: &'static str, at: Position, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self(vec![Problem { rule, at, message: message.into(), help: help.into() }])
    }

    /// `Err` when there is at least one problem, sorted by place.
    ///
    /// # Errors
    /// The problems themselves.
    pub fn check(mut found: Vec<Problem>) -> Result<(), Self> {
        if found.is_empty() {
            return Ok(());
        }
        found.sort_by_key(|problem| problem.at);
        Err(Self(found))
    }

    /// The problems, by place.
    #[must_use]
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Reads one YAML document with the place of every key and value.
///
/// # Errors
/// The first thing that is not YAML, a key written twice, or more nesting and aliases than any spec needs.
pub fn read_yaml(text: &str) -> Result<Node, Problems> {
    yaml::read(text).map_err(|error| Problems::one("yaml", error.at(), error.message(), "Mend the line."))
}
