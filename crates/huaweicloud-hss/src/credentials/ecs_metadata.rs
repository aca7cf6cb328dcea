//! Temporary keys of the cloud server that the program runs on, from its metadata service.

use std::time::{Duration, Instant};

use huaweicloud_auth::{
    self as auth, AccessKey, CredentialField, CredentialSource, Credentials, Environment, LoadFuture,
    LoadedCredentials, Lookup, Secret, SourceLocation, parse_rfc3339,
};
use reqwest::StatusCode;
use serde::Deserialize;
use tracing::warn;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
use crate::http::connection::tls;
use crate::http::executor::check_runtime;

/// The metadata address of every cloud server: link-local, plain http.
const ADDRESS: &str = "http://169.254.169.254";

/// How long to wait for a connection: on any other machine nothing responds at this address.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long to wait for each response.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// The delays before the second and later attempts.
const DELAYS: [Duration; 3] = [Duration::from_millis(200), Duration::from_millis(400), Duration::from_millis(800)];

/// No attempt begins later than this after the first one.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// The largest response that is read. The usual one has a few hundred bytes.
const BODY_LIMIT_BYTES: usize = 64 * 1024;

/// Temporary access keys of a cloud server's agency, from the metadata service of the server
/// (`docs/design/service-behaviour.md#server-metadata`).
///
/// It waits 1 second for a connection and 3 seconds for each response. If the service responds, but fails or closes the
/// connection, it is asked up to 4 times, within 5 seconds. Keys are replaced 40 minutes before they
/// expire.
#[derive(Clone, Debug)]
pub struct EcsMetadata {
    http: reqwest::Client,
    address: String,
}

#[derive(Deserialize)]
struct SecurityKey {
    credential: Keys,
}

#[derive(Deserialize)]
struct Keys {
    access: String,
    secret: String,
    securitytoken: String,
    expires_at: String,
}

impl EcsMetadata {
    pub(super) const NAME: &str = "metadata of the cloud server";

    /// The SDKs renew the keys at the same time.
    pub(super) const REFRESH_MARGIN: Duration = Duration::from_secs(40 * 60);

    /// Uses the metadata service of this server.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the HTTP client cannot be set up.
    pub fn new() -> Result<Self, Error> {
        Self::with_endpoint(ADDRESS)
    }

