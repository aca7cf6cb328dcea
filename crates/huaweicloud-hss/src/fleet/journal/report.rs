//! The report of a run, read from its journal, whether the run finished, was killed, or is still in progress.

use std::collections::{BTreeMap, HashSet};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::response::outcome::CallOutcome;
use crate::types::queue::Queue;
use crate::types::selector::Selector;

use super::super::queue_plan::hash_requests;
use super::super::record::CallRecord;
use super::super::report::QueueReport;
use super::entry::{BaselineEntry, CallEntry, CallIndex, Entry, VerdictEntry, time};

/// The contents of a journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunReport {
    /// The report of each queue, in the order of the plan. A call without a response is unknown; one that the journal
    /// does not mention was not sent.
    pub queues: Vec<QueueReport>,
    /// When each call was sent and responded to, in the order of [`RunReport::queues`] and of their calls.
    pub times: Vec<Vec<CallTimestamps>>,
    /// When the plan was made.
    pub started_at: SystemTime,
    /// When the last entry was written.
    pub last_event_at: SystemTime,
    /// How many times the run was resumed from the journal.
    pub resume_count: u32,
    /// What was proved of each queue, in the order of [`RunReport::queues`].
    #[serde(skip)]
    pub(crate) proofs: Vec<QueueProof>,
}

/// What is known of the servers of a queue, before a scan and after it.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueueProof {
    /// Times before the scan.
    pub(crate) baseline: Vec<BaselineEntry>,
    /// The last verdict about each server, by its id.
    pub(crate) verdicts: BTreeMap<Box<str>, VerdictEntry>,
}

/// When a call was sent and responded to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallTimestamps {
    /// When it was first sent.
    pub sent_at: Option<SystemTime>,
    /// When its last response arrived.
    pub responded_at: Option<SystemTime>,
}

impl RunReport {
    /// Returns the outcome of each host that was given by its id, with its queue.
    pub fn hosts(&self) -> impl Iterator<Item = (&Queue, &str, CallOutcome)> {
        self.queues.iter().flat_map(|queue| queue.hosts().map(move |(id, outcome)| (&queue.queue, id, outcome)))
    }

    /// Returns a report without queues.
    pub(super) fn empty() -> Self {
        let (queues, times, proofs) = (Vec::new(), Vec::new(), Vec::new());
        Self { queues, times, proofs, started_at: UNIX_EPOCH, last_event_at: UNIX_EPOCH, resume_count: 0 }
    }

    /// Sets when the plan was made.
    pub(super) fn begin(&mut self, at_ms: u64) {
        self.started_at = time(at_ms);
        self.last_event_at = self.started_at;
    }

    /// Returns the hash of the plan as far as it is read.
    pub(super) fn plan_hash(&self) -> String {
        hash_requests(
            self.queues.iter().map(|queue| {
                (queue.region.as_ref(), &queue.queue, queue.records.iter().map(|record| &record.selector))
            }),
        )
    }

    /// Adds an entry. Returns `None` if it does not fit to those before it. `maybe_sent` are the calls that were sent
    /// again although they may have been sent before.
    pub(super) fn add(&mut self, entry: Entry, maybe_sent: &mut HashSet<CallIndex>) -> Option<()> {
        match entry {
            Entry::Plan(_) => return None,
            Entry::Queue(queue) => {
                (queue.number == self.queues.len()).then_some(())?;
                self.queues.push(queue.into_report()?);
                self.times.push(Vec::new());
                self.proofs.push(QueueProof::default());
            }
            Entry::Call(CallEntry { queue, call, selector, ids }) => {
                let records = &mut self.queues.get_mut(queue)?.records;
                (call == records.len()).then_some(())?;
                records.push(CallRecord::not_sent(Selector::from_field(&selector, ids)?, "not sent"));
                self.times.get_mut(queue)?.push(CallTimestamps::default());
            }
            Entry::Run { at_ms } => self.last_event_at = time(at_ms),
            Entry::Sending { queue, call, at_ms } => {
                self.last_event_at = time(at_ms);
                let sent_at = self.last_event_at;
                let index = CallIndex { queue, call };
                let (record, times) = self.call(index)?;
                if matches!(record.outcome, CallOutcome::Unknown | CallOutcome::Unrecognised) {
                    maybe_sent.insert(index);
                }
                *record = CallRecord::ended_early(record.selector.clone());
                times.sent_at.get_or_insert(sent_at);
            }
            Entry::Done(done) => {
                self.last_event_at = time(done.at_ms);
                let responded_at = self.last_event_at;
                let index = done.index();
                let (record, times) = self.call(index)?;
                *record = done.into_record(record.selector.clone());
                if maybe_sent.contains(&index) {
                    *record = record.clone().after_ambiguous_attempt();
                }
                if record.outcome != CallOutcome::NotSent {
                    times.responded_at = Some(responded_at);
                }
            }
            Entry::ScanEnd { queue, end, at_ms } => {
                self.last_event_at = time(at_ms);
                self.queues.get_mut(queue)?.completion = end.into_completion();
            }
            Entry::Baseline(entry) => self.proofs.get_mut(entry.queue)?.baseline.push(entry),
            Entry::Verdicts { queue, hosts, at_ms } => {
                self.last_event_at = time(at_ms);
                let verdicts = &mut self.proofs.get_mut(queue)?.verdicts;
                verdicts.extend(hosts.into_iter().map(|host| (host.id.clone(), host)));
            }
        }
        Some(())
    }

    fn call(&mut self, CallIndex { queue, call }: CallIndex) -> Option<(&mut CallRecord, &mut CallTimestamps)> {
        let record = self.queues.get_mut(queue)?.records.get_mut(call)?;
        Some((record, self.times.get_mut(queue)?.get_mut(call)?))
    }
}
