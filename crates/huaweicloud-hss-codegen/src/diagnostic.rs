//! The problems of a spec: each with a message, its position and the fix.

use std::fmt;

use located_yaml::{Node, Position};

/// One problem of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Id of the rule, stable across releases.
    pub rule: &'static str,
    /// Line and column.
    pub at: Position,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: [{}] {}. {}", self.at, self.rule, self.message, self.help)
    }
}

/// The problems of a spec, by position. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Returns a list of one diagnostic.
    #[must_use]
    pub fn single(rule: &'static str, at: Position, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self(vec![Diagnostic { rule, at, message: message.into(), help: help.into() }])
    }

    /// Returns the diagnostics sorted by position as an error, or `Ok` if there are none.
    ///
    /// # Errors
    /// The diagnostics themselves.
    pub fn into_result(mut found: Vec<Diagnostic>) -> Result<(), Self> {
        if found.is_empty() {
            return Ok(());
        }
        found.sort_by_key(|diagnostic| diagnostic.at);
        Err(Self(found))
    }

    /// Returns the diagnostics by position.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// Reads one YAML document with the position of every key and value.
///
/// # Errors
/// The first thing that is not YAML, a duplicate key, or more nesting and aliases than any spec needs.
pub fn read_yaml(text: &str) -> Result<Node, Diagnostics> {
    located_yaml::read(text).map_err(|error| Diagnostics::single("yaml", error.at(), error.message(), "Fix the line."))
}
