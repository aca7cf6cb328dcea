//! A credential source of the program: asked again when its credentials expire or are rejected, and never in a loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use httpmock::{Mock, MockServer};
use huaweicloud_hss::auth::{self, CredentialSource, LoadFuture, LoadedCredentials, Lookup};
use huaweicloud_hss::testing::FakeEnvironment;
use huaweicloud_hss::{
    Client, Credentials, CredentialsProvider, CredentialsResolver, Environment, ErrorKind, MetadataEndpoint,
    ScanRequest, Secret, SourceLocation, Token,
};

use crate::{network, queue};

const SCANNED: &str = r#"{"error":"p-0 processed 1 tasks successfully."}"#;
const REFUSED: &str = r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated."}"#;

/// A vault that returns these tokens in order, and then the last one again and again.
#[derive(Clone)]
struct Vault {
    tokens: &'static [&'static str],
    lifetime: Option<Duration>,
    asked: Arc<AtomicUsize>,
}

impl CredentialSource for Vault {
    fn name(&self) -> String {
        "vault".to_owned()
    }

    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(async {
            let asked = self.asked.fetch_add(1, Ordering::SeqCst);
            // Long enough for concurrent requests to overlap here if nothing prevents it.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let Some(token) = self.tokens.get(asked).or(self.tokens.last()) else {
                return Ok(Lookup::not_found("it is empty"));
            };
            let credentials = Credentials::token(Token::new(Secret::new((*token).to_owned())).unwrap());
            let expires_at = self.lifetime.map(|lifetime| env.now() + lifetime);
            Ok(LoadedCredentials::new(credentials, location()).with_expiry(expires_at).into())
        })
    }
}

impl Vault {
    fn new(tokens: &'static [&'static str]) -> Self {
        Self { tokens, lifetime: None, asked: Arc::default() }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn location() -> SourceLocation {
    SourceLocation::Other("the company's vault".to_owned())
}

fn client(server: &MockServer, provider: CredentialsProvider) -> Client {
    Client::builder()
        .with_endpoint(server.base_url())
        .with_credentials(provider)
        .with_http_config(network())
        .build()
        .unwrap()
}

/// Mocks the response of HSS to a request with this token.
async fn hss<'a>(server: &'a MockServer, token: &str, status: u16, body: &str) -> Mock<'a> {
    server
        .mock_async(|when, then| {
            when.method("POST").header("X-Auth-Token", token);
            then.status(status).body(body);
        })
        .await
}

fn resolver(env: FakeEnvironment) -> CredentialsResolver {
    CredentialsResolver::default().with_environment(env).with_metadata_endpoint(MetadataEndpoint::Disabled)
}

fn env_with_key() -> FakeEnvironment {
    FakeEnvironment::new()
        .with_var("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001")
        .with_var("HUAWEICLOUD_SDK_SK", "example")
}

#[tokio::test]
async fn valid_credentials_are_loaded_once_for_all_calls() {
    let server = MockServer::start_async().await;
    let scans = hss(&server, "token-1", 200, SCANNED).await;
    let vault = Vault { lifetime: Some(Duration::from_secs(3600)), ..Vault::new(&["token-1", "token-2"]) };
    let client = client(&server, CredentialsProvider::refreshing(vault.clone()));
    let request = ScanRequest::all_hosts(queue());
    let (a, b) = tokio::join!(client.scan(&request), client.scan(&request));
    assert!(a.is_ok() && b.is_ok());
    client.scan(&request).await.unwrap();
    scans.assert_calls_async(3).await;
    assert_eq!(vault.asked(), 1);
}

#[tokio::test]
async fn credentials_that_are_about_to_expire_are_replaced() {
    let server = MockServer::start_async().await;
    let first = hss(&server, "token-1", 200, SCANNED).await;
    let second = hss(&server, "token-2", 200, SCANNED).await;
    let vault = Vault { lifetime: Some(Duration::from_secs(60)), ..Vault::new(&["token-1", "token-2"]) };
    let env = FakeEnvironment::new();
    let provider = CredentialsProvider::refreshing_from(Arc::new(vault), Arc::new(env.clone()), None);
    let client = client(&server, provider);
    for seconds in [29, 1, 0] {
        client.scan(&ScanRequest::all_hosts(queue())).await.unwrap();
        env.advance(Duration::from_secs(seconds));
    }
    first.assert_calls_async(2).await;
    second.assert_calls_async(1).await;
}

