//! The provider of a running client: credentials that expire or were refused are replaced, one request at a time.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use huaweicloud_auth::testing::FakeEnvironment;
use huaweicloud_auth::{
    CredentialSource, Credentials, CredentialsProvider, Environment, Error, LoadFuture, LoadedCredentials, Lookup,
    Secret, SourceLocation, Token,
};

/// Returns tokens with consecutive numbers, and counts how often it is asked.
#[derive(Clone, Default)]
struct Numbered {
    asked: Arc<AtomicU32>,
    lifetime: Option<Duration>,
    is_stubborn: bool,
}

impl CredentialSource for Numbered {
    fn name(&self) -> String {
        "numbered".to_owned()
    }

    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(async {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
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

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn requests_at_the_same_time_share_one_load() {
    let source = Numbered { lifetime: Some(Duration::from_secs(3600)), ..Numbered::default() };
    let provider = source.provider();
    let (a, b, c) = tokio::join!(provider.current(), provider.current(), provider.current());
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(source.asked(), 1);
}

#[tokio::test]
async fn shortly_before_they_expire_credentials_are_loaded_again() {
    for (lifetime, asked) in [(5 * 60, 2), (5 * 60 + 1, 1)] {
        let source = Numbered { lifetime: Some(Duration::from_secs(lifetime)), ..Numbered::default() };
        let provider = source.provider();
        provider.current().await.unwrap();
        provider.current().await.unwrap();
        assert_eq!(source.asked(), asked, "{lifetime}");
    }
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
    let error = error.downcast::<std::fmt::Error>().unwrap_err();
    assert_eq!(error.downcast::<std::io::Error>().unwrap().kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn anonymous_requests_have_no_credentials() {
    let provider = CredentialsProvider::anonymous();
    assert!(provider.current().await.unwrap().is_none());
    assert!(provider.credentials().await.unwrap_err().is_not_found());
}
