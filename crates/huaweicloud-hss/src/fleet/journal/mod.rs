//! A journal on disk: the plan, then an entry before each call is sent and one after it, so that a run that was killed
//! can be resumed without sending accepted calls again, and so that every host can be reported afterwards.
//!
//! A journal consists of JSON lines, each with a checksum. The first identifies the plan by its hash, and the service and
//! account; a journal of another plan, service or account is refused. Each entry is on disk before the next step is
//! taken. A last line that a crash cut off is dropped. A run locks its journal while it uses it.

mod claims;
mod entry;
mod error;
mod file;
mod header;
mod identity;
mod reader;
mod report;
mod seal;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};
use crate::http::clock::Clock;
use crate::response::outcome::CallOutcome;

use super::queue_plan::{QueuePlan, plan_hash};
use super::record::CallRecord;
use super::report::{QueueReport, ScanCompletion};
use claims::Claims;
use entry::{CallDone, Entry, PlanEntry, ScanEnd, milliseconds};
use error::{io_error, journal_error};
use reader::Contents;
use seal::Seal;
use writer::{Tail, Writer};

pub(super) use entry::CallIndex;
#[cfg(feature = "assets")]
pub(crate) use entry::{BaselineEntry, VerdictEntry};
pub use identity::RunIdentity;
pub use report::{CallTimestamps, RunReport};

/// A journal that a run writes.
///
/// ```no_run
/// use std::path::Path;
/// use huaweicloud_hss::Client;
/// use huaweicloud_hss::fleet::{FleetOptions, Journal, QueuePlan, RunIdentity};
///
/// # fn example(client: &Client, mut plans: Vec<QueuePlan>) -> Result<(), huaweicloud_hss::Error> {
/// let journal = Journal::resume(Path::new("night.jsonl"), &mut plans, &RunIdentity::new(client), false)?;
/// let options = FleetOptions::default().with_journal(journal);
/// // Pass the plans and the options to `execute_all`.
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    writer: Writer,
    claims: Claims,
    identity: RunIdentity,
}

