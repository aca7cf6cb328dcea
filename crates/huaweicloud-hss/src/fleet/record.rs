//! The outcome of one call, as a run, its journal and the output of `hss` record it.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::response::outcome::{CallOutcome, ScanOutcome};
use crate::response::scan_text::names_other_project;
use crate::types::id_list::IdList;
use crate::types::milliseconds;
use crate::types::project::ProjectId;
use crate::types::scan::ScanResponse;
use crate::types::selector::Selector;

const EARLIER_ATTEMPT: &str = "an earlier attempt may have reached the service, and the last one was not accepted";

/// The outcome of one call.
///
/// The serialised form leaves out the selector and the kind of error: the journal has the selector in its plan, and
/// output shows it as a name and ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallRecord {
    /// The targets of the call.
    #[serde(skip, default = "unknown_selector")]
    pub selector: Selector,
    /// The outcome for these targets.
    pub outcome: CallOutcome,
    /// Number of tasks that the service reports as processed, for an accepted call.
    pub processed: Option<u64>,
    /// The service's error code, for a refused call.
    pub code: Option<String>,
    /// The text of the response, or why there is none.
    pub message: String,
    /// Id of the request at the service.
    pub request_id: Option<String>,
    /// Status of the last response.
    pub http_status: Option<u16>,
    /// How many times the call was sent.
    pub attempts: u32,
    /// Time from the first attempt to the last response, including waits for the queue. Serialised in milliseconds.
    #[serde(rename = "elapsed_ms", with = "milliseconds")]
    pub elapsed: Duration,
    /// The kind of error, if there was one.
    #[serde(skip)]
    pub error: Option<ErrorKind>,
    /// The time of the service, from the last response, if there was one.
    #[serde(skip)]
    pub server_time: Option<SystemTime>,
}

impl CallRecord {
    /// Returns the record of a call that was not sent.
    #[must_use]
    pub fn not_sent(selector: Selector, why: impl Into<String>) -> Self {
        Self {
            selector,
            outcome: CallOutcome::NotSent,
            processed: None,
            code: None,
            message: why.into(),
            request_id: None,
            http_status: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            error: None,
            server_time: None,
        }
    }

    /// Returns the record of a call that an earlier run was about to send when it ended.
    pub(super) fn ended_early(selector: Selector) -> Self {
        let why = "an earlier run ended before the response arrived";
        Self { outcome: CallOutcome::Unknown, ..Self::not_sent(selector, why) }
    }

    /// Returns the record of a call of which an earlier attempt may have taken effect: unless it was accepted now, its
    /// outcome is unknown.
    pub(super) fn after_ambiguous_attempt(self) -> Self {
        if matches!(self.outcome, CallOutcome::Accepted | CallOutcome::Unknown) {
            return self;
        }
        let message = format!("{EARLIER_ATTEMPT}: {}", self.message);
        Self { outcome: CallOutcome::Unknown, message, ..self }
    }

    /// Returns whether the response is one of the service's known texts, but names another project than this one.
    #[must_use]
    pub fn names_other_project(&self, project_id: &ProjectId) -> bool {
        matches!(self.outcome, CallOutcome::Accepted | CallOutcome::AlreadyQueued)
            && names_other_project(&self.message, project_id.as_str())
    }

    /// Returns the record of a call with its result.
    pub(super) fn new(
        selector: Selector,
        result: Result<ScanResponse, Error>,
        attempts: u32,
        elapsed: Duration,
    ) -> Self {
        let empty = Self { attempts, elapsed, ..Self::not_sent(selector, "") };
        match result {
            Ok(response) => {
                let earlier_attempt_ambiguous = response.meta.earlier_attempt_ambiguous;
                let outcome = CallOutcome::from(&response.outcome);
                let (processed, code, error) = match response.outcome {
                    ScanOutcome::Accepted { processed } => (Some(processed), None, None),
                    ScanOutcome::Refused { code, kind } => (None, Some(code), Some(kind)),
                    ScanOutcome::AlreadyQueued | ScanOutcome::Unrecognised => (None, None, None),
                };
                let record = Self {
                    outcome,
                    processed,
                    code,
                    message: response.message,
                    request_id: response.meta.request_id,
                    http_status: Some(response.meta.http_status),
                    server_time: response.meta.server_time,
                    error,
                    ..empty
                };
                if earlier_attempt_ambiguous { record.after_ambiguous_attempt() } else { record }
            }
            Err(error) => Self {
                outcome: error.outcome(),
                code: error.code().map(str::to_owned),
                message: error.to_string(),
                request_id: error.request_id().map(str::to_owned),
                http_status: error.http_status(),
                error: Some(error.kind()),
                ..empty
            },
        }
    }
}

/// The selector of a record that was just deserialised; whoever reads it replaces it.
fn unknown_selector() -> Selector {
    Selector::Hosts(IdList::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::scan::ResponseMeta;

    fn record(outcome: ScanOutcome, earlier_attempt_ambiguous: bool) -> CallRecord {
        let meta = ResponseMeta { attempts: 2, earlier_attempt_ambiguous, ..ResponseMeta::default() };
        let response = ScanResponse::new(outcome, "m").with_meta(meta);
        CallRecord::new(Selector::AllHosts, Ok(response), 2, Duration::ZERO)
    }

    #[test]
    fn after_an_ambiguous_attempt_only_an_acceptance_is_certain() {
        let refused = || ScanOutcome::Refused { code: "HSS.0001".to_owned(), kind: ErrorKind::Refused };
        for (outcome, alone, after_ambiguous) in [
            (ScanOutcome::Accepted { processed: 1 }, CallOutcome::Accepted, CallOutcome::Accepted),
            (refused(), CallOutcome::Refused, CallOutcome::Unknown),
            (ScanOutcome::AlreadyQueued, CallOutcome::AlreadyQueued, CallOutcome::Unknown),
            (ScanOutcome::Unrecognised, CallOutcome::Unrecognised, CallOutcome::Unknown),
        ] {
            assert_eq!(record(outcome.clone(), false).outcome, alone);
            assert_eq!(record(outcome, true).outcome, after_ambiguous);
        }
        assert_eq!(
            record(refused(), true).message,
            "an earlier attempt may have reached the service, and the last one was not accepted: m"
        );
    }
}
