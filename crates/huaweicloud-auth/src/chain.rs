//! The order in which sources are asked, who wins, and what the user is told about the others.

use std::fmt;
use std::path::PathBuf;

use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::lookup::{LoadedCredentials, Lookup};
use crate::source::{
    CredentialSource, KooCliSource, ProfileSource, SdkVariablesSource, TerraformVariablesSource, TokenFileSource,
    TokenVariableSource,
};
use crate::source_location::SourceLocation;

/// An ordered list of sources.
///
/// ```
/// use futures_util::FutureExt as _;
/// use huaweicloud_auth::{CredentialChain, SourceLocation, testing};
///
/// let env = testing::FakeEnvironment::new()
///     .with_var("HW_AUTH_TOKEN", "made-up-token")
///     .with_var("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001")
///     .with_var("HUAWEICLOUD_SDK_SK", "made-up-secret");
/// let resolved = CredentialChain::default_chain(None).resolve(&env).now_or_never().unwrap()?;
/// assert_eq!(resolved.credentials.source, SourceLocation::TokenVariable);
/// assert_eq!(resolved.shadowed[0].source, SourceLocation::SdkVariables);
/// # Ok::<(), huaweicloud_auth::Error>(())
/// ```
pub struct CredentialChain {
    sources: Vec<Box<dyn CredentialSource>>,
}

impl CredentialChain {
    /// A chain without sources.
    #[must_use]
    pub fn new() -> Self {
        Self { sources: Vec::new() }
    }

    /// The sources that need no network, in the usual order: the given token file, HW_AUTH_TOKEN, the SDK's variables,
    /// Terraform's variables, the profile file, KooCLI. Sources that do need it are appended with [`CredentialChain::push`].
    #[must_use]
    pub fn default_chain(token_file: Option<PathBuf>) -> Self {
        Self::new()
            .push(TokenFileSource::new(token_file))
            .push(TokenVariableSource)
            .push(SdkVariablesSource)
            .push(TerraformVariablesSource)
            .push(ProfileSource)
            .push(KooCliSource)
    }

    /// Adds a source that is asked after all present ones.
    #[must_use]
    pub fn push(mut self, source: impl CredentialSource + 'static) -> Self {
        self.sources.push(Box::new(source));
        self
    }

    /// Asks the sources in order and takes the first credentials.
    ///
    /// A source that is there but broken ends the search: what a user set up is not passed over in silence. After a
    /// winner only local sources are still looked at, to report them as shadowed, and there a broken one is not an error; one with half a
    /// pair is a conflict, because it may have been meant to win.
    ///
    /// # Errors
    /// The broken source's own error, or one that lists every source with its reason.
    pub async fn resolve(&self, env: &dyn Environment) -> Result<Resolved, Error> {
        let mut reasons = Vec::new();
        let mut sources = self.sources.iter();
        for source in sources.by_ref() {
            match source.load(env).await? {
                Lookup::NotFound { reason } => reasons.push((source.name(), reason)),
                Lookup::Found(found) => {
                    let mut shadowed = Vec::new();
                    for other in sources.filter(|other| other.is_local()) {
                        match other.load(env).await {
                            Ok(Lookup::Found(also)) => {
                                let same = also.credentials.secret_eq(&found.credentials);
                                shadowed.push(ShadowedSource { source: also.source, same, incomplete: None });
                            }
                            Err(error) if error.kind() == ErrorKind::Incomplete => shadowed.extend(half(&error)),
                            _ => {}
                        }
                    }
                    return Ok(Resolved { credentials: *found, shadowed });
                }
            }
        }
        Err(Error::not_found(reasons))
    }
}

impl fmt::Debug for CredentialChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.sources.iter().map(|source| source.name())).finish()
    }
}

/// The credentials that won, and who else had some.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Resolved {
    /// The winner.
    pub credentials: LoadedCredentials,
    /// Local sources after it that hold credentials as well, in order.
    pub shadowed: Vec<ShadowedSource>,
}

/// A source that also holds credentials and was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShadowedSource {
    /// The source.
    pub source: SourceLocation,
    /// It holds the very same token or key, so that it makes no difference which one is used.
    pub same: bool,
    /// It holds only half a pair: which half is there, and which is not.
    pub incomplete: Option<String>,
}

/// Half of an access key. KooCLI's file has other ways to be incomplete, such as a login that has ended.
fn half(error: &Error) -> Option<ShadowedSource> {
    let source = error.source_location()?.clone();
    let has_pairs = matches!(
        source,
        SourceLocation::SdkVariables | SourceLocation::TerraformVariables | SourceLocation::Profile(_)
    );
    has_pairs.then(|| ShadowedSource { source, same: false, incomplete: Some(error.reason().to_owned()) })
}

impl fmt::Display for ShadowedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which = if self.same { "the same" } else { "other" };
        write!(f, "{which} credentials are not used: {}", self.source)?;
        match &self.incomplete {
            Some(what) => write!(f, ", where {what}"),
            None => Ok(()),
        }
    }
}
