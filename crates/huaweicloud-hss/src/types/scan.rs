//! Requests for a scan, and the responses to scan and status calls.

use std::time::{Duration, SystemTime};

use super::queue::Queue;
use super::selector::Selector;
use crate::error::Error;
use crate::http::rate_limit::reported::ReportedLimit;
use crate::response::outcome::ScanOutcome;

/// A request for a scan: the queue, and the servers in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanRequest {
    /// The queue.
    pub queue: Queue,
    /// The servers.
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanResponse {
    /// The outcome that the response reports.
    pub outcome: ScanOutcome,
    /// The text of the response, at most 512 characters, without control characters and credentials. For a refusal it
    /// also has the meaning of the code and what to do.
    pub message: String,
    /// Metadata of the response.
    pub meta: ResponseMeta,
}

/// The response to a status call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusResponse {
    /// Whether a scan of the queue is queued or running. The change to `false` is the only sign that a scan has ended.
    pub pending: bool,
    /// Metadata of the response.
    pub meta: ResponseMeta,
}

/// Metadata of the response to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The time from the first attempt to the response.
    pub elapsed: Duration,
    /// The limits on calls that the gateway of the service reported with the response. It does so on the first calls
    /// of a client only, if at all.
    pub rate_limits: Vec<ReportedLimit>,
    /// The time of the service, from the Date header of the response.
    pub server_time: Option<SystemTime>,
}