impl Journal {
    /// Creates a journal of these plans, readable by its owner only (mode 0600).
    ///
    /// The plans can be executed in any order, all or some of them, but only with the requests they have now, each
    /// once, and at the endpoint of the identity. Others are not sent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file exists and is not empty, cannot be created, or is in use, or when two
    /// plans are for the same queue.
    pub fn create(path: &Path, plans: &[QueuePlan], identity: &RunIdentity) -> Result<Self, Error> {
        let file = file::open_locked(path)?;
        let length = file.metadata().map_err(|error| io_error(path, "cannot be read", &error))?.len();
        if length > 0 {
            let what = format!("journal {}: the file already exists", path.display());
            return Err(Error::new(ErrorKind::InvalidInput, what)
                .with_help("Choose another file, or resume the run that this one records.")
                .with_source(io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        Self::start(path, file, plans, identity)
    }

    /// Resumes a journal of the same plans: the outcomes it records are put into [`QueuePlan::already_done`], and those
    /// calls are not sent again. If there is no journal, one is created.
    ///
    /// An accepted call stays accepted. One that may have been sent, or whose response was not understood, is not sent
    /// again either, unless `retry_ambiguous` is set; then it stays unknown unless it is accepted. All others are sent
    /// again. A journal that a crash cut off within its plan is started over, because nothing is sent before the plan is
    /// complete.
    ///
    /// Only the plans that this returns can be executed with the journal, as with [`Journal::create`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file is not a journal, belongs to other targets or to another service or
    /// account, is damaged before its last line, or is in use.
    pub fn resume(
        path: &Path,
        plans: &mut [QueuePlan],
        identity: &RunIdentity,
        retry_ambiguous: bool,
    ) -> Result<Self, Error> {
        let mut file = file::open_locked(path)?;
        let Contents { report, plan, runs, length, seal, .. } = reader::read(path, &file)?;
        if let Some(plan) = &plan {
            check_plan(path, plan, plans, identity)?;
        }
        // Drops what a crash left of a last line, so that the next line starts where it should.
        let length = if runs > 0 { length } else { 0 };
        file.set_len(length)
            .and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(|error| io_error(path, "cannot be written", &error))?;
        let recorded = plan.and_then(|plan| plan.identity).unwrap_or_default();
        if runs == 0 {
            return Self::start(path, file, plans, identity);
        }
        for (plan, queue) in plans.iter_mut().zip(report.queues) {
            take_progress(plan, queue, retry_ambiguous);
        }
        let tail = Tail { path: path.to_owned(), file, length, seal };
        Self::start_writer(path, tail, plans, recorded.merged(identity))
    }

    /// Opens a journal to add verdicts to it. No call can be sent with it.
    ///
    /// # Errors
    /// As [`RunReport::read`], and if the journal is in use or belongs to another service or account.
    #[cfg(feature = "assets")]
    pub fn open_for_verdicts(path: &Path, identity: &RunIdentity) -> Result<(Self, RunReport), Error> {
        let mut file = file::open_locked(path)?;
        let Contents { report, plan, runs, length, seal, .. } = reader::read(path, &file)?;
        let report = report.after_runs(path, runs)?;
        if let Some(plan) = &plan {
            check_identity(path, plan, identity)?;
        }
        file.set_len(length)
            .and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(|error| io_error(path, "cannot be written", &error))?;
        let writer = Writer::start(Tail { path: path.to_owned(), file, length, seal })
            .map_err(|error| io_error(path, "cannot be written", &error))?;
        let identity = plan.and_then(|plan| plan.identity).unwrap_or_default();
        Ok((Self { path: path.to_owned(), writer, claims: Claims::new(path, &[])?, identity }, report))
    }

    /// Returns the plans of a journal, to resume it where the targets are not known otherwise, such as servers that are
    /// looked up by name. `None` if there is no journal, or if a crash cut it off within its plan.
    ///
    /// # Errors
    /// As [`RunReport::read`].
    pub fn plans(path: &Path) -> Result<Option<Vec<QueuePlan>>, Error> {
        if !path.exists() {
            return Ok(None);
        }
        let Contents { report, runs, .. } = reader::read(path, &file::open(path)?)?;
        Ok((runs > 0).then(|| report.queues.into_iter().map(QueueReport::into_plan).collect()))
    }

    /// Writes the plan, then starts the writer.
    fn start(path: &Path, file: File, plans: &[QueuePlan], identity: &RunIdentity) -> Result<Self, Error> {
        let cannot_write = |error: &io::Error| io_error(path, "cannot be written", error);
        let mut seal = Seal::new();
        let mut out = BufWriter::with_capacity(1 << 16, file);
        let length =
            header::write_plan_header(&mut out, &mut seal, plans, identity).map_err(|error| cannot_write(&error))?;
        let file = out.into_inner().map_err(|error| cannot_write(error.error()))?;
        file.sync_data().map_err(|error| cannot_write(&error))?;
        Self::start_writer(path, Tail { path: path.to_owned(), file, length, seal }, plans, identity.clone())
    }

    fn start_writer(path: &Path, mut tail: Tail, plans: &[QueuePlan], identity: RunIdentity) -> Result<Self, Error> {
        let claims = Claims::new(path, plans)?;
        let run = Entry::Run { at_ms: milliseconds(Clock::System.now()) };
        let writer = to_json(&run).and_then(|run| tail.append_entry(&run)).and_then(|()| Writer::start(tail));
        let writer = writer.map_err(|error| io_error(path, "cannot be written", &error))?;
        Ok(Self { path: path.to_owned(), writer, claims, identity })
    }

    /// Returns why writing the journal failed, if it did, or what happened to the file while it was in use. After that,
    /// no further call is sent.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.writer.failure().map(|why| format!("journal {}: cannot be written: {why}", self.path.display()))
    }

    /// Returns whether writing failed.
    pub(super) fn has_failed(&self) -> bool {
        self.writer.has_failed()
    }

    /// Takes a plan for execution with a client. Returns the number of its queue in the journal, or why nothing of the
    /// plan must be sent.
    pub(super) fn take(&self, plan: &QueuePlan, endpoint: &str) -> Result<usize, &'static str> {
        if self.identity.endpoint(plan.region.as_ref()).is_some_and(|recorded| recorded != endpoint) {
            return Err("not sent: the journal is for another endpoint");
        }
        self.claims.take(plan)
    }

    /// Records that a call is about to be sent. If this returns `false`, the call must not be sent.
    pub(super) async fn call_sending(&self, index: CallIndex) -> bool {
        let CallIndex { queue, call } = index;
        self.claims.set_sending(queue, true);
        self.append(&Entry::Sending { queue, call, at_ms: milliseconds(Clock::System.now()) }).await
    }

    /// Records the outcome of a call. One that was not about to be sent needs no entry.
    pub(super) async fn call_done(&self, index: CallIndex, record: &CallRecord) -> bool {
        let was_sending = self.claims.set_sending(index.queue, false);
        if !was_sending && record.outcome == CallOutcome::NotSent {
            return true;
        }
        self.append(&Entry::Done(Box::new(CallDone::new(index, record, milliseconds(Clock::System.now()))))).await
    }

    /// Records whether the end of a queue's scan was seen; nothing if it was not tracked.
    pub(super) async fn scan_completion(&self, queue: usize, completion: &ScanCompletion) -> bool {
        match ScanEnd::new(completion) {
            Some(end) => self.append(&Entry::ScanEnd { queue, end, at_ms: milliseconds(Clock::System.now()) }).await,
            None => true,
        }
    }

    /// Records times before a scan.
    #[cfg(feature = "assets")]
    pub(crate) async fn add_baseline(&self, baseline: BaselineEntry) -> bool {
        self.append(&Entry::Baseline(baseline)).await
    }

    /// Records what is proved about servers of a queue.
    #[cfg(feature = "assets")]
    pub(crate) async fn add_verdicts(&self, queue: usize, hosts: Vec<VerdictEntry>) -> bool {
        self.append(&Entry::Verdicts { queue, hosts, at_ms: milliseconds(Clock::System.now()) }).await
    }

    async fn append(&self, entry: &Entry) -> bool {
        match to_json(entry) {
            Ok(entry) => self.writer.write(entry).await,
            Err(_) => false,
        }
    }
}

fn to_json(entry: &Entry) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(entry)?)
}

