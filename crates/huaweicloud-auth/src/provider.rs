//! Credentials of a running client: none, fixed ones, or ones that are loaded again before they expire.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use futures_util::lock::Mutex;

use crate::credential_source::{CredentialSource, load_credentials};
use crate::credentials::Credentials;
use crate::credentials::LoadedCredentials;
use crate::environment::{Environment, OsEnvironment};
use crate::error::{Error, ErrorKind};
use crate::source_location::SourceLocation;

/// Supplies a client with credentials, one request after the other. Cheap to clone; clones share what was loaded.
#[derive(Clone, Debug)]
pub struct CredentialsProvider(Kind);

/// Requests share their credentials: a token may have 32,768 characters, and each copy is wiped.
#[derive(Clone)]
enum Kind {
    Anonymous,
    Static(Arc<Credentials>),
    Refreshing(Arc<Refreshing>),
}

/// A source and what it returned last. The lock is held while the source is asked, so that there is one request at a
/// time.
struct Refreshing {
    source: Arc<dyn CredentialSource>,
    env: Arc<dyn Environment>,
    cached: Mutex<Option<Cached>>,
}

struct Cached {
    credentials: Arc<Credentials>,
    expires_at: Option<SystemTime>,
}

impl CredentialsProvider {
    /// Always supplies these credentials.
    #[must_use]
    pub fn from_static(credentials: Credentials) -> Self {
        Self(Kind::Static(Arc::new(credentials)))
    }

    /// Supplies no credentials, to find out whether a service responds at all.
    #[must_use]
    pub fn anonymous() -> Self {
        Self(Kind::Anonymous)
    }

    /// Supplies the credentials of this source.
    ///
    /// The source is asked when credentials are first needed, and again when they are about to expire
    /// ([`CredentialSource::refresh_margin`]) or were refused by the service. Requests that wait for it share the
    /// result.
    #[must_use]
    pub fn refreshing(source: impl CredentialSource + 'static) -> Self {
        Self::refreshing_from(Arc::new(source), Arc::new(OsEnvironment), None)
    }

    /// Supplies the credentials of a source that reads this environment, beginning with those that are loaded already.
    #[must_use]
    pub fn refreshing_from(
        source: Arc<dyn CredentialSource>,
        env: Arc<dyn Environment>,
        loaded: Option<LoadedCredentials>,
    ) -> Self {
        let cached = Mutex::new(loaded.map(Cached::new));
        Self(Kind::Refreshing(Arc::new(Refreshing { source, env, cached })))
    }

    /// Returns the credentials if they are fixed.
    #[must_use]
    pub fn static_credentials(&self) -> Option<&Credentials> {
        match &self.0 {
            Kind::Static(credentials) => Some(credentials),
            Kind::Anonymous | Kind::Refreshing(_) => None,
        }
    }

    /// Returns a number that clones of this provider share, and that no other provider in use has.
    #[must_use]
    pub fn id(&self) -> usize {
        match &self.0 {
            Kind::Anonymous => 0,
            Kind::Static(credentials) => Arc::as_ptr(credentials).addr(),
            Kind::Refreshing(refreshing) => Arc::as_ptr(refreshing).addr(),
        }
    }

    /// Returns whether refused credentials can be replaced by new ones.
    #[must_use]
    pub fn can_refresh(&self) -> bool {
        matches!(&self.0, Kind::Refreshing(_))
    }

    /// Returns valid credentials, loaded if need be.
    ///
    /// # Errors
    /// The source's error. Anonymous providers have no credentials.
    pub async fn credentials(&self) -> Result<Credentials, Error> {
        match self.current().await? {
            Some(credentials) => Ok(Credentials::clone(&credentials)),
            None => Err(Error::new(ErrorKind::NotFound, SourceLocation::Explicit, "no credentials are configured", "")),
        }
    }

    /// Returns the credentials for a request; `None` if it is to be sent without any.
    ///
    /// # Errors
    /// The source's error.
    pub async fn current(&self) -> Result<Option<Arc<Credentials>>, Error> {
        self.get(None).await
    }

    /// Returns the credentials for a request after the service has refused these.
    ///
    /// The source is asked again, unless another request has done so since. It may return the same credentials if it
    /// has no others; a caller must not send them again, because repeated failures lock an access key.
    ///
    /// # Errors
    /// The source's error.
    pub async fn replace(&self, refused: &Credentials) -> Result<Option<Arc<Credentials>>, Error> {
        self.get(Some(refused)).await
    }

    async fn get(&self, refused: Option<&Credentials>) -> Result<Option<Arc<Credentials>>, Error> {
        match &self.0 {
            Kind::Anonymous => Ok(None),
            Kind::Static(credentials) => Ok(Some(Arc::clone(credentials))),
            Kind::Refreshing(refreshing) => refreshing.get(refused).await.map(Some),
        }
    }
}

impl Refreshing {
    async fn get(&self, refused: Option<&Credentials>) -> Result<Arc<Credentials>, Error> {
        let is_refused = |credentials: &Credentials| refused.is_some_and(|refused| refused.secret_eq(credentials));
        let mut cached = self.cached.lock().await;
        if let Some(cached) = &*cached {
            let margin = self.source.refresh_margin();
            let is_valid = cached.expires_at.is_none_or(|expires_at| self.env.now() + margin < expires_at);
            if is_valid && !is_refused(&cached.credentials) {
                return Ok(Arc::clone(&cached.credentials));
            }
        }
        let loaded = Cached::new(load_credentials(&*self.source, &*self.env).await?);
        let credentials = Arc::clone(&loaded.credentials);
        // What was refused is not kept: the next request asks the source first.
        *cached = (!is_refused(&credentials)).then_some(loaded);
        Ok(credentials)
    }
}

impl Cached {
    fn new(loaded: LoadedCredentials) -> Self {
        Self { credentials: Arc::new(loaded.credentials), expires_at: loaded.expires_at }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Static(credentials) => f.debug_tuple("Static").field(credentials).finish(),
            Self::Refreshing(refreshing) => f.debug_tuple("Refreshing").field(&refreshing.source.name()).finish(),
        }
    }
}
