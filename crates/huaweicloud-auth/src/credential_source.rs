//! The trait of every credential source, local or over the network, and what a source returns.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::credentials::Credentials;
use crate::credentials::LoadedCredentials;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::source_location::SourceLocation;

/// The result of [`CredentialSource::load`], which may need to wait for the network.
pub type LoadFuture<'a> = Pin<Box<dyn Future<Output = Result<Lookup, Error>> + Send + 'a>>;

/// A source of credentials: environment variables, a file, a service, or anything else that a program implements.
///
/// Only [`name`](Self::name) and [`load`](Self::load) are needed:
///
/// ```
/// use huaweicloud_auth::{
///     CredentialSource, Credentials, Environment, LoadFuture, LoadedCredentials, Secret, SourceLocation, Token,
/// };
///
/// struct Vault;
///
/// impl CredentialSource for Vault {
///     fn name(&self) -> String {
///         "the company's vault".to_owned()
///     }
///
///     fn load<'a>(&'a self, _env: &'a dyn Environment) -> LoadFuture<'a> {
///         Box::pin(async {
///             let location = SourceLocation::Other(self.name());
///             let token = Token::new(Secret::new("a-token-from-the-vault".to_owned()))
///                 .map_err(|invalid| huaweicloud_auth::Error::invalid_value(location.clone(), "", invalid))?;
///             Ok(LoadedCredentials::new(Credentials::token(token), location).into())
///         })
///     }
/// }
/// # let chain = huaweicloud_auth::CredentialChain::new().push(Vault);
/// ```
pub trait CredentialSource: Send + Sync {
    /// Returns the name that is listed with a reason when no source has credentials.
    fn name(&self) -> String;

    /// Returns the short name by which a chain can [skip](crate::CredentialChain::skip) it. A source with an empty one
    /// cannot be skipped.
    fn id(&self) -> &'static str {
        ""
    }

    /// Looks for credentials. [`Lookup::NotFound`] and [`Lookup::Skipped`] make a chain ask its next source; an error
    /// ends the search.
    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a>;

    /// Returns whether a client whose chain chose this source asks it again when its credentials are about to expire or
    /// were refused. Otherwise it uses them for as long as it runs.
    fn can_refresh(&self) -> bool {
        true
    }

    /// Returns how long before their expiry its credentials are replaced.
    fn refresh_margin(&self) -> Duration {
        Duration::from_secs(5 * 60)
    }

    /// Returns what to report when an earlier source of a chain won although this one is set up as well.
    ///
    /// It must not use the network. `used` are the winner's credentials, if they are loaded already. By default,
    /// nothing is reported.
    fn shadowed_by(&self, used: Option<&Credentials>, env: &dyn Environment) -> Option<ShadowedSource> {
        let _ = (used, env);
        None
    }
}

impl<S: CredentialSource + ?Sized> CredentialSource for Arc<S> {
    fn name(&self) -> String {
        (**self).name()
    }

    fn id(&self) -> &'static str {
        (**self).id()
    }

    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a> {
        (**self).load(env)
    }

    fn can_refresh(&self) -> bool {
        (**self).can_refresh()
    }

    fn refresh_margin(&self) -> Duration {
        (**self).refresh_margin()
    }

    fn shadowed_by(&self, used: Option<&Credentials>, env: &dyn Environment) -> Option<ShadowedSource> {
        (**self).shadowed_by(used, env)
    }
}

/// What a source returns that does not end the search.
#[derive(Debug)]
#[non_exhaustive]
pub enum Lookup {
    /// It has credentials.
    Found(Box<LoadedCredentials>),
    /// It is set up, and its credentials are loaded when they are first needed.
    Deferred(DeferredCredentials),
    /// It has none: a chain asks its next source.
    NotFound {
        /// Why it has none.
        reason: String,
        /// The error behind the reason, for code that asks this source alone.
        cause: Option<Error>,
    },
    /// It cannot be read, and nobody named it: a chain asks its next source, and reports that it skipped this one.
    Skipped(Error),
}

impl Lookup {
    /// The source has no credentials, for this reason.
    #[must_use]
    pub fn not_found(reason: impl Into<String>) -> Self {
        Self::NotFound { reason: reason.into(), cause: None }
    }

    /// The source has no credentials because of this error, which does not end the search.
    #[must_use]
    pub fn not_found_because(cause: Error) -> Self {
        Self::NotFound { reason: cause.reason().to_owned(), cause: Some(cause) }
    }
}

impl From<LoadedCredentials> for Lookup {
    fn from(loaded: LoadedCredentials) -> Self {
        Self::Found(Box::new(loaded))
    }
}

impl From<DeferredCredentials> for Lookup {
    fn from(deferred: DeferredCredentials) -> Self {
        Self::Deferred(deferred)
    }
}

/// A source that is set up, but is only asked when its credentials are first needed.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeferredCredentials {
    /// The source to ask. Its own result must not be deferred again.
    pub source: Arc<dyn CredentialSource>,
    /// Where the credentials come from.
    pub location: SourceLocation,
    /// What they will be, in words that may be shown.
    pub summary: String,
}

impl DeferredCredentials {
    /// Defers to this source.
    #[must_use]
    pub fn new(source: impl CredentialSource + 'static, location: SourceLocation, summary: impl Into<String>) -> Self {
        Self { source: Arc::new(source), location, summary: summary.into() }
    }
}

impl fmt::Debug for DeferredCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredCredentials")
            .field("source", &self.source.name())
            .field("location", &self.location)
            .field("summary", &self.summary)
            .finish()
    }
}

/// Loads the credentials of one source.
///
/// # Errors
/// The source's error, or the reason why it has no credentials.
pub async fn load_credentials(
    source: &dyn CredentialSource,
    env: &dyn Environment,
) -> Result<LoadedCredentials, Error> {
    let mut lookup = source.load(env).await?;
    if let Lookup::Deferred(deferred) = lookup {
        lookup = deferred.source.load(env).await?;
    }
    let (reason, cause) = match lookup {
        Lookup::Found(loaded) => return Ok(*loaded),
        Lookup::NotFound { reason, cause } => (reason, cause),
        Lookup::Skipped(error) => return Err(error),
        Lookup::Deferred(_) => ("it defers to a source that defers again".to_owned(), None),
    };
    Err(cause.unwrap_or_else(|| Error::new(ErrorKind::NotFound, SourceLocation::Other(source.name()), reason, "")))
}

/// A source that is also set up and was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShadowedSource {
    /// Where its credentials are.
    pub location: SourceLocation,
    /// Whether it holds the very same token or key, so that it makes no difference which one is used.
    pub same: bool,
    /// What it lacks, if it holds only half a pair.
    pub incomplete: Option<String>,
}

impl ShadowedSource {
    /// A source whose credentials differ from the ones that are used, or are not known.
    #[must_use]
    pub fn new(location: SourceLocation) -> Self {
        Self { location, same: false, incomplete: None }
    }

    /// Sets whether it holds the very same token or key.
    #[must_use]
    pub fn with_same(mut self, same: bool) -> Self {
        self.same = same;
        self
    }

    /// Sets what it lacks.
    #[must_use]
    pub fn with_incomplete(mut self, what: impl Into<String>) -> Self {
        self.incomplete = Some(what.into());
        self
    }
}

impl fmt::Display for ShadowedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unused credentials found: {}", self.location)?;
        if self.same {
            f.write_str(" (the same as those in use)")?;
        }
        match &self.incomplete {
            Some(what) => write!(f, " ({what})"),
            None => Ok(()),
        }
    }
}
