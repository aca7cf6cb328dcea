//! What is done to every request of a generated client on its way out, and to every answer on its way in.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use huaweicloud_auth::{Credentials, sign};
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, Response, ResponseBuilderExt, StatusCode};
use url::{Position, Url};

use crate::clock::now;
use crate::response::classify::LONG_BODY_LIMIT;
use crate::response::redact::Hidden;
use crate::{api, eps, iam};

/// Header that carries a token (page, table 3).
const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// The generator adds this header to every request; the services do not know it (docs/design/generator-traps.md#p6).
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

const X_SDK_DATE: HeaderName = HeaderName::from_static("x-sdk-date");
const X_PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");

/// What a signed request names beside its credentials, as the vendor's SDKs do.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// Nothing: identity calls.
    Nothing,
    /// In X-Project-Id the project in the path, where it can be a header value: the second segment behind the endpoint's own path.
    /// For regional services.
    ProjectInPath {
        /// How long the endpoint's own path is, without a slash at its end.
        base_bytes: usize,
    },
    /// In X-Domain-Id this account. For global services.
    Domain(String),
}

impl Named {
    /// The project in the paths below an endpoint.
    pub(crate) fn below(endpoint: &Url) -> Self {
        Self::ProjectInPath { base_bytes: endpoint.path().trim_end_matches('/').len() }
    }
}

/// One attempt: the credentials to put on the request, and room for what the answer holds beside its value.
#[derive(Clone)]
#[doc(hidden)]
pub struct RequestContext {
    credentials: Option<Arc<Credentials>>,
    named: Named,
    /// Where it is not the HTTP client's own.
    timeout: Option<Duration>,
    body_limit: usize,
    seen: Option<Slot>,
}

/// Where a watched attempt leaves its answer.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Seen>>>);

impl Slot {
    /// The answer, if at least its status arrived.
    pub(crate) fn take(&self) -> Option<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, seen: Seen) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }
}

/// An answer as it came, kept because the generated client gives up status, headers or body on its way to a typed result.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body, as much of it as an answer to the operation may have.
    pub(crate) body: Bytes,
    /// How many bytes that are.
    pub(crate) body_limit: usize,
    /// What must not be shown of it.
    pub(crate) hidden: Hidden,
}

impl Seen {
    /// Whether the generated client was told that the call succeeded.
    pub(crate) fn is_success(&self) -> bool {
        counts_as_200(self.status)
    }
}

/// 200 is the one success that the HSS pages state; IAM answers 201 to a new token, and the spec can declare 200 alone (P1).
fn counts_as_200(status: u16) -> bool {
    matches!(status, 200 | 201)
}

impl RequestContext {
    /// An attempt of a caller who uses the generated client itself: the answer passes through whole.
    pub(crate) fn plain(credentials: Option<Arc<Credentials>>, named: Named) -> Self {
        Self { credentials, named, timeout: None, body_limit: LONG_BODY_LIMIT, seen: None }
    }

    /// An attempt of the hand-written layer: the answer can be had from `slot`.
    pub(crate) fn watched(
        credentials: Option<Arc<Credentials>>,
        named: Named,
        timeout: Option<Duration>,
        body_limit: usize,
        slot: &Slot,
    ) -> Self {
        Self { credentials, named, timeout, body_limit, seen: Some(slot.clone()) }
    }

    /// Puts the credentials on a request that is otherwise ready. Signing comes last: it covers what is there.
    fn authorize(&self, request: &mut Request) -> Result<(), String> {
        request.headers_mut().remove(API_VERSION);
        if let Some(timeout) = self.timeout {
            *request.timeout_mut() = Some(timeout);
        }
        match self.credentials.as_deref() {
            None => Ok(()),
            Some(Credentials::Token { token, .. }) => {
                let mut value =
                    HeaderValue::from_str(token.expose()).map_err(|_| "the token cannot be a header value")?;
                value.set_sensitive(true);
                request.headers_mut().insert(X_AUTH_TOKEN, value);
                Ok(())
            }
            Some(Credentials::AccessKey { key, .. }) => self.sign(request, key),
            Some(_) => Err("these credentials are of a kind that this program does not know".to_owned()),
        }
    }