/// Checks that a journal belongs to this service and account.
fn check_identity(path: &Path, plan: &PlanEntry, identity: &RunIdentity) -> Result<(), Error> {
    let Some((recorded, current)) = plan.identity.as_ref().and_then(|recorded| recorded.difference(identity)) else {
        return Ok(());
    };
    let help = "Use the same service and account, or start a new journal.";
    Err(journal_error(path, &format!("it belongs to a run with {recorded}, not with {current}")).with_help(help))
}

/// Checks that a journal belongs to these plans, and to this service and account.
fn check_plan(path: &Path, plan: &PlanEntry, plans: &[QueuePlan], identity: &RunIdentity) -> Result<(), Error> {
    check_identity(path, plan, identity)?;
    let recorded = plan.identity.as_ref();
    if plan.hash != plan_hash(plans) || recorded.is_some_and(|recorded| !recorded.has_selection_of(identity)) {
        let help = "Pass the same targets in the same order, or start a new journal.";
        return Err(journal_error(path, "it belongs to a run with different targets").with_help(help));
    }
    Ok(())
}

/// Puts the outcomes of a queue into its plan, except those of calls that are to be sent again.
fn take_progress(plan: &mut QueuePlan, queue: QueueReport, retry_ambiguous: bool) {
    for (call, record) in queue.records.into_iter().enumerate() {
        match record.outcome {
            CallOutcome::Accepted => drop(plan.already_done.insert(call, record)),
            CallOutcome::Unknown | CallOutcome::Unrecognised if retry_ambiguous => drop(plan.maybe_sent.insert(call)),
            CallOutcome::Unknown | CallOutcome::Unrecognised => drop(plan.already_done.insert(call, record)),
            CallOutcome::AlreadyQueued | CallOutcome::Refused | CallOutcome::NotSent => {}
        }
    }
}
