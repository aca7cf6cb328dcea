//! The provider of a running client: credentials that expire or were refused are replaced, one request at a time.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use huaweicloud_auth::testing::FakeEnvironment;
use huaweicloud_auth::{
    CredentialSource, Credentials, CredentialsProvider, Environment, Error, ErrorKind, LoadFuture, LoadedCredentials,
    Lookup, Secret, SourceLocation, Token,
};

/// Returns tokens with consecutive numbers, and counts how often it is asked.
#[derive(Clone, Default)]
struct Numbered {
    asked: Arc<AtomicU32>,
    lifetime: Option<Duration>,
    is_stubborn: bool,
    fails: Arc<AtomicBool>,
}

impl CredentialSource for Numbered {
    fn name(&self) -> String {
        "numbered".to_owned()
    }

    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(async {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            if self.fails.load(Ordering::SeqCst) {
                let location = SourceLocation::Other(self.name());
                return Err(Error::new(ErrorKind::Unavailable, location, format!("failure {number}"), ""));
            }
            let number = if self.is_stubborn { 0 } else { number };
            let credentials = Credentials::token(Token::new(Secret::new(format!("token-{number}"))).unwrap());
            let expires_at = self.lifetime.map(|lifetime| env.now() + lifetime);
            let location = SourceLocation::Other(self.name());
            Ok(LoadedCredentials::new(credentials, location).with_expiry(expires_at).into())
        })
    }
}

impl Numbered {
    fn provider(&self) -> CredentialsProvider {
        CredentialsProvider::refreshing_from(Arc::new(self.clone()), Arc::new(FakeEnvironment::new()), None)
    }

    fn living(seconds: u64) -> Self {
        Self { lifetime: Some(Duration::from_secs(seconds)), ..Self::default() }
    }

    fn provider_at(&self, clock: &FakeEnvironment) -> CredentialsProvider {
        CredentialsProvider::refreshing_from(Arc::new(self.clone()), Arc::new(clock.clone()), None)
    }

    fn set_failing(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn requests_at_the_same_time_share_one_load() {
    let source = Numbered::living(3600);
    let provider = source.provider();
    let (a, b, c) = tokio::join!(provider.current(), provider.current(), provider.current());
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(source.asked(), 1);
}

async fn number(provider: &CredentialsProvider) -> String {
    match &*provider.current().await.unwrap().unwrap() {
        Credentials::Token { token, .. } => token.expose().to_owned(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn shortly_before_they_expire_credentials_are_loaded_again() {
    // The margin is 5 minutes, and half the lifetime of credentials that live for less than 10.
    for (lifetime, renewed_after) in [(3600, 55 * 60), (601, 301), (480, 240), (2, 1)] {
        let (source, clock) = (Numbered::living(lifetime), FakeEnvironment::new());
        let provider = source.provider_at(&clock);
        assert_eq!(number(&provider).await, "token-0");
        clock.advance(Duration::from_secs(renewed_after - 1));
        assert_eq!(number(&provider).await, "token-0", "{lifetime}");
        clock.advance(Duration::from_secs(1));
        assert_eq!(number(&provider).await, "token-1", "{lifetime}");
    }
}

#[tokio::test]
async fn credentials_that_live_for_less_than_the_margin_are_not_loaded_for_each_request() {
    // With a lifetime of zero, the clock of the machine is ahead.
    for lifetime in [8 * 60, 60, 1, 0] {
        let source = Numbered::living(lifetime);
        let provider = source.provider();
        for _ in 0..100 {
            provider.current().await.unwrap();
        }
        assert_eq!(source.asked(), 1, "{lifetime}");
    }
}

#[tokio::test]
async fn after_a_failed_renewal_valid_credentials_are_used() {
    let (source, clock) = (Numbered::living(3600), FakeEnvironment::new());
    let provider = source.provider_at(&clock);
    assert_eq!(number(&provider).await, "token-0");
    source.set_failing(true);
    clock.advance(Duration::from_secs(55 * 60));
    for _ in 0..3 {
        assert_eq!(number(&provider).await, "token-0");
    }
    assert_eq!(source.asked(), 2, "the source is asked again after a minute");
    clock.advance(Duration::from_secs(60));
    assert_eq!(number(&provider).await, "token-0");
    assert_eq!(source.asked(), 3);
    source.set_failing(false);
    clock.advance(Duration::from_secs(60));
    assert_eq!(number(&provider).await, "token-3");
    // Expired credentials are not used.
    source.set_failing(true);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(provider.current().await.unwrap_err().to_string(), "numbered: failure 4");
}

#[tokio::test]
async fn requests_that_wait_for_a_load_share_its_failure() {
    let source = Numbered::default();
    source.set_failing(true);
    let provider = source.provider();
    let (a, b, c) = tokio::join!(provider.current(), provider.current(), provider.current());
    for failed in [a, b, c] {
        assert_eq!(failed.unwrap_err().to_string(), "numbered: failure 0");
    }
    assert_eq!(provider.current().await.unwrap_err().to_string(), "numbered: failure 1");
    source.set_failing(false);
    assert!(provider.current().await.is_ok());
}

#[tokio::test]
async fn refused_credentials_are_replaced_once_for_all_requests_that_used_them() {
    let source = Numbered::default();
    let provider = source.provider();
    let first = provider.current().await.unwrap().unwrap();
    let (a, b) = tokio::join!(provider.replace(&first), provider.replace(&first));
    let (a, b) = (a.unwrap().unwrap(), b.unwrap().unwrap());
    assert!(a.secret_eq(&b) && !a.secret_eq(&first));
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn refused_credentials_are_not_kept_when_the_source_returns_them_again() {
    let source = Numbered { is_stubborn: true, ..Numbered::default() };
    let provider = source.provider();
    let first = provider.current().await.unwrap().unwrap();
    assert!(provider.replace(&first).await.unwrap().unwrap().secret_eq(&first));
    provider.current().await.unwrap();
    assert_eq!(source.asked(), 3);
}

/// Has no credentials, for a reason that is an error of another crate.
struct Empty;

impl CredentialSource for Empty {
    fn name(&self) -> String {
        "empty".to_owned()
    }

    fn load<'a>(&'a self, _env: &'a dyn Environment) -> LoadFuture<'a> {
        let location = SourceLocation::Other(self.name());
        let error = Error::other(location, std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
        Box::pin(std::future::ready(Ok(Lookup::not_found_because(error))))
    }
}

#[tokio::test]
async fn the_error_of_another_crate_comes_back() {
    let error = CredentialsProvider::refreshing(Empty).current().await.unwrap_err();
    assert_eq!(error.to_string(), "empty: connection refused");
    assert!(error.source_as::<std::fmt::Error>().is_none());
    assert_eq!(error.source_as::<std::io::Error>().unwrap().kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn anonymous_requests_have_no_credentials() {
    let provider = CredentialsProvider::anonymous();
    assert!(provider.current().await.unwrap().is_none());
    assert!(provider.credentials().await.unwrap_err().is_not_found());
}
