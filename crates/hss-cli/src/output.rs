//! Where text goes: results to standard output, all else to standard error. The only place that writes to either.

use std::io::{self, Write};

/// Writes a result. A reader that went away is no failure of the run: what happened to the hosts is told by the exit code.
pub(crate) fn result(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
}

/// Writes a line for the person.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
