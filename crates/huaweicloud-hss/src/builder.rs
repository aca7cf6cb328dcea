//! How a [`Client`] is set up: where to, with which credentials, over which HTTP client. All of it is checked before any call.

use std::sync::Arc;
use std::time::Duration;

use huaweicloud_auth::Secret;
use reqwest::redirect;
use url::{Host, Url};

use crate::api::limits::credentials::X_AUTH_TOKEN;
use crate::client::Client;
use crate::error::{Error, ErrorKind};

/// Sets up a [`Client`].
///
/// ```no_run
/// use huaweicloud_hss::{Client, Secret};
///
/// # fn token() -> String { String::new() }
/// let client = Client::builder()
///     .endpoint("https://hss.cn-north-4.myhuaweicloud.com")
///     .token(Secret::new(token()))
///     .build()?;
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    endpoint: Option<String>,
    token: Option<Secret>,
    http: Option<reqwest::Client>,
    allow_http: bool,
    connect_timeout: Duration,
    attempt_timeout: Duration,
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            endpoint: None,
            token: None,
            http: None,
            allow_http: false,
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(60),
        }
    }

    /// Where the service is: scheme, host and, where needed, port and path. Mandatory.
    ///
    /// Plain http is taken for loopback addresses only, unless [`ClientBuilder::allow_http`] says otherwise.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// The IAM user token, scoped to the project: 1 to 32,768 visible ASCII characters (page, table 3). Mandatory.
    pub fn token(mut self, token: Secret) -> Self {
        self.token = Some(token);
        self
    }

    /// Sends over this HTTP client instead of one of our own.
    ///
    /// Build it with `redirect::Policy::none()`: a redirect that is followed carries the token to another host, and can make a
    /// refused call look like a success (design trap P17). Whether it was cannot be seen from here. The time-outs of this
    /// builder then have no effect.
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// Takes a plain http endpoint that is not a loopback address. The token then travels in the clear.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }

    /// The longest wait for a connection. Default 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The longest wait for one attempt, from connecting to the end of the answer. Default 60 seconds.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Checks everything and builds the client. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for an endpoint or a token that cannot be used, [`ErrorKind::Setup`] when TLS cannot be set
    /// up, for example because the system has no CA certificates.
    pub fn build(self) -> Result<Client, Error> {
        let given = self.endpoint.ok_or_else(|| Error::invalid_input("no endpoint was given"))?;
        let endpoint = endpoint(&given, self.allow_http)?;
        let token = self.token.ok_or_else(|| Error::invalid_input("no token was given"))?;
        check_token(token.expose())?;
        let http = match self.http {
            Some(http) => http,
            None => http_client(&endpoint, self.connect_timeout, self.attempt_timeout)?,
        };
        // The generated client puts its paths behind this text.
        let base = endpoint.as_str().trim_end_matches('/').to_owned();
        Ok(Client::new(base, http, Arc::new(token)))
    }
}

/// Checks an endpoint and brings it into one form.
fn endpoint(given: &str, allow_http: bool) -> Result<Url, Error> {
    let refuse = |why: &str| Error::invalid_input(format!("endpoint {given:?} {why}"));
    let url = Url::parse(given).map_err(|error| refuse(&format!("is not a URL: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        // Not repeated: it holds a password.
        return Err(Error::invalid_input(
            "the endpoint has a user name or password in it: give credentials in their own place",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("has a query or a fragment"));
    }
    match url.scheme() {
        "https" if cfg!(feature = "tls") => Ok(url),
        "https" => Err(Error::new(
            ErrorKind::Setup,
            "this program was built without TLS, so https endpoints cannot be reached",
        )
        .with_help("Switch on one of the features rustls-ring, rustls-aws-lc and native-tls.")),
        "http" if allow_http || is_loopback(&url) => Ok(url),
        "http" => Err(refuse("is plain http to another machine, which would show the token to the network: use https")),
        _ => Err(refuse("is neither https nor http")),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn check_token(token: &str) -> Result<(), Error> {
    X_AUTH_TOKEN.check_text(token)?;
    if token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Error::invalid_input("the token has spaces, line ends or characters outside ASCII in it: give the token alone"))
}

/// An HTTP client that follows no redirect (P17), and asks no proxy for a loopback address.
fn http_client(endpoint: &Url, connect_timeout: Duration, attempt_timeout: Duration) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(connect_timeout)
        .timeout(attempt_timeout)
        .user_agent(concat!("huaweicloud-hss-rust/", env!("CARGO_PKG_VERSION")));
    if is_loopback(endpoint) {
        builder = builder.no_proxy();
    }
    // Plain http to this machine is the one case in which no TLS can be met, not even a proxy's.
    builder = crate::tls::configure(builder, endpoint.scheme() == "https" || !is_loopback(endpoint))?;
    builder.build().map_err(|error| Error::new(ErrorKind::Setup, "the HTTP client cannot be set up").with_source(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(endpoint: &str) -> Result<Client, Error> {
        Client::builder().endpoint(endpoint).token(Secret::new("t".to_owned())).build()
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
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
            assert!(error.to_string().contains("is plain http to another machine"), "{error}");
            let allowed =
                Client::builder().endpoint(endpoint).token(Secret::new("t".to_owned())).allow_http(true).build();
            assert!(allowed.is_ok(), "{endpoint}");
        }
    }

    #[test]
    fn an_endpoint_that_is_none_is_named() {
        for (endpoint, part) in [
            ("", "is not a URL"),
            ("hss.cn-north-4.myhuaweicloud.com", "is not a URL"),
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
    fn a_token_at_and_past_each_edge() {
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
            let built = Client::builder().endpoint("http://127.0.0.1:1").token(Secret::new(token)).build();
            assert_eq!(built.is_ok(), fine, "a token of {length} bytes: {:?}", built.err());
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Client::builder().token(Secret::new("t".to_owned())).build().unwrap_err();
        assert_eq!(error.to_string(), "no endpoint was given");
        let error = Client::builder().endpoint("http://127.0.0.1:1").build().unwrap_err();
        assert_eq!(error.to_string(), "no token was given");
    }
}
