//! How requests are sent: timeouts, retries, rate limit, certificates, and the HTTP client. Checked when a client is
//! built.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use tracing::debug;
use url::{Host, Url};

use super::proxy::Proxy;
use super::rate_limit::RateLimiter;
use super::retry::RetryPolicy;
use super::tls;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};

/// How long an unused connection is kept. Servers and balancers close theirs after 2 seconds or more, and a request that
/// meets the end of its connection may have arrived.
const MAX_IDLE: Duration = Duration::from_secs(1);

/// Configures how requests are sent, to HSS as well as to IAM and EPS.
///
/// Proxies are read from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`), as programs written in
/// Go do. Requests to a loopback address never use one.
///
/// ```
/// use std::time::Duration;
/// use huaweicloud_hss::{Client, HttpConfig, RetryPolicy, Secret};
///
/// let config = HttpConfig::default()
///     .with_timeout(Duration::from_secs(30))
///     .with_rate_limit(5.0)
///     .with_retry(RetryPolicy::default().with_max_attempts(2));
/// let client = Client::builder()
///     .with_endpoint("http://localhost:8080")
///     .with_token(Secret::new("example-token".to_owned()))
///     .with_http_config(config)
///     .build()?;
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct HttpConfig {
    connect_timeout: Duration,
    attempt_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) retry: RetryPolicy,
    pub(super) rate_limiter: Arc<RateLimiter>,
    pub(super) clock: Clock,
    plain_http: bool,
    ca_certificates: Option<Vec<u8>>,
    client: Option<reqwest::Client>,
}

impl Default for HttpConfig {
    /// Allows 10 seconds to connect, 60 for an attempt, and 120 for a call with its retries.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(60),
            timeout: Duration::from_secs(120),
            retry: RetryPolicy::default(),
            rate_limiter: Arc::new(RateLimiter::new(None)),
            clock: Clock::default(),
            plain_http: false,
            ca_certificates: None,
            client: None,
        }
    }
}

impl HttpConfig {
    /// Sets the time limit for connecting, 10 seconds by default. It has no effect on a client that is set with
    /// [`HttpConfig::with_http_client`].
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the time limit for one attempt, from connecting to the end of the response. The default is 60 seconds.
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the time limit for a call with all its attempts and the delays between them. The default is 120 seconds.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how often, and after which delays, a call is retried.
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Limits the requests per second, including retries and status calls, of all clients that are built with clones of
    /// this configuration. The default is unlimited. When the service reports too many requests, fewer are sent for a
    /// while, with or without this limit.
    pub fn with_rate_limit(mut self, per_second: f64) -> Self {
        self.rate_limiter = Arc::new(RateLimiter::new(Some(per_second)));
        self
    }

    /// Accepts plain http endpoints on other machines. Tokens are then sent unencrypted.
    pub fn with_plain_http(mut self, allow: bool) -> Self {
        self.plain_http = allow;
        self
    }

    /// Trusts these CA certificates (PEM, one or more) in addition to those of the system. It has no effect on a client
    /// that is set with [`HttpConfig::with_http_client`].
    pub fn with_ca_certificates(mut self, pem: Vec<u8>) -> Self {
        self.ca_certificates = Some(pem);
        self
    }

    /// Sends requests with this HTTP client, which has its own proxies and certificates.
    ///
    /// Build it with `redirect::Policy::none()`: following a redirect sends the token to another host, and can make a
    /// refused call look like a success. A response from another host is an error, but by then that host has the
    /// credentials. Keep unused connections for a second at most, as this crate does: the outcome of a call that meets the
    /// end of its connection is unknown. `examples/own_http_client.rs` shows a complete client.
    pub fn with_http_client(mut self, client: reqwest::Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Returns the HTTP client for this endpoint. It follows no redirect (`docs/design/generator-traps.md#p17`) and
    /// retries nothing by itself (`docs/design/generator-traps.md#p21`).
    pub(super) fn http_client(&self, endpoint: &Url, proxy: Option<&Proxy>) -> Result<reqwest::Client, Error> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout)
            .timeout(self.attempt_timeout)
            .pool_idle_timeout(MAX_IDLE)
            .no_proxy()
            .user_agent(concat!("huaweicloud-hss-rust/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = proxy {
            builder = builder.proxy(proxy.to_client_proxy()?);
        }
        // The name keeps the addresses that it was checked with.
        if let Some(Host::Domain(name)) = endpoint.host()
            && is_below_localhost(name)
        {
            builder = builder.resolve_to_addrs(name, &addresses(endpoint));
        }
        // Only plain http to this machine is certain to need no TLS: a proxy may need it as well.
        let tls_needed = endpoint.scheme() == "https" || !is_loopback(endpoint);
        builder = tls::configure(builder, tls_needed, self.ca_certificates.as_deref())?;
        builder
            .build()
            .map_err(|error| Error::new(ErrorKind::Config, "the HTTP client cannot be set up").with_source(error))
    }

    /// Returns the proxy for this endpoint: none for a loopback address and for a client that the program brings.
    pub(super) fn find_proxy(&self, endpoint: &Url) -> Result<Option<Proxy>, Error> {
        if self.client.is_some() || is_loopback(endpoint) {
            return Ok(None);
        }
        let proxy =
            Proxy::find(endpoint, &|name| std::env::var_os(name).map(|text| text.to_string_lossy().into_owned()))?;
        if let Some(proxy) = &proxy {
            debug!(server.address = %endpoint, proxy = proxy.name(), "using a proxy");
        }
        Ok(proxy)
    }

