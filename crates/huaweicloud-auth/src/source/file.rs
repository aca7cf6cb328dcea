//! Reading a credentials file: its text, a warning when others may read it, and errors that name it.

use std::path::Path;

use crate::credentials::Warning;
use crate::environment::{Environment, FileContents, FileError};
use crate::error::{Error, ErrorKind};
use crate::source_location::SourceLocation;

/// The largest file that holds one set of credentials.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// Reads the file; `None` when it does not exist.
pub(super) fn read(
    env: &dyn Environment,
    location: &SourceLocation,
    path: &Path,
    max_bytes: usize,
) -> Result<Option<FileContents>, Error> {
    match env.read_file(path, max_bytes) {
        Ok(contents) => Ok(Some(contents)),
        Err(FileError::NotFound) => Ok(None),
        Err(error) => Err(unreadable(location, error)),
    }
}

/// Makes the error for a file that cannot be read, or that is missing although it was named.
pub(super) fn unreadable(location: &SourceLocation, error: FileError) -> Error {
    let hint = match error {
        FileError::NotFound => "check the path, or remove the setting",
        FileError::PermissionDenied => "give this user permission to read it, or rename it so that it is not used",
        _ => "replace it with a small text file, or rename it so that it is not used",
    };
    Error::new(ErrorKind::Unreadable, location.clone(), error.to_string(), hint).with_source(error)
}

/// Returns the text, without the byte order mark that some editors add.
pub(super) fn text<'a>(contents: &'a FileContents, location: &SourceLocation) -> Result<&'a str, Error> {
    let text = std::str::from_utf8(contents.bytes()).map_err(|error| {
        let reason = format!("it is not UTF-8 text (at byte {})", error.valid_up_to());
        Error::new(ErrorKind::Malformed, location.clone(), reason, "save it as plain UTF-8 text").with_source(error)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Returns a warning when other users than the owner can access the file, or put another in its place.
pub(super) fn warnings(contents: &FileContents, path: &Path) -> impl Iterator<Item = Warning> {
    let file = contents.unix_mode().filter(|mode| mode & 0o077 != 0);
    let file = file.map(|unix_mode| Warning::InsecurePermissions { path: path.to_path_buf(), unix_mode });
    // In a sticky folder, such as /tmp, only the owner of a file may replace it.
    let folder = contents.folder_mode().filter(|mode| mode & 0o022 != 0 && mode & 0o1000 == 0).zip(path.parent());
    let folder = folder.map(|(unix_mode, path)| Warning::InsecureFolder { path: path.to_path_buf(), unix_mode });
    file.into_iter().chain(folder)
}
