//! Groups the calls that were not accepted by their cause.

use std::collections::BTreeMap;

use huaweicloud_hss::CallOutcome;
use huaweicloud_hss::fleet::{CallRecord, QueueReport};

use super::report::records;

/// A reason why targets were not accepted, and their number.
pub(super) struct Cause {
    pub(super) outcome: CallOutcome,
    pub(super) code: String,
    /// The message of one of the calls.
    pub(super) message: String,
    pub(super) calls: u64,
    pub(super) targets: u64,
}

impl Cause {
    /// Returns what distinguishes causes: the outcome and the code, or the message without a code. Most messages name requests
    /// and queues, so that every call would be a cause of its own.
    fn key(record: &CallRecord) -> (CallOutcome, &str, &str) {
        let code = record.code.as_deref().unwrap_or_default();
        let message = match (code, record.outcome) {
            ("", CallOutcome::NotSent | CallOutcome::Unrecognised) => record.message.as_str(),
            _ => "",
        };
        (record.outcome, code, message)
    }

    /// Returns whether a call belongs to this cause.
    pub(super) fn matches(&self, record: &CallRecord) -> bool {
        let (outcome, code, message) = Self::key(record);
        outcome == self.outcome && code == self.code && (message.is_empty() || message == self.message)
    }
}

/// Returns the causes, those with the most targets first.
pub(super) fn causes(queues: &[QueueReport]) -> Vec<Cause> {
    let mut causes: BTreeMap<(CallOutcome, &str, &str), Cause> = BTreeMap::new();
    for (_, record) in records(queues).filter(|(_, record)| record.outcome != CallOutcome::Accepted) {
        let cause = causes.entry(Cause::key(record)).or_insert_with(|| Cause {
            outcome: record.outcome,
            code: record.code.clone().unwrap_or_default(),
            message: record.message.clone(),
            calls: 0,
            targets: 0,
        });
        cause.calls += 1;
        cause.targets += record.selector.target_count();
    }
    let mut causes: Vec<Cause> = causes.into_values().collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.targets));
    causes
}
