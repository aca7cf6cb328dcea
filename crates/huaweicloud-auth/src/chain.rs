//! The order in which sources are asked, which one wins, and what is reported about the others.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::credential_source::{CredentialSource, Lookup, ShadowedSource, load_credentials};
use crate::credentials::LoadedCredentials;
use crate::environment::{Environment, RecordingEnvironment};
use crate::error::Error;
use crate::provider::CredentialsProvider;
use crate::source::{AccessKeyVariablesSource, KooCliSource, ProfileSource, TokenFileSource, TokenVariableSource};
use crate::source_location::SourceLocation;

/// An ordered list of sources.
///
/// ```
/// use huaweicloud_auth::{CredentialChain, SourceLocation, testing::FakeEnvironment};
///
/// let env = FakeEnvironment::new()
///     .with_var("HW_AUTH_TOKEN", "example-token")
///     .with_var("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001")
///     .with_var("HUAWEICLOUD_SDK_SK", "example-secret");
/// let resolved = CredentialChain::default_chain(None).resolve_now(&env).unwrap()?;
/// assert_eq!(resolved.location, SourceLocation::TokenVariable);
/// assert_eq!(resolved.shadowed[0].location, SourceLocation::SdkVariables);
/// # Ok::<(), huaweicloud_auth::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct CredentialChain {
    sources: Vec<Arc<dyn CredentialSource>>,
    skipped_ids: Vec<String>,
}

impl CredentialChain {
    /// Makes a chain without sources.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a chain of the local sources in the usual order: the given token file, HW_AUTH_TOKEN, the SDKs' variables,
    /// Terraform's variables, the profile file, KooCLI's file.
    #[must_use]
    pub fn default_chain(token_file: Option<PathBuf>) -> Self {
        Self::new()
            .push(TokenFileSource::new(token_file))
            .push(TokenVariableSource)
            .push(AccessKeyVariablesSource::SDK)
            .push(AccessKeyVariablesSource::TERRAFORM)
            .push(ProfileSource)
            .push(KooCliSource)
    }

    /// Adds a source that is asked after all others.
    #[must_use]
    pub fn push(mut self, source: impl CredentialSource + 'static) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    /// Adds a source that is asked before all others.
    #[must_use]
    pub fn push_front(mut self, source: impl CredentialSource + 'static) -> Self {
        self.sources.insert(0, Arc::new(source));
        self
    }

    /// Does not ask the sources with this [id](CredentialSource::id).
    #[must_use]
    pub fn skip(mut self, id: impl Into<String>) -> Self {
        self.skipped_ids.push(id.into());
        self
    }

    /// Returns the ids of the sources that can be skipped, in order.
    pub fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.sources.iter().map(|source| source.id()).filter(|id| !id.is_empty())
    }

    fn skips(&self, source: &dyn CredentialSource) -> bool {
        !source.id().is_empty() && self.skipped_ids.iter().any(|id| id == source.id())
    }

    /// Asks the sources as [`resolve`](Self::resolve) does, but does not wait: `None` if a source has to.
    pub fn resolve_now(&self, env: &dyn Environment) -> Option<Result<Resolved, Error>> {
        self.resolve(env).now_or_never()
    }

