//! Where text goes: results to standard output, all else to standard error. The only place that writes to either.

use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a result could not be written, for the exit code.
static LOST: AtomicBool = AtomicBool::new(false);

/// Writes a result, and a line end behind it.
pub(crate) fn result(text: &str) {
    write(|out| writeln!(out, "{text}"));
}

/// Lets a result be written piece by piece.
///
/// A reader that went away is no failure of the run: what happened to the hosts is told by the exit code. A full disk is one.
pub(crate) fn write(result: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = result(&mut out).and_then(|()| out.flush());
    if let Err(error) = written {
        // What could not be written is not tried again when the buffer is dropped.
        drop(out.into_parts());
        if error.kind() != io::ErrorKind::BrokenPipe && !LOST.swap(true, Ordering::Relaxed) {
            note(&format!("error: the result cannot be written: {error}"));
        }
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
