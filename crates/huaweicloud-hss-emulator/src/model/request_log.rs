//! The request log: each request, its response, and the ids that were really scanned.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// A request that got a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The number of the request, counted from 1.
    #[serde(rename = "number")]
    pub sequence: u64,
    /// The `X-Request-Id` of the response.
    pub request_id: String,
    /// The method as sent.
    pub method: String,
    /// The path as sent, not percent-decoded.
    pub path: String,
    /// The query string as sent, without the question mark.
    pub query: Option<String>,
    /// The operation of the spec, if path and method belong to one.
    pub operation_id: Option<String>,
    /// The HTTP status of the response, before a fault changed it; 0 if a fault prevented any response.
    pub status: u16,
    /// The error code of the response, if it is an error.
    pub error_code: Option<String>,
    /// How the request identifies its caller.
    #[serde(rename = "auth")]
    pub auth_method: AuthMethod,
    /// Whether the credentials were accepted.
    #[serde(rename = "auth_result")]
    pub auth_outcome: AuthOutcome,
    /// The fault that the request got, as its rule is written.
    pub fault: Option<String>,
    /// The scan that the request started. `None` also for a 200 with "already in the task queue".
    pub accepted: Option<AcceptedScan>,
}

/// How a request identifies its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthMethod {
    /// It does not, or the operation needs no credentials.
    None,
    /// By a token.
    Token,
    /// By a signature made with an access key.
    AccessKey,
}

/// The result of checking a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthOutcome {
    /// The response was decided before the check, or the operation needs no credentials.
    NotChecked,
    /// The credentials are valid.
    Accepted,
    /// The credentials are missing, invalid or expired.
    Refused,
}

/// The targets of a scan that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AcceptedScan {
    /// The selector that was used; others in the same body were ignored.
    pub selector: Selector,
    /// The ids as sent. Empty for `all_hosts`.
    pub ids: Vec<String>,
    /// The number in the text of the response.
    pub processed: usize,
}

/// How a scan selects its hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Selector {
    /// Every host of the inventory.
    AllHosts,
    /// Listed server groups.
    ServerGroup,
    /// Listed hosts.
    HostIds,
}

/// The last requests. Its number and size are limited, because a client may send 12 MiB of ids with each request.
pub(crate) struct RequestLog {
    capacity: usize,
    state: Mutex<LogState>,
}

#[derive(Default)]
struct LogState {
    answered: u64,
    text_bytes: usize,
    requests: VecDeque<Arc<RecordedRequest>>,
}

/// The maximum size of the text of requests in memory.
const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// The end of the log, newest first.
pub(crate) struct LatestRequests {
    /// The number of all requests.
    pub(crate) answered: u64,
    pub(crate) requests: Vec<RecordedRequest>,
    /// The requests that started a scan.
    pub(crate) scans: Vec<RecordedRequest>,
}

impl RequestLog {
    /// Returns a log of at most this many requests.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, state: Mutex::default() }
    }

    /// Restores the requests of an earlier process, whose log had `count` requests.
    pub(crate) fn restore(&self, count: u64, requests: Vec<RecordedRequest>) {
        let mut state = self.lock();
        state.answered = count;
        for request in requests {
            self.push(&mut state, request);
        }
    }

    /// Adds a request and numbers it. `save` gets the requests in the order of their numbers, and may change them.
    pub(crate) fn record(&self, mut request: RecordedRequest, save: impl FnOnce(&mut RecordedRequest)) {
        let mut state = self.lock();
        state.answered += 1;
        request.sequence = state.answered;
        save(&mut request);
        self.push(&mut state, request);
    }

    fn push(&self, state: &mut LogState, request: RecordedRequest) {
        state.text_bytes += text_bytes(&request);
        state.requests.push_back(Arc::new(request));
        while state.requests.len() > self.capacity || (state.text_bytes > MAX_TEXT_BYTES && state.requests.len() > 1) {
            if let Some(dropped) = state.requests.pop_front() {
                state.text_bytes -= text_bytes(&dropped);
            }
        }
    }

    /// Returns the requests in memory, oldest first.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.snapshot().map(Arc::unwrap_or_clone).collect()
    }

    /// Returns the requests in memory without a copy of each, oldest first. If the first one does not have number 1, older
    /// ones were dropped.
    pub(crate) fn snapshot(&self) -> impl Iterator<Item = Arc<RecordedRequest>> + Send + 'static {
        self.lock().requests.iter().cloned().collect::<Vec<_>>().into_iter()
    }

    /// Returns the last requests, and the last that started a scan, at most this many of each.
    pub(crate) fn latest(&self, count: usize) -> LatestRequests {
        let state = self.lock();
        let newest = || state.requests.iter().rev();
        LatestRequests {
            answered: state.answered,
            requests: newest().take(count).map(|request| RecordedRequest::clone(request)).collect(),
            scans: newest()
                .filter(|request| request.accepted.is_some())
                .take(count)
                .map(|request| RecordedRequest::clone(request))
                .collect(),
        }
    }

    /// Forgets all requests, and counts from 1 again. `save` runs before another request can get a number.
    pub(crate) fn clear(&self, save: impl FnOnce()) {
        let mut state = self.lock();
        *state = LogState::default();
        save();
    }

    fn lock(&self) -> MutexGuard<'_, LogState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text_bytes(request: &RecordedRequest) -> usize {
    // The `String` of an id also takes memory, even if it is empty.
    let ids = request.accepted.iter().flat_map(|accepted| &accepted.ids);
    request.path.len() + request.query.as_ref().map_or(0, String::len) + ids.map(|id| id.len() + 24).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::{AcceptedScan, AuthMethod, AuthOutcome, MAX_TEXT_BYTES, RecordedRequest, RequestLog, Selector};

    const CAPACITY: usize = 100;

    fn request(ids: Vec<String>) -> RecordedRequest {
        RecordedRequest {
            sequence: 0,
            request_id: String::new(),
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: None,
            operation_id: None,
            status: 200,
            error_code: None,
            auth_method: AuthMethod::None,
            auth_outcome: AuthOutcome::NotChecked,
            fault: None,
            accepted: Some(AcceptedScan { selector: Selector::HostIds, processed: ids.len(), ids }),
        }
    }

    fn record(log: &RequestLog, request: RecordedRequest) {
        log.record(request, |_| {});
    }

    #[test]
    fn the_last_requests_are_kept() {
        let log = RequestLog::new(CAPACITY);
        for _ in 0..CAPACITY + 5 {
            record(&log, request(Vec::new()));
        }
        let kept = log.requests();
        assert_eq!(kept.len(), CAPACITY);
        assert_eq!((kept[0].sequence, kept[CAPACITY - 1].sequence), (6, CAPACITY as u64 + 5));
    }

    #[test]
    fn large_requests_evict_old_ones_but_never_themselves() {
        let log = RequestLog::new(CAPACITY);
        for _ in 0..10 {
            record(&log, request(vec!["x".repeat(MAX_TEXT_BYTES / 4)]));
        }
        assert_eq!(log.requests().len(), 3);
        record(&log, request(vec!["x".repeat(MAX_TEXT_BYTES + 1)]));
        assert_eq!(log.requests().len(), 1);
        record(&log, request(Vec::new()));
        assert_eq!(log.requests().len(), 1);
    }
}
