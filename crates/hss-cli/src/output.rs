//! Writes results to standard output and everything else to standard error; no other module writes to either.

use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use huaweicloud_hss::printable;

/// Whether writing a result failed, for the exit code.
static OUTPUT_FAILED: AtomicBool = AtomicBool::new(false);

/// Whether standard output is a pipe that nobody reads any more.
static READER_IS_GONE: AtomicBool = AtomicBool::new(false);

/// Prints a result and a line break.
pub(crate) fn print(text: &str) {
    print_with(|out| writeln!(out, "{text}"));
}

/// Lets the caller print a result piece by piece.
///
/// A full disk fails the run. A closed pipe does not: the exit code still reports the outcome of the scan.
pub(crate) fn print_with(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write(&mut out).and_then(|()| out.flush());
    if let Err(error) = written {
        // Dropping the buffer would try to write the rest again.
        drop(out.into_parts());
        if error.kind() == io::ErrorKind::BrokenPipe {
            READER_IS_GONE.store(true, Ordering::Relaxed);
        } else if !OUTPUT_FAILED.swap(true, Ordering::Relaxed) {
            message(&format!("error: cannot write the result: {error}"));
        }
    }
}

/// Returns whether any result was lost, other than to a closed pipe.
pub(crate) fn failed() -> bool {
    OUTPUT_FAILED.load(Ordering::Relaxed)
}

/// Returns whether nobody reads the output any more, so that further results are pointless.
pub(crate) fn reader_is_gone() -> bool {
    READER_IS_GONE.load(Ordering::Relaxed)
}

/// Prints a message and a line break to standard error.
pub(crate) fn message(text: &str) {
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
