//! What is done to every request of the generated client on its way out, and to every answer on its way in.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use huaweicloud_auth::Secret;
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, Response, ResponseBuilderExt, StatusCode};
use url::Url;

use crate::answer::BODY_LIMIT;
use crate::api;

/// Header that carries a token (page, table 3).
const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// One attempt: the credentials to put on the request, and room for what the answer holds beside its value.
#[derive(Clone)]
pub struct Attempt {
    token: Arc<Secret>,
    seen: Option<Arc<Mutex<Option<Seen>>>>,
}

/// An answer as it came, kept because the generated client gives up status, headers or body on its way to a typed result.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body, at most [`BODY_LIMIT`] bytes of it.
    pub(crate) body: Bytes,
}

impl Attempt {
    /// An attempt of a caller who uses the generated client itself: the answer passes through whole.
    pub(crate) fn plain(token: Arc<Secret>) -> Self {
        Self { token, seen: None }
    }

    /// An attempt of the hand-written layer: the answer can be had with [`Attempt::take_seen`].
    pub(crate) fn watched(token: Arc<Secret>) -> Self {
        Self { token, seen: Some(Arc::default()) }
    }

    /// The answer of a watched attempt, if at least its status arrived.
    pub(crate) fn take_seen(&self) -> Option<Seen> {
        self.seen.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt { token: … }")
    }
}

impl ClientHooks<Attempt> for api::Client {
    async fn exec(&self, mut request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let headers = request.headers_mut();
        // P6: the generator adds a header that the service does not know.
        headers.remove("api-version");
        // Checked when the client was built; a value that still does not fit is left out, and the service answers 401.
        if let Ok(mut token) = HeaderValue::from_str(self.inner.token.expose()) {
            token.set_sensitive(true);
            headers.insert(X_AUTH_TOKEN, token);
        }
        let answer = self.client.execute(request).await?;
        match &self.inner.seen {
            Some(seen) => watch(answer, seen).await,
            None => bounded(answer).await,
        }
    }
}

/// Keeps the answer in `seen` and hands on what the generated client needs: status and body.
async fn watch(mut answer: Response, seen: &Mutex<Option<Seen>>) -> reqwest::Result<Response> {
    let status = answer.status();
    let headers = std::mem::take(answer.headers_mut());
    let read = read(&mut answer).await;
    let body = read.as_ref().map(Bytes::clone).unwrap_or_default();
    *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Seen { status: status.as_u16(), headers, body });
    rebuild(status, HeaderMap::new(), answer.url(), read?)
}

/// Makes sure that reading the answer to its end takes no more than [`BODY_LIMIT`] bytes; a longer one is cut there.
async fn bounded(mut answer: Response) -> reqwest::Result<Response> {
    if answer.content_length().is_some_and(|length| length <= BODY_LIMIT as u64) {
        return Ok(answer);
    }
    let body = read(&mut answer).await?;
    let headers = std::mem::take(answer.headers_mut());
    rebuild(answer.status(), headers, answer.url(), body)
}

fn rebuild(status: StatusCode, headers: HeaderMap, url: &Url, body: Bytes) -> reqwest::Result<Response> {
    let mut rebuilt = http::Response::new(body);
    *rebuilt.status_mut() = status;
    *rebuilt.headers_mut() = headers;
    let (mut parts, body) = rebuilt.into_parts();
    // Without its URL the library would parse a made-up one each time.
    if let Ok(with_url) = http::Response::builder().url(url.clone()).body(()) {
        parts.extensions = with_url.into_parts().0.extensions;
    }
    Ok(http::Response::from_parts(parts, body).into())
}

/// Reads an answer's body, at most [`BODY_LIMIT`] bytes of it.
async fn read(answer: &mut Response) -> reqwest::Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await? {
        let room = BODY_LIMIT - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == BODY_LIMIT {
            break;
        }
    }
    Ok(body.freeze())
}
