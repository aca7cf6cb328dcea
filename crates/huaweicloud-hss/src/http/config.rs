//! How requests are sent: timeouts, retries, rate limit, certificates, and the HTTP client. Checked when a client is
//! built.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use tracing::debug;
use url::{Host, Url};

use super::call_options::CallOptions;
use super::connection::proxy::Proxy;
use super::connection::tls;
use super::gate::Gates;
use super::rate_limit::RateLimiters;
use super::rate_limit::rate::RateLimit;
use super::retry::RetryPolicy;
use crate::error::{Error, ErrorKind};
use crate::http::clock::Clock;

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
///     .with_rate_limit("5/min".parse()?)
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
    pub(super) attempt_timeout: Duration,
    /// For calls that have none of their own.
    pub(super) call_options: CallOptions,
    pub(super) retry: RetryPolicy,
    pub(super) rate_limiters: Arc<RateLimiters>,
    pub(super) gates: Arc<Gates>,
    pub(super) clock: Clock,
    plain_http: bool,
    ca_certificates: Option<Vec<u8>>,
    client: Option<reqwest::Client>,
}

impl Default for HttpConfig {
    /// Allows 10 seconds to connect, 60 for an attempt, and 120 for a call with all its waits and retries.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(60),
            call_options: CallOptions::default().with_timeout(Duration::from_secs(120)),
            retry: RetryPolicy::default(),
            rate_limiters: Arc::new(RateLimiters::new(None)),
            gates: Arc::default(),
            clock: Clock::default(),
            plain_http: false,
            ca_certificates: None,
            client: None,
        }
    }
}

impl HttpConfig {
    /// Sets the time limit for connecting: 10 seconds by default, and at most half of that for an attempt. It has no
    /// effect on a client that is set with [`HttpConfig::with_http_client`].
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the time limit for one attempt, from connecting to the end of the response. The default is 60 seconds.
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the time limit for a call: all waits for credentials and for its turn, all attempts and delays. The default
    /// is 120 seconds. See [`CallOptions::with_timeout`].
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.call_options.timeout = Some(timeout);
        self
    }

    /// Sets the limits in time of all calls that have none of their own. They replace the timeout.
    pub fn with_call_options(mut self, options: CallOptions) -> Self {
        self.call_options = options;
        self
    }

    /// Sets how long, and after which delays, a call is retried.
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Limits the calls, including retries, of each operation at each endpoint with the same credentials, over all
    /// clients that are built with clones of this configuration. The default is unlimited. Limits that the service
    /// reports are kept to, with or without this one.
    pub fn with_rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limiters = Arc::new(RateLimiters::new(Some(limit)));
        self
    }

    /// Accepts plain http endpoints on other machines. Tokens are then sent unencrypted.
    pub fn with_plain_http(mut self, allow: bool) -> Self {
        self.plain_http = allow;
        self
    }

    /// Trusts these CA certificates (PEM, one or more) in addition to those of the system. It has no effect on a client
    /// that is set with [`HttpConfig::with_http_client`].
    pub fn with_ca_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_certificates = Some(pem.into());
        self
    }

    /// Sends requests with this HTTP client ([`reqwest`](crate::reqwest) 0.13), which has its own proxies and certificates.
    ///
    /// Build it with [`HttpConfig::http_client_builder`]. With another builder, set `redirect::Policy::none()`: following
    /// a redirect sends the token to another host, and can make a refused call look like a success. A response from
    /// another host is an error, but by then that host has the credentials. Keep unused connections for a second at most,
    /// as this crate does: the outcome of a call that meets the end of its connection is unknown.
    pub fn with_http_client(mut self, client: reqwest::Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Returns a builder of an HTTP client as this crate uses it: TLS with the certificates of this configuration, no
    /// redirects, no retries, no proxy, time limits and user agent. Add a proxy or a resolver, and pass the client to
    /// [`HttpConfig::with_http_client`]. Certificates that are added to the builder may have no effect: use
    /// [`HttpConfig::with_ca_certificates`].
    ///
    /// ```no_run
    /// use huaweicloud_hss::{HttpConfig, reqwest};
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = HttpConfig::default().with_ca_certificates(std::fs::read("ca.pem")?);
    /// let proxy = reqwest::Proxy::all("http://proxy.example.com:3128")?;
    /// let client = config.http_client_builder()?.proxy(proxy).build()?;
    /// let config = config.with_http_client(client);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for invalid certificates, [`ErrorKind::Config`] if TLS cannot be set up.
    pub fn http_client_builder(&self) -> Result<reqwest::ClientBuilder, Error> {
        self.builder(true)
    }

    /// Returns a builder that follows no redirect (`docs/design/generator-traps.md#p17`) and retries nothing by itself
    /// (`docs/design/generator-traps.md#p21`).
    fn builder(&self, tls_needed: bool) -> Result<reqwest::ClientBuilder, Error> {
        let limits = [Some(self.attempt_timeout), self.call_options.timeout, Some(self.retry.time_limit())];
        let longest_attempt = limits.into_iter().flatten().min().unwrap_or_default();
        let builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // If connecting could take all of an attempt's time, nobody would know whether the request was sent.
            .connect_timeout(self.connect_timeout.min(longest_attempt / 2))
            .timeout(self.attempt_timeout)
            .pool_idle_timeout(MAX_IDLE)
            .no_proxy()
            .user_agent(concat!("huaweicloud-hss-rust/", env!("CARGO_PKG_VERSION")));
        tls::configure(builder, tls_needed, self.ca_certificates.as_deref())
    }

    /// Returns the HTTP client for this endpoint.
    pub(super) fn http_client(&self, endpoint: &Url, proxy: Option<&Proxy>) -> Result<reqwest::Client, Error> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        // Only plain http to this machine is certain to need no TLS: a proxy may need it as well.
        let mut builder = self.builder(endpoint.scheme() == "https" || !is_loopback(endpoint))?;
        if let Some(proxy) = proxy {
            builder = builder.proxy(proxy.to_client_proxy()?);
        }
        // The name keeps the addresses that it was checked with.
        if let Some(Host::Domain(name)) = endpoint.host()
            && is_below_localhost(name)
        {
            builder = builder.resolve_to_addrs(name, &addresses(endpoint));
        }
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

    /// Returns the least that has to be left of a time limit for an attempt to start.
    pub(super) fn attempt_floor(&self, limit: Duration) -> Duration {
        self.attempt_timeout.min(limit / 2)
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
