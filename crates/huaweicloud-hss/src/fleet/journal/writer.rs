//! Writes lines to disk on a thread of its own. Lines that arrive while the disk is busy are written together: many
//! queues share one flush, and none of them holds up the others.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::{io, thread};

use tokio::sync::oneshot;

use super::file::replacement;
use super::seal::Seal;

/// An entry to write, and where to report whether it is on disk.
struct Job {
    entry: Vec<u8>,
    done: oneshot::Sender<bool>,
}

/// The end of a journal, where lines are added.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) length: u64,
    pub(super) seal: Seal,
}

impl Tail {
    /// Writes lines, and waits until they are on disk.
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.check()?;
        self.file.write_all(lines)?;
        self.file.sync_data()?;
        self.length += lines.len() as u64;
        Ok(())
    }

    /// Writes an entry, and waits until it is on disk.
    pub(super) fn append_entry(&mut self, entry: &[u8]) -> io::Result<()> {
        let mut lines = Vec::new();
        self.seal.seal(entry, &mut lines);
        self.append(&lines)
    }

    fn check(&self) -> io::Result<()> {
        replacement(&self.path, &self.file, self.length).map_or(Ok(()), |why| Err(io::Error::other(why)))
    }
}

/// Writes to one file. Dropping it writes the remaining lines and closes the file.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// What the thread shares with the queues.
#[derive(Debug)]
struct Shared {
    tail: Mutex<Tail>,
    has_failed: AtomicBool,
    failure: Mutex<Option<String>>,
}

impl Shared {
    fn fail(&self, why: String) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
        self.has_failed.store(true, Ordering::Release);
    }
}

impl Writer {
    /// Starts the thread that adds lines.
    pub(super) fn start(tail: Tail) -> io::Result<Self> {
        let (jobs, inbox) = channel();
        let (has_failed, failure) = (AtomicBool::new(false), Mutex::default());
        let shared = Arc::new(Shared { tail: Mutex::new(tail), has_failed, failure });
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("journal".to_owned()).spawn(move || work(&of_thread, &inbox))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), shared })
    }

    /// Writes an entry and waits until it is on disk; returns `false` if it is not.
    pub(super) async fn write(&self, entry: Vec<u8>) -> bool {
        let (done, written) = oneshot::channel();
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Job { entry, done }).is_ok());
        sent && written.await.unwrap_or(false)
    }

    /// Returns whether a line could not be written. None is written after that.
    pub(super) fn has_failed(&self) -> bool {
        self.shared.has_failed.load(Ordering::Acquire)
    }

    /// Returns why a line could not be written, or what happened to the file since.
    pub(super) fn failure(&self) -> Option<String> {
        if !self.has_failed()
            && let Err(error) = self.shared.tail.lock().unwrap_or_else(PoisonError::into_inner).check()
        {
            self.shared.fail(error.to_string());
        }
        self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // The thread does not panic; if it did, its lines were never reported as written.
            let _ = thread.join();
        }
    }
}

fn work(shared: &Shared, inbox: &Receiver<Job>) {
    while let Ok(first) = inbox.recv() {
        let mut tail = shared.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut lines, mut waiting) = (Vec::new(), Vec::new());
        for Job { entry, done } in std::iter::once(first).chain(inbox.try_iter()) {
            tail.seal.seal(&entry, &mut lines);
            waiting.push(done);
        }
        let has_failed = shared.has_failed.load(Ordering::Acquire);
        if !has_failed && let Err(error) = tail.append(&lines) {
            shared.fail(error.to_string());
        }
        drop(tail);
        let written = !shared.has_failed.load(Ordering::Acquire);
        for done in waiting {
            // The receiver may have stopped waiting.
            let _ = done.send(written);
        }
    }
}
