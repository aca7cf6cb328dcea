//! The report of a run, read from its journal, whether the run finished, was killed, or is still in progress.

use std::fs::File;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::Error;
use crate::response::outcome::CallOutcome;
use crate::types::selector::Selector;

use super::super::record::CallRecord;
use super::super::report::QueueReport;
use super::entry::{CallEntry, CallIndex, Entry, time};
use super::error::{invalid_line, io_error, journal_error};
use super::reader::read_entries;

/// The contents of a journal.
#[derive(Debug)]
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
}

/// When a call was sent and responded to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallTimestamps {
    /// When it was first sent.
    pub sent_at: Option<SystemTime>,
    /// When its last response arrived.
    pub responded_at: Option<SystemTime>,
}

impl RunReport {
    /// Reads a journal. This takes no lock: the run may still be in progress.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the file cannot be read, is not a journal, or
    /// is damaged before its last line.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| io_error(path, "cannot be opened", &error))?;
        let (queues, times) = (Vec::new(), Vec::new());
        let mut report = Self { queues, times, started_at: UNIX_EPOCH, last_event_at: UNIX_EPOCH, resume_count: 0 };
        let mut runs: u32 = 0;
        read_entries(path, &file, |number, entry| {
            runs += u32::from(matches!(entry, Entry::Run { .. }));
            report.add(entry).ok_or_else(|| invalid_line(path, number))
        })?;
        report.resume_count = runs
            .checked_sub(1)
            .ok_or_else(|| journal_error(path, "there is nothing to report, because the run has not sent anything"))?;
        Ok(report)
    }

    /// Adds an entry. Returns `None` if it does not fit to those before it.
    fn add(&mut self, entry: Entry) -> Option<()> {
        match entry {
            Entry::Plan { at_ms, .. } => {
                self.started_at = time(at_ms);
                self.last_event_at = self.started_at;
            }
            Entry::Queue(queue) => {
                (queue.number == self.queues.len()).then_some(())?;
                self.queues.push(queue.into_report()?);
                self.times.push(Vec::new());
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
                let (record, times) = self.call(CallIndex { queue, call })?;
                *record = CallRecord::ended_early(record.selector.clone());
                times.sent_at.get_or_insert(sent_at);
            }
            Entry::Done(done) => {
                self.last_event_at = time(done.at_ms);
                let responded_at = self.last_event_at;
                let (record, times) = self.call(done.index())?;
                *record = done.into_record(record.selector.clone());
                if record.outcome != CallOutcome::NotSent {
                    times.responded_at = Some(responded_at);
                }
            }
            Entry::ScanEnd { queue, end, at_ms } => {
                self.last_event_at = time(at_ms);
                self.queues.get_mut(queue)?.completion = end.into_completion();
            }
        }
        Some(())
    }

    fn call(&mut self, CallIndex { queue, call }: CallIndex) -> Option<(&mut CallRecord, &mut CallTimestamps)> {
        let record = self.queues.get_mut(queue)?.records.get_mut(call)?;
        Some((record, self.times.get_mut(queue)?.get_mut(call)?))
    }
}