    /// Asks the sources in order; the first that has credentials wins.
    ///
    /// A source that is set up but broken ends the search, because what a user has set up must not be skipped silently.
    /// A file in its usual place that cannot be read is passed over and reported ([`Resolved::skipped`]). The sources
    /// after the winner are not asked, but may report that they are [shadowed](CredentialSource::shadowed_by).
    ///
    /// # Errors
    /// The broken source's own error, or one that lists every source with its reason.
    pub async fn resolve(&self, env: &dyn Environment) -> Result<Resolved, Error> {
        let env = &RecordingEnvironment::new(env);
        let mut reasons = Vec::new();
        let mut skipped = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            if self.skips(&**source) {
                reasons.push((source.name(), "skipped, as requested".to_owned()));
                continue;
            }
            let (source, location, summary, credentials) = match source.load(env).await? {
                Lookup::NotFound { reason, .. } => {
                    reasons.push((source.name(), reason));
                    continue;
                }
                Lookup::Skipped(error) => {
                    let name = error.source_location().map_or_else(|| source.name(), ToString::to_string);
                    reasons.push((name, error.advice()));
                    skipped.push(error);
                    continue;
                }
                Lookup::Found(loaded) => {
                    (Arc::clone(source), loaded.location.clone(), loaded.credentials.summary(), Some(*loaded))
                }
                Lookup::Deferred(deferred) => (deferred.source, deferred.location, deferred.summary, None),
            };
            let used = credentials.as_ref().map(|loaded| &loaded.credentials);
            let later = self.sources[index + 1..].iter().filter(|source| !self.skips(&**source));
            let shadowed = later.filter_map(|source| source.shadowed_by(used, env)).collect();
            let empty_variables = env.empty_variables();
            return Ok(Resolved { source, location, summary, credentials, shadowed, skipped, empty_variables });
        }
        Err(Error::not_found(reasons))
    }
}

impl fmt::Debug for CredentialChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.sources.iter().map(|source| source.name())).finish()
    }
}

/// The source that won, its credentials, and the sources that are not used.
#[derive(Clone)]
#[non_exhaustive]
pub struct Resolved {
    /// The source, which can be asked again.
    pub source: Arc<dyn CredentialSource>,
    /// Where the credentials come from.
    pub location: SourceLocation,
    /// What they are, in words that may be shown: `token`, `access key HPUA****`.
    pub summary: String,
    /// The credentials; `None` for a source that is only asked when they are first needed ([`Lookup::Deferred`]).
    pub credentials: Option<LoadedCredentials>,
    /// The sources after it that are set up as well, in order.
    pub shadowed: Vec<ShadowedSource>,
    /// The sources before it that cannot be read, in order.
    pub skipped: Vec<Error>,
    /// The variables that are set but empty, and so count as not set, in alphabetical order.
    pub empty_variables: Vec<String>,
}

impl Resolved {
    /// Returns the credentials, loaded if need be.
    ///
    /// # Errors
    /// The source's error, or the reason why it has no credentials.
    pub async fn load(self, env: &dyn Environment) -> Result<LoadedCredentials, Error> {
        match self.credentials {
            Some(loaded) => Ok(loaded),
            None => load_credentials(&*self.source, env).await,
        }
    }

    /// Returns what to report to the user, each as a sentence: [warnings](LoadedCredentials::warnings), sources that were
    /// skipped, sources that are not used, and empty variables.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        let warnings = self.credentials.iter().flat_map(|loaded| &loaded.warnings).map(ToString::to_string);
        let skipped = self.skipped.iter().map(|error| format!("skipped {error}"));
        let shadowed = self.shadowed.iter().map(ToString::to_string);
        let empty = self.empty_variables.iter().map(|name| empty_variable(name));
        warnings.chain(skipped).chain(shadowed).chain(empty)
    }

    /// Makes a provider of the credentials. It asks the source again in this environment, if the source
    /// [can refresh](CredentialSource::can_refresh) its credentials.
    #[must_use]
    pub fn into_provider(self, env: Arc<dyn Environment>) -> CredentialsProvider {
        match self.credentials {
            Some(loaded) if !self.source.can_refresh() => CredentialsProvider::from_static(loaded.credentials),
            loaded => CredentialsProvider::refreshing_from(self.source, env, loaded),
        }
    }
}

/// Returns the note on a variable that is set to an empty text.
#[must_use]
pub fn empty_variable(name: &str) -> String {
    format!("{name} is set but empty, so it is ignored")
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolved")
            .field("source", &self.source.name())
            .field("location", &self.location)
            .field("summary", &self.summary)
            .field("credentials", &self.credentials)
            .field("shadowed", &self.shadowed)
            .field("skipped", &self.skipped)
            .field("empty_variables", &self.empty_variables)
            .finish()
    }
}
