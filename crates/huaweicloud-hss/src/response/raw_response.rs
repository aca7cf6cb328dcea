//! A response as it arrived: status, headers, and the body up to a limit.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

use super::redact::{Redactor, sanitize};

/// The largest response that is read. A documented one has a few hundred bytes.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The largest page of a list that is read: a server group names all its servers, and its size has no documented limit.
pub(crate) const MAX_LIST_BODY_BYTES: usize = 16 * MAX_BODY_BYTES;

/// The largest file that is read. It is kept in memory.
#[cfg(feature = "assets")]
pub(crate) const MAX_FILE_BYTES: usize = 256 * MAX_BODY_BYTES;

/// The headers that may have the id of a request (`docs/design/service-behaviour.md#request-ids`).
const REQUEST_ID_HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("x-request-id"), HeaderName::from_static("x-iam-trace-id")];

/// A response as it arrived, kept because the generated client drops status, headers or body on its way to a typed
/// result.
#[derive(Debug)]
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body, cut off at `body_limit_bytes`.
    pub(crate) body: Bytes,
    pub(crate) body_limit_bytes: usize,
    /// When it arrived, by this machine's clock.
    pub(crate) received_at: SystemTime,
    /// Removes the request's credentials from what is printed.
    pub(crate) redactor: Redactor,
}

impl RawResponse {
    /// Returns whether the status is a success.
    pub(crate) fn is_success(&self) -> bool {
        is_success(self.status)
    }

    /// Returns a text of the response in a form that may be printed.
    pub(crate) fn printable(&self, text: &str) -> String {
        sanitize(&self.redactor.redact(text)).into_owned()
    }

    /// Returns the service's id of the request.
    pub(crate) fn request_id(&self) -> Option<String> {
        REQUEST_ID_HEADERS
            .iter()
            .find_map(|name| self.headers.get(name)?.to_str().ok())
            .map(|text| self.printable(text))
            .filter(|text| !text.is_empty())
    }

    /// Returns the delay that Retry-After asks for, in seconds or as a date.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        // Relative to the service's own time, so that a wrong clock on this machine does not matter.
        let from = self.server_time().unwrap_or(self.received_at);
        self.date(RETRY_AFTER)?.duration_since(from).ok()
    }

    /// Returns the service's time, from the Date header.
    pub(crate) fn server_time(&self) -> Option<SystemTime> {
        self.date(DATE)
    }

    fn date(&self, name: HeaderName) -> Option<SystemTime> {
        httpdate::parse_http_date(self.headers.get(name)?.to_str().ok()?).ok()
    }
}

/// Returns whether a status is a success. The reference pages document 200 only; IAM sends 201 with a new token, and a
/// spec can declare 200 only (`docs/design/generator-traps.md#p1`).
pub(crate) fn is_success(status: u16) -> bool {
    matches!(status, 200 | 201)
}
