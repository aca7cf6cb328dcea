//! Owns the record of calls: what arrived, how it was answered, and which ids were really taken.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One answered request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Counts the answered requests of this emulator, from 1.
    #[serde(rename = "number")]
    pub sequence: u64,
    /// The answer's `X-Request-Id`.
    pub request_id: String,
    /// The method as sent.
    pub method: String,
    /// The path as sent, not percent-decoded.
    pub path: String,
    /// The query string as sent, without the question mark.
    pub query: Option<String>,
    /// The operation of the spec, when path and method belong to one.
    pub operation_id: Option<String>,
    /// The answer's HTTP status, before a fault changed the answer; 0 when a fault kept the call from being judged at all.
    pub status: u16,
    /// The answer's error code, when the request was turned down.
    pub error_code: Option<String>,
    /// With what the request said who it is.
    #[serde(rename = "auth")]
    pub auth_method: AuthMethod,
    /// What came of it.
    #[serde(rename = "auth_result")]
    pub auth_outcome: AuthOutcome,
    /// The fault this call got, as its rule was written.
    pub fault: Option<String>,
    /// The scan this call started. `None` also for a 200 that says "already in the task queue".
    pub accepted: Option<AcceptedScan>,
}

/// With what a request says who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthMethod {
    /// With nothing, or the operation needs nothing.
    None,
    /// With a token.
    Token,
    /// With a signature made with an access key.
    AccessKey,
}

/// What the check of a caller came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthOutcome {
    /// The call was answered before it came to that, or the operation is open to everybody.
    NotChecked,
    /// The caller is who it says.
    Accepted,
    /// The credentials are absent, wrong or expired.
    Refused,
}

/// What a scan was started for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AcceptedScan {
    /// The selector that counted; others in the same body were ignored.
    pub selector: Selector,
    /// The ids as sent. Empty for `all_hosts`, which names none.
    pub ids: Vec<String>,
    /// The number in the answer's text.
    pub processed: usize,
}

/// How a scan names its hosts.
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

/// The last calls. Old ones are dropped, by number and by size: a client may send 12 MiB of ids with each call.
pub(crate) struct RequestLog {
    limit: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    answered: u64,
    text_bytes: usize,
    calls: VecDeque<RecordedRequest>,
}

const KEPT_TEXT_BYTES: usize = 16 * 1024 * 1024;

impl RequestLog {
    /// A record of at most so many calls.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, kept: Mutex::default() }
    }

    /// Takes up the calls of an earlier run, of which there were `answered`.
    pub(crate) fn restore(&self, answered: u64, calls: Vec<RecordedRequest>) {
        let mut kept = self.lock();
        kept.answered = answered;
        for call in calls {
            self.keep(&mut kept, call);
        }
    }

    /// Keeps a call, and gives it its number. `save` gets it too, in the order of the numbers.
    pub(crate) fn record(&self, mut call: RecordedRequest, save: impl FnOnce(&RecordedRequest)) {
        let mut kept = self.lock();
        kept.answered += 1;
        call.sequence = kept.answered;
        save(&call);
        self.keep(&mut kept, call);
    }

    fn keep(&self, kept: &mut Kept, call: RecordedRequest) {
        kept.text_bytes += text_bytes(&call);
        kept.calls.push_back(call);
        while kept.calls.len() > self.limit || (kept.text_bytes > KEPT_TEXT_BYTES && kept.calls.len() > 1) {
            if let Some(dropped) = kept.calls.pop_front() {
                kept.text_bytes -= text_bytes(&dropped);
            }
        }
    }

    /// The calls kept, oldest first.
    pub(crate) fn snapshot(&self) -> Vec<RecordedRequest> {
        self.lock().calls.iter().cloned().collect()
    }

    /// How many calls there were, the last ones, and the last ones that started a scan; newest first.
    pub(crate) fn last(&self, many: usize) -> (u64, Vec<RecordedRequest>, Vec<RecordedRequest>) {
        let kept = self.lock();
        let newest = || kept.calls.iter().rev();
        let scans = newest().filter(|call| call.accepted.is_some()).take(many).cloned().collect();
        (kept.answered, newest().take(many).cloned().collect(), scans)
    }

    /// The calls kept as JSON lines. When they do not begin with number 1, older ones were dropped.
    pub(crate) fn lines(&self) -> String {
        let mut lines = String::new();
        for call in &self.lock().calls {
            // Nothing in a call is a map with strange keys, so this cannot fail.
            lines.push_str(&serde_json::to_string(call).unwrap_or_default());
            lines.push('\n');
        }
        lines
    }

    /// Forgets all calls, and begins to count anew. `save` does so elsewhere, before another call can get a number.
    pub(crate) fn clear(&self, save: impl FnOnce()) {
        let mut kept = self.lock();
        *kept = Kept::default();
        save();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text_bytes(call: &RecordedRequest) -> usize {
    // An id's own String costs memory too: a million empty ids are not free.
    let ids = call.accepted.iter().flat_map(|accepted| &accepted.ids);
    call.path.len() + call.query.as_ref().map_or(0, String::len) + ids.map(|id| id.len() + 24).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::{AcceptedScan, AuthMethod, AuthOutcome, KEPT_TEXT_BYTES, RecordedRequest, RequestLog, Selector};

    const KEPT_CALLS: usize = 100;

    fn call(ids: Vec<String>) -> RecordedRequest {
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

    fn record(calls: &RequestLog, call: RecordedRequest) {
        calls.record(call, |_| {});
    }

    #[test]
    fn the_last_calls_are_kept() {
        let calls = RequestLog::new(KEPT_CALLS);
        for _ in 0..KEPT_CALLS + 5 {
            record(&calls, call(Vec::new()));
        }
        let kept = calls.snapshot();
        assert_eq!(kept.len(), KEPT_CALLS);
        assert_eq!((kept[0].sequence, kept[KEPT_CALLS - 1].sequence), (6, KEPT_CALLS as u64 + 5));
    }

    #[test]
    fn large_calls_push_out_old_ones_but_never_themselves() {
        let calls = RequestLog::new(KEPT_CALLS);
        for _ in 0..10 {
            record(&calls, call(vec!["x".repeat(KEPT_TEXT_BYTES / 4)]));
        }
        assert_eq!(calls.snapshot().len(), 3);
        record(&calls, call(vec!["x".repeat(KEPT_TEXT_BYTES + 1)]));
        assert_eq!(calls.snapshot().len(), 1);
        record(&calls, call(Vec::new()));
        assert_eq!(calls.snapshot().len(), 1);
    }
}
