//! The report of a run: a record of each call, whether the scan's end was seen, and totals in which every host and
//! group counts once.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::error::Error;
use crate::response::outcome::CallOutcome;
use crate::types::queue::Queue;
use crate::types::region::Region;

use super::queue_plan::QueuePlan;
use super::record::CallRecord;

/// Whether the end of a queue's last scan was seen.
#[derive(Debug)]
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

/// The outcome of one queue's plan.
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

    /// Returns the plan of the queue, as if nothing of it had been sent.
    pub(super) fn into_plan(self) -> QueuePlan {
        let Self { region, queue, duplicates, records, .. } = self;
        let requests = records.into_iter().map(|record| record.selector).collect();
        let (already_done, maybe_sent) = (BTreeMap::new(), BTreeSet::new());
        QueuePlan { region, queue, requests, duplicates, already_done, maybe_sent }
    }

    /// Returns the totals of all requests.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals::from_records(&self.records)
    }
}

/// How many hosts and groups have which outcome; a call for all hosts counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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
