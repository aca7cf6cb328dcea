//! Reads a journal line by line: checks every line, and builds the report of the run.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use crate::error::Error;

use super::entry::{CallIndex, Entry, PlanEntry};
use super::error::{io_error, journal_error, line_error};
use super::file;
use super::header::{self, MAX_LINE_BYTES};
use super::report::RunReport;
use super::seal::Seal;

/// What a line is that cannot be read.
pub(super) const NOT_AN_ENTRY: &str = "is not a journal entry";

/// The contents of a journal.
pub(super) struct Contents {
    /// The report of its runs. Its queues are complete once a run began.
    pub(super) report: RunReport,
    /// The first line, if it is complete.
    pub(super) plan: Option<PlanEntry>,
    /// How many runs began. Nothing is sent before the first.
    pub(super) runs: u32,
    /// How many bytes of the file are complete lines.
    pub(super) length: u64,
    /// The calls that were sent again although they may have been sent before.
    maybe_sent: HashSet<CallIndex>,
    /// The state of the checksums after the last line.
    pub(super) seal: Seal,
}

/// Reads a journal. An incomplete last line, as a crash leaves it, is skipped.
pub(super) fn read(path: &Path, file: &File) -> Result<Contents, Error> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut contents = Contents::new();
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let read = (&mut reader)
            .take(MAX_LINE_BYTES as u64)
            .read_until(b'\n', &mut line)
            .map_err(|error| io_error(path, "cannot be read", &error))?;
        if line.last() != Some(&b'\n') {
            if read >= MAX_LINE_BYTES {
                return Err(line_error(path, number, NOT_AN_ENTRY));
            }
            break;
        }
        line.pop();
        if number == 1 {
            contents.seal = match header::version(&line) {
                Some(header::VERSION) => Seal::new(),
                Some(header::WITHOUT_CHECKSUMS) => Seal::None,
                Some(_) => {
                    let help = "Read it with that version, or start a new journal.";
                    let what = "it was written by another version of this program";
                    return Err(journal_error(path, what).with_help(help));
                }
                None => return Err(line_error(path, number, NOT_AN_ENTRY)),
            };
        }
        let is_intact = contents.seal.open(&mut line);
        // Of a line that is neither, the checksum is the less helpful reason.
        let entry = serde_json::from_slice(&line).map_err(|_| line_error(path, number, NOT_AN_ENTRY))?;
        if !is_intact {
            return Err(line_error(path, number, "is damaged or belongs to another journal: its checksum is wrong"));
        }
        contents.add(entry).map_err(|what| line_error(path, number, what))?;
        contents.length += read as u64;
    }
    // A journal without a complete first line is a prefix of one, or starts with one; any other file is not a journal.
    if contents.length == 0 && !(line.starts_with(header::PREFIX) || header::PREFIX.starts_with(&line)) {
        return Err(line_error(path, 1, NOT_AN_ENTRY));
    }
    Ok(contents)
}

impl RunReport {
    /// Reads a journal. This takes no lock: the run may still be in progress.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the file cannot be read, is not a journal, or
    /// is damaged before its last line.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let Contents { report, runs, .. } = read(path, &file::open(path)?)?;
        report.after_runs(path, runs)
    }

    /// Returns the report after this number of runs, or an error if there was none.
    pub(super) fn after_runs(self, path: &Path, runs: u32) -> Result<Self, Error> {
        let resume_count = runs
            .checked_sub(1)
            .ok_or_else(|| journal_error(path, "there is nothing to report, because the run has not sent anything"))?;
        Ok(Self { resume_count, ..self })
    }
}

impl Contents {
    fn new() -> Self {
        let (report, maybe_sent, seal) = (RunReport::empty(), HashSet::new(), Seal::new());
        Self { report, plan: None, runs: 0, length: 0, maybe_sent, seal }
    }

    /// Adds an entry, or returns what is wrong with it: the plan comes first and only once, and everything after it is
    /// about a call or queue of the plan.
    fn add(&mut self, entry: Entry) -> Result<(), &'static str> {
        match entry {
            Entry::Plan(plan) if self.plan.is_none() => {
                self.report.begin(plan.at_ms);
                self.plan = Some(*plan);
                return Ok(());
            }
            Entry::Plan(_) => return Err(NOT_AN_ENTRY),
            _ if self.plan.is_none() => return Err(NOT_AN_ENTRY),
            Entry::Queue(_) | Entry::Call(_) if self.runs > 0 => return Err("is outside the plan"),
            Entry::Run { .. } => {
                if self.runs == 0 && !self.plan_is_whole() {
                    return Err("follows a plan that does not match its hash");
                }
                self.runs = self.runs.saturating_add(1);
            }
            Entry::Sending { .. }
            | Entry::Done(_)
            | Entry::ScanEnd { .. }
            | Entry::Baseline(_)
            | Entry::Verdicts { .. }
                if self.runs == 0 =>
            {
                return Err("comes before the end of the plan");
            }
            _ => {}
        }
        self.report.add(entry, &mut self.maybe_sent).ok_or("does not fit to the plan")
    }

    fn plan_is_whole(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| {
            let calls: usize = self.report.queues.iter().map(|queue| queue.records.len()).sum();
            plan.queues == self.report.queues.len() && plan.calls == calls && plan.hash == self.report.plan_hash()
        })
    }
}
