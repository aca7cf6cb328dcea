//! The account of a run, read from its journal: of one that ended, was killed, or is still going on.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::super::account::CallRecord;
use super::super::lane::{Followed, LaneReport};
use super::super::run::LaneResult;
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
    pub lanes: Vec<LaneResult>,
    /// When each call was sent and answered, in the order of [`RunReport::lanes`] and of their calls.
    pub times: Vec<Vec<CallTimes>>,
    /// When the plan was made.
    pub begun: SystemTime,
    /// When the last line was written.
    pub last: SystemTime,
    /// How many runs there were: 1, and one more for each time that a run went on from the journal.
    pub runs: u32,
}

/// When a call was sent and answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallTimes {
    /// When it was sent first.
    pub sent: Option<SystemTime>,
    /// When its last answer was there.
    pub answered: Option<SystemTime>,
}

impl RunReport {
    /// Reads a journal. It takes no lock: the run may still be going on.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file cannot be read, is no journal, or is damaged before its last line.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| told(path, "cannot be opened", &error))?;
        let mut report = Self { lanes: Vec::new(), times: Vec::new(), begun: UNIX_EPOCH, last: UNIX_EPOCH, runs: 0 };
        lines(path, &file, |number, line| report.take(line).ok_or_else(|| not_a_line(path, number)))?;
        if report.runs == 0 {
            return Err(wrong(path, "its plan is not whole: the run was ended before it sent anything"));
        }
        Ok(report)
    }

    /// Takes in one line; `None` when it does not fit to those before it.
    fn take(&mut self, line: Line) -> Option<()> {
        match line {
            Line::Plan { at_ms, .. } => {
                self.begun = moment(at_ms);
                self.last = self.begun;
            }
            Line::Lane(lane) => {
                (lane.lane == self.lanes.len()).then_some(())?;
                self.lanes.push(self::lane(lane)?);
                self.times.push(Vec::new());
            }
            Line::Call(CallLine { lane, call, selector, ids }) => {
                let records = &mut self.lanes.get_mut(lane)?.report.records;
                (call == records.len()).then_some(())?;
                records.push(CallRecord::not_sent(Selector::from_field(&selector, ids)?, "not sent"));
                self.times.get_mut(lane)?.push(CallTimes::default());
            }
            Line::Run { at_ms } => {
                self.runs += 1;
                self.last = moment(at_ms);
            }
            Line::Sending { lane, call, at_ms } => {
                let record = self.lanes.get_mut(lane)?.report.records.get_mut(call)?;
                *record = CallRecord::ended_early(record.selector.clone());
                self.last = moment(at_ms);
                self.times.get_mut(lane)?.get_mut(call)?.sent.get_or_insert(self.last);
            }
            Line::Done(done) => {
                let (lane, call) = (done.lane, done.call);
                self.last = moment(done.at_ms);
                let record = self.lanes.get_mut(lane)?.report.records.get_mut(call)?;
                let sent = done.outcome != CallOutcome::NotSent;
                *record = done.into_record(record.selector.clone());
                if sent {
                    self.times.get_mut(lane)?.get_mut(call)?.answered = Some(self.last);
                }
            }
            Line::Followed { lane, scan, at_ms } => {
                self.last = moment(at_ms);
                let report = &mut self.lanes.get_mut(lane)?.report;
                report.followed = match scan {
                    Ending::Ended => Followed::Ended,
                    Ending::TimedOut => Followed::TimedOut,
                    Ending::Stopped => Followed::Stopped,
                    Ending::Failed => {
                        Followed::Failed(Error::new(ErrorKind::Ambiguous, "the status could not be asked for"))
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

fn lane(line: LaneLine) -> Option<LaneResult> {
    let enterprise_project = match line.enterprise_project_id {
        Some(id) => id.parse().ok()?,
        None => EnterpriseProject::default(),
    };
    Some(LaneResult {
        region: line.region.map(|region| region.parse()).transpose().ok()?,
        queue: Queue { project_id: line.project_id.parse().ok()?, enterprise_project, category: line.category },
        duplicates: line.duplicates,
        report: LaneReport { records: Vec::new(), followed: Followed::No, stopped: false },
    })
}
