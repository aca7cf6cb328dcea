//! Temporary keys of the cloud server that the program runs on, from its metadata service.

use std::time::Duration;

use huaweicloud_auth::{
    self as auth, AccessKey, CredentialSource, Credentials, Environment, LoadFuture, LoadedCredentials, Lookup, Secret,
    SourceLocation, parse_rfc3339,
};
use reqwest::StatusCode;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
use crate::http::tls;

/// The metadata address of every cloud server: link-local, plain http.
const ADDRESS: &str = "http://169.254.169.254";

/// How long to wait for a connection: on any other machine nothing responds at this address.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long to wait for each of the two responses.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// The largest response that is read. The usual one has a few hundred bytes.
const BODY_LIMIT_BYTES: usize = 64 * 1024;

/// Temporary access keys of a cloud server's agency, from the metadata service of the server
/// (`docs/design/service-behaviour.md#server-metadata`).
///
/// It waits 1 second for a connection and 3 seconds for each response. Keys are replaced 40 minutes before they expire.
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

    /// Returns a session token, if this kind of server has them.
    async fn session(&self) -> Result<Option<Secret>, Error> {
        let url = format!("{}/meta-data/latest/api/token", self.address);
        let response =
            self.http.put(url).header("X-Metadata-Token-Ttl-Seconds", "21600").send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => Ok(Some(Secret::new(String::from_utf8_lossy(&read(response).await?).trim().to_owned()))),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::SERVICE_UNAVAILABLE => Ok(None),
            status => Err(refused(status)),
        }
    }

    async fn keys(&self) -> Result<Keys, Error> {
        let mut request = self.http.get(format!("{}/openstack/latest/securitykey", self.address));
        if let Some(session) = self.session().await? {
            request = request.header("X-Metadata-Token", session.expose());
        }
        let response = request.send().await.map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(refused(response.status()));
        }
        let body = read(response).await?;
        // The parser's own message may quote the keys.
        let key: SecurityKey = serde_json::from_slice(&body)
            .map_err(|_| Error::new(ErrorKind::InvalidResponse, "the metadata service returned no keys"))?;
        Ok(key.credential)
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

async fn read(mut response: reqwest::Response) -> Result<Zeroizing<Vec<u8>>, Error> {
    // As large as it can get, so that it never grows, which would leave a copy that is not wiped.
    let mut body = Zeroizing::new(Vec::with_capacity(BODY_LIMIT_BYTES));
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > BODY_LIMIT_BYTES {
            return Err(Error::new(ErrorKind::InvalidResponse, "the metadata service's response is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn unreachable(error: reqwest::Error) -> Error {
    Error::new(ErrorKind::Unreachable, "the metadata service does not respond: this machine is not a cloud server")
        .with_source(error.without_url())
}

fn refused(status: StatusCode) -> Error {
    Error::new(ErrorKind::Credentials, "the metadata service has no keys for this server")
        .with_help("Configure an agency for this cloud server.")
        .with_response(status.as_u16(), None)
}
