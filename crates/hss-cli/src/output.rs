//! Where text goes: results to standard output, all else to standard error. The only place that writes to either.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a result could not be written, for the exit code.
static LOST: AtomicBool = AtomicBool::new(false);

/// Writes a result.
///
/// A reader that went away is no failure of the run: what happened to the hosts is told by the exit code. A full disk is one.
pub(crate) fn result(text: &str) {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
        && !LOST.swap(true, Ordering::Relaxed)
    {
        note(&format!("error: the result cannot be written: {error}"));
    }
}

/// Whether any result was lost, other than to a reader that went away.
pub(crate) fn was_lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// Writes a line for the person.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
