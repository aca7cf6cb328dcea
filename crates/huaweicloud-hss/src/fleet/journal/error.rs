//! The errors of a journal, each with the path of its file.

use std::io;
use std::path::Path;

use crate::error::Error;

pub(super) fn io_error(path: &Path, what: &str, error: &io::Error) -> Error {
    journal_error(path, &format!("{what}: {error}"))
}

pub(super) fn journal_error(path: &Path, what: &str) -> Error {
    Error::invalid_input(format!("journal {}: {what}", path.display()))
}

/// The error of a line: what is wrong with it.
pub(super) fn line_error(path: &Path, number: u64, what: &str) -> Error {
    journal_error(path, &format!("line {number} {what}"))
        .with_help("Check that the file is a journal of this program and is undamaged.")
}
