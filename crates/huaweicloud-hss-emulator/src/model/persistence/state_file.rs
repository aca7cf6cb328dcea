//! Keeps queues, the request log and the seal of tokens in a file of JSON lines, so that they outlive the process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::mem;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::time::{Duration, Instant};

use crate::auth::clock::WallClock;
use crate::error::EmulatorError;
use crate::model::assets::orders::Order;
use crate::model::clock::Clock;
use crate::model::queues::PendingScan;
use crate::model::request_log::RecordedRequest;

use super::format::{Entry, Header, StateError, StoredHostChange, StoredScan};
use super::replay::Replay;

/// A larger file is compacted: the oldest requests are dropped until it has half of this size.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// How much of the request log is read at once.
const PART_BYTES: usize = 16 * 1024;

/// An open state file, locked against other processes.
pub(crate) struct StateFile {
    path: PathBuf,
    max_bytes: u64,
    clock: Clock,
    /// The same moment on both clocks: queues end by the emulator's clock, and the file has times since 1970. They are
    /// ahead of the wall clock by as much as the emulator's clock was moved forward.
    opened: (Instant, i64),
    log: Mutex<Log>,
}

struct Log {
    file: File,
    bytes: u64,
    /// Where the first request since the last reset may be.
    requests_from: u64,
    /// The file that the current one replaced. It stays locked, so that a process that opened it just before finds it
    /// in use.
    replaced: Option<File>,
    /// Larger than this, the file is compacted.
    compact_above: u64,
    /// Whether a line may be incomplete. Nothing may follow it.
    is_broken: bool,
}

/// Reads requests from the file, even from one that was replaced since.
pub(crate) struct RequestReader {
    file: File,
    unread: Range<u64>,
    /// The part of a line that was read.
    incomplete: Vec<u8>,
}

/// The state that an earlier process left in the file.
#[derive(Default)]
pub(crate) struct RestoredState {
    /// The number of requests since the last reset.
    pub(crate) answered: u64,
    /// The last of them.
    pub(crate) requests: Vec<RecordedRequest>,
    pub(crate) scans: Vec<PendingScan>,
    pub(crate) orders: Vec<Order>,
    pub(crate) host_changes: Vec<StoredHostChange>,
    /// Warnings for the user.
    pub(crate) warnings: Vec<String>,
}

/// What keeps the tokens of an earlier process valid.
pub(crate) struct TokenFacts {
    pub(crate) seal_key: [u8; 32],
    /// The time since the file was created.
    pub(crate) age: Duration,
    /// Tokens with a lower number are expired.
    pub(crate) expired_below: u64,
}

impl StateFile {
    /// Opens the state file at a path, or creates one with this seal key. Restores at most `capacity` requests, and moves
    /// the clock forward by as much as an earlier process did.
    pub(crate) fn open(
        path: &Path,
        new_seal_key: [u8; 32],
        capacity: usize,
        clock: &Clock,
    ) -> Result<(Self, RestoredState, TokenFacts), EmulatorError> {
        Self::open_with_limit(path, new_seal_key, capacity, clock, MAX_FILE_BYTES)
            .map_err(|error| EmulatorError::state(path, error))
    }