    fn sign(&self, request: &mut Request, key: &huaweicloud_auth::AccessKey) -> Result<(), String> {
        // Out of the request, so that they can be added to while the URL is read.
        let mut headers = std::mem::take(request.headers_mut());
        let url = request.url();
        let content_type = headers.get(CONTENT_TYPE).cloned();
        let content_type = content_type.as_ref().and_then(|value| value.to_str().ok());
        let content_type = content_type.map(|value| ("content-type", value));
        let scope = match &self.named {
            Named::Nothing => sign::Scope::None,
            Named::Domain(id) => sign::Scope::Domain(id),
            Named::ProjectInPath { base_bytes } => {
                // Behind the endpoint's path: a slash, the version, a slash, the project.
                let version = url.path().get(*base_bytes..).and_then(|path| path.strip_prefix('/'));
                let project = version.and_then(|path| path.split_once('/')).map(|(_, path)| path);
                let project = project.map(|path| path.split_once('/').map_or(path, |(id, _)| id));
                // An id that had to be escaped is no header value; the path names it all the same.
                let project = project.filter(|id| !id.is_empty() && !id.contains('%'));
                project.map_or(sign::Scope::None, sign::Scope::Project)
            }
        };
        let to_sign = sign::Request {
            method: request.method().as_str(),
            host: &url[Position::BeforeHost..Position::AfterPort],
            path: url.path(),
            query: url.query().unwrap_or_default(),
            headers: content_type.as_slice(),
            body: request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default(),
            scope,
        };
        let signed =
            sign::sign(key, &to_sign, now()).map_err(|error| format!("the request cannot be signed: {error}"))?;
        // What was signed is what is sent, in one spelling; a URL is read anew when its query is set, so only where it differs.
        let spelled = (signed.query() != to_sign.query).then(|| signed.query().to_owned());
        for header in signed.headers() {
            let mut value = HeaderValue::from_str(header.value)
                .map_err(|_| format!("the request cannot be signed: {} cannot be a header value", header.name))?;
            value.set_sensitive(header.sensitive);
            headers.insert(signed_name(header.name), value);
        }
        if let Some(query) = spelled {
            request.url_mut().set_query(Some(&query).filter(|query| !query.is_empty()).map(String::as_str));
        }
        *request.headers_mut() = headers;
        Ok(())
    }

    async fn exec(&self, client: &reqwest::Client, base: &str, request: Request) -> reqwest::Result<Response> {
        let answer = client.execute(request).await?;
        let Some(seen) = &self.seen else { return bounded(answer, self.body_limit).await };
        // Only a caller's own HTTP client can have followed a redirect; what another host says is no answer of the service (P17).
        let moved = answer.url().as_str().strip_prefix(base).is_none_or(|path| !path.starts_with('/'));
        watch(answer, seen, moved, self.body_limit, Hidden::new(self.credentials.clone())).await
    }
}

/// The name of a header that the signer adds. The usual ones are ready; others would be read letter by letter each time.
fn signed_name(name: &'static str) -> HeaderName {
    match name {
        "authorization" => AUTHORIZATION,
        "x-sdk-date" => X_SDK_DATE,
        "x-project-id" => X_PROJECT_ID,
        _ => HeaderName::from_static(name),
    }
}

impl fmt::Debug for RequestContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContext").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

/// Hooks must be implemented in the crate that holds a generated client, once for each (P8).
macro_rules! hooks {
    ($client:ty) => {
        impl ClientHooks<RequestContext> for $client {
            async fn pre<E>(
                &self,
                request: &mut Request,
                _: &OperationInfo,
            ) -> Result<(), progenitor_client::Error<E>> {
                self.inner.authorize(request).map_err(progenitor_client::Error::Custom)
            }

            async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
                self.inner.exec(&self.client, &self.baseurl, request).await
            }
        }
    };
}

