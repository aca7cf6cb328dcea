//! A journal on disk: the plan, then a line before each call is sent and one after, so that a run that was killed can go on without
//! sending again what was accepted, and so that every host is accounted for afterwards.
//!
//! The journal is JSON lines. The first names the plan by its hash; a journal of another plan is refused. Each line is on the disk
//! before the next step is taken. A last line that was torn by a crash is dropped. While a run uses a journal, it holds a lock on it.

mod line;
mod report;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::call::now;
use crate::error::{Error, ErrorKind};
use crate::outcome::CallOutcome;

use super::account::{CallRecord, ScanCompletion};
use super::plan::QueuePlan;
use line::{CallLine, Done, Ending, LaneLine, Line, VERSION};
use writer::Writer;

pub(crate) use line::Place;
pub use report::{CallTimestamps, RunReport};

/// A journal that a run writes.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    writer: Writer,
}

impl Journal {
    /// Begins a journal of these lanes, readable by its owner only (mode 0600).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file is there already and holds something, cannot be made, or is in use.
    pub fn create(path: &Path, lanes: &[QueuePlan]) -> Result<Self, Error> {
        let file = open(path, true)?;
        let length = file.metadata().map_err(|error| told(path, "cannot be read", &error))?.len();
        if length > 0 {
            let what = format!("journal {}: is there already", path.display());
            return Err(Error::new(ErrorKind::InvalidInput, what)
                .with_help("Go on from it with --resume, or name another file."));
        }
        Self::begin(path, file, lanes)
    }

    /// Goes on from a journal of the same lanes: what it knows is put into [`QueuePlan::already_done`], and is not sent again.
    ///
    /// A call that was accepted stays so. One that may have been sent, or whose answer was not understood, is kept back as well,
    /// unless `retry_unknown` says otherwise. All others are sent again. A journal that was torn by a crash before its plan was whole is
    /// begun anew, for nothing was sent before that.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file is no journal, one of other targets, damaged before its last line, or in use.
    pub fn resume(path: &Path, lanes: &mut [QueuePlan], retry_unknown: bool) -> Result<Self, Error> {
        let mut file = open(path, false)?;
        let Read { known, length, plan_is_whole } = read(path, &file, lanes)?;
        let length = if plan_is_whole { length } else { 0 };
        // What a crash left of a last line goes, so that the next line begins where it should.
        file.set_len(length)
            .and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(|error| told(path, "cannot be written", &error))?;
        if !plan_is_whole {
            return Self::begin(path, file, lanes);
        }
        for (place, state) in known {
            let Some(lane) = lanes.get_mut(place.lane) else { continue };
            let Some(selector) = lane.requests.get(place.call).cloned() else { continue };
            let record = match state {
                None => CallRecord::ended_early(selector),
                Some(done) => done.into_record(selector),
            };
            let kept = match record.outcome {
                CallOutcome::Accepted => true,
                CallOutcome::Unknown | CallOutcome::Unrecognised => !retry_unknown,
                CallOutcome::AlreadyQueued | CallOutcome::Refused | CallOutcome::NotSent => false,
            };
            if kept {
                lane.already_done.insert(place.call, record);
            }
        }
        Self::go(path, file)
    }

    /// Writes the plan.
    fn begin(path: &Path, file: File, lanes: &[QueuePlan]) -> Result<Self, Error> {
        let mut out = BufWriter::with_capacity(1 << 16, file);
        let written = write_plan(&mut out, lanes).and_then(|()| out.flush()).and_then(|()| out.get_ref().sync_data());
        written.map_err(|error| told(path, "cannot be written", &error))?;
        let file = out.into_inner().map_err(|error| told(path, "cannot be written", error.error()))?;
        Self::go(path, file)
    }

    fn go(path: &Path, mut file: File) -> Result<Self, Error> {
        let cannot = |error: io::Error| told(path, "cannot be written", &error);
        put(&mut file, &Line::Run { at_ms: millis(now()) }).map_err(cannot)?;
        Ok(Self { path: path.to_owned(), writer: Writer::start(file).map_err(cannot)? })
    }

