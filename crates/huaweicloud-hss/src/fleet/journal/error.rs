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

pub(super) fn invalid_line(path: &Path, number: u64) -> Error {
    journal_error(path, &format!("line {number} is not a journal entry"))
        .with_help("Check that the file is a journal of this program and is undamaged.")
}
