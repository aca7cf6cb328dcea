//! Why a request cannot be signed.

use std::fmt;

/// The part of the request that is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignErrorKind {
    /// The time cannot be written as X-Sdk-Date.
    InvalidTime,
    /// The method is empty or not a word.
    InvalidMethod,
    /// The host is empty or not visible ASCII.
    InvalidHost,
    /// The project or domain id is empty or not visible ASCII.
    InvalidScope,
    /// A header's name is empty or contains characters that it cannot have.
    InvalidHeaderName,
    /// A header's value contains a control character.
    InvalidHeaderValue,
    /// A header is given that the signer itself adds.
    ReservedHeader,
    /// A header is given twice.
    DuplicateHeader,
}

/// A request that cannot be signed as given. The text names the header, never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignError {
    kind: SignErrorKind,
    header: Option<Box<str>>,
}

impl SignError {
    pub(super) fn new(kind: SignErrorKind, header: &str) -> Self {
        Self { kind, header: (!header.is_empty()).then(|| header.into()) }
    }

    /// Returns which part is invalid.
    #[must_use]
    pub fn kind(&self) -> SignErrorKind {
        self.kind
    }

    /// Returns whether the clock is wrong, not the request.
    #[must_use]
    pub fn is_time(&self) -> bool {
        self.kind == SignErrorKind::InvalidTime
    }

    /// Returns the header that it is about, in lower case.
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        self.header.as_deref()
    }
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.header().unwrap_or_default();
        f.write_str("cannot sign the request: ")?;
        match self.kind {
            SignErrorKind::InvalidTime => f.write_str("the time is not between the years 0 and 9999; set the clock"),
            SignErrorKind::InvalidMethod => f.write_str("the method is invalid; use one such as GET"),
            SignErrorKind::InvalidHost => f.write_str("the host is empty or not ASCII; check the endpoint"),
            SignErrorKind::InvalidScope => f.write_str("the project or domain id is empty or not ASCII; check the id"),
            SignErrorKind::InvalidHeaderName => f.write_str("a header name is invalid; correct it"),
            SignErrorKind::InvalidHeaderValue => {
                write!(f, "the value of header {header} contains a control character; remove it")
            }
            SignErrorKind::ReservedHeader => {
                write!(f, "header {header} is added by the signer; leave it out")
            }
            SignErrorKind::DuplicateHeader => write!(f, "header {header} is given twice; combine its values into one"),
        }
    }
}

impl std::error::Error for SignError {}
