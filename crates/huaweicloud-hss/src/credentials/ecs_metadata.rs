//! Temporary keys of the agency of the cloud server that this program runs on, from the server's metadata address.

use std::time::Duration;

use huaweicloud_auth::{AccessKey, Credentials, Secret, timestamp::parse_rfc3339};
use reqwest::StatusCode;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Fetch, FetchFuture, Fresh};
use crate::error::{Error, ErrorKind};

/// The metadata address of every cloud server: link-local, plain http.
const ADDRESS: &str = "http://169.254.169.254";

/// How long to wait for a connection: on any other machine nobody answers there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long to wait for each of the two answers.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// The answer is a few hundred bytes; more than this is none.
const BODY_LIMIT: usize = 64 * 1024;

/// The keys of the server's agency (facts, section 5).
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
    /// The metadata service of this server.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when no HTTP client can be made.
    pub fn new() -> Result<Self, Error> {
        Self::with_endpoint(ADDRESS)
    }

    /// A metadata service at another address, such as a test's.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when no HTTP client can be made.
    pub fn with_endpoint(address: impl Into<String>) -> Result<Self, Error> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ATTEMPT_TIMEOUT);
        let http = crate::tls::configure(builder, false, None)?
            .build()
            .map_err(|error| Error::new(ErrorKind::Config, "the HTTP client cannot be set up").with_source(error))?;
        Ok(Self { http, address: address.into().trim_end_matches('/').to_owned() })
    }

    /// A session token, where this kind of server wants one.
    async fn session(&self) -> Result<Option<Secret>, Error> {
        let url = format!("{}/meta-data/latest/api/token", self.address);
        let answer =
            self.http.put(url).header("X-Metadata-Token-Ttl-Seconds", "21600").send().await.map_err(unreachable)?;
        match answer.status() {
            StatusCode::OK => Ok(Some(Secret::new(String::from_utf8_lossy(&read(answer).await?).trim().to_owned()))),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::SERVICE_UNAVAILABLE => Ok(None),
            status => Err(refused(status)),
        }
    }

    async fn keys(&self) -> Result<Keys, Error> {
        let mut request = self.http.get(format!("{}/openstack/latest/securitykey", self.address));
        if let Some(session) = self.session().await? {
            request = request.header("X-Metadata-Token", session.expose());
        }
        let answer = request.send().await.map_err(unreachable)?;
        if answer.status() != StatusCode::OK {
            return Err(refused(answer.status()));
        }
        let body = read(answer).await?;
        // The parser's own message could quote the keys.
        let key: SecurityKey = serde_json::from_slice(&body)
            .map_err(|_| Error::new(ErrorKind::InvalidResponse, "the metadata service's answer holds no keys"))?;
        Ok(key.credential)
    }
}

impl Fetch for EcsMetadata {
    fn fetch(&self) -> FetchFuture<'_> {
        Box::pin(async {
            let Keys { access, secret, securitytoken, expires_at } = self.keys().await?;
            let key =
                AccessKey::new(access, Secret::new(secret), Some(Secret::new(securitytoken))).map_err(|error| {
                    Error::new(
                        ErrorKind::InvalidResponse,
                        format!("the metadata service's keys cannot be used: {error}"),
                    )
                })?;
            let expires_at = parse_rfc3339(&expires_at);
            Ok(Fresh { credentials: Credentials::access_key(key), expires_at })
        })
    }
}

async fn read(mut answer: reqwest::Response) -> Result<Zeroizing<Vec<u8>>, Error> {
    // As large as it may get, so that no copy is left behind when it grows.
    let mut body = Zeroizing::new(Vec::with_capacity(BODY_LIMIT));
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(Error::new(ErrorKind::InvalidResponse, "the metadata service's answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn unreachable(error: reqwest::Error) -> Error {
    Error::new(ErrorKind::Unreachable, "no metadata service answers: this is not a cloud server")
        .with_source(error.without_url())
}

fn refused(status: StatusCode) -> Error {
    Error::new(ErrorKind::Credentials, "the metadata service gives no keys")
        .with_help("Configure an agency for this cloud server.")
        .with_answer(status.as_u16(), None)
}
