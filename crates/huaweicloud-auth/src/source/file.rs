//! Reading a credentials file: its text, a remark when others may read it, and errors that name it.

use std::path::Path;

use crate::environment::{Environment, FileContents, FileError};
use crate::error::{Error, ErrorKind};
use crate::lookup::Warning;
use crate::source_location::SourceLocation;

/// The bound for files with one credential in them.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// Reads the file; `None` when there is none.
pub(super) fn read(
    env: &dyn Environment,
    origin: &SourceLocation,
    path: &Path,
    max_bytes: usize,
) -> Result<Option<FileContents>, Error> {
    match env.read_file(path, max_bytes) {
        Ok(contents) => Ok(Some(contents)),
        Err(FileError::NotFound) => Ok(None),
        Err(error) => Err(unreadable(origin, &error)),
    }
}

/// The error for a file that cannot be read, or that is missing though somebody named it.
pub(super) fn unreadable(origin: &SourceLocation, error: &FileError) -> Error {
    let advice = match error {
        FileError::NotFound => "check the path, or leave the setting out",
        FileError::PermissionDenied => "give this user the right to read it, or move it away",
        _ => "name a small text file instead, or move this one away",
    };
    Error::new(ErrorKind::Unreadable, origin.clone(), error.to_string(), advice)
}

/// The text, without the byte order mark that some editors put in front.
pub(super) fn text<'a>(contents: &'a FileContents, origin: &SourceLocation) -> Result<&'a str, Error> {
    let text = std::str::from_utf8(contents.bytes()).map_err(|error| {
        let at = error.valid_up_to();
        Error::new(
            ErrorKind::Malformed,
            origin.clone(),
            format!("it is not UTF-8 text (at byte {at})"),
            "save it as plain UTF-8 text",
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A remark when the permission bits let anybody but the owner in.
pub(super) fn note(contents: &FileContents, path: &Path) -> Option<Warning> {
    contents
        .unix_mode()
        .filter(|mode| mode & 0o077 != 0)
        .map(|unix_mode| Warning::InsecurePermissions { path: path.to_path_buf(), unix_mode })
}
