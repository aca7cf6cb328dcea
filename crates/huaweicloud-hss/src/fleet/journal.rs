//! A journal on disk: a line before each call is sent and one after, so that a run that was killed can go on without sending again
//! what was accepted.
//!
//! The journal is JSON lines. The first names the plan by its hash; a journal of another plan is refused. Each line is on the disk
//! before the next step is taken. A last line that was torn by a crash is dropped. While a run uses a journal, it holds a lock on it.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, ErrorKind};
use crate::outcome::CallOutcome;

use super::account::CallRecord;
use super::plan::Lane;

/// The form of the journal.
const VERSION: u32 = 1;

/// Where a call stands in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) lane: usize,
    pub(crate) call: usize,
}

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Plan { version: u32, hash: String, calls: usize },
    Sending(Place),
    Done(Done),
}

/// What became of a call.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Done {
    #[serde(flatten)]
    place: Place,
    outcome: CallOutcome,
    processed: Option<u64>,
    code: Option<String>,
    message: String,
    request_id: Option<String>,
    http_status: Option<u16>,
    attempts: u32,
    elapsed_ms: u64,
}

/// A journal that a run writes.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    failed: Mutex<Option<String>>,
}

impl Journal {
    /// Begins a journal of these lanes, readable by its owner only (mode 0600).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file is there already and holds something, cannot be made, or is in use.
    pub fn create(path: &Path, lanes: &[Lane]) -> Result<Self, Error> {
        let file = open(path, true)?;
        let length = file.metadata().map_err(|error| told(path, "cannot be read", &error))?.len();
        if length > 0 {
            let what = format!("journal {}: is there already", path.display());
            return Err(Error::new(ErrorKind::InvalidInput, what)
                .with_help("Go on from it with --resume, or name another file."));
        }
        let journal = Self { path: path.to_owned(), file: Mutex::new(file), failed: Mutex::default() };
        let calls = lanes.iter().map(|lane| lane.calls.len()).sum();
        let head = Line::Plan { version: VERSION, hash: hash(lanes), calls };
        journal.write(&head).map_err(|error| told(path, "cannot be written", &error))?;
        Ok(journal)
    }

    /// Goes on from a journal of the same lanes: what it knows is put into [`Lane::earlier`], and is not sent again.
    ///
    /// A call that was accepted stays so. One that may have been sent, or whose answer was not understood, is kept back as well,
    /// unless `retry_unknown` says otherwise. All others are sent again.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the file is no journal, one of other targets, damaged before its last line, or in use.
    pub fn resume(path: &Path, lanes: &mut [Lane], retry_unknown: bool) -> Result<Self, Error> {
        let mut file = open(path, false)?;
        let (known, length) = read(path, &file, lanes)?;
        // What a crash left of a last line goes, so that the next line begins where it should.
        file.set_len(length)
            .and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(|error| told(path, "cannot be written", &error))?;
        for (place, state) in known {
            let Some(lane) = lanes.get_mut(place.lane) else { continue };
            let Some(selector) = lane.calls.get(place.call).cloned() else { continue };
            let record = match state {
                None => CallRecord {
                    outcome: CallOutcome::Unknown,
                    ..CallRecord::not_sent(selector, "an earlier run was ended before the answer was there")
                },
                Some(done) => CallRecord {
                    outcome: done.outcome,
                    processed: done.processed,
                    code: done.code,
                    request_id: done.request_id,
                    http_status: done.http_status,
                    attempts: done.attempts,
                    elapsed: Duration::from_millis(done.elapsed_ms),
                    ..CallRecord::not_sent(selector, done.message)
                },
            };
            let kept = match record.outcome {
                CallOutcome::Accepted => true,
                CallOutcome::Unknown | CallOutcome::Unrecognised => !retry_unknown,
                CallOutcome::AlreadyQueued | CallOutcome::Refused | CallOutcome::NotSent => false,
            };
            if kept {
                lane.earlier.insert(place.call, record);
            }
        }
        Ok(Self { path: path.to_owned(), file: Mutex::new(file), failed: Mutex::default() })
    }

    /// Why the journal could not be written, if it could not. Nothing more is sent then.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that a call is about to be sent. `false` when that could not be noted: then it must not be.
    pub(crate) fn sending(&self, place: Place) -> bool {
        self.note(&Line::Sending(place))
    }

    /// Notes what became of a call.
    pub(crate) fn done(&self, place: Place, record: &CallRecord) -> bool {
        self.note(&Line::Done(Done {
            place,
            outcome: record.outcome,
            processed: record.processed,
            code: record.code.clone(),
            message: record.message.clone(),
            request_id: record.request_id.clone(),
            http_status: record.http_status,
            attempts: record.attempts,
            elapsed_ms: u64::try_from(record.elapsed.as_millis()).unwrap_or(u64::MAX),
        }))
    }

    fn note(&self, line: &Line) -> bool {
        match self.write(line) {
            Ok(()) => true,
            Err(error) => {
                let why = format!("journal {}: cannot be written: {error}", self.path.display());
                self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
                false
            }
        }
    }

    /// Writes a line in one piece and waits until it is on the disk.
    fn write(&self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&text)?;
        file.sync_data()
    }
}

/// Opens a journal and takes its lock, which ends with the file or the process.
fn open(path: &Path, create: bool) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(create);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| told(path, "cannot be opened", &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let what = format!("journal {}: another run is using it", path.display());
            Err(Error::new(ErrorKind::InvalidInput, what).with_help("Wait until that has ended."))
        }
        Err(TryLockError::Error(error)) => Err(told(path, "cannot be locked", &error)),
    }
}

