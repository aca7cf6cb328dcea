//! Opens the file of a journal for its owner only, and locks it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::error::{Error, ErrorKind};

use super::error::io_error;

/// Opens a journal and locks it. The lock ends with the file or the process.
pub(super) fn open_locked(path: &Path, create: bool) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(create);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| io_error(path, "cannot be opened", &error))?;
    match file.try_lock() {
        Ok(()) => {
            // A file that existed before may be open to others.
            #[cfg(unix)]
            if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
                let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
                file.set_permissions(owner_only)
                    .map_err(|error| io_error(path, "cannot be made accessible to its owner only", &error))?;
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