hooks!(api::Client);
hooks!(iam::api::Client);
hooks!(eps::api::Client);

/// Keeps the answer in `seen` and hands on what the generated client needs: status and body.
async fn watch(
    mut answer: Response,
    seen: &Slot,
    moved: bool,
    body_limit: usize,
    hidden: Hidden,
) -> reqwest::Result<Response> {
    let status = if moved { StatusCode::MULTIPLE_CHOICES } else { answer.status() };
    let headers = std::mem::take(answer.headers_mut());
    let (body, broken) = read(&mut answer, body_limit).await;
    // Of a refusal that broke off, what arrived may tell its code.
    seen.put(Seen { status: status.as_u16(), headers, body: body.clone(), body_limit, hidden });
    if let Some(broken) = broken {
        return Err(broken);
    }
    let status = if counts_as_200(status.as_u16()) { StatusCode::OK } else { status };
    Ok(rebuild(status, answer.url(), body).into())
}

/// Makes sure that reading the answer to its end takes no more than so many bytes; a longer one is cut there.
async fn bounded(mut answer: Response, limit: usize) -> reqwest::Result<Response> {
    if answer.content_length().is_some_and(|length| length <= limit as u64) {
        return Ok(answer);
    }
    let body = match read(&mut answer, limit).await {
        (body, None) => body,
        (_, Some(broken)) => return Err(broken),
    };
    let headers = std::mem::take(answer.headers_mut());
    let mut rebuilt = rebuild(answer.status(), answer.url(), body);
    *rebuilt.headers_mut() = headers;
    Ok(rebuilt.into())
}

/// An answer of these parts and no headers. If it had no URL the library would parse a made-up one each time.
fn rebuild(status: StatusCode, url: &Url, body: Bytes) -> http::Response<Bytes> {
    let with_url = http::Response::builder().url(url.clone()).body(body.clone());
    let mut rebuilt = with_url.unwrap_or_else(|_| http::Response::new(body));
    *rebuilt.status_mut() = status;
    rebuilt
}

/// Reads an answer's body, at most so many bytes of it, and tells what it broke off with.
async fn read(answer: &mut Response, limit: usize) -> (Bytes, Option<reqwest::Error>) {
    let mut body = Bytes::new();
    loop {
        match answer.chunk().await {
            Ok(Some(mut chunk)) => {
                chunk.truncate(limit - body.len());
                body = joined(body, chunk);
                if body.len() == limit {
                    return (body, None);
                }
            }
            Ok(None) => return (body, None),
            Err(broken) => return (body, Some(broken)),
        }
    }
}

/// Both one behind the other. Nearly every body comes in one piece, which is then not copied.
fn joined(body: Bytes, chunk: Bytes) -> Bytes {
    if body.is_empty() {
        return chunk;
    }
    // Nobody else holds the body, so it grows in its place.
    let mut body = BytesMut::from(body);
    body.extend_from_slice(&chunk);
    body.freeze()
}

#[cfg(test)]
mod tests {
    use huaweicloud_auth::{AccessKey, Secret};
    use reqwest::Method;

    use super::*;

    #[test]
    fn a_signed_request_has_no_api_version_header() {
        let key = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("made-up".to_owned()), None).unwrap();
        let url: Url = "https://hss.example.com/v5/p/asset/assign-task".parse().unwrap();
        let attempt = RequestContext::plain(Some(Arc::new(Credentials::access_key(key))), Named::below(&url));
        let mut request = Request::new(Method::POST, url);
        request.headers_mut().insert(API_VERSION, HeaderValue::from_static("0.1.0"));
        attempt.authorize(&mut request).unwrap();
        let signature = request.headers()[AUTHORIZATION].to_str().unwrap();
        assert!(signature.contains("SignedHeaders=host;x-project-id;x-sdk-date,"), "{signature}");
        assert!(!request.headers().contains_key(API_VERSION));
    }
}
