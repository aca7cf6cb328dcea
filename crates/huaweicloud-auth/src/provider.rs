//! Credentials of a running client: none, fixed ones, or ones that are loaded again before they expire.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::lock::Mutex;
use tracing::warn;

use crate::credential_source::{CredentialSource, load_credentials};
use crate::credentials::Credentials;
use crate::credentials::LoadedCredentials;
use crate::environment::{Environment, OsEnvironment};
use crate::error::{Error, ErrorKind};
use crate::source_location::SourceLocation;

/// How long credentials that are still valid are used after a failed renewal, before the source is asked again.
const RENEWAL_PAUSE: Duration = Duration::from_secs(60);

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
    last: Mutex<Last>,
    /// How many requests have failed. It is read without the lock, by those that wait for a request.
    failures: AtomicU64,
}

/// What the source returned last.
#[derive(Default)]
struct Last {
    cached: Option<Cached>,
    error: Option<Error>,
}

struct Cached {
    credentials: Arc<Credentials>,
    validity: Option<Validity>,
}

/// How long credentials are used.
struct Validity {
    /// From now on they are renewed, but are used if that fails.
    renew_at: SystemTime,
    /// From now on they are not used.
    expires_at: SystemTime,
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
    /// result. If the source fails while credentials are still valid, they are used, and the source is asked again
    /// after a minute.
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
        let cached = loaded.map(|loaded| Cached::new(loaded, source.refresh_margin(), env.now()));
        let last = Mutex::new(Last { cached, error: None });
        Self(Kind::Refreshing(Arc::new(Refreshing { source, env, last, failures: AtomicU64::new(0) })))
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
        let failures = self.failures.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        let last = &mut *last;
        let now = self.env.now();
        let usable = last.cached.as_mut().filter(|cached| cached.is_valid(now) && !is_refused(&cached.credentials));
        if let Some(cached) = &usable
            && !cached.needs_renewal(now)
        {
            return Ok(Arc::clone(&cached.credentials));
        }
        if usable.is_none()
            && failures < self.failures.load(Ordering::SeqCst)
            && let Some(error) = &last.error
        {
            // The request that this one waited for has failed.
            return Err(error.clone());
        }
        match load_credentials(&*self.source, &*self.env).await {
            Ok(loaded) => {
                let loaded = Cached::new(loaded, self.source.refresh_margin(), self.env.now());
                let credentials = Arc::clone(&loaded.credentials);
                // What was refused is not kept: the next request asks the source first.
                last.cached = (!is_refused(&credentials)).then_some(loaded);
                Ok(credentials)
            }
            Err(error) => match usable {
                Some(cached) => {
                    warn!("credentials could not be renewed, and the current ones are used: {error}");
                    cached.renew_later(self.env.now());
                    Ok(Arc::clone(&cached.credentials))
                }
                None => {
                    self.failures.fetch_add(1, Ordering::SeqCst);
                    last.error = Some(error.clone());
                    Err(error)
                }
            },
        }
    }
}

impl Cached {
    fn new(loaded: LoadedCredentials, margin: Duration, now: SystemTime) -> Self {
        // New credentials that have expired show that this machine's clock is wrong: they are used until the service
        // refuses them.
        let validity = loaded.expires_at.and_then(|expires_at| {
            let lifetime = expires_at.duration_since(now).ok().filter(|lifetime| !lifetime.is_zero())?;
            // With a lifetime shorter than the margin, each request would renew them.
            Some(Validity { renew_at: expires_at - margin.min(lifetime / 2), expires_at })
        });
        Self { credentials: Arc::new(loaded.credentials), validity }
    }

    fn is_valid(&self, now: SystemTime) -> bool {
        self.validity.as_ref().is_none_or(|validity| now < validity.expires_at)
    }

    fn needs_renewal(&self, now: SystemTime) -> bool {
        self.validity.as_ref().is_some_and(|validity| now >= validity.renew_at)
    }

    fn renew_later(&mut self, now: SystemTime) {
        if let Some(validity) = &mut self.validity {
            validity.renew_at = now + RENEWAL_PAUSE;
        }
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
