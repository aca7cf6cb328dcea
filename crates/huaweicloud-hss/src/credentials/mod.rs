//! Where a client's credentials come from while it runs: fixed ones, or such that expire and are fetched anew.

mod ecs_metadata;
mod iam_password;
mod resolver;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use huaweicloud_auth::Credentials;
use tokio::sync::Mutex;

use crate::call::now;
use crate::error::{Error, ErrorKind};

pub use ecs_metadata::EcsMetadata;
pub use iam_password::IamPassword;
pub use resolver::{CredentialsResolver, MetadataEndpoint, ResolvedCredentials};

/// Gives a client its credentials for each attempt. Cheap to clone; clones share what was fetched.
#[derive(Clone, Debug)]
pub struct CredentialsProvider(pub(crate) Provider);

impl CredentialsProvider {
    /// These credentials, as long as the client lives.
    #[must_use]
    pub fn from_static(credentials: Credentials) -> Self {
        Self(Provider::Fixed(Arc::new(credentials)))
    }

    /// No credentials: calls go out without any, to see whether somebody answers.
    #[must_use]
    pub fn anonymous() -> Self {
        Self(Provider::None)
    }

    /// Tokens for a password, fetched from IAM and renewed ten minutes before they expire.
    #[must_use]
    pub fn iam_password(source: IamPassword) -> Self {
        Self(Provider::renewing(source, Duration::from_secs(10 * 60)))
    }

    /// Temporary keys of the server this program runs on, renewed when less than 40 minutes remain (facts, section 5).
    #[must_use]
    pub fn ecs_metadata(source: EcsMetadata) -> Self {
        Self(Provider::renewing(source, Duration::from_secs(40 * 60)))
    }

    /// Credentials that can be used now, fetched if need be.
    ///
    /// # Errors
    /// Whatever keeps the source from giving any.
    pub async fn credentials(&self) -> Result<Credentials, Error> {
        let credentials = self.0.get(None).await?;
        let credentials = credentials.ok_or_else(|| Error::new(ErrorKind::Credentials, "there are no credentials"))?;
        Ok(Credentials::clone(&credentials))
    }
}

/// Credentials that may be none, stay, or expire. Attempts share them: a token may have 32,768 characters, and each copy is wiped.
#[derive(Clone)]
pub(crate) enum Provider {
    /// For calls that need none.
    None,
    Fixed(Arc<Credentials>),
    Renewing(Arc<Renewing>),
}

/// What is fetched, and until when it is good.
pub(crate) struct Fresh {
    pub(crate) credentials: Credentials,
    pub(crate) expires_at: Option<SystemTime>,
}

pub(crate) type FetchFuture<'a> = Pin<Box<dyn Future<Output = Result<Fresh, Error>> + Send + 'a>>;

struct Held {
    credentials: Arc<Credentials>,
    expires_at: Option<SystemTime>,
}

/// A source that is asked over the network.
pub(crate) trait Fetch: Send + Sync {
    fn fetch(&self) -> FetchFuture<'_>;
}

/// Fetched credentials with their expiry. The lock is held while they are fetched, so that there is one renewal at a time.
pub(crate) struct Renewing {
    source: Box<dyn Fetch>,
    margin: Duration,
    held: Mutex<Option<Held>>,
}

impl Provider {
    pub(crate) fn renewing(source: impl Fetch + 'static, margin: Duration) -> Self {
        Self::Renewing(Arc::new(Renewing { source: Box::new(source), margin, held: Mutex::new(None) }))
    }

    /// Whether refused credentials can be replaced by new ones.
    pub(crate) fn can_renew(&self) -> bool {
        matches!(self, Self::Renewing(_))
    }

    /// Credentials for the next attempt; never the `rejected` ones where new ones can be had.
    pub(crate) async fn get(&self, rejected: Option<&Credentials>) -> Result<Option<Arc<Credentials>>, Error> {
        match self {
            Self::None => Ok(None),
            Self::Fixed(credentials) => Ok(Some(Arc::clone(credentials))),
            Self::Renewing(renewing) => renewing.get(rejected).await.map(Some),
        }
    }
}

impl Renewing {
    async fn get(&self, rejected: Option<&Credentials>) -> Result<Arc<Credentials>, Error> {
        let mut held = self.held.lock().await;
        if let Some(held) = &*held {
            let good = held.expires_at.is_none_or(|expires_at| now() + self.margin < expires_at);
            // Another call may have renewed them while this one waited for the lock.
            let refused = rejected.is_some_and(|rejected| rejected.secret_eq(&held.credentials));
            if good && !refused {
                return Ok(Arc::clone(&held.credentials));
            }
        }
        let Fresh { credentials, expires_at } = self.source.fetch().await?;
        let credentials = Arc::new(credentials);
        *held = Some(Held { credentials: Arc::clone(&credentials), expires_at });
        Ok(credentials)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Fixed(credentials) => f.debug_tuple("Fixed").field(credentials).finish(),
            Self::Renewing(_) => f.write_str("Renewing(..)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use huaweicloud_auth::{Secret, Token};

    use super::*;

    /// Counts how often it was asked, and gives a token a number.
    struct Counting {
        asked: Arc<AtomicU32>,
        lifetime: Option<Duration>,
    }

    impl Fetch for Counting {
        fn fetch(&self) -> FetchFuture<'_> {
            Box::pin(async {
                let number = self.asked.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                let credentials = Credentials::token(Token::new(Secret::new(format!("token-{number}"))).unwrap());
                Ok(Fresh { credentials, expires_at: self.lifetime.map(|lifetime| now() + lifetime) })
            })
        }
    }

    fn counting(lifetime: Option<Duration>) -> (Provider, Arc<AtomicU32>) {
        let asked = Arc::new(AtomicU32::new(0));
        (Provider::renewing(Counting { asked: Arc::clone(&asked), lifetime }, Duration::from_secs(60)), asked)
    }

    #[tokio::test]
    async fn a_token_is_fetched_once_whoever_asks() {
        let (provider, asked) = counting(Some(Duration::from_secs(3600)));
        let (a, b, c) = tokio::join!(provider.get(None), provider.get(None), provider.get(None));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn shortly_before_it_expires_it_is_fetched_again() {
        let (provider, asked) = counting(Some(Duration::from_secs(59)));
        provider.get(None).await.unwrap();
        provider.get(None).await.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_refused_one_is_replaced_once_for_all_who_held_it() {
        let (provider, asked) = counting(None);
        let first = provider.get(None).await.unwrap().unwrap();
        let (a, b) = tokio::join!(provider.get(Some(&first)), provider.get(Some(&first)));
        assert!(a.unwrap().unwrap().secret_eq(&b.unwrap().unwrap()));
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }
}
