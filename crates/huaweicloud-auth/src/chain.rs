//! The order in which sources are asked, who wins, and what the user is told about the others.

use std::fmt;
use std::path::PathBuf;

use crate::error::{Error, ErrorKind};
use crate::found::{Found, Lookup};
use crate::origin::Source;
use crate::source::{CredentialSource, KooCli, Profile, SdkVariables, TerraformVariables, TokenFile, TokenVariable};
use crate::system::System;

/// An ordered list of sources.
///
/// ```
/// use huaweicloud_auth::{Chain, Source, testing};
///
/// let system = testing::MemorySystem::new()
///     .with_env("HW_AUTH_TOKEN", "made-up-token")
///     .with_env("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001")
///     .with_env("HUAWEICLOUD_SDK_SK", "made-up-secret");
/// let resolved = testing::now_or_never(Chain::standard(None).resolve(&system)).unwrap()?;
/// assert_eq!(resolved.found.source, Source::TokenVariable);
/// assert_eq!(resolved.conflicts[0].source, Source::SdkVariables);
/// # Ok::<(), huaweicloud_auth::Error>(())
/// ```
pub struct Chain {
    sources: Vec<Box<dyn CredentialSource>>,
}

impl Chain {
    /// A chain without sources.
    #[must_use]
    pub fn empty() -> Self {
        Self { sources: Vec::new() }
    }

    /// The sources that need no network, in the usual order: the given token file, HW_AUTH_TOKEN, the SDK's variables,
    /// Terraform's variables, the profile file, KooCLI. Sources that do need it are appended with [`Chain::then`].
    #[must_use]
    pub fn standard(token_file: Option<PathBuf>) -> Self {
        Self::empty()
            .then(TokenFile::new(token_file))
            .then(TokenVariable)
            .then(SdkVariables)
            .then(TerraformVariables)
            .then(Profile)
            .then(KooCli)
    }

    /// Adds a source that is asked after all present ones.
    #[must_use]
    pub fn then(mut self, source: impl CredentialSource + 'static) -> Self {
        self.sources.push(Box::new(source));
        self
    }

    /// Asks the sources in order and takes the first credentials.
    ///
    /// A source that is there but broken ends the search: what a user set up is not passed over in silence. After a
    /// winner only local sources are still looked at, to report conflicts, and there a broken one is not an error; one with half a
    /// pair is a conflict, because it may have been meant to win.
    ///
    /// # Errors
    /// The broken source's own error, or one that lists every source with its reason.
    pub async fn resolve(&self, system: &dyn System) -> Result<Resolved, Error> {
        let mut reasons = Vec::new();
        let mut sources = self.sources.iter();
        for source in sources.by_ref() {
            match source.look(system).await? {
                Lookup::NotHere(reason) => reasons.push((source.name(), reason)),
                Lookup::Found(found) => {
                    let mut conflicts = Vec::new();
                    for other in sources.filter(|other| other.is_local()) {
                        match other.look(system).await {
                            Ok(Lookup::Found(also)) => {
                                let same = also.credentials.same_secret(&found.credentials);
                                conflicts.push(Conflict { source: also.source, same, incomplete: None });
                            }
                            Err(error) if error.kind() == ErrorKind::Incomplete => conflicts.extend(half(&error)),
                            _ => {}
                        }
                    }
                    return Ok(Resolved { found: *found, conflicts });
                }
            }
        }
        Err(Error::not_found(reasons))
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.sources.iter().map(|source| source.name())).finish()
    }
}

/// The credentials that won, and who else had some.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Resolved {
    /// The winner.
    pub found: Found,
    /// Local sources after it that hold credentials as well, in order.
    pub conflicts: Vec<Conflict>,
}

/// A source that also holds credentials and was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// The source.
    pub source: Source,
    /// It holds the very same token or key, so that it makes no difference which one is used.
    pub same: bool,
    /// It holds only half a pair: which half is there, and which is not.
    pub incomplete: Option<String>,
}

/// Half of an access key. KooCLI's file has other ways to be incomplete, such as a login that has ended.
fn half(error: &Error) -> Option<Conflict> {
    let source = error.origin()?.clone();
    let has_pairs = matches!(source, Source::SdkVariables | Source::TerraformVariables | Source::Profile(_));
    has_pairs.then(|| Conflict { source, same: false, incomplete: Some(error.what().to_owned()) })
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which = if self.same { "the same" } else { "other" };
        write!(f, "{which} credentials are not used: {}", self.source)?;
        match &self.incomplete {
            Some(what) => write!(f, ", where {what}"),
            None => Ok(()),
        }
    }
}
