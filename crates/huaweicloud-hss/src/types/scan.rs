//! Requests for a scan, and the responses to scan and status calls.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::milliseconds;
use super::queue::Queue;
use super::selector::Selector;
use crate::error::Error;
use crate::http::rate_limit::reported::ReportedLimit;
use crate::response::outcome::ScanOutcome;

/// A request for a scan: the queue, and the servers in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScanRequest {
    /// The queue.
    pub queue: Queue,
    /// The servers.
    #[serde(flatten)]
    pub selector: Selector,
}

impl ScanRequest {
    /// Requests a scan of the servers that a selector names.
    #[must_use]
    pub fn new(queue: Queue, selector: Selector) -> Self {
        Self { queue, selector }
    }

    /// Requests a scan of all servers of the queue.
    #[must_use]
    pub fn all_hosts(queue: Queue) -> Self {
        Self::new(queue, Selector::AllHosts)
    }

    /// Requests a scan of the servers with these ids.
    #[must_use]
    pub fn hosts<I: AsRef<str>>(queue: Queue, ids: impl IntoIterator<Item = I>) -> Self {
        Self::new(queue, Selector::Hosts(ids.into_iter().collect()))
    }

    /// Requests a scan of the server groups with these ids.
    #[must_use]
    pub fn server_groups<I: AsRef<str>>(queue: Queue, ids: impl IntoIterator<Item = I>) -> Self {
        Self::new(queue, Selector::ServerGroups(ids.into_iter().collect()))
    }

    /// Checks the request as [`Client::scan`](crate::Client::scan) does before it sends anything.
    ///
    /// # Errors
    /// As [`Selector::check`].
    pub fn check(&self) -> Result<(), Error> {
        self.selector.check()
    }
}

/// The response to a scan call.
///
/// ```
/// use huaweicloud_hss::{ScanOutcome, ScanResponse};
///
/// let response = ScanResponse::new(ScanOutcome::Accepted { processed: 2 }, "p-0 processed 2 tasks successfully.");
/// let json = serde_json::to_value(&response)?;
/// assert_eq!((&json["outcome"], &json["processed"]), (&"accepted".into(), &2.into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScanResponse {
    /// The outcome that the response reports.
    #[serde(flatten)]
    pub outcome: ScanOutcome,
    /// The text of the response, at most 512 characters, without control characters and credentials. For a refusal it
    /// also has the meaning of the code and what to do.
    pub message: String,
    /// Metadata of the response.
    pub meta: ResponseMeta,
}

impl ScanResponse {
    /// Creates a response, for tests.
    #[must_use]
    pub fn new(outcome: ScanOutcome, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into(), meta: ResponseMeta::default() }
    }

    /// Sets the metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: ResponseMeta) -> Self {
        self.meta = meta;
        self
    }
}

/// The response to a status call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StatusResponse {
    /// Whether a scan of the queue is queued or running. The change to `false` is the only sign that a scan has ended.
    pub pending: bool,
    /// Metadata of the response.
    pub meta: ResponseMeta,
}

impl StatusResponse {
    /// Creates a response, for tests.
    #[must_use]
    pub fn new(pending: bool) -> Self {
        Self { pending, meta: ResponseMeta::default() }
    }

    /// Sets the metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: ResponseMeta) -> Self {
        self.meta = meta;
        self
    }
}

/// Metadata of the response to a call. The default is that of a 200 to the first attempt.
///
/// ```
/// use huaweicloud_hss::{ResponseMeta, StatusResponse};
///
/// let mut meta = ResponseMeta::default();
/// meta.request_id = Some("r-1".to_owned());
/// let response = StatusResponse::new(true).with_meta(meta);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResponseMeta {
    /// The HTTP status.
    pub http_status: u16,
    /// The id that the service gave to the request.
    pub request_id: Option<String>,
    /// How many times the request was sent.
    pub attempts: u32,
    /// Whether an earlier attempt may have taken effect: a pending scan may then be this call's own. This only happens
    /// with [`RetryPolicy::with_retry_ambiguous`](crate::RetryPolicy::with_retry_ambiguous).
    pub earlier_attempt_ambiguous: bool,
    /// The time from the first attempt to the response. Serialised in milliseconds.
    #[serde(rename = "elapsed_ms", with = "milliseconds")]
    pub elapsed: Duration,
    /// The limits on calls that the gateway of the service reported with the response. It does so on the first calls
    /// of a client only, if at all.
    pub rate_limits: Vec<ReportedLimit>,
    /// The time of the service, from the Date header of the response.
    pub server_time: Option<SystemTime>,
}

impl Default for ResponseMeta {
    fn default() -> Self {
        Self {
            http_status: 200,
            request_id: None,
            attempts: 1,
            earlier_attempt_ambiguous: false,
            elapsed: Duration::ZERO,
            rate_limits: Vec::new(),
            server_time: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;
    use crate::error::ErrorKind;

    fn json_of<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> Value {
        let json = serde_json::to_value(value).unwrap();
        assert_eq!(serde_json::from_value::<T>(json.clone()).unwrap(), *value, "{json}");
        json
    }

    #[test]
    fn requests_and_responses_can_be_serialised_and_read_again() {
        let queue = Queue::new("p".parse().unwrap());
        assert_eq!(
            json_of(&ScanRequest::hosts(queue.clone(), ["a", "b"])),
            json!({
                "queue": { "project_id": "p", "enterprise_project": null, "category": "host" },
                "selector": "host_ids", "ids": ["a", "b"],
            })
        );
        json_of(&ScanRequest::all_hosts(queue));
        let refused = ScanOutcome::Refused { code: "HSS.0013".to_owned(), kind: ErrorKind::Permission };
        for (outcome, expected) in [
            (ScanOutcome::Accepted { processed: 3 }, json!({ "outcome": "accepted", "processed": 3 })),
            (ScanOutcome::AlreadyQueued, json!({ "outcome": "already_queued" })),
            (refused, json!({ "outcome": "refused", "code": "HSS.0013", "error": "permission" })),
            (ScanOutcome::Unrecognised, json!({ "outcome": "unrecognised" })),
        ] {
            assert_eq!(json_of(&outcome), expected);
            let mut meta = ResponseMeta { elapsed: Duration::from_millis(1500), ..ResponseMeta::default() };
            meta.server_time = Some(UNIX_EPOCH + Duration::from_secs(1));
            meta.rate_limits =
                ReportedLimit::from_message("policy user over ratelimit,limit:5,time:1 minute").into_iter().collect();
            let json = json_of(&ScanResponse::new(outcome, "text").with_meta(meta.clone()));
            assert_eq!((&json["outcome"], &json["message"]), (&expected["outcome"], &json!("text")));
            assert_eq!(json["meta"]["elapsed_ms"], 1500);
            assert_eq!(json["meta"]["rate_limits"][0]["limit"], "5/min");
            json_of(&StatusResponse::new(true).with_meta(meta));
        }
    }
}
