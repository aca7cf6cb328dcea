//! A journal on disk: the plan, then an entry before each call is sent and one after it, so that a run that was killed
//! can be resumed without sending accepted calls again, and so that every host can be reported afterwards.
//!
//! A journal consists of JSON lines. The first identifies the plan by its hash; a journal of another plan is refused.
//! Each entry is on disk before the next step is taken. A last line that a crash cut off is dropped. A run locks its
//! journal while it uses it.

mod entry;
mod error;
mod file;
mod header;
mod reader;
mod report;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::response::outcome::CallOutcome;

use super::queue_plan::QueuePlan;
use super::record::CallRecord;
use super::report::ScanCompletion;
use entry::{CallDone, Entry, ScanEnd, milliseconds};
use error::io_error;
use writer::Writer;

pub(super) use entry::CallIndex;
pub use report::{CallTimestamps, RunReport};

/// A journal that a run writes.
///
/// ```no_run
/// use std::path::Path;
/// use std::sync::Arc;
/// use huaweicloud_hss::fleet::{FleetOptions, Journal, QueuePlan};
///
/// # fn example(mut plans: Vec<QueuePlan>) -> Result<(), huaweicloud_hss::Error> {
/// let path = Path::new("night.jsonl");
/// let journal = if path.exists() { Journal::resume(path, &mut plans, false)? } else { Journal::create(path, &plans)? };
/// let mut options = FleetOptions::default();
/// options.journal = Some(Arc::new(journal));
/// // Pass the plans and the options to `execute_all`.
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    writer: Writer,
}

impl Journal {
    /// Creates a journal of these plans, readable by its owner only (mode 0600).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file exists and is not empty, cannot be created, or is in use.
    pub fn create(path: &Path, plans: &[QueuePlan]) -> Result<Self, Error> {
        let file = file::open_locked(path, true)?;
        let length = file.metadata().map_err(|error| io_error(path, "cannot be read", &error))?.len();
        if length > 0 {
            let what = format!("journal {}: the file already exists", path.display());
            return Err(Error::new(ErrorKind::InvalidInput, what)
                .with_help("Choose another file, or resume the run that this one records.")
                .with_source(std::io::Error::from(std::io::ErrorKind::AlreadyExists)));
        }
        Self::start(path, file, plans)
    }

    /// Resumes a journal of the same plans: the outcomes it records are put into [`QueuePlan::already_done`], and those
    /// calls are not sent again.
    ///
    /// An accepted call stays accepted. One that may have been sent, or whose response was not understood, is not sent
    /// again either, unless `retry_ambiguous` is set. All others are sent again. A journal that a crash cut off within
    /// its plan is started over, because nothing is sent before the plan is complete.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file is not a journal, belongs to other targets, is damaged before its last
    /// line, or is in use.
    pub fn resume(path: &Path, plans: &mut [QueuePlan], retry_ambiguous: bool) -> Result<Self, Error> {
        let mut file = file::open_locked(path, false)?;
        let progress = reader::read_progress(path, &file, plans)?;
        let length = if progress.plan_is_complete { progress.length } else { 0 };
        // Drops what a crash left of a last line, so that the next line starts where it should.
        file.set_len(length)
            .and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(|error| io_error(path, "cannot be written", &error))?;
        if !progress.plan_is_complete {
            return Self::start(path, file, plans);
        }
        for (index, done) in progress.calls {
            let Some(plan) = plans.get_mut(index.queue) else { continue };
            let Some(selector) = plan.requests.get(index.call).cloned() else { continue };
            let record = match done {
                None => CallRecord::ended_early(selector),
                Some(done) => done.into_record(selector),
            };
            let keep = match record.outcome {
                CallOutcome::Accepted => true,
                CallOutcome::Unknown | CallOutcome::Unrecognised => !retry_ambiguous,
                CallOutcome::AlreadyQueued | CallOutcome::Refused | CallOutcome::NotSent => false,
            };
            if keep {
                plan.already_done.insert(index.call, record);
            }
        }
        Self::start_writer(path, file)
    }

    /// Writes the plan, then starts the writer.
    fn start(path: &Path, file: File, plans: &[QueuePlan]) -> Result<Self, Error> {
        let cannot_write = |error: &io::Error| io_error(path, "cannot be written", error);
        let mut out = BufWriter::with_capacity(1 << 16, file);
        header::write_plan_header(&mut out, plans).map_err(|error| cannot_write(&error))?;
        let file = out.into_inner().map_err(|error| cannot_write(error.error()))?;
        file.sync_data().map_err(|error| cannot_write(&error))?;
        Self::start_writer(path, file)
    }

    fn start_writer(path: &Path, mut file: File) -> Result<Self, Error> {
        let writer = append_sync(&mut file, &Entry::Run { at_ms: milliseconds(Clock::System.now()) })
            .and_then(|()| Writer::start(file));
        let writer = writer.map_err(|error| io_error(path, "cannot be written", &error))?;
        Ok(Self { path: path.to_owned(), writer })
    }

    /// Returns why writing the journal failed, if it did. After that, no further call is sent.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.writer.failure().map(|why| format!("journal {}: cannot be written: {why}", self.path.display()))
    }

    /// Records that a call is about to be sent. If this returns `false`, the call must not be sent.
    pub(super) async fn call_sending(&self, index: CallIndex) -> bool {
        let CallIndex { queue, call } = index;
        self.append(&Entry::Sending { queue, call, at_ms: milliseconds(Clock::System.now()) }).await
    }

    /// Records the outcome of a call.
    pub(super) async fn call_done(&self, index: CallIndex, record: &CallRecord) -> bool {
        self.append(&Entry::Done(Box::new(CallDone::new(index, record, milliseconds(Clock::System.now()))))).await
    }

    /// Records whether the end of a queue's scan was seen; nothing if it was not tracked.
    pub(super) async fn scan_completion(&self, queue: usize, completion: &ScanCompletion) -> bool {
        match ScanEnd::new(completion) {
            Some(end) => self.append(&Entry::ScanEnd { queue, end, at_ms: milliseconds(Clock::System.now()) }).await,
            None => true,
        }
    }

    async fn append(&self, entry: &Entry) -> bool {
        match entry.to_line() {
            Ok(line) => self.writer.write(line).await,
            Err(_) => false,
        }
    }
}

/// Writes an entry and waits until it is on disk.
fn append_sync(file: &mut File, entry: &Entry) -> io::Result<()> {
    file.write_all(&entry.to_line()?)?;
    file.sync_data()
}