    /// Why the journal could not be written, if it could not. Nothing more is sent then.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.writer.failure().map(|why| format!("journal {}: cannot be written: {why}", self.path.display()))
    }

    /// Notes that a call is about to be sent. `false` when that could not be noted: then it must not be.
    pub(crate) async fn sending(&self, place: Place) -> bool {
        let Place { lane, call } = place;
        self.note(&Line::Sending { lane, call, at_ms: millis(now()) }).await
    }

    /// Notes what became of a call.
    pub(crate) async fn done(&self, place: Place, record: &CallRecord) -> bool {
        self.note(&Line::Done(Box::new(Done::new(place, record)))).await
    }

    /// Notes whether a lane's scan was seen to end; nothing where nobody asked.
    pub(crate) async fn followed(&self, lane: usize, followed: &ScanCompletion) -> bool {
        let scan = match followed {
            ScanCompletion::NotTracked => return true,
            ScanCompletion::Finished => Ending::Ended,
            ScanCompletion::TimedOut => Ending::TimedOut,
            ScanCompletion::Cancelled => Ending::Stopped,
            ScanCompletion::Failed(_) => Ending::Failed,
        };
        self.note(&Line::Followed { lane, scan, at_ms: millis(now()) }).await
    }

    async fn note(&self, line: &Line) -> bool {
        match text(line) {
            Ok(text) => self.writer.write(text).await,
            Err(_) => false,
        }
    }
}

impl Done {
    fn new(place: Place, record: &CallRecord) -> Self {
        Self {
            lane: place.lane,
            call: place.call,
            outcome: record.outcome,
            processed: record.processed,
            code: record.code.clone(),
            message: record.message.clone(),
            request_id: record.request_id.clone(),
            http_status: record.http_status,
            attempts: record.attempts,
            elapsed_ms: u64::try_from(record.elapsed.as_millis()).unwrap_or(u64::MAX),
            error: record.error,
            at_ms: millis(now()),
        }
    }

    fn into_record(self, selector: crate::scan::Selector) -> CallRecord {
        CallRecord {
            outcome: self.outcome,
            processed: self.processed,
            code: self.code,
            request_id: self.request_id,
            http_status: self.http_status,
            attempts: self.attempts,
            elapsed: Duration::from_millis(self.elapsed_ms),
            error: self.error,
            ..CallRecord::not_sent(selector, self.message)
        }
    }
}

/// A line with its end, in one piece.
fn text(line: &Line) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

/// Writes a line and waits until it is on the disk.
fn put(file: &mut File, line: &Line) -> io::Result<()> {
    file.write_all(&text(line)?)?;
    file.sync_data()
}

/// The plan: its own line, and one for each lane and each call.
fn write_plan(out: &mut impl io::Write, lanes: &[QueuePlan]) -> io::Result<()> {
    let mut put = |line: &Line| -> io::Result<()> {
        line.serialize(&mut serde_json::Serializer::new(&mut *out))?;
        out.write_all(b"\n")
    };
    let calls = lanes.iter().map(|lane| lane.requests.len()).sum();
    put(&Line::Plan { version: VERSION, hash: hash(lanes), lanes: lanes.len(), calls, at_ms: millis(now()) })?;
    for (number, lane) in lanes.iter().enumerate() {
        put(&Line::Lane(LaneLine {
            lane: number,
            region: lane.region.as_ref().map(ToString::to_string),
            project_id: lane.queue.project_id.to_string(),
            enterprise_project_id: lane.queue.enterprise_project.raw().map(|id| id.as_str().to_owned()),
            category: lane.queue.category,
            duplicates: lane.duplicates,
        }))?;
        for (call, selector) in lane.requests.iter().enumerate() {
            let (selector, ids) = (selector.field().to_owned(), selector.ids().clone());
            put(&Line::Call(CallLine { lane: number, call, selector, ids }))?;
        }
    }
    Ok(())
}

