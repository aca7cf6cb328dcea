//! How requests are sent: timeouts, retries, rate limit, certificates, and the HTTP client. Checked when a client is
//! built.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use url::{Host, Url};

use super::call_options::CallOptions;
use super::gate::Gates;
use super::rate_limit::RateLimiters;
use super::rate_limit::rate::RateLimit;
use super::retry::RetryPolicy;
use super::{proxy, tls};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};

/// Configures how requests are sent, to HSS as well as to IAM and EPS.
///
/// Proxies are read from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`). Requests to a loopback
/// address never use one.
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
    /// Sets the time limit for connecting: 10 seconds by default, and at most half of that for an attempt. It has no effect on a client that is set with
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
    pub fn with_ca_certificates(mut self, pem: Vec<u8>) -> Self {
        self.ca_certificates = Some(pem);
        self
    }

    /// Sends requests with this HTTP client, which has its own proxies and certificates.
    ///
    /// Build it with `redirect::Policy::none()`: following a redirect sends the token to another host, and can make a
    /// refused call look like a success. A response from another host is an error, but by then that host has the
    /// credentials. `examples/own_http_client.rs` shows a complete client.
    pub fn with_http_client(mut self, client: reqwest::Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Returns the HTTP client for this endpoint. It follows no redirect (`docs/design/generator-traps.md#p17`) and
    /// retries nothing by itself (`docs/design/generator-traps.md#p21`).
    pub(crate) fn http_client(&self, endpoint: &Url) -> Result<reqwest::Client, Error> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let limits = [Some(self.attempt_timeout), self.call_options.timeout, Some(self.retry.time_limit())];
        let longest_attempt = limits.into_iter().flatten().min().unwrap_or_default();
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // If connecting could take all of an attempt's time, nobody would know whether the request was sent.
            .connect_timeout(self.connect_timeout.min(longest_attempt / 2))
            .timeout(self.attempt_timeout)
            .user_agent(concat!("huaweicloud-hss-rust/", env!("CARGO_PKG_VERSION")));
        if is_loopback(endpoint) {
            builder = builder.no_proxy();
        } else {
            proxy::check(endpoint, &|name| std::env::var(name).ok())?;
        }
        // Only plain http to this machine is certain to need no TLS: a proxy may need it as well.
        let tls_needed = endpoint.scheme() == "https" || !is_loopback(endpoint);
        builder = tls::configure(builder, tls_needed, self.ca_certificates.as_deref())?;
        builder
            .build()
            .map_err(|error| Error::new(ErrorKind::Config, "the HTTP client cannot be set up").with_source(error))
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
        if endpoint.contains('@') {
            return Err(Error::invalid_input(
                "the endpoint contains a user name or password: pass the credentials separately",
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
            "http" => Err(refuse(
                "uses plain http to another machine, which exposes the credentials to the network: use https",
            )),
            _ => Err(refuse("is neither https nor http")),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_an_endpoint_is_not_printed() {
        for given in ["https://x/?token=geheim", "https://x/#geheim", "no url?token=geheim", "http://x.example?geheim"]
        {
            let error = HttpConfig::default().validate_endpoint(given).unwrap_err().to_string();
            assert!(!error.contains("geheim"), "{error}");
        }
        let error = HttpConfig::default().validate_endpoint("https://x/?token=geheim").unwrap_err().to_string();
        assert_eq!(error, "endpoint \"https://x/\" has a query or a fragment");
    }
}
