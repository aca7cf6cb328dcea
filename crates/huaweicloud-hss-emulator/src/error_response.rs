//! Error responses in the formats of the gateway, of HSS and of IAM, and the request id of every response.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// An error response: see `docs/design/service-behaviour.md#errors`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ErrorResponse {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// The methods of the path, for status 405.
    pub(crate) allow: Option<String>,
    /// The number of seconds after which to retry, if the response has one.
    pub(crate) retry_after: Option<u64>,
    /// Whether it has the format of IAM instead of the gateway's.
    pub(crate) keystone: bool,
    /// The body, in place of one in this format.
    pub(crate) body: Option<String>,
}

impl ErrorResponse {
    /// Returns an error response. With a code of HSS it has the format of HSS, with any other that of the gateway.
    pub(crate) fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { status, code, message, allow: None, retry_after: None, keystone: false, body: None }
    }

    /// A parameter or the body violates the spec.
    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "HSS.0001", message)
    }

    /// The body is not JSON.
    pub(crate) fn invalid_json(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "HSS.0002", message)
    }

    /// The credentials are missing or invalid.
    pub(crate) fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "APIGW.0301", message)
    }

    /// The token has expired.
    pub(crate) fn expired_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "APIGW.0307", "the token must be updated")
    }

    /// Returns an error response of IAM, in the format of Keystone.
    pub(crate) fn keystone(status: StatusCode, message: impl Into<String>) -> Self {
        let code = if status == StatusCode::UNAUTHORIZED { "401" } else { "400" };
        Self { keystone: true, ..Self::new(status, code, message) }
    }

    /// The path matches no path of the specs.
    pub(crate) fn unknown_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "APIGW.0101", "the API does not exist: no path of the loaded specs matches")
    }

    /// The path does not have the method.
    pub(crate) fn unknown_method(allow: &str) -> Self {
        let text = format!("the API does not exist with this method: the path allows {allow}");
        let response = Self::new(StatusCode::METHOD_NOT_ALLOWED, "APIGW.0101", text);
        Self { allow: Some(allow.to_owned()), ..response }
    }

    /// The operation does not accept the media type of the body.
    pub(crate) fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "APIGW.0201", message)
    }

    /// The body is larger than the gateway accepts.
    pub(crate) fn body_too_large(limit_bytes: usize) -> Self {
        let text = format!("the request body is larger than {limit_bytes} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "APIGW.0201", text)
    }

    /// The connection ended before the body was complete.
    pub(crate) fn incomplete_body() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "APIGW.0201", "the request body ended before it was complete")
    }

    /// The body did not arrive in time.
    pub(crate) fn body_timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "APIGW.0201", "the request body did not arrive in time")
    }

    /// The spec has the operation, but the emulator does not implement it.
    pub(crate) fn no_handler(operation_id: &str) -> Self {
        let text = format!("{operation_id} is in the spec, but the emulator has no handler for it");
        Self::new(StatusCode::NOT_IMPLEMENTED, "EMULATOR.0501", text)
    }

    /// The response of a handler violates the spec. It is a bug of the emulator, and is reported instead of passed to a
    /// client.
    pub(crate) fn internal_error(operation_id: &str, text: &str) -> Self {
        let text = format!("the emulator's response to {operation_id} violates the spec: {text}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "EMULATOR.0500", text)
    }

    /// The state file could not be written. Without it, a later start would not know what was done.
    pub(crate) fn state_write_failed() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "EMULATOR.0500", "the emulator's state file could not be written")
    }

    /// Returns the response. HSS repeats the message in two fields; only the gateway adds the request id to the body.
    pub(crate) fn to_response(&self, request_id: &str) -> Response<Bytes> {
        let body = if self.keystone {
            let title = self.status.canonical_reason().unwrap_or_default();
            json!({ "error": { "code": self.status.as_u16(), "message": self.message, "title": title } })
        } else if self.code.starts_with("HSS.") {
            json!({ "error_code": self.code, "error_description": self.message, "error_msg": self.message })
        } else {
            json!({ "error_code": self.code, "error_msg": self.message, "request_id": request_id })
        };
        let mut response = json_response(self.status, &body, request_id);
        if let Some(body) = &self.body {
            *response.body_mut() = Bytes::from(body.clone());
        }
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

/// Returns a response with a JSON body.
pub(crate) fn json_response(status: StatusCode, body: &Value, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Hexadecimal digits are always a valid header value.
    if let Some(id) = HeaderValue::from_str(request_id).ok().filter(|id| !id.is_empty()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// Returns a response without a body.
pub(crate) fn empty_response(status: StatusCode, request_id: &str) -> Response<Bytes> {
    let mut response = json_response(status, &Value::Null, request_id);
    *response.body_mut() = Bytes::new();
    response.headers_mut().remove(CONTENT_TYPE);
    response
}

/// Returns a file for download. Its name needs no escaping.
pub(crate) fn file_response(name: &str, content: Bytes, request_id: &str) -> Response<Bytes> {
    let mut response = empty_response(StatusCode::OK, request_id);
    *response.body_mut() = content;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Generates request ids: unique within a process by a counter, and across processes by a random part.
pub(crate) struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new() -> Self {
        Self { process: RandomState::new().build_hasher().finish(), next: AtomicU64::new(0) }
    }

    /// Returns the next id, 32 hexadecimal digits.
    pub(crate) fn next(&self) -> String {
        // Multiplication by an odd number maps the counter one to one, so ids never repeat and look different.
        let number = self.next.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        format!("{:016x}{number:016x}", self.process)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::{Value, json};

    use super::{ErrorResponse, RequestIds};

    #[test]
    fn request_ids_are_unique_and_of_the_known_form() {
        let (ids, other) = (RequestIds::new(), RequestIds::new());
        let all: HashSet<String> = (0..1000).flat_map(|_| [ids.next(), other.next()]).collect();
        assert_eq!(all.len(), 2000);
        assert!(all.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }

    #[test]
    fn gateway_and_service_have_their_own_formats() {
        let gateway = ErrorResponse::unknown_method("GET, POST").to_response("0f");
        assert_eq!(gateway.status(), 405);
        assert_eq!(gateway.headers()["allow"], "GET, POST");
        assert_eq!(gateway.headers()["x-request-id"], "0f");
        let body: Value = serde_json::from_slice(gateway.body()).unwrap();
        assert_eq!((body["error_code"].as_str(), body["request_id"].as_str()), (Some("APIGW.0101"), Some("0f")));

        let service = ErrorResponse::invalid_parameter("x").to_response("0f");
        let body: Value = serde_json::from_slice(service.body()).unwrap();
        assert_eq!(body, json!({"error_code": "HSS.0001", "error_description": "x", "error_msg": "x"}));
        assert_eq!(service.headers()["content-type"], "application/json");
    }
}
