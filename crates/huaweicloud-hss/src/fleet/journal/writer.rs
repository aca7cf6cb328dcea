//! Brings lines to the disk on a thread of its own. Lines that come while the disk is busy go to it together: many lanes share one
//! flush, and none of them keeps the others from going on.

use std::fs::File;
use std::io::Write as _;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::{io, thread};

use tokio::sync::oneshot;

/// Lines, and whom to tell whether they are on the disk.
struct Job {
    lines: Vec<u8>,
    done: oneshot::Sender<bool>,
}

/// Writes to one file. Dropping it writes what is waiting, and closes the file.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    failed: Arc<Mutex<Option<String>>>,
}

impl Writer {
    /// Takes over a file; lines go to where it stands.
    pub(super) fn start(file: File) -> io::Result<Self> {
        let (jobs, inbox) = channel();
        let failed = Arc::default();
        let told = Arc::clone(&failed);
        let thread = thread::Builder::new().name("journal".to_owned()).spawn(move || work(file, &inbox, &told))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), failed })
    }

    /// Writes lines and waits until they are on the disk; `false` when they are not.
    pub(super) async fn write(&self, lines: Vec<u8>) -> bool {
        let (done, answer) = oneshot::channel();
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Job { lines, done }).is_ok());
        sent && answer.await.unwrap_or(false)
    }

    /// Why a line could not be written. None is written after that.
    pub(super) fn failure(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // The thread does not panic; if it did, its lines were never called written.
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
            // Who no longer waits needs no answer.
            let _ = done.send(!broken);
        }
    }
}
