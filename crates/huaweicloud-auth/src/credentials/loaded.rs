//! Credentials as a source returns them: with their place, their expiry and warnings about the place.

use std::fmt;
use std::path::PathBuf;
use std::time::SystemTime;

use super::Credentials;
use crate::source_location::SourceLocation;

/// Credentials that a source returned, where they come from, and until when they are valid.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LoadedCredentials {
    /// The credentials.
    pub credentials: Credentials,
    /// Where they come from.
    pub location: SourceLocation,
    /// When they expire. Without it they are used until the service refuses them.
    pub expires_at: Option<SystemTime>,
    /// Warnings about the place, for the user.
    pub warnings: Vec<Warning>,
    /// The IAM endpoint that the same place names, as written there and not validated.
    pub iam_endpoint: Option<String>,
    /// The region that the same place names, as written there and not validated.
    pub region: Option<String>,
}

impl LoadedCredentials {
    /// Makes credentials of a place, without expiry and warnings.
    #[must_use]
    pub fn new(credentials: Credentials, location: SourceLocation) -> Self {
        Self { credentials, location, expires_at: None, warnings: Vec::new(), iam_endpoint: None, region: None }
    }

    /// Sets when they expire. A client asks the source again some time before.
    #[must_use]
    pub fn with_expiry(mut self, expires_at: Option<SystemTime>) -> Self {
        self.expires_at = expires_at;
        self
    }
}

/// A warning about the place where credentials were found. `Display` is a sentence for the user.
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
    /// Other users of the machine may replace the file, because they may write to its folder.
    InsecureFolder {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        unix_mode: u32,
    },
    /// A federated login is set up in the same place. The official SDKs prefer it, this crate does not support it
    /// (`docs/design/service-behaviour.md#sdk-environment`).
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
                write!(f, "other users can access {path} (mode {unix_mode:04o}); run: chmod 600 {path}")
            }
            Self::InsecureFolder { path, unix_mode } => {
                let path = path.display();
                write!(f, "other users can replace files in {path} (mode {unix_mode:04o}); run: chmod 700 {path}")
            }
            Self::FederatedLoginIgnored { setting } => {
                write!(
                    f,
                    "{setting} is also set, but ignored: federated logins are not supported, so the access key is used"
                )
            }
        }
    }
}
