//! The report of a run: a record of each call, whether the scan's end was seen, and totals in which every host and
//! group counts once.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::response::outcome::CallOutcome;
use crate::types::queue::Queue;
use crate::types::region::Region;
use crate::types::selector::Selector;

use super::queue_plan::QueuePlan;
use super::record::CallRecord;

/// Whether the end of a queue's last scan was seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "SerializedCompletion", into = "SerializedCompletion")]
#[non_exhaustive]
pub enum ScanCompletion {
    /// Not requested, or the run started no scan.
    NotTracked,
    /// No scan is pending any more.
    Finished,
    /// No scan is pending, but the accepted one was never reported as pending: it ended at once, or the service does not
    /// report it.
    NotSeenPending,
    /// Time ran out while a scan was pending.
    TimedOut,
    /// A shutdown was requested.
    Cancelled,
    /// The status could no longer be read.
    Failed(Error),
}

/// A completion with an error that can be read again: its kind and text.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SerializedCompletion {
    NotTracked,
    Finished,
    NotSeenPending,
    TimedOut,
    Cancelled,
    Failed { kind: ErrorKind, message: String },
}

impl From<ScanCompletion> for SerializedCompletion {
    fn from(completion: ScanCompletion) -> Self {
        match completion {
            ScanCompletion::NotTracked => Self::NotTracked,
            ScanCompletion::Finished => Self::Finished,
            ScanCompletion::NotSeenPending => Self::NotSeenPending,
            ScanCompletion::TimedOut => Self::TimedOut,
            ScanCompletion::Cancelled => Self::Cancelled,
            ScanCompletion::Failed(error) => Self::Failed { kind: error.kind(), message: error.to_string() },
        }
    }
}

impl From<SerializedCompletion> for ScanCompletion {
    fn from(completion: SerializedCompletion) -> Self {
        match completion {
            SerializedCompletion::NotTracked => Self::NotTracked,
            SerializedCompletion::Finished => Self::Finished,
            SerializedCompletion::NotSeenPending => Self::NotSeenPending,
            SerializedCompletion::TimedOut => Self::TimedOut,
            SerializedCompletion::Cancelled => Self::Cancelled,
            SerializedCompletion::Failed { kind, message } => Self::Failed(Error::new(kind, message)),
        }
    }
}

/// The outcome of one queue's plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueueReport {
    /// The region of the queue.
    pub region: Option<Region>,
    /// The queue.
    pub queue: Queue,
    /// How many targets were given more than once.
    pub duplicates: u64,
    /// One record per request, in the order of the plan.
    #[serde(with = "whole_records")]
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

    /// Returns the plan of the queue, as if nothing of it had been sent.
    pub(super) fn into_plan(self) -> QueuePlan {
        let Self { region, queue, duplicates, records, .. } = self;
        let requests = records.into_iter().map(|record| record.selector).collect();
        let (already_done, maybe_sent) = (BTreeMap::new(), BTreeSet::new());
        QueuePlan { region, queue, requests, duplicates, already_done, maybe_sent }
    }

    /// Returns the outcome of each host that was given by its id. Calls for all hosts and for server groups name none.
    pub fn hosts(&self) -> impl Iterator<Item = (&str, CallOutcome)> {
        let calls = self.records.iter().filter_map(|record| match &record.selector {
            Selector::Hosts(ids) => Some((ids, record.outcome)),
            _ => None,
        });
        calls.flat_map(|(ids, outcome)| ids.iter().map(move |id| (id, outcome)))
    }

    /// Returns the totals of all requests.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals::from_records(&self.records)
    }
}

/// How many hosts and groups have which outcome; a call for all hosts counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// The service accepted the call.
    pub accepted: u64,
    /// A scan of the queue was pending; not scanned by this call.
    pub already_queued: u64,
    /// The service refused the call.
    pub refused: u64,
    /// The response was not understood.
    pub unrecognised: u64,
    /// The call may have been sent, and no response came.
    pub unknown: u64,
    /// The call was not sent.
    pub not_sent: u64,
}

impl Totals {
    /// Returns the totals of some records.
    #[must_use]
    pub fn from_records<'a>(records: impl IntoIterator<Item = &'a CallRecord>) -> Self {
        let mut totals = Self::default();
        for record in records {
            *totals.field(record.outcome) += record.selector.target_count();
        }
        totals
    }

    /// Returns the totals of many queues.
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

/// Records with their selector and kind of error, which the serialised form of a single record leaves out.
mod whole_records {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::error::ErrorKind;
    use crate::types::selector::Selector;

    use super::CallRecord;

    #[derive(Serialize)]
    struct Borrowed<'a> {
        #[serde(flatten)]
        selector: &'a Selector,
        #[serde(flatten)]
        record: &'a CallRecord,
        error: Option<ErrorKind>,
    }

    #[derive(Deserialize)]
    struct Owned {
        #[serde(flatten)]
        selector: Selector,
        #[serde(flatten)]
        record: CallRecord,
        error: Option<ErrorKind>,
    }

    pub(super) fn serialize<S: Serializer>(records: &[CallRecord], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(records.iter().map(|record| Borrowed {
            selector: &record.selector,
            record,
            error: record.error,
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<CallRecord>, D::Error> {
        let records = Vec::<Owned>::deserialize(deserializer)?;
        let whole = |Owned { selector, record, error }: Owned| CallRecord { selector, error, ..record };
        Ok(records.into_iter().map(whole).collect())
    }
}
