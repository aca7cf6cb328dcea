//! Opens the file of a journal for its owner only, locks it, and notices when another file takes its place.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::error::{Error, ErrorKind};

use super::error::{io_error, journal_error};

/// Opens a journal to read it, without a lock.
pub(super) fn open(path: &Path) -> Result<File, Error> {
    check_regular(path)?;
    File::open(path).map_err(|error| io_error(path, "cannot be opened", &error))
}

/// Opens or creates a journal and locks it. The lock ends with the file or the process.
pub(super) fn open_locked(path: &Path) -> Result<File, Error> {
    check_regular(path)?;
    let is_new = !path.exists();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| io_error(path, "cannot be opened", &error))?;
    match file.try_lock() {
        Ok(()) => {
            #[cfg(unix)]
            restrict_to_owner(path, &file)?;
            if is_new {
                sync_folder(path);
            }
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let what = format!("journal {}: it is in use by another run", path.display());
            Err(Error::new(ErrorKind::InvalidInput, what).with_help("Wait until that run has ended."))
        }
        Err(TryLockError::Error(error)) => Err(io_error(path, "cannot be locked", &error)),
    }
}

/// Refuses what is not a file: reading a pipe or a device would not end.
fn check_regular(path: &Path) -> Result<(), Error> {
    match path.metadata() {
        Ok(metadata) if !metadata.is_file() => Err(journal_error(path, "it is not a regular file")),
        // A file that cannot be examined cannot be opened either.
        _ => Ok(()),
    }
}

/// Makes a file that existed before accessible to its owner only. Where that is not possible, as in a shared folder
/// whose server decides, it is an error only if others can read the file.
#[cfg(unix)]
fn restrict_to_owner(path: &Path, file: &File) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;

    let cannot = |error| io_error(path, "cannot be made accessible to its owner only", &error);
    let mode = file.metadata().map_err(cannot)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    match file.set_permissions(std::fs::Permissions::from_mode(0o600)) {
        Err(error) if !is_harmless(error.kind(), mode) => Err(cannot(error)),
        Err(error) => {
            tracing::warn!(journal = %path.display(), %error, "the journal's mode cannot be changed; others cannot read it");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Returns whether a file with this mode may be used although its mode cannot be changed.
#[cfg(unix)]
fn is_harmless(error: std::io::ErrorKind, mode: u32) -> bool {
    use std::io::ErrorKind::{PermissionDenied, Unsupported};
    matches!(error, PermissionDenied | Unsupported) && mode & 0o044 == 0
}

/// Makes the name of a new file durable. Not every file system can, and none loses more than an empty file by it.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::debug!(folder = %folder.display(), %error, "the folder of the journal cannot be synchronised");
    }
}

/// Returns how the file at a path differs from the one that is open and has at least this many bytes.
pub(super) fn replacement(path: &Path, file: &File, length: u64) -> Option<&'static str> {
    let Ok(open) = file.metadata() else { return Some("it can no longer be examined") };
    if open.len() < length {
        return Some("it was truncated while in use");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        match path.metadata() {
            Ok(named) if (named.dev(), named.ino()) == (open.dev(), open.ino()) => None,
            Ok(_) => Some("it was replaced by another file while in use"),
            Err(_) => Some("it was moved or deleted while in use"),
        }
    }
    #[cfg(not(unix))]
    (!path.exists()).then_some("it was moved or deleted while in use")
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn a_mode_that_cannot_be_changed_matters_only_if_others_can_read() {
        for (error, mode, fine) in [
            (ErrorKind::PermissionDenied, 0o100_600, true),
            (ErrorKind::PermissionDenied, 0o100_611, true),
            (ErrorKind::Unsupported, 0o100_622, true),
            (ErrorKind::PermissionDenied, 0o100_640, false),
            (ErrorKind::PermissionDenied, 0o100_604, false),
            (ErrorKind::ReadOnlyFilesystem, 0o100_622, false),
        ] {
            assert_eq!(is_harmless(error, mode), fine, "{error:?} {mode:o}");
        }
    }
}
