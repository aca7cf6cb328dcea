//! Writes results to standard output and everything else to standard error; no other module writes to either.
//!
//! A thread of its own writes the results: a reader that pauses delays neither calls nor Ctrl-C.

pub(crate) mod file;

use std::collections::VecDeque;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use huaweicloud_hss::printable;

use crate::signals;

/// Maximum number of bytes that wait to be written. When they are reached, printing waits for the reader.
const MAX_WAITING_BYTES: usize = 16 * 1024 * 1024;

/// How many bytes are queued at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// How many bytes are written at a time: what counts as progress of the reader.
const PIECE_BYTES: usize = 16 * 1024;

/// How long the reader may pause after an interruption. Then the rest of the result is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a message waits for the results before it.
const SETTLE: Duration = Duration::from_millis(100);

/// How often a wait looks for interruptions.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Results that wait to be written.
struct Queue {
    chunks: VecDeque<Vec<u8>>,
    /// Number of bytes in the chunks and in the one that is being written.
    bytes: usize,
    /// How many pieces were written.
    pieces: u64,
    /// Whether a message waited in vain since the last piece was written.
    is_slow: bool,
    has_thread: bool,
    end: Option<End>,
}

/// Why no more results are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Writing failed, for example because the disk is full.
    Failed,
    /// Standard output is a pipe that nobody reads any more.
    ReaderGone,
    /// The run was interrupted, and the reader does not read.
    GivenUp,
}

static QUEUE: Mutex<Queue> =
    Mutex::new(Queue { chunks: VecDeque::new(), bytes: 0, pieces: 0, is_slow: false, has_thread: false, end: None });

/// Notified whenever the queue changes.
static CHANGED: Condvar = Condvar::new();

fn lock() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints a result and a line break.
pub(crate) fn print(text: &str) {
    print_with(|out| writeln!(out, "{text}"));
}

/// Lets the caller print a result piece by piece.
///
/// A full disk fails the run. A closed pipe does not: the exit code still reports the outcome of the scan.
pub(crate) fn print_with(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut out = BufWriter::with_capacity(CHUNK_BYTES, Queued);
    if write(&mut out).and_then(|()| out.flush()).is_err() {
        // Dropping the buffer would try to write the rest again.
        drop(out.into_parts());
    }
    // On a terminal, a result stays in order with messages and the progress line.
    if io::stdout().is_terminal() {
        flush();
    }
}

/// Waits until all results are written, unless the run was interrupted and the reader does not read.
pub(crate) fn flush() {
    drop(wait_until(lock(), |queue| queue.bytes == 0));
}

/// Returns whether any result was lost, other than to a closed pipe.
pub(crate) fn failed() -> bool {
    lock().end == Some(End::Failed)
}

/// Returns whether nobody reads the output any more, so that further results are pointless.
pub(crate) fn reader_is_gone() -> bool {
    matches!(lock().end, Some(End::ReaderGone | End::GivenUp))
}

/// Returns whether the run was interrupted while the reader did not read.
pub(crate) fn given_up() -> bool {
    lock().end == Some(End::GivenUp)
}

/// Puts what is written into the queue.
struct Queued;

impl Write for Queued {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut queue = wait_until(lock(), |queue| queue.bytes < MAX_WAITING_BYTES);
        if queue.end.is_some() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if !queue.has_thread {
            thread::Builder::new().name("output".to_owned()).spawn(write_queued)?;
            queue.has_thread = true;
        }
        queue.chunks.push_back(bytes.to_vec());
        queue.bytes += bytes.len();
        CHANGED.notify_all();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes what is queued until writing fails.
fn write_queued() {
    let mut out = io::stdout();
    loop {
        let mut queue = lock();
        let chunk = loop {
            match queue.chunks.pop_front() {
                Some(chunk) => break chunk,
                None => queue = CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(queue);
        for piece in chunk.chunks(PIECE_BYTES) {
            let written = out.write_all(piece).and_then(|()| out.flush());
            let mut queue = lock();
            queue.bytes -= piece.len();
            queue.pieces += 1;
            queue.is_slow = false;
            if let Err(error) = written {
                let is_gone = error.kind() == io::ErrorKind::BrokenPipe;
                queue.end = Some(if is_gone { End::ReaderGone } else { End::Failed });
                (queue.bytes, queue.chunks) = (0, VecDeque::new());
                drop(queue);
                if !is_gone {
                    message(&format!("error: cannot write the result: {error}"));
                }
                CHANGED.notify_all();
                return;
            }
            CHANGED.notify_all();
        }
    }
}

/// Waits for a state of the queue. Gives up the results if the run was interrupted and the reader makes no progress.
fn wait_until(
    mut queue: MutexGuard<'static, Queue>,
    is_reached: impl Fn(&Queue) -> bool,
) -> MutexGuard<'static, Queue> {
    let (mut last, mut since) = ((queue.pieces, signals::interruptions()), Instant::now());
    while queue.end.is_none() && !is_reached(&queue) {
        let now = (queue.pieces, signals::interruptions());
        if now != last {
            (last, since) = (now, Instant::now());
        }
        if now.1 > 0 && since.elapsed() >= PATIENCE {
            queue.end = Some(End::GivenUp);
            drop(queue);
            message("error: the result is incomplete: standard output is not read");
            return lock();
        }
        queue = CHANGED.wait_timeout(queue, POLL_INTERVAL).unwrap_or_else(PoisonError::into_inner).0;
    }
    queue
}

/// Prints a message and a line break to standard error, after the results before it unless their reader pauses.
pub(crate) fn message(text: &str) {
    let is_waiting = |queue: &mut Queue| queue.bytes > 0 && queue.end.is_none() && !queue.is_slow;
    let (mut queue, waited) =
        CHANGED.wait_timeout_while(lock(), SETTLE, is_waiting).unwrap_or_else(PoisonError::into_inner);
    queue.is_slow |= waited.timed_out();
    drop(queue);
    let _ = writeln!(io::stderr().lock(), "{}", printable_lines(text));
}

/// Returns a text with everything but its line breaks escaped. Its other lines are indented: a name with a line break
/// cannot pass for a message of its own.
pub(crate) fn printable_lines(text: &str) -> String {
    let mut lines = text.split('\n').map(printable);
    let mut printed = lines.next().unwrap_or_default().into_owned();
    for line in lines {
        printed.push_str(if line.starts_with("  ") { "\n" } else { "\n  " });
        printed.push_str(&line);
    }
    printed
}
