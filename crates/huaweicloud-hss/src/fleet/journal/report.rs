//! The account of a run, read from its journal: of one that ended, was killed, or is still going on.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::super::account::{CallRecord, QueueReport, ScanCompletion};
use super::line::{CallLine, Ending, LaneLine, Line};
use super::{lines, not_a_line, told, wrong};
use crate::error::{Error, ErrorKind};
use crate::outcome::CallOutcome;
use crate::queue::{EnterpriseProject, Queue};
use crate::scan::Selector;

/// What a journal tells.
#[derive(Debug)]
#[non_exhaustive]
pub struct RunReport {
    /// The lanes in the order of the plan, each with its account. A call without an answer is unknown; one that no line tells of was
    /// not sent.
    pub queues: Vec<QueueReport>,
    /// When each call was sent and answered, in the order of [`RunReport::queues`] and of their calls.
    pub times: Vec<Vec<CallTimestamps>>,
    /// When the plan was made.
    pub started_at: SystemTime,
    /// When the last line was written.
    pub last_event_at: SystemTime,
    /// How many times the run was resumed from the journal.
    pub resume_count: u32,
}

/// When a call was sent and answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallTimestamps {
    /// When it was sent first.
    pub sent_at: Option<SystemTime>,
    /// When its last answer was there.
    pub responded_at: Option<SystemTime>,
}

impl RunReport {
    /// Reads a journal. It takes no lock: the run may still be going on.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file cannot be read, is no journal, or is damaged before its last line.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| told(path, "cannot be opened", &error))?;
        let (queues, times) = (Vec::new(), Vec::new());
        let (started_at, last_event_at) = (UNIX_EPOCH, UNIX_EPOCH);
        let mut report = Self { queues, times, started_at, last_event_at, resume_count: 0 };
        let mut runs: u32 = 0;
        lines(path, &file, |number, line| {
            runs += u32::from(matches!(line, Line::Run { .. }));
            report.take(line).ok_or_else(|| not_a_line(path, number))
        })?;
        report.resume_count = runs
            .checked_sub(1)
            .ok_or_else(|| wrong(path, "its plan is not whole: the run was ended before it sent anything"))?;
        Ok(report)
    }

    /// Takes in one line; `None` when it does not fit to those before it.
    fn take(&mut self, line: Line) -> Option<()> {
        match line {
            Line::Plan { at_ms, .. } => {
                self.started_at = moment(at_ms);
                self.last_event_at = self.started_at;
            }
            Line::Lane(lane) => {
                (lane.lane == self.queues.len()).then_some(())?;
                self.queues.push(self::lane(lane)?);
                self.times.push(Vec::new());
            }
            Line::Call(CallLine { lane, call, selector, ids }) => {
                let records = &mut self.queues.get_mut(lane)?.records;
                (call == records.len()).then_some(())?;
                records.push(CallRecord::not_sent(Selector::from_field(&selector, ids)?, "not sent"));
                self.times.get_mut(lane)?.push(CallTimestamps::default());
            }
            Line::Run { at_ms } => self.last_event_at = moment(at_ms),
            Line::Sending { lane, call, at_ms } => {
                let record = self.queues.get_mut(lane)?.records.get_mut(call)?;
                *record = CallRecord::ended_early(record.selector.clone());
                self.last_event_at = moment(at_ms);
                self.times.get_mut(lane)?.get_mut(call)?.sent_at.get_or_insert(self.last_event_at);
            }
            Line::Done(done) => {
                let (lane, call) = (done.lane, done.call);
                self.last_event_at = moment(done.at_ms);
                let record = self.queues.get_mut(lane)?.records.get_mut(call)?;
                let sent = done.outcome != CallOutcome::NotSent;
                *record = done.into_record(record.selector.clone());
                if sent {
                    self.times.get_mut(lane)?.get_mut(call)?.responded_at = Some(self.last_event_at);
                }
            }
            Line::Followed { lane, scan, at_ms } => {
                self.last_event_at = moment(at_ms);
                self.queues.get_mut(lane)?.completion = match scan {
                    Ending::Ended => ScanCompletion::Finished,
                    Ending::TimedOut => ScanCompletion::TimedOut,
                    Ending::Stopped => ScanCompletion::Cancelled,
                    Ending::Failed => {
                        ScanCompletion::Failed(Error::new(ErrorKind::Ambiguous, "the status could not be asked for"))
                    }
                };
            }
        }
        Some(())
    }
}

fn moment(at_ms: u64) -> SystemTime {
    // A journal that was tampered with may hold any number.
    UNIX_EPOCH.checked_add(Duration::from_millis(at_ms)).unwrap_or(UNIX_EPOCH)
}

fn lane(line: LaneLine) -> Option<QueueReport> {
    let enterprise_project = match line.enterprise_project_id {
        Some(id) => id.parse().ok()?,
        None => EnterpriseProject::default(),
    };
    Some(QueueReport {
        region: line.region.map(|region| region.parse()).transpose().ok()?,
        queue: Queue { project_id: line.project_id.parse().ok()?, enterprise_project, category: line.category },
        duplicates: line.duplicates,
        records: Vec::new(),
        completion: ScanCompletion::NotTracked,
        cancelled: false,
    })
}
