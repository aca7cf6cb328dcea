//! What a source answers: credentials with their place and remarks, or that it has none.

use std::fmt;
use std::path::PathBuf;

use crate::credentials::Credentials;
use crate::origin::Source;

/// Credentials, where they come from, and what the user should know about that place.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Found {
    /// The credentials.
    pub credentials: Credentials,
    /// Where they were found.
    pub source: Source,
    /// Remarks for the user that are no errors.
    pub notes: Vec<Note>,
    /// The IAM endpoint that the same place names, as written there and not checked.
    pub iam_endpoint: Option<String>,
}

impl Found {
    /// Credentials from a place, without remarks.
    #[must_use]
    pub fn new(credentials: Credentials, source: Source) -> Self {
        Self { credentials, source, notes: Vec::new(), iam_endpoint: None }
    }
}

/// The answer of a source that is not broken.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// It has credentials.
    Found(Box<Found>),
    /// It has none, for the reason given: the next source is asked.
    NotHere(String),
}

impl Lookup {
    pub(crate) fn not_here(reason: impl Into<String>) -> Self {
        Self::NotHere(reason.into())
    }

    /// The credentials, if there are any.
    #[must_use]
    pub fn found(self) -> Option<Found> {
        match self {
            Self::Found(found) => Some(*found),
            Self::NotHere(_) => None,
        }
    }
}

impl From<Found> for Lookup {
    fn from(found: Found) -> Self {
        Self::Found(Box::new(found))
    }
}

/// A remark about the place where credentials were found. `Display` is a sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Other users of the machine may read or write the file.
    OpenToOthers {
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

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenToOthers { path, unix_mode } => {
                let path = path.display();
                write!(f, "{path} is open to other users of this machine (mode {unix_mode:04o}); run: chmod 600 {path}")
            }
            Self::FederatedLoginIgnored { setting } => {
                write!(f, "{setting} is set as well and is ignored: this program signs with the access key")
            }
        }
    }
}
