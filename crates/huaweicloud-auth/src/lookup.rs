//! What a source answers: credentials with their place and remarks, or that it has none.

use std::fmt;
use std::path::PathBuf;

use crate::credentials::Credentials;
use crate::source_location::SourceLocation;

/// Credentials, where they come from, and what the user should know about that place.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LoadedCredentials {
    /// The credentials.
    pub credentials: Credentials,
    /// Where they were found.
    pub source: SourceLocation,
    /// Remarks for the user that are no errors.
    pub warnings: Vec<Warning>,
    /// The IAM endpoint that the same place names, as written there and not checked.
    pub iam_endpoint: Option<String>,
}

impl LoadedCredentials {
    /// Credentials from a place, without remarks.
    #[must_use]
    pub fn new(credentials: Credentials, source: SourceLocation) -> Self {
        Self { credentials, source, warnings: Vec::new(), iam_endpoint: None }
    }
}

/// The answer of a source that is not broken.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// It has credentials.
    Found(Box<LoadedCredentials>),
    /// It has none, for the reason given: the next source is asked.
    NotFound {
        /// Why it has none.
        reason: String,
    },
}

impl Lookup {
    /// It has none, for this reason.
    #[must_use]
    pub fn not_found(reason: impl Into<String>) -> Self {
        Self::NotFound { reason: reason.into() }
    }

    /// The credentials, if there are any.
    #[must_use]
    pub fn found(self) -> Option<LoadedCredentials> {
        match self {
            Self::Found(found) => Some(*found),
            Self::NotFound { .. } => None,
        }
    }
}

impl From<LoadedCredentials> for Lookup {
    fn from(found: LoadedCredentials) -> Self {
        Self::Found(Box::new(found))
    }
}

/// A remark about the place where credentials were found. `Display` is a sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Other users of the machine may read or write the file.
    InsecurePermissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        unix_mode: u32,
    },
    /// A federated login is set up in the same place; the official SDKs prefer it (facts, section 5), this crate has none.
    FederatedLoginIgnored {
        /// The setting that asks for it.
        setting: &'static str,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InsecurePermissions { path, unix_mode } => {
                let path = path.display();
                write!(f, "{path} is open to other users of this machine (mode {unix_mode:04o}); run: chmod 600 {path}")
            }
            Self::FederatedLoginIgnored { setting } => {
                write!(f, "{setting} is set as well and is ignored: this program signs with the access key")
            }
        }
    }
}
