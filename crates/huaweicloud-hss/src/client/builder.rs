//! Sets up a [`Client`]: endpoint, credentials and HTTP configuration, all checked before a request is sent.

use huaweicloud_auth::{AccessKey, Credentials, CredentialsProvider, Secret, Token};

use crate::client::Client;
use crate::error::Error;
use crate::generated::hss::bounds::credentials::X_AUTH_TOKEN;
use crate::http::config::HttpConfig;
use crate::http::context::SigningScope;
use crate::http::executor::Executor;

/// Sets up a [`Client`].
///
/// ```no_run
/// use huaweicloud_hss::{Client, Secret};
///
/// # fn token() -> String { String::new() }
/// let client = Client::builder()
///     .with_endpoint("https://hss.cn-north-4.myhuaweicloud.com")
///     .with_token(Secret::new(token()))
///     .build()?;
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    endpoint: Option<String>,
    credentials: Option<Result<CredentialsProvider, Error>>,
    http_config: HttpConfig,
}

impl Client {
    /// Returns a builder.
    pub fn builder() -> ClientBuilder {
        ClientBuilder { endpoint: None, credentials: None, http_config: HttpConfig::default() }
    }
}

impl ClientBuilder {
    /// Sets the endpoint: scheme, host and, if needed, port and path. It is required; [`Region::hss_endpoint`] returns
    /// that of a region.
    ///
    /// Plain http is accepted for loopback addresses only, unless [`HttpConfig::with_plain_http`] allows it.
    ///
    /// [`Region::hss_endpoint`]: crate::Region::hss_endpoint
    pub fn with_endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Sets an IAM user token, scoped to the project: 1 to 32,768 visible ASCII characters.
    pub fn with_token(mut self, token: Secret) -> Self {
        self.credentials = Some(check_token(token).map(CredentialsProvider::from_static));
        self
    }

    /// Sets an access key, which signs each request.
    pub fn with_access_key(self, key: AccessKey) -> Self {
        self.with_credentials(CredentialsProvider::from_static(Credentials::access_key(key)))
    }

    /// Sets credentials of any kind, such as those that a [`CredentialsResolver`](crate::CredentialsResolver) found.
    pub fn with_credentials(mut self, provider: CredentialsProvider) -> Self {
        let valid = match provider.static_credentials() {
            Some(Credentials::Token { token, .. }) => X_AUTH_TOKEN.check_str(token.expose()),
            _ => Ok(()),
        };
        self.credentials = Some(valid.map(|()| provider));
        self
    }

    /// Sets timeouts, retries, certificates, or the program's own HTTP client.
    pub fn with_http_config(mut self, config: HttpConfig) -> Self {
        self.http_config = config;
        self
    }

    /// Checks everything and builds the client. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an endpoint or credentials that cannot be used,
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if TLS cannot be set up, for example because the system has no
    /// CA certificates.
    pub fn build(self) -> Result<Client, Error> {
        let Self { endpoint, credentials, http_config } = self;
        let endpoint = endpoint.ok_or_else(|| Error::invalid_input("no endpoint was given"))?;
        http_config.validate_endpoint(&endpoint)?;
        let provider = credentials.ok_or_else(|| Error::invalid_input("no credentials were given"))??;
        Ok(Client::new(Executor::new(&endpoint, http_config, provider, SigningScope::project_below)?))
    }
}

fn check_token(token: Secret) -> Result<Credentials, Error> {
    X_AUTH_TOKEN.check_str(token.expose())?;
    let token = Token::new(token).map_err(|error| Error::invalid_input(error.to_string()))?;
    Ok(Credentials::token(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn build(endpoint: &str) -> Result<Client, Error> {
        Client::builder().with_endpoint(endpoint).with_token(Secret::new("t".to_owned())).build()
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for endpoint in ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost/base/", "http://127.8.9.1"] {
            assert!(build(endpoint).is_ok(), "{endpoint}");
        }
        for endpoint in [
            "http://hss.cn-north-4.myhuaweicloud.com",
            "http://10.0.0.1",
            "http://127.0.0.1.example",
            "http://localhost.example",
        ] {
            let error = build(endpoint).unwrap_err();
            assert!(error.to_string().contains("uses plain HTTP to another machine"), "{error}");
            let allowed = Client::builder()
                .with_endpoint(endpoint)
                .with_token(Secret::new("t".to_owned()))
                .with_http_config(HttpConfig::default().with_plain_http(true))
                .build();
            assert!(allowed.is_ok(), "{endpoint}");
        }
    }

    #[test]
    fn an_invalid_endpoint_is_an_error() {
        for (endpoint, part) in [
            ("", "is empty"),
            ("https://", "is not a URL"),
            ("hss.cn-north-4.myhuaweicloud.com", "has no scheme: it begins with https://"),
            ("localhost:8080", "has no scheme"),
            ("ftp://x", "is neither https nor http"),
            ("https://x/?a=1", "has a query"),
            ("https://x/#a", "has a query or a fragment"),
        ] {
            let error = build(endpoint).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(part), "{error}");
        }
        let error = build("https://user:geheim@x").unwrap_err().to_string();
        assert!(error.contains("user name or password") && !error.contains("geheim"), "{error}");
    }

    #[test]
    fn a_token_has_1_to_32768_visible_ascii_characters() {
        for (token, fine) in [
            (String::new(), false),
            ("t".to_owned(), true),
            ("t".repeat(32_768), true),
            ("t".repeat(32_769), false),
            ("a b".to_owned(), false),
            ("a\n".to_owned(), false),
            ("ä".to_owned(), false),
        ] {
            let length = token.len();
            let built = Client::builder().with_endpoint("http://127.0.0.1:1").with_token(Secret::new(token)).build();
            assert_eq!(built.is_ok(), fine, "a token of {length} bytes: {:?}", built.err());
        }
    }

    #[test]
    fn the_error_names_what_is_missing() {
        let error = Client::builder().with_token(Secret::new("t".to_owned())).build().unwrap_err();
        assert_eq!(error.to_string(), "no endpoint was given");
        let error = Client::builder().with_endpoint("http://127.0.0.1:1").build().unwrap_err();
        assert_eq!(error.to_string(), "no credentials were given");
    }
}
