//! What became of each call, and the sums: every host and group ends in exactly one outcome.

use std::time::Duration;

use serde::Serialize;

use crate::error::{Error, ErrorKind};
use crate::outcome::{CallOutcome, ScanOutcome};
use crate::queue::Queue;
use crate::region::Region;
use crate::scan::{ScanResponse, Selector};

use super::plan::QueuePlan;

/// What became of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallRecord {
    /// What the call was about.
    pub selector: Selector,
    /// What became of its hosts or groups.
    pub outcome: CallOutcome,
    /// Number of tasks the service says it processed, for an accepted call.
    pub processed: Option<u64>,
    /// The service's code, for a refused call.
    pub code: Option<String>,
    /// The service's text, or why there is none.
    pub message: String,
    /// Id of the request at the service.
    pub request_id: Option<String>,
    /// Status of the last answer.
    pub http_status: Option<u16>,
    /// How many times the call was sent.
    pub attempts: u32,
    /// From the first sending to the last answer, waiting for the queue included.
    pub elapsed: Duration,
    /// The kind of failure, where there was one.
    pub error: Option<ErrorKind>,
}

impl CallRecord {
    /// A call that was not sent.
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
        }
    }

    /// A call that an earlier run was about to send when it was ended.
    pub(crate) fn ended_early(selector: Selector) -> Self {
        let why = "an earlier run was ended before the answer was there";
        Self { outcome: CallOutcome::Unknown, ..Self::not_sent(selector, why) }
    }

    pub(crate) fn new(
        selector: Selector,
        result: Result<ScanResponse, Error>,
        attempts: u32,
        elapsed: Duration,
    ) -> Self {
        let empty = Self { attempts, elapsed, ..Self::not_sent(selector, "") };
        match result {
            Ok(reply) => {
                let outcome = CallOutcome::from(&reply.outcome);
                let (processed, code, error) = match reply.outcome {
                    ScanOutcome::Accepted { processed } => (Some(processed), None, None),
                    ScanOutcome::Refused { code, kind } => (None, Some(code), Some(kind)),
                    ScanOutcome::AlreadyQueued | ScanOutcome::Unrecognised => (None, None, None),
                };
                let http_status = Some(reply.meta.http_status);
                Self {
                    outcome,
                    processed,
                    code,
                    message: reply.message,
                    request_id: reply.meta.request_id,
                    http_status,
                    error,
                    ..empty
                }
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

/// Whether the end of a queue's last scan was seen.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScanCompletion {
    /// Not requested, or the run started no scan.
    NotTracked,
    /// No scan is pending any more.
    Finished,
    /// Time ran out while a scan was pending.
    TimedOut,
    /// A shutdown was requested.
    Cancelled,
    /// The service no longer answers the status request.
    Failed(Error),
}

/// What became of one queue.
#[derive(Debug)]
#[non_exhaustive]
pub struct QueueReport {
    /// The region of the queue.
    pub region: Option<Region>,
    /// The queue.
    pub queue: Queue,
    /// How many targets were given more than once.
    pub duplicates: u64,
    /// One record per request, in the order of the plan.
    pub records: Vec<CallRecord>,
    /// Whether the end of the scan was seen.
    pub completion: ScanCompletion,
    /// Whether the run of this queue ended early because a shutdown was requested.
    pub cancelled: bool,
}

impl QueueReport {
    /// Returns the report of a queue that was only planned: nothing of it was sent.
    #[must_use]
    pub fn planned(plan: QueuePlan) -> Self {
        let QueuePlan { region, queue, requests, duplicates, .. } = plan;
        let records = requests.into_iter().map(|selector| CallRecord::not_sent(selector, "")).collect();
        Self { region, queue, duplicates, records, completion: ScanCompletion::NotTracked, cancelled: false }
    }

    /// Returns the sums over all requests.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals::from_records(&self.records)
    }
}

/// How many hosts and groups ended in which outcome; a call for all hosts counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// The service took the call.
    pub accepted: u64,
    /// A scan of the queue was pending; not scanned by this call.
    pub already_queued: u64,
    /// The service refused the call.
    pub refused: u64,
    /// The answer was not understood.
    pub unrecognised: u64,
    /// The call may have been sent, and no answer came.
    pub unknown: u64,
    /// The call was not sent.
    pub not_sent: u64,
}

impl Totals {
    /// Returns the sums over some records.
    #[must_use]
    pub fn from_records<'a>(records: impl IntoIterator<Item = &'a CallRecord>) -> Self {
        let mut totals = Self::default();
        for record in records {
            *totals.field(record.outcome) += record.selector.weight();
        }
        totals
    }

    /// Returns the sums over many queues.
    #[must_use]
    pub fn from_reports<'a>(reports: impl IntoIterator<Item = &'a QueueReport>) -> Self {
        Self::from_records(reports.into_iter().flat_map(|report| &report.records))
    }

    /// Returns the number of all hosts and groups.
    #[must_use]
    pub fn total(&self) -> u64 {
        let Self { accepted, already_queued, refused, unrecognised, unknown, not_sent } = self;
        accepted + already_queued + refused + unrecognised + unknown + not_sent
    }

    fn field(&mut self, outcome: CallOutcome) -> &mut u64 {
        match outcome {
            CallOutcome::Accepted => &mut self.accepted,
            CallOutcome::AlreadyQueued => &mut self.already_queued,
            CallOutcome::Refused => &mut self.refused,
            CallOutcome::Unrecognised => &mut self.unrecognised,
            CallOutcome::Unknown => &mut self.unknown,
            CallOutcome::NotSent => &mut self.not_sent,
        }
    }
}
