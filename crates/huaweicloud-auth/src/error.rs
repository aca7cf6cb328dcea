//! The error of every source: which source it is about, what is wrong and how to fix it. It never shows a value.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::credentials::InvalidCredential;
use crate::source_location::SourceLocation;

/// The kind of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No source has credentials. User action: set some up.
    NotFound,
    /// A source holds only a part, such as an AK without its SK. User action: complete it, or remove it.
    Incomplete,
    /// A value is empty or contains characters that it cannot have. User action: correct the value.
    InvalidValue,
    /// A file is missing though it was named, or cannot be read. User action: check path and permissions.
    Unreadable,
    /// A file or a variable has the wrong syntax, encoding or structure. User action: correct it.
    Malformed,
    /// The secrets in a file are encrypted for another program. User action: store them in plain form, or elsewhere.
    Encrypted,
    /// The source cannot be reached. User action: try again later.
    Unavailable,
    /// A source of another crate failed in its own way: [`Error::source_as`] returns its error.
    Other,
}

/// Why credentials are missing: the error of one source, or the list of all sources and why each has none.
///
/// The text is what happened and then what to do. It names files, variables and lines, and never shows a value.
#[derive(Debug, Clone)]
pub struct Error(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    kind: ErrorKind,
    location: Option<SourceLocation>,
    reason: String,
    hint: String,
    reasons: Vec<(String, String)>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Makes the error of one source, also of one in another crate: `reason` is what is wrong there, `hint` is how to
    /// fix it.
    ///
    /// Neither may contain a secret. An empty `hint` is left out of the text.
    #[must_use]
    pub fn new(kind: ErrorKind, location: SourceLocation, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            location: Some(location),
            reason: reason.into(),
            hint: hint.into(),
            reasons: Vec::new(),
            source: None,
        }))
    }

    /// Makes an error of kind [`ErrorKind::Other`] from the error of another crate, whose text becomes the reason.
    #[must_use]
    pub fn other(location: SourceLocation, error: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(ErrorKind::Other, location, error.to_string(), "").with_source(error)
    }

    /// Makes the error for a value of this source that cannot be used; `name` is the variable or key that holds it.
    #[must_use]
    pub fn invalid_value(location: SourceLocation, name: &str, invalid: InvalidCredential) -> Self {
        let reason = if name.is_empty() { invalid.to_string() } else { format!("{name}: {invalid}") };
        Self::new(ErrorKind::InvalidValue, location, reason, invalid.hint()).with_source(invalid)
    }

    /// Makes the error for a search that found nothing: each source with the reason why it has no credentials.
    pub(crate) fn not_found(reasons: Vec<(String, String)>) -> Self {
        Self(Box::new(Parts {
            kind: ErrorKind::NotFound,
            location: None,
            reason: "no credentials were found".to_owned(),
            hint: "set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or a token in HW_AUTH_TOKEN".to_owned(),
            reasons,
            source: None,
        }))
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Returns the error that caused this one, if it has this type.
    #[must_use]
    pub fn source_as<E: StdError + 'static>(&self) -> Option<&E> {
        self.source()?.downcast_ref()
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns whether credentials are missing, so that the user has to set some up.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Returns whether a source is set up but cannot be used, so that the user has to fix or remove it.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        !self.is_not_found()
    }

    /// Returns the source that the error is about; `None` when no source has credentials.
    #[must_use]
    pub fn source_location(&self) -> Option<&SourceLocation> {
        self.0.location.as_ref()
    }

    /// Returns what is wrong, without the place and the hint.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Returns what to do, the last part of the text. It may be empty.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.0.hint
    }

    /// Returns each source that was asked and why it has no credentials, in the order they were asked.
    pub fn reasons(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.reasons.iter().map(|(name, reason)| (name.as_str(), reason.as_str()))
    }
}

impl Error {
    /// Returns the text without the place.
    pub(crate) fn advice(&self) -> String {
        let Parts { reason, hint, .. } = &*self.0;
        if hint.is_empty() { reason.clone() } else { format!("{reason}; {hint}") }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { location, reason, hint, reasons, .. } = &*self.0;
        if let Some(location) = location {
            write!(f, "{location}: ")?;
        }
        if !reasons.is_empty() {
            write!(f, "{reason}:")?;
            for (name, reason) in reasons {
                write!(f, "\n  {name}: {reason}")?;
            }
            return write!(f, "\nTo fix this, {hint}.");
        }
        f.write_str(&self.advice())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