fn millis(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Opens a journal and takes its lock, which ends with the file or the process.
fn open(path: &Path, create: bool) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(create);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| told(path, "cannot be opened", &error))?;
    match file.try_lock() {
        Ok(()) => {
            // One that was there already may be open to others.
            #[cfg(unix)]
            if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
                let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
                file.set_permissions(owner_only)
                    .map_err(|error| told(path, "cannot be made its owner's only", &error))?;
            }
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let what = format!("journal {}: another run is using it", path.display());
            Err(Error::new(ErrorKind::InvalidInput, what).with_help("Wait until that has ended."))
        }
        Err(TryLockError::Error(error)) => Err(told(path, "cannot be locked", &error)),
    }
}

fn told(path: &Path, what: &str, error: &io::Error) -> Error {
    wrong(path, &format!("{what}: {error}"))
}

fn wrong(path: &Path, what: &str) -> Error {
    Error::invalid_input(format!("journal {}: {what}", path.display()))
}

/// Reads whole lines and gives each to `take` with its number; tells how many bytes they are. What a crash left of a last line is
/// not given.
fn lines(path: &Path, file: &File, mut take: impl FnMut(u64, Line) -> Result<(), Error>) -> Result<u64, Error> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut length, mut line) = (0, Vec::new());
    for number in 1_u64.. {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| told(path, "cannot be read", &error))?;
        if line.last() != Some(&b'\n') {
            break;
        }
        if number == 1 && line::version(&line).is_some_and(|version| version != VERSION) {
            return Err(wrong(path, "it is of another version of this program"));
        }
        let parsed = serde_json::from_slice(&line).map_err(|_| not_a_line(path, number))?;
        if matches!(parsed, Line::Plan { .. }) != (number == 1) {
            return Err(not_a_line(path, number));
        }
        take(number, parsed)?;
        length += read as u64;
    }
    // Before its first line is whole, a journal is the begin of that; nothing else is taken for one.
    if length == 0 && !(line.starts_with(line::HEAD) || line::HEAD.starts_with(&line)) {
        return Err(not_a_line(path, 1));
    }
    Ok(length)
}

fn not_a_line(path: &Path, number: u64) -> Error {
    wrong(path, &format!("line {number} is not a line of a journal"))
}

/// What a journal says to a run that goes on from it.
struct Read {
    /// What is known of each call: `None` where it was about to be sent.
    known: HashMap<Place, Option<Done>>,
    /// How many bytes of the file are whole lines.
    length: u64,
    /// Whether the plan is there to its last call.
    plan_is_whole: bool,
}

fn read(path: &Path, file: &File, ours: &[QueuePlan]) -> Result<Read, Error> {
    let mut known = HashMap::new();
    let (mut expected, mut seen) = (None, 0);
    let length = lines(path, file, |_, line| {
        match line {
            Line::Plan { hash: theirs, lanes, calls, .. } => {
                if theirs != hash(ours) {
                    let help = "Give the same targets, in the same order, or begin another journal.";
                    return Err(wrong(path, "it is that of other targets").with_help(help));
                }
                expected = lanes.checked_add(calls);
            }
            Line::Lane(_) | Line::Call(_) => seen += 1,
            Line::Sending { lane, call, .. } => {
                known.insert(Place { lane, call }, None);
            }
            Line::Done(done) => {
                known.insert(Place { lane: done.lane, call: done.call }, Some(*done));
            }
            Line::Run { .. } | Line::Followed { .. } => {}
        }
        Ok(())
    })?;
    Ok(Read { known, length, plan_is_whole: expected == Some(seen) })
}

/// Names a plan: the same targets in the same order give the same text.
fn hash(lanes: &[QueuePlan]) -> String {
    let mut hasher = Sha256::new();
    let mut text = |text: &str| {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    for lane in lanes {
        text(lane.region.as_ref().map_or("", |region| region.as_str()));
        text(lane.queue.project_id.as_str());
        text(lane.queue.enterprise_project.as_str());
        text(&lane.queue.category.to_string());
        for call in &lane.requests {
            text(call.field());
            call.ids().iter().for_each(&mut text);
        }
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
