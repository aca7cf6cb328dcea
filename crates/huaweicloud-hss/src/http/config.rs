//! How calls go out: time-outs, retries, certificates, and the HTTP client underneath. Checked when a client is built.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use url::{Host, Url};

use crate::error::{Error, ErrorKind};
use crate::http::rate_limit::Rate;
use crate::http::retry::RetryPolicy;

/// Settings of the network, the same for the service itself and for the identity service.
///
/// Proxies come from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`); a loopback address is never asked for
/// through one.
#[derive(Clone, Debug)]
#[must_use]
pub struct HttpConfig {
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) allow_http: bool,
    pub(crate) rate: Arc<Rate>,
    ca_certificates: Option<Vec<u8>>,
    client: Option<reqwest::Client>,
}

impl Default for HttpConfig {
    /// 10 seconds to connect, 60 for an attempt, 120 for a call with its retries.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(60),
            timeout: Duration::from_secs(120),
            retry: RetryPolicy::default(),
            allow_http: false,
            rate: Arc::new(Rate::new(None)),
            ca_certificates: None,
            client: None,
        }
    }
}

impl HttpConfig {
    /// The longest wait for a connection. No effect with [`HttpConfig::with_http_client`].
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The longest wait for one attempt, from connecting to the end of the answer.
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// The longest wait for one call with all its attempts and the pauses between them.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often, and after which pauses, a call is tried again.
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// At most so many calls a second, retries and status questions included, over all clients that are built with clones of these
    /// settings. After the service said that there are too many, fewer go out for a while, with or without this.
    pub fn with_rate_limit(mut self, calls_a_second: f64) -> Self {
        self.rate = Arc::new(Rate::new(Some(calls_a_second)));
        self
    }

    /// Takes plain http endpoints that are no loopback addresses. Tokens then travel in the clear.
    pub fn with_plain_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }

    /// Trusts these CA certificates (PEM, one or more) beside the system's own.
    pub fn with_ca_certificates(mut self, pem: Vec<u8>) -> Self {
        self.ca_certificates = Some(pem);
        self
    }

    /// Sends over this HTTP client instead of one of our own.
    ///
    /// Build it with `redirect::Policy::none()`: a redirect that is followed carries the token to another host, and can make a
    /// refused call look like a success (design trap P17). An answer that came from another host than the one asked is refused
    /// afterwards, but by then the credentials have gone there.
    pub fn with_http_client(mut self, client: reqwest::Client) -> Self {
        self.client = Some(client);
        self
    }

    /// The HTTP client for this endpoint: it follows no redirect (P17) and repeats nothing by itself (P21).
    pub(crate) fn http_client(&self, endpoint: &Url) -> Result<reqwest::Client, Error> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout)
            .timeout(self.attempt_timeout)
            .user_agent(concat!("huaweicloud-hss-rust/", env!("CARGO_PKG_VERSION")));
        if is_loopback(endpoint) {
            builder = builder.no_proxy();
        } else {
            super::proxy::check(endpoint, &|name| std::env::var(name).ok())?;
        }
        // Plain http to this machine is the one case in which no TLS can be met, not even a proxy's.
        let tls_needed = endpoint.scheme() == "https" || !is_loopback(endpoint);
        builder = crate::http::tls::configure(builder, tls_needed, self.ca_certificates.as_deref())?;
        builder
            .build()
            .map_err(|error| Error::new(ErrorKind::Config, "the HTTP client cannot be set up").with_source(error))
    }

    /// The time limit of one attempt when so much is left of the call's, where it is not the HTTP client's own.
    pub(crate) fn limit(&self, left: Duration) -> Option<Duration> {
        let own = self.client.is_none() && left >= self.attempt_timeout;
        (!own).then(|| self.attempt_timeout.min(left.max(Duration::from_millis(1))))
    }

    /// Checks an endpoint as [`ClientBuilder::build`](crate::ClientBuilder::build) does, before there are credentials.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for what is no endpoint, [`ErrorKind::Config`] for https in a program without TLS.
    pub fn validate_endpoint(&self, given: &str) -> Result<(), Error> {
        self.endpoint(given).map(|_| ())
    }

    /// Checks an endpoint and brings it into one form.
    pub(crate) fn endpoint(&self, given: &str) -> Result<Url, Error> {
        // A URL's user part may be a password, and its query a token, so they are never repeated.
        let shown = given.split(['?', '#']).next().unwrap_or_default();
        let refuse = |why: &str| Error::invalid_input(format!("endpoint {shown:?} {why}"));
        if given.contains('@') {
            return Err(Error::invalid_input(
                "the endpoint has a user name or password in it: give credentials in their own place",
            ));
        }
        let url = Url::parse(given).map_err(|error| refuse(&format!("is not a URL: {error}")))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("has a query or a fragment"));
        }
        match url.scheme() {
            "https" if cfg!(feature = "tls") => Ok(url),
            "https" => {
                let what = "this program was built without TLS, so https endpoints cannot be reached";
                let help = "Switch on one of the features rustls-ring, rustls-aws-lc and native-tls.";
                Err(Error::new(ErrorKind::Config, what).with_help(help))
            }
            "http" if self.allow_http || is_loopback(&url) => Ok(url),
            "http" => Err(refuse(
                "is plain http to another machine, which would show the credentials to the network: use https",
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
    fn an_attempt_has_a_limit_of_its_own_where_less_is_left_or_the_client_is_not_ours() {
        let second = Duration::from_secs(1);
        let network = HttpConfig::default().with_attempt_timeout(10 * second);
        for (left, limit) in [
            (11 * second, None),
            (10 * second, None),
            (9 * second, Some(9 * second)),
            (Duration::ZERO, Some(Duration::from_millis(1))),
        ] {
            assert_eq!(network.limit(left), limit, "{left:?}");
        }
        // A client of reqwest's is made with TLS or panics (P18), so it gets ours.
        let theirs = network.http_client(&Url::parse("http://127.0.0.1:1").unwrap()).unwrap();
        let network = network.with_http_client(theirs);
        assert_eq!(network.limit(11 * second), Some(10 * second));
    }

    #[test]
    fn what_stands_behind_an_endpoint_is_not_repeated() {
        for given in ["https://x/?token=geheim", "https://x/#geheim", "no url?token=geheim", "http://x.example?geheim"]
        {
            let error = HttpConfig::default().validate_endpoint(given).unwrap_err().to_string();
            assert!(!error.contains("geheim"), "{error}");
        }
        let error = HttpConfig::default().validate_endpoint("https://x/?token=geheim").unwrap_err().to_string();
        assert_eq!(error, "endpoint \"https://x/\" has a query or a fragment");
    }
}