    /// Uses a metadata service at another address, for example that of a test.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the HTTP client cannot be set up.
    pub fn with_endpoint(address: impl Into<String>) -> Result<Self, Error> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ATTEMPT_TIMEOUT);
        let http = tls::configure(builder, false, None)?
            .build()
            .map_err(|error| Error::new(ErrorKind::Config, "the HTTP client cannot be set up").with_source(error))?;
        Ok(Self { http, address: address.into().trim_end_matches('/').to_owned() })
    }

    /// Returns the keys, after some attempts if need be.
    async fn keys(&self) -> Result<Keys, Error> {
        check_runtime()?;
        let started = Instant::now();
        let mut delays = DELAYS.into_iter();
        loop {
            let Failure { error, is_transient } = match self.attempt().await {
                Ok(keys) => return Ok(keys),
                Err(failure) => failure,
            };
            let delay = delays.next().filter(|delay| is_transient && started.elapsed() + *delay < TIME_LIMIT);
            let Some(delay) = delay else { return Err(error) };
            warn!("asking the metadata service again after a delay: {error}");
            tokio::time::sleep(delay).await;
        }
    }

    async fn attempt(&self) -> Result<Keys, Failure> {
        let mut request = self.http.get(format!("{}/openstack/latest/securitykey", self.address));
        let session = self.session().await?;
        if let Some(session) = &session {
            request = request.header("X-Metadata-Token", session.expose());
        }
        let response = request.send().await.map_err(Failure::of_transport)?;
        let status = response.status();
        if status != StatusCode::OK {
            let failure = Failure::of_status(status);
            // The service may insist on a session: the next attempt asks for one again.
            let lacks_session = status == StatusCode::UNAUTHORIZED && session.is_none();
            return Err(Failure { is_transient: failure.is_transient || lacks_session, ..failure });
        }
        let body = read(response).await?;
        // The parser's own message may quote the keys.
        let key: SecurityKey = serde_json::from_slice(&body)
            .map_err(|_| Error::new(ErrorKind::InvalidResponse, "the metadata service returned no keys"))?;
        Ok(key.credential)
    }

    /// Returns a session token; `None` if the service gives none, or does not respond: in a container, the response may
    /// not get through. The keys are then asked for without one.
    async fn session(&self) -> Result<Option<Secret>, Failure> {
        let url = format!("{}/meta-data/latest/api/token", self.address);
        let response = match self.http.put(url).header("X-Metadata-Token-Ttl-Seconds", "21600").send().await {
            Err(error) if error.is_connect() => return Err(Failure::of_transport(error)),
            Err(_) => return Ok(None),
            Ok(response) => response,
        };
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(Failure::of_status(response.status())),
            _ => return Ok(None),
        }
        let token = read(response).await.ok();
        let token = token.map(|text| Secret::new(String::from_utf8_lossy(&text).trim().to_owned()));
        Ok(token.filter(|token| CredentialField::Token.validate(token.expose()).is_ok()))
    }

    /// Reports a failure. On any other machine there is no such service, so it does not end the search.
    pub(super) fn not_found(error: Error) -> Lookup {
        Lookup::not_found_because(auth::Error::other(location(), error))
    }

    async fn credentials(&self) -> Result<LoadedCredentials, Error> {
        let Keys { access, secret, securitytoken, expires_at } = self.keys().await?;
        let key = AccessKey::new(access, Secret::new(secret), Some(Secret::new(securitytoken))).map_err(|error| {
            Error::new(ErrorKind::InvalidResponse, format!("the metadata service returned an invalid key: {error}"))
                .with_source(error)
        })?;
        let loaded = LoadedCredentials::new(Credentials::access_key(key), location());
        Ok(loaded.with_expiry(parse_rfc3339(&expires_at)))
    }
}

impl CredentialSource for EcsMetadata {
    fn name(&self) -> String {
        Self::NAME.to_owned()
    }

    fn load<'a>(&'a self, _env: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(async {
            Ok(match self.credentials().await {
                Ok(loaded) => loaded.into(),
                Err(error) => Self::not_found(error),
            })
        })
    }

    fn refresh_margin(&self) -> Duration {
        Self::REFRESH_MARGIN
    }
}

fn location() -> SourceLocation {
    SourceLocation::Other(EcsMetadata::NAME.to_owned())
}

async fn read(mut response: reqwest::Response) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // As large as it can get, so that it never grows, which would leave a copy that is not wiped.
    let mut body = Zeroizing::new(Vec::with_capacity(BODY_LIMIT_BYTES));
    while let Some(chunk) = response.chunk().await.map_err(Failure::of_transport)? {
        if body.len() + chunk.len() > BODY_LIMIT_BYTES {
            return Err(Error::new(ErrorKind::InvalidResponse, "the metadata service's response is too large").into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why an attempt failed, and whether another may succeed.
struct Failure {
    error: Error,
    is_transient: bool,
}

impl Failure {
    fn of_transport(error: reqwest::Error) -> Self {
        let (kind, what) = if error.is_connect() {
            (ErrorKind::Unreachable, "the metadata service cannot be reached: this machine is not a cloud server")
        } else if error.is_timeout() {
            (ErrorKind::Unavailable, "the metadata service did not respond in time")
        } else {
            (ErrorKind::Unavailable, "the connection to the metadata service was lost")
        };
        let is_transient = !error.is_connect();
        Self { error: Error::new(kind, what).with_source(error.without_url()), is_transient }
    }

    fn of_status(status: StatusCode) -> Self {
        let is_transient = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        let error = if is_transient {
            Error::new(ErrorKind::Unavailable, "the metadata service failed").with_help("Try again later.")
        } else {
            Error::new(ErrorKind::Credentials, "the metadata service has no keys for this server")
                .with_help("Configure an agency for this cloud server.")
        };
        Self { error: error.with_http_status(status.as_u16()), is_transient }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, is_transient: false }
    }
}
