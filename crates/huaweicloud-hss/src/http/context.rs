//! What an attempt carries into the generated client: its credentials, and where its response is captured.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use huaweicloud_auth::{AccessKey, Credentials, Secret, sign};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Request, Response};
use url::{Position, Url};

use super::capture::{ResponseCapture, limit_body};
use super::rate_limit::reported::DEBUG_MODE;
use crate::http::clock::Clock;
use crate::response::raw_response::MAX_LIST_BODY_BYTES;
use crate::response::redact::Redactor;

/// The header that has the token.
const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// The header that the generated client adds to each request. The service does not know it, and it would be signed
/// (`docs/design/generator-traps.md#p6`).
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// The id header of signed requests, as the vendor's SDKs send it.
#[derive(Clone, Debug)]
pub(crate) enum SigningScope {
    /// None, for IAM.
    None,
    /// X-Project-Id, for regional services: the second segment of the path below the endpoint, if it can be a header
    /// value.
    ProjectInPath {
        /// The length of the endpoint's own path, without a slash at its end.
        base_path_bytes: usize,
    },
    /// X-Domain-Id with this account, for global services.
    Domain(String),
}

impl SigningScope {
    /// Takes the project from paths below an endpoint.
    pub(crate) fn project_below(endpoint: &Url) -> Self {
        Self::ProjectInPath { base_path_bytes: endpoint.path().trim_end_matches('/').len() }
    }

    fn of_path<'a>(&'a self, path: &'a str) -> sign::Scope<'a> {
        match self {
            Self::None => sign::Scope::None,
            Self::Domain(id) => sign::Scope::Domain(id),
            Self::ProjectInPath { base_path_bytes } => {
                // The path is `/<version>/<project>/...`.
                let project = path.get(*base_path_bytes..).unwrap_or_default().split('/').nth(2).unwrap_or_default();
                // An escaped id cannot be a header value; the path names it anyway.
                if project.is_empty() || project.contains('%') {
                    sign::Scope::None
                } else {
                    sign::Scope::Project(project)
                }
            }
        }
    }
}

/// One attempt: the credentials of its request, and where its response is captured.
#[doc(hidden)]
#[derive(Clone)]
pub struct RequestContext {
    credentials: Option<Arc<Credentials>>,
    scope: SigningScope,
    clock: Clock,
    /// Replaces the timeout of the HTTP client.
    timeout: Option<Duration>,
    /// Whether the gateway is asked for its limits.
    debug_mode: bool,
    body_limit_bytes: usize,
    capture: Option<ResponseCapture>,
    /// A secret in the body of the request, which the service may repeat.
    body_secret: Option<Secret>,
}

impl RequestContext {
    /// Creates a context without capture, for programs that call the generated client themselves.
    pub(crate) fn new(credentials: Option<Arc<Credentials>>, scope: SigningScope, clock: Clock) -> Self {
        Self {
            credentials,
            scope,
            clock,
            timeout: None,
            debug_mode: false,
            body_limit_bytes: MAX_LIST_BODY_BYTES,
            capture: None,
            body_secret: None,
        }
    }

    pub(crate) fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Asks the gateway for its limits.
    pub(crate) fn with_debug_mode(self, debug_mode: bool) -> Self {
        Self { debug_mode, ..self }
    }

    /// Captures the response, with its body up to the limit.
    pub(crate) fn with_capture(self, capture: &ResponseCapture, body_limit_bytes: usize) -> Self {
        Self { capture: Some(capture.clone()), body_limit_bytes, ..self }
    }

    /// Removes a secret in the body of the request, such as a password, from what the service sends.
    pub(crate) fn with_body_secret(self, secret: Secret) -> Self {
        Self { body_secret: Some(secret), ..self }
    }

    /// Adds the credentials to a request that is otherwise complete: a signature covers all of it.
    pub(crate) fn authorize(&self, request: &mut Request) -> Result<(), String> {
        request.headers_mut().remove(API_VERSION);
        if self.debug_mode {
            let (name, value) = DEBUG_MODE;
            request.headers_mut().insert(name, value);
        }
        if let Some(timeout) = self.timeout {
            *request.timeout_mut() = Some(timeout);
        }
        match self.credentials.as_deref() {
            None => Ok(()),
            Some(Credentials::Token { token, .. }) => {
                let mut value =
                    HeaderValue::from_str(token.expose()).map_err(|_| "the token is not a valid header value")?;
                value.set_sensitive(true);
                request.headers_mut().insert(X_AUTH_TOKEN, value);
                Ok(())
            }
            Some(Credentials::AccessKey { key, .. }) => self.sign(request, key),
            Some(_) => Err("this kind of credentials is not supported".to_owned()),
        }
    }

