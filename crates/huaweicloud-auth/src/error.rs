//! Why no credentials could be had: the reason, the place, and what to do about it. Never a value.

use std::fmt;

use crate::source_location::SourceLocation;
use crate::validate::InvalidCredential;

/// What sort of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No source holds credentials.
    NotFound,
    /// A source holds only a part, such as an AK without its SK.
    Incomplete,
    /// A value is empty or has characters that it cannot have.
    InvalidValue,
    /// A file is missing though it was named, or cannot be read.
    Unreadable,
    /// A file or a variable is not what it should be: syntax, encoding, structure.
    Malformed,
    /// The secrets in a file are encrypted for another program.
    Encrypted,
}

/// No credentials: an error of one source that stopped the search, or the list of all sources and why each had none.
///
/// The text says what happened and ends in what to do. It names files, variables and lines, and never shows a value.
#[derive(Debug, Clone)]
pub struct Error(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    kind: ErrorKind,
    origin: Option<SourceLocation>,
    what: String,
    advice: String,
    reasons: Vec<(String, String)>,
}

impl Error {
    /// For a source, also one in another crate: `what` is wrong there, and `advice` mends it. Neither may hold a secret.
    #[must_use]
    pub fn new(kind: ErrorKind, origin: SourceLocation, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            origin: Some(origin),
            what: what.into(),
            advice: advice.into(),
            reasons: Vec::new(),
        }))
    }

    /// A value of this source cannot be used; `name` is the variable or key that holds it.
    #[must_use]
    pub fn invalid_value(origin: SourceLocation, name: &str, problem: InvalidCredential) -> Self {
        let what = if name.is_empty() { problem.to_string() } else { format!("{name}: {problem}") };
        Self::new(ErrorKind::InvalidValue, origin, what, problem.hint())
    }

    pub(crate) fn not_found(reasons: Vec<(String, String)>) -> Self {
        Self(Box::new(Parts {
            kind: ErrorKind::NotFound,
            origin: None,
            what: "no credentials were found".to_owned(),
            advice: "set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or a token in HW_AUTH_TOKEN".to_owned(),
            reasons,
        }))
    }

    /// Adds another source that was asked, and why it had nothing.
    #[must_use]
    pub fn with_reason(mut self, name: impl Into<String>, reason: impl Into<String>) -> Self {
        self.0.reasons.push((name.into(), reason.into()));
        self
    }

    /// What sort of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Nothing was found anywhere: the user has to set up credentials.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// One source is there but cannot be used: the user has to mend or remove it.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        !self.is_not_found()
    }

    /// The source that is broken; `None` when nothing was found.
    #[must_use]
    pub fn source_location(&self) -> Option<&SourceLocation> {
        self.0.origin.as_ref()
    }

    /// Each source that was asked, and why it had nothing, in the order they were asked.
    pub fn reasons(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.reasons.iter().map(|(name, reason)| (name.as_str(), reason.as_str()))
    }

    /// What is wrong, without the place and the advice.
    pub(crate) fn reason(&self) -> &str {
        &self.0.what
    }

    /// What to do, the last part of the text.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.0.advice
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { origin, what, advice, reasons, .. } = &*self.0;
        if let Some(origin) = origin {
            write!(f, "{origin}: ")?;
        }
        f.write_str(what)?;
        if reasons.is_empty() {
            return write!(f, "; {advice}");
        }
        f.write_str(":")?;
        for (name, reason) in reasons {
            write!(f, "\n  {name}: {reason}")?;
        }
        write!(f, "\nTo mend this, {advice}.")
    }
}

impl std::error::Error for Error {}