fn told(path: &Path, what: &str, error: &io::Error) -> Error {
    Error::invalid_input(format!("journal {}: {what}: {error}", path.display()))
}

/// What is known of each call: `None` where it was about to be sent. And how many bytes of the file are whole lines.
type Known = HashMap<Place, Option<Done>>;

fn read(path: &Path, file: &File, lanes: &[Lane]) -> Result<(Known, u64), Error> {
    let wrong = |what: &str| Error::invalid_input(format!("journal {}: {what}", path.display()));
    let mut reader = BufReader::new(file);
    let (mut known, mut length, mut line) = (Known::new(), 0, Vec::new());
    for number in 1_u64.. {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| told(path, "cannot be read", &error))?;
        if line.last() != Some(&b'\n') {
            // Nothing more, or what a crash left of a line.
            break;
        }
        let parsed =
            serde_json::from_slice(&line).map_err(|_| wrong(&format!("line {number} is not a line of a journal")))?;
        match (number, parsed) {
            (1, Line::Plan { version: VERSION, hash: theirs, .. }) if theirs == hash(lanes) => {}
            (1, Line::Plan { version: VERSION, .. }) => {
                let help = "Give the same targets, in the same order, or begin another journal.";
                return Err(wrong("it is that of other targets").with_help(help));
            }
            (1, Line::Plan { .. }) => return Err(wrong("it is of another version of this program")),
            (1, _) | (_, Line::Plan { .. }) => return Err(wrong(&format!("line {number} is not a line of a journal"))),
            (_, Line::Sending(place)) => {
                known.insert(place, None);
            }
            (_, Line::Done(done)) => {
                known.insert(done.place, Some(done));
            }
        }
        length += read as u64;
    }
    if length == 0 {
        return Err(wrong("it is empty").with_help("Begin it without --resume."));
    }
    Ok((known, length))
}

/// Names a plan: the same targets in the same order give the same text.
fn hash(lanes: &[Lane]) -> String {
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
        for call in &lane.calls {
            text(call.field());
            call.ids().iter().for_each(|id| text(id));
        }
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Queue;
    use crate::scan::Selector;

    fn lanes() -> Vec<Lane> {
        let ids = (0..500).map(|n| n.to_string()).collect();
        vec![Lane::new(Queue::new("p".parse().unwrap()), Selector::Hosts(ids)).unwrap()]
    }

    fn place(call: usize) -> Place {
        Place { lane: 0, call }
    }

    fn record(outcome: CallOutcome) -> CallRecord {
        CallRecord { outcome, attempts: 1, ..CallRecord::not_sent(Selector::AllHosts, "m") }
    }

    fn earlier(path: &Path, retry_unknown: bool) -> Vec<(usize, CallOutcome)> {
        let mut lanes = lanes();
        Journal::resume(path, &mut lanes, retry_unknown).unwrap();
        lanes[0].earlier.iter().map(|(call, record)| (*call, record.outcome)).collect()
    }

    #[test]
    fn what_was_accepted_is_kept_and_what_may_have_been_sent_is_kept_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let journal = Journal::create(&path, &lanes()).unwrap();
        assert!(journal.sending(place(0)) && journal.done(place(0), &record(CallOutcome::Accepted)));
        assert!(journal.sending(place(1)) && journal.done(place(1), &record(CallOutcome::Refused)));
        assert!(journal.sending(place(2)));
        drop(journal);
        assert_eq!(earlier(&path, false), [(0, CallOutcome::Accepted), (2, CallOutcome::Unknown)]);
        assert_eq!(earlier(&path, true), [(0, CallOutcome::Accepted)]);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o600
        );
    }

    #[test]
    fn a_torn_last_line_is_dropped_wherever_it_was_torn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let journal = Journal::create(&path, &lanes()).unwrap();
        assert!(
            journal.sending(place(0))
                && journal.done(place(0), &record(CallOutcome::Accepted))
                && journal.sending(place(1))
        );
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for cut in first..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let mut lanes = lanes();
            let journal = Journal::resume(&path, &mut lanes, false).unwrap();
            assert!(journal.sending(place(2)));
            drop(journal);
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.lines().all(|line| serde_json::from_str::<Line>(line).is_ok()), "cut at {cut}: {text}");
        }
    }

    #[test]
    fn what_is_no_journal_of_these_targets_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut lanes = lanes();
        let resume = |lanes: &mut [Lane]| Journal::resume(&path, lanes, false).map(drop).unwrap_err().to_string();
        assert!(resume(&mut lanes).contains("cannot be opened"));
        for (text, part) in [
            ("", "it is empty"),
            ("{\"plan\":", "it is empty"),
            ("hello\n", "line 1 is not a line of a journal"),
            ("{\"sending\":{\"lane\":0,\"call\":0}}\n", "line 1 is not a line of a journal"),
            ("{\"plan\":{\"version\":9,\"hash\":\"\",\"calls\":0}}\n", "another version"),
            ("{\"plan\":{\"version\":1,\"hash\":\"\",\"calls\":0}}\n", "other targets"),
        ] {
            std::fs::write(&path, text).unwrap();
            assert!(resume(&mut lanes).contains(part), "{text:?}: {}", resume(&mut lanes));
        }
        std::fs::remove_file(&path).unwrap();
        let journal = Journal::create(&path, &lanes).unwrap();
        assert!(resume(&mut lanes).contains("another run is using it"));
        drop(journal);
        assert!(Journal::create(&path, &lanes).unwrap_err().to_string().contains("is there already"));
        lanes[0].calls.swap(0, 1);
        assert!(resume(&mut lanes).contains("other targets"));
    }
}
