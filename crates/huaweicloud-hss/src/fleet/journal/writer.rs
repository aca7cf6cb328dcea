//! Writes lines to disk on a thread of its own. Lines that arrive while the disk is busy are written together: many
//! queues share one flush, and none of them holds up the others.

use std::fs::File;
use std::io::Write as _;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::{io, thread};

use tokio::sync::oneshot;

/// Lines to write, and where to report whether they are on disk.
struct Job {
    lines: Vec<u8>,
    done: oneshot::Sender<bool>,
}

/// Writes to one file. Dropping it writes the remaining lines and closes the file.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    failed: Arc<Mutex<Option<String>>>,
}

impl Writer {
    /// Starts the thread that writes at the file's current position.
    pub(super) fn start(file: File) -> io::Result<Self> {
        let (jobs, inbox) = channel();
        let failed = Arc::default();
        let thread_failed = Arc::clone(&failed);
        let thread =
            thread::Builder::new().name("journal".to_owned()).spawn(move || work(file, &inbox, &thread_failed))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), failed })
    }

    /// Writes lines and waits until they are on disk; returns `false` if they are not.
    pub(super) async fn write(&self, lines: Vec<u8>) -> bool {
        let (done, written) = oneshot::channel();
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Job { lines, done }).is_ok());
        sent && written.await.unwrap_or(false)
    }

    /// Returns why a line could not be written. None is written after that.
    pub(super) fn failure(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

fn work(mut file: File, inbox: &Receiver<Job>, failed: &Mutex<Option<String>>) {
    let mut broken = false;
    while let Ok(first) = inbox.recv() {
        let mut lines = first.lines;
        let mut waiting = vec![first.done];
        while let Ok(job) = inbox.try_recv() {
            lines.extend_from_slice(&job.lines);
            waiting.push(job.done);
        }
        if !broken && let Err(error) = file.write_all(&lines).and_then(|()| file.sync_data()) {
            broken = true;
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
        }
        for done in waiting {
            // The receiver may have stopped waiting.
            let _ = done.send(!broken);
        }
    }
}
