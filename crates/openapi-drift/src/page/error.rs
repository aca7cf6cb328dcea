//! Why a page cannot be read. Such a page never counts as a page without drift.

use std::fmt;

/// The kind of a [`PageError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageErrorKind {
    /// The page has no text.
    Empty,
    /// The text is not a reference page.
    NotAReference,
    /// A part of the page is missing.
    Truncated,
    /// A table cannot be interpreted.
    Ambiguous,
}

/// Why a page cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError {
    kind: PageErrorKind,
    line: u64,
    message: String,
}

impl PageError {
    pub(super) fn new(kind: PageErrorKind, line: u64, message: impl Into<String>) -> Self {
        Self { kind, line, message: message.into() }
    }

    /// Adds a line to an error without one.
    pub(super) fn or_at(self, line: u64) -> Self {
        Self { line: if self.line > 0 { self.line } else { line }, ..self }
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> PageErrorKind {
        self.kind
    }

    /// Returns the line, from 1; 0 for the page as a whole.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.message)?;
        f.write_str(match self.kind {
            PageErrorKind::Empty | PageErrorKind::NotAReference => {
                ". Save the complete reference page of one operation"
            }
            PageErrorKind::Truncated => ". The page seems to be truncated: save the complete page again",
            PageErrorKind::Ambiguous => ". Compare the line with the page in a browser",
        })
    }
}

impl std::error::Error for PageError {}