    /// Returns which proxy requests to this endpoint use, and which environment variable names it. Its user name and
    /// password are left out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] or [`ErrorKind::Config`] for an endpoint or a proxy that cannot be used.
    pub fn proxy(&self, endpoint: &str) -> Result<Option<String>, Error> {
        let endpoint = self.parse_endpoint(endpoint)?;
        Ok(self.find_proxy(&endpoint)?.map(|proxy| proxy.name()))
    }

    /// Returns the time limit of an attempt when `left` remains for the call, or `None` if the HTTP client's own limit
    /// is sufficient.
    pub(super) fn attempt_limit(&self, left: Duration) -> Option<Duration> {
        let own = self.client.is_none() && left >= self.attempt_timeout;
        (!own).then(|| self.attempt_timeout.min(left.max(Duration::from_millis(1))))
    }

    /// Validates an endpoint as [`ClientBuilder::build`](crate::ClientBuilder::build) does, without credentials.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for an invalid endpoint, [`ErrorKind::Config`] for https in a program without TLS.
    pub fn validate_endpoint(&self, endpoint: &str) -> Result<(), Error> {
        self.parse_endpoint(endpoint).map(|_| ())
    }

    pub(crate) fn parse_endpoint(&self, endpoint: &str) -> Result<Url, Error> {
        // The user part of a URL may be a password, and the query a token: neither is printed.
        let shown = endpoint.split(['?', '#']).next().unwrap_or_default();
        let refuse = |why: &str| Error::invalid_input(format!("endpoint {shown:?} {why}"));
        if endpoint.contains('@') || endpoint.contains("%40") {
            return Err(Error::invalid_input(
                "the endpoint contains a user name or password: pass the credentials separately",
            ));
        }
        if endpoint.is_empty() {
            return Err(refuse("is empty"));
        }
        if !endpoint.contains("://") {
            return Err(refuse(
                "has no scheme: it begins with https://, as in https://hss.cn-north-4.myhuaweicloud.com",
            ));
        }
        let url = Url::parse(endpoint).map_err(|error| refuse(&format!("is not a URL: {error}")))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("has a query or a fragment"));
        }
        match url.scheme() {
            "https" if cfg!(feature = "tls") => Ok(url),
            "https" => {
                let what = "this program was built without TLS, so https endpoints cannot be reached";
                let help = "Build it with feature rustls-ring, rustls-aws-lc or native-tls.";
                Err(Error::new(ErrorKind::Config, what).with_help(help))
            }
            "http" if self.plain_http || is_loopback(&url) => Ok(url),
            "http" => {
                let error = refuse("uses plain HTTP to another machine, which exposes the credentials to the network");
                Err(error.with_help("Use https."))
            }
            _ => Err(refuse("is neither https nor http")),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain("localhost")) => true,
        Some(Host::Domain(name)) => is_below_localhost(name) && are_loopback(&addresses(url)),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Returns whether a name is reserved for this machine. A resolver may still ask a server for it.
fn is_below_localhost(name: &str) -> bool {
    name.trim_end_matches('.').ends_with(".localhost")
}

/// Returns the addresses of a URL's host; none if it has none.
fn addresses(url: &Url) -> Vec<SocketAddr> {
    url.socket_addrs(|| None).unwrap_or_default()
}

fn are_loopback(addresses: &[SocketAddr]) -> bool {
    !addresses.is_empty() && addresses.iter().all(|address| address.ip().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_below_localhost_is_this_machine_only_if_all_its_addresses_are() {
        let addresses = |list: &[&str]| list.iter().map(|address| address.parse().unwrap()).collect::<Vec<_>>();
        for (list, local) in [
            (&["127.0.0.1:80"][..], true),
            (&["127.0.0.5:80", "[::1]:80"], true),
            (&["192.0.2.1:80"], false),
            (&["127.0.0.1:80", "192.0.2.1:80"], false),
            (&[], false),
        ] {
            assert_eq!(are_loopback(&addresses(list)), local, "{list:?}");
        }
        for (name, below) in [("evil.localhost", true), ("evil.localhost.", true), ("notlocalhost", false)] {
            assert_eq!(is_below_localhost(name), below, "{name}");
        }
    }

    #[test]
    fn an_attempt_has_its_own_limit_if_less_time_is_left_or_the_program_brings_the_client() {
        let second = Duration::from_secs(1);
        let config = HttpConfig::default().with_attempt_timeout(10 * second);
        for (left, limit) in [
            (11 * second, None),
            (10 * second, None),
            (9 * second, Some(9 * second)),
            (Duration::ZERO, Some(Duration::from_millis(1))),
        ] {
            assert_eq!(config.attempt_limit(left), limit, "{left:?}");
        }
        // reqwest's own client panics without CA certificates (`docs/design/generator-traps.md#p18`), so this crate's
        // is used.
        let theirs = config.http_client(&Url::parse("http://127.0.0.1:1").unwrap(), None).unwrap();
        let config = config.with_http_client(theirs);
        assert_eq!(config.attempt_limit(11 * second), Some(10 * second));
    }

    #[test]
    fn the_query_of_an_endpoint_is_not_printed() {
        for given in [
            "https://x/?token=geheim",
            "https://x/#geheim",
            "no url?token=geheim",
            "http://x.example?geheim",
            "https:user:geheim%40h",
        ] {
            let error = HttpConfig::default().validate_endpoint(given).unwrap_err().to_string();
            assert!(!error.contains("geheim"), "{error}");
        }
        let error = HttpConfig::default().validate_endpoint("https://x/?token=geheim").unwrap_err().to_string();
        assert_eq!(error, "endpoint \"https://x/\" has a query or a fragment");
    }
}