#[tokio::test]
async fn refused_credentials_are_replaced_by_one_load_for_all_calls() {
    let server = MockServer::start_async().await;
    let refused = hss(&server, "token-1", 401, REFUSED).await;
    let accepted = hss(&server, "token-2", 200, SCANNED).await;
    let vault = Vault::new(&["token-1", "token-2", "token-3"]);
    let client = client(&server, CredentialsProvider::refreshing(vault.clone()));
    let request = ScanRequest::all_hosts(queue());
    let (a, b) = tokio::join!(client.scan(&request), client.scan(&request));
    assert!(a.is_ok() && b.is_ok());
    refused.assert_calls_async(1).await;
    accepted.assert_calls_async(2).await;
    assert_eq!(vault.asked(), 2);
}

#[tokio::test]
async fn refused_credentials_that_the_source_returns_again_are_not_sent_again() {
    let server = MockServer::start_async().await;
    let refused = hss(&server, "token-1", 401, REFUSED).await;
    let vault = Vault::new(&["token-1"]);
    let client = client(&server, CredentialsProvider::refreshing(vault.clone()));
    let error = client.scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!((error.kind(), error.code(), error.attempts()), (ErrorKind::Credentials, Some("APIGW.0307"), 1));
    refused.assert_calls_async(1).await;
    assert_eq!(vault.asked(), 2);
}

#[tokio::test]
async fn the_resolver_asks_it_first_and_the_client_again() {
    let server = MockServer::start_async().await;
    let refused = hss(&server, "token-1", 401, REFUSED).await;
    let accepted = hss(&server, "token-2", 200, SCANNED).await;
    let vault = Vault::new(&["token-1", "token-2"]);
    let found = resolver(env_with_key()).with_source(vault.clone()).resolve().await.unwrap();
    assert_eq!((found.location, found.summary.as_str()), (location(), "token"));
    assert_eq!(
        found.notes,
        ["unused credentials found: environment variables HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"]
    );
    client(&server, found.provider).scan(&ScanRequest::all_hosts(queue())).await.unwrap();
    refused.assert_calls_async(1).await;
    accepted.assert_calls_async(1).await;
    assert_eq!(vault.asked(), 2);
}

#[tokio::test]
async fn without_credentials_the_next_source_is_asked() {
    let found = resolver(env_with_key()).with_source(Vault::new(&[])).resolve().await.unwrap();
    assert_eq!(found.location, SourceLocation::SdkVariables);
    let error = resolver(FakeEnvironment::new()).with_source(Vault::new(&[])).resolve().await.unwrap_err();
    assert!(error.to_string().starts_with("no credentials were found:\n  vault: it is empty\n"), "{error}");
    let error = CredentialsProvider::refreshing(Vault::new(&[])).credentials().await.unwrap_err();
    assert_eq!(error.to_string(), "vault: it is empty");
}

/// A vault that cannot be reached.
struct Unreachable;

impl CredentialSource for Unreachable {
    fn name(&self) -> String {
        "vault".to_owned()
    }

    fn load<'a>(&'a self, _env: &'a dyn Environment) -> LoadFuture<'a> {
        let cause = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let hint = "check that the vault is up";
        let error = auth::Error::new(auth::ErrorKind::Unavailable, location(), "it cannot be reached", hint);
        Box::pin(std::future::ready(Err(error.with_source(cause))))
    }
}

#[tokio::test]
async fn its_error_ends_the_search_and_keeps_its_cause() {
    let resolved = resolver(env_with_key()).with_source(Unreachable).resolve().await.unwrap_err();
    let server = MockServer::start_async().await;
    let client = client(&server, CredentialsProvider::refreshing(Unreachable));
    let called = client.scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    for error in [resolved, called] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unreachable, 0));
        assert_eq!(error.to_string(), "the company's vault: it cannot be reached; check that the vault is up");
        let mut cause = error.get_ref().map(|cause| cause as &dyn std::error::Error);
        while let Some(current) = cause
            && !current.is::<std::io::Error>()
        {
            cause = current.source();
        }
        assert!(cause.is_some(), "{error:?}");
    }
}
