//! Why a page cannot be read: never taken for a page without drift.

use std::fmt;

/// What is wrong with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageErrorKind {
    /// There is no text in it.
    Empty,
    /// It is something else than a reference page.
    NotAReference,
    /// A part of it is not there.
    Truncated,
    /// A table is there, and says what this reader does not understand.
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

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> PageErrorKind {
        self.kind
    }

    /// The line, from 1; 0 when it is the page as a whole.
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
            PageErrorKind::Empty | PageErrorKind::NotAReference => ". Save the reference page of one operation, whole",
            PageErrorKind::Truncated => ". The page seems cut off: save it again, whole",
            PageErrorKind::Ambiguous => ". Compare the line with the page in a browser",
        })
    }
}

impl std::error::Error for PageError {}