    pub(super) fn open_with_limit(
        path: &Path,
        new_seal_key: [u8; 32],
        capacity: usize,
        clock: &Clock,
        max_bytes: u64,
    ) -> Result<(Self, RestoredState, TokenFacts), StateError> {
        let mut file = options().create(true).open(path)?;
        lock_exclusively(&file)?;
        let is_restricted = restrict_to_owner(&file)?;
        if file.metadata()?.len() == 0 {
            let header = Header::new(now_millis(clock), &new_seal_key);
            file.write_all(header.line()?.as_bytes())?;
        }
        let header = Header::read(&mut file)?;
        let content = read(&mut file)?;
        let replay = Replay::of(&content, capacity)?;
        clock.advance(Duration::from_millis(replay.clock_advanced_millis));
        let opened = (clock.now(), now_millis(clock));
        let age = u64::try_from(opened.1.saturating_sub(header.created_millis)).unwrap_or_default();
        let tokens = TokenFacts {
            seal_key: header.seal_key()?,
            age: Duration::from_millis(age),
            expired_below: replay.tokens_expired_below,
        };
        let log = Log {
            file,
            bytes: content.len() as u64,
            requests_from: replay.header_end as u64,
            replaced: None,
            compact_above: max_bytes,
            is_broken: false,
        };
        let (path, clock) = (fs::canonicalize(path)?, clock.clone());
        let state = Self { path, max_bytes, clock, opened, log: Mutex::new(log) };
        let restored = RestoredState {
            answered: replay.answered,
            scans: replay.pending(opened.1).map(|scan| state.pending_scan(scan)).collect(),
            orders: replay.orders.iter().map(|(order, _)| order.clone()).collect(),
            host_changes: replay.host_changes.clone(),
            warnings: [
                replay.torn_line.then(|| torn_line_warning(&state.path)),
                (!is_restricted).then(|| access_warning(&state.path)),
            ]
            .into_iter()
            .flatten()
            .collect(),
            requests: replay.requests.iter().cloned().collect(),
        };
        state.compact(&mut state.lock(), &content, &replay)?;
        Ok((state, restored, tokens))
    }

    /// Records a request, the scan that it started, and the collection that it ordered.
    pub(crate) fn add_request(
        &self,
        request: &RecordedRequest,
        started: Option<&PendingScan>,
        order: Option<&Order>,
    ) -> Result<(), StateError> {
        self.add(&Entry {
            request: Some(request.clone()),
            scan: started.map(|scan| self.stored_scan(scan)),
            order: order.cloned(),
            ..Entry::default()
        })
    }

    /// Records attributes of a host.
    pub(crate) fn add_host_change(&self, change: StoredHostChange) -> Result<(), StateError> {
        self.add(&Entry { host: Some(change), ..Entry::default() })
    }

    /// Records that tokens with a lower number are expired.
    pub(crate) fn expire_tokens_below(&self, number: u64) -> Result<(), StateError> {
        self.add(&Entry { tokens_expired_below: Some(number), ..Entry::default() })
    }

    /// Records by how much the clock was moved forward.
    pub(crate) fn save_clock(&self) -> Result<(), StateError> {
        let clock_advanced_millis = u64::try_from(self.clock.advanced().as_millis()).ok();
        self.add(&Entry { clock_advanced_millis, ..Entry::default() })
    }

    /// Forgets queues and requests.
    pub(crate) fn reset(&self) -> Result<(), StateError> {
        self.add(&Entry { reset: true, ..Entry::default() })
    }

    /// Returns a reader of every request that is in the file now.
    pub(crate) fn request_reader(&self) -> io::Result<RequestReader> {
        let log = self.lock();
        Ok(RequestReader { file: log.file.try_clone()?, unread: log.requests_from..log.bytes, incomplete: Vec::new() })
    }

    /// Returns the next requests of a reader as JSON lines; `None` at the end.
    pub(crate) fn next_part(&self, reader: &mut RequestReader) -> Result<Option<Bytes>, StateError> {
        let mut lines = Vec::new();
        while lines.len() < PART_BYTES && !reader.unread.is_empty() {
            let mut part = vec![0; PART_BYTES.min(usize::try_from(reader.unread.end - reader.unread.start)?)];
            {
                // The handles have one position in the file, which no other may move now.
                let _log = self.lock();
                reader.file.seek(SeekFrom::Start(reader.unread.start))?;
                reader.file.read_exact(&mut part)?;
            }
            reader.unread.start += part.len() as u64;
            for piece in part.split_inclusive(|byte| *byte == b'\n') {
                reader.incomplete.extend_from_slice(piece);
                if piece.ends_with(b"\n") {
                    let entry: Entry = serde_json::from_slice(&mem::take(&mut reader.incomplete))?;
                    if let Some(request) = entry.request {
                        serde_json::to_writer(&mut lines, &request)?;
                        lines.push(b'\n');
                    }
                }
            }
        }
        Ok(Some(Bytes::from(lines)).filter(|lines| !lines.is_empty()))
    }

