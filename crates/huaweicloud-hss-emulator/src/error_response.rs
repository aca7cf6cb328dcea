//! Owns the shapes of answers: refusals in the words of the gateway and of HSS, and the request id every answer carries.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// A request that is turned down: what `InProcessService` answers instead of calling a handler.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) text: String,
    /// The methods of the path, for a 405.
    pub(crate) allow: Option<String>,
    /// After how many seconds to try again, where the answer says so.
    pub(crate) retry_after: Option<u64>,
    /// Whether it is said in IAM's own words rather than in the gateway's.
    pub(crate) keystone: bool,
}

impl Refusal {
    /// Any refusal: a code of HSS makes it the service's, every other one the gateway's.
    pub(crate) fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self { status, code: code.into(), text: text.into(), allow: None, retry_after: None, keystone: false }
    }

    /// A parameter or the body breaks a rule of the spec.
    pub(crate) fn bad_parameter(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "HSS.0001", text)
    }

    /// The body is no JSON.
    pub(crate) fn unreadable(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "HSS.0002", text)
    }

    /// The credentials are absent or wrong.
    pub(crate) fn unauthenticated(text: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "APIGW.0301", text)
    }

    /// A token that was good once.
    pub(crate) fn expired_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "APIGW.0307", "the token must be updated")
    }

    /// More calls than the gateway lets through in a second.
    pub(crate) fn throttled(limit: u64) -> Self {
        let text = format!(
            "The throttling threshold has been reached: policy user over ratelimit,limit:{limit},time:1 second"
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "APIGW.0308", text)
    }

    /// IAM turns a request down, in Keystone's shape.
    pub(crate) fn keystone(status: StatusCode, text: impl Into<String>) -> Self {
        let code = if status == StatusCode::UNAUTHORIZED { "401" } else { "400" };
        Self { keystone: true, ..Self::new(status, code, text) }
    }

    /// No path of the specs matches.
    pub(crate) fn unknown_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "APIGW.0101", "the API does not exist: no path of the loaded specs matches")
    }

    /// The path exists, the method does not.
    pub(crate) fn unknown_method(allow: &str) -> Self {
        let text = format!("the API does not exist with this method: the path takes {allow}");
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, "APIGW.0101", text);
        Self { allow: Some(allow.to_owned()), ..refusal }
    }

    /// The body's media type is none of those the operation takes.
    pub(crate) fn media_type(text: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "APIGW.0201", text)
    }

    /// The body is larger than the gateway takes.
    pub(crate) fn too_large(limit_bytes: usize) -> Self {
        let text = format!("the request body is larger than {limit_bytes} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "APIGW.0201", text)
    }

    /// The connection broke before the body was complete.
    pub(crate) fn cut_off() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "APIGW.0201", "the request body ended before it was complete")
    }

    /// The body did not arrive in time.
    pub(crate) fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "APIGW.0201", "the request body did not arrive in time")
    }

    /// The spec knows the operation, this program does not.
    pub(crate) fn no_handler(operation_id: &str) -> Self {
        let text = format!("{operation_id} is in the spec, but the emulator has no handler for it");
        Self::new(StatusCode::NOT_IMPLEMENTED, "EMULATOR.0501", text)
    }

    /// A handler's own answer breaks the spec: a fault of the emulator, said aloud rather than passed to a client.
    pub(crate) fn own_fault(operation_id: &str, text: &str) -> Self {
        let text = format!("the emulator's answer to {operation_id} breaks the spec: {text}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "EMULATOR.0500", text)
    }

    /// The state file could not be written: to go on would be to forget what was done.
    pub(crate) fn state_lost() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "EMULATOR.0500", "the emulator's state file could not be written")
    }

    /// The answer. HSS repeats the text under two names; only the gateway puts the request id into the body.
    pub(crate) fn respond(&self, request_id: &str) -> Response<Bytes> {
        let body = if self.keystone {
            let title = self.status.canonical_reason().unwrap_or_default();
            json!({ "error": { "code": self.status.as_u16(), "message": self.text, "title": title } })
        } else if self.code.starts_with("HSS.") {
            json!({ "error_code": self.code, "error_description": self.text, "error_msg": self.text })
        } else {
            json!({ "error_code": self.code, "error_msg": self.text, "request_id": request_id })
        };
        let mut response = respond(self.status, &body, request_id);
        if self.keystone
            && let Ok(id) = HeaderValue::from_str(request_id)
        {
            response.headers_mut().insert(HeaderName::from_static("x-iam-trace-id"), id);
        }
        if let Some(allow) = self.allow.as_deref().and_then(|allow| HeaderValue::from_str(allow).ok()) {
            response.headers_mut().insert(ALLOW, allow);
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// An answer of this status with this JSON body.
pub(crate) fn respond(status: StatusCode, body: &Value, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Hexadecimal digits are always a valid value.
    if let Some(id) = HeaderValue::from_str(request_id).ok().filter(|id| !id.is_empty()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// Makes request ids: unique within a process by a counter, and between processes by chance.
pub(crate) struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new() -> Self {
        Self { process: RandomState::new().build_hasher().finish(), next: AtomicU64::new(0) }
    }

    /// The next id, 32 hexadecimal digits.
    pub(crate) fn next(&self) -> String {
        // Multiplying by an odd number maps the counter one to one, so the ids differ at first sight and never repeat.
        let number = self.next.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        format!("{:016x}{number:016x}", self.process)
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, RequestIds};
    use serde_json::{Value, json};
    use std::collections::HashSet;

    #[test]
    fn request_ids_are_unique_and_of_the_known_form() {
        let (ids, other) = (RequestIds::new(), RequestIds::new());
        let all: HashSet<String> = (0..1000).flat_map(|_| [ids.next(), other.next()]).collect();
        assert_eq!(all.len(), 2000);
        assert!(all.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }

    #[test]
    fn gateway_and_service_speak_in_their_own_shapes() {
        let gateway = Refusal::unknown_method("GET, POST").respond("0f");
        assert_eq!(gateway.status(), 405);
        assert_eq!(gateway.headers()["allow"], "GET, POST");
        assert_eq!(gateway.headers()["x-request-id"], "0f");
        let body: Value = serde_json::from_slice(gateway.body()).unwrap();
        assert_eq!((body["error_code"].as_str(), body["request_id"].as_str()), (Some("APIGW.0101"), Some("0f")));

        let service = Refusal::bad_parameter("x").respond("0f");
        let body: Value = serde_json::from_slice(service.body()).unwrap();
        assert_eq!(body, json!({"error_code": "HSS.0001", "error_description": "x", "error_msg": "x"}));
        assert_eq!(service.headers()["content-type"], "application/json");
    }
}