    fn sign(&self, request: &mut Request, key: &AccessKey) -> Result<(), String> {
        let url = request.url();
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.map(|value| ("content-type", value));
        let to_sign = sign::Request {
            method: request.method().as_str(),
            host: &url[Position::BeforeHost..Position::AfterPort],
            path: url.path(),
            query: url.query().unwrap_or_default(),
            headers: content_type.as_slice(),
            body: request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default(),
            scope: self.scope.of_path(url.path()),
        };
        let signed = sign::sign(key, &to_sign, self.clock.now()).map_err(|error| error.to_string())?;
        let headers = signed.headers().map(|header| {
            let mut value = HeaderValue::from_str(header.value)
                .map_err(|_| format!("cannot sign the request: {} is not a valid header value", header.name))?;
            value.set_sensitive(header.sensitive);
            Ok((HeaderName::from_static(header.name), value))
        });
        let headers = headers.collect::<Result<Vec<_>, String>>()?;
        // The query is sent in the form that was signed.
        let query = Some(signed.query()).filter(|query| !query.is_empty()).map(str::to_owned);
        request.url_mut().set_query(query.as_deref());
        for (name, value) in headers {
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }

    pub(crate) async fn execute(
        &self,
        client: &reqwest::Client,
        base_url: &str,
        request: Request,
    ) -> reqwest::Result<Response> {
        let response = client.execute(request).await?;
        let Some(capture) = &self.capture else { return limit_body(response, self.body_limit_bytes).await };
        // Only a program's own HTTP client can have followed a redirect; what another host sends is not the service's
        // response (`docs/design/generator-traps.md#p17`).
        let redirected = response.url().as_str().strip_prefix(base_url).is_none_or(|path| !path.starts_with('/'));
        let redactor = Redactor::new(self.credentials.clone(), self.body_secret.clone());
        capture.fill(response, redirected, self.body_limit_bytes, self.clock, redactor).await
    }
}

impl fmt::Debug for RequestContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContext").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

/// Implements the hooks of a generated client. They must be implemented in the crate that holds the client
/// (`docs/design/generator-traps.md#p8`).
macro_rules! impl_client_hooks {
    ($client:ty) => {
        impl progenitor_client::ClientHooks<crate::http::context::RequestContext> for $client {
            async fn pre<E>(
                &self,
                request: &mut reqwest::Request,
                _: &progenitor_client::OperationInfo,
            ) -> Result<(), progenitor_client::Error<E>> {
                self.inner.authorize(request).map_err(progenitor_client::Error::Custom)
            }

            async fn exec(
                &self,
                request: reqwest::Request,
                _: &progenitor_client::OperationInfo,
            ) -> reqwest::Result<reqwest::Response> {
                self.inner.execute(&self.client, &self.baseurl, request).await
            }
        }
    };
}

pub(crate) use impl_client_hooks;

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use reqwest::Method;

    use super::*;

    fn signed_at(seconds: u64) -> Request {
        let key = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("example".to_owned()), None).unwrap();
        let endpoint: Url = "https://hss.example.com".parse().unwrap();
        let clock = Clock::Fixed(UNIX_EPOCH + Duration::from_secs(seconds));
        let credentials = Arc::new(Credentials::access_key(key));
        let context = RequestContext::new(Some(credentials), SigningScope::project_below(&endpoint), clock);
        let mut request = Request::new(Method::POST, endpoint.join("/v5/p/asset/assign-task").unwrap());
        request.headers_mut().insert(API_VERSION, HeaderValue::from_static("0.1.0"));
        context.authorize(&mut request).unwrap();
        request
    }

    #[test]
    fn a_signed_request_has_no_api_version_header() {
        let request = signed_at(0);
        let signature = request.headers()["authorization"].to_str().unwrap();
        assert!(signature.contains("SignedHeaders=host;x-project-id;x-sdk-date,"), "{signature}");
        assert!(!request.headers().contains_key(API_VERSION));
    }

    #[test]
    fn a_request_is_signed_for_the_time_of_the_clock() {
        let (request, later) = (signed_at(1_775_204_130), signed_at(1_775_204_131));
        assert_eq!(request.headers()["x-sdk-date"], "20260403T081530Z");
        assert_eq!(request.headers()["authorization"], signed_at(1_775_204_130).headers()["authorization"]);
        assert_ne!(request.headers()["authorization"], later.headers()["authorization"]);
    }

    #[test]
    fn the_project_is_the_second_segment_below_the_endpoint() {
        for (endpoint, path, project) in [
            ("https://x", "/v5/p/asset", Some("p")),
            ("https://x/", "/v5/p", Some("p")),
            ("https://x/base/path/", "/base/path/v5/p/asset", Some("p")),
            ("https://x", "/v5/%E4%B8%BB/asset", None),
            ("https://x", "/v5//asset", None),
            ("https://x", "/v5", None),
        ] {
            let scope = SigningScope::project_below(&endpoint.parse().unwrap());
            let expected = project.map_or(sign::Scope::None, sign::Scope::Project);
            assert_eq!(scope.of_path(path), expected, "{endpoint} {path}");
        }
    }
}