    fn add(&self, entry: &Entry) -> Result<(), StateError> {
        let line = entry.line()?;
        let mut log = self.lock();
        if log.is_broken {
            return Err("an earlier entry could not be written".into());
        }
        log.is_broken = true;
        log.file.write_all(line.as_bytes())?;
        log.bytes += line.len() as u64;
        if entry.reset {
            log.requests_from = log.bytes;
        }
        if log.bytes > log.compact_above {
            let content = read(&mut log.file)?;
            self.compact(&mut log, &content, &Replay::of(&content, 0)?)?;
        }
        log.is_broken = false;
        Ok(())
    }

    /// Replaces the file by one without obsolete entries, if there are any.
    fn compact(&self, log: &mut Log, content: &[u8], replay: &Replay) -> Result<(), StateError> {
        let max_bytes = if content.len() as u64 > self.max_bytes { self.max_bytes / 2 } else { self.max_bytes };
        let compacted = replay.compacted(content, max_bytes, now_millis(&self.clock))?;
        if compacted == content {
            return Ok(());
        }
        // Renaming replaces the file in one step, so a killed process loses nothing.
        let mut path = self.path.clone().into_os_string();
        path.push(".compacting");
        // An existing one was left by a process that was killed while it wrote it.
        let _ = fs::remove_file(&path);
        let mut file = options().create_new(true).open(&path)?;
        restrict_to_owner(&file)?;
        lock_exclusively(&file)?;
        file.write_all(&compacted)?;
        file.sync_all()?;
        fs::rename(&path, &self.path)?;
        log.replaced = Some(mem::replace(&mut log.file, file));
        log.bytes = compacted.len() as u64;
        log.requests_from = replay.header_end as u64;
        log.compact_above = self.max_bytes.max(2 * log.bytes);
        Ok(())
    }

    fn stored_scan(&self, scan: &PendingScan) -> StoredScan {
        let (opened, opened_millis) = self.opened;
        let millis = |end: Instant| {
            let since = end.saturating_duration_since(opened).as_millis();
            opened_millis.saturating_add(i64::try_from(since).unwrap_or(i64::MAX))
        };
        StoredScan::new(&scan.queue, scan.ends_at.map(millis))
    }

    fn pending_scan(&self, scan: &StoredScan) -> PendingScan {
        let (opened, opened_millis) = self.opened;
        let instant = |millis: i64| {
            let left = u64::try_from(millis.saturating_sub(opened_millis)).unwrap_or_default();
            opened.checked_add(Duration::from_millis(left))
        };
        PendingScan { queue: scan.queue(), ends_at: scan.ends_millis.and_then(instant) }
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        // A panic while a line is written leaves `is_broken` set.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    // The file has the key that seals tokens.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a file accessible to its owner only, whatever the umask and its earlier mode. Returns whether it is: some file
/// systems have no such modes, and another owner's file cannot be changed.
#[cfg(unix)]
fn restrict_to_owner(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = || file.metadata().map(|metadata| metadata.permissions().mode() & 0o777);
    if mode()? != 0o600 {
        let _ = file.set_permissions(fs::Permissions::from_mode(0o600));
    }
    Ok(mode()? & 0o077 == 0)
}

#[cfg(not(unix))]
fn restrict_to_owner(_: &File) -> io::Result<bool> {
    Ok(true)
}

/// Two processes with the same file would use the same numbers.
fn lock_exclusively(file: &File) -> Result<(), StateError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => "another process uses it".into(),
        TryLockError::Error(error) => error.into(),
    })
}

fn read(file: &mut File) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut content)?;
    Ok(content)
}

/// Returns the milliseconds since 1970, ahead by as much as the clock was moved forward.
fn now_millis(clock: &Clock) -> i64 {
    let wall = i64::try_from(WallClock::default().now().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX);
    wall.saturating_add(i64::try_from(clock.advanced().as_millis()).unwrap_or(i64::MAX))
}

fn access_warning(path: &Path) -> String {
    format!("other users can access the state file {}, which has the key that seals tokens", path.display())
}

fn torn_line_warning(path: &Path) -> String {
    format!("the last line of the state file {} was incomplete and was dropped", path.display())
}
