//! The surroundings that the sources read: environment, home directory, files and clock, behind one trait.

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use zeroize::Zeroizing;

/// What the credential sources may ask of the machine. [`OsEnvironment`] is the real one, [`crate::testing::FakeEnvironment`] another.
pub trait Environment: Send + Sync {
    /// An environment variable; `None` when it is not set.
    ///
    /// # Errors
    /// [`NotUnicode`] when it is set to something that is not Unicode text.
    fn var(&self, name: &str) -> Result<Option<String>, NotUnicode>;

    /// The user's home directory, if it is known.
    fn home_dir(&self) -> Option<PathBuf>;

    /// Reads a whole regular file of at most `max_bytes`.
    ///
    /// # Errors
    /// [`FileError`] says which of the usual reasons it was; a larger file is refused without being read to its end.
    fn read_file(&self, path: &Path, max_bytes: usize) -> Result<FileContents, FileError>;

    /// The current time.
    fn now(&self) -> SystemTime;
}

/// The variable is set, but not to Unicode text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUnicode;

/// A file's bytes, wiped when dropped, and who may read it.
pub struct FileContents {
    bytes: Zeroizing<Vec<u8>>,
    unix_mode: Option<u32>,
}

impl FileContents {
    /// `unix_mode` holds the permission bits of a regular file, where the system has such bits.
    #[must_use]
    pub fn new(bytes: Vec<u8>, unix_mode: Option<u32>) -> Self {
        Self { bytes: Zeroizing::new(bytes), unix_mode }
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The permission bits, such as `0o600`.
    #[must_use]
    pub fn unix_mode(&self) -> Option<u32> {
        self.unix_mode
    }
}

impl fmt::Debug for FileContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileContents").field("bytes", &self.bytes.len()).field("unix_mode", &self.unix_mode).finish()
    }
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// There is no such file.
    NotFound,
    /// The path is a directory.
    IsADirectory,
    /// It is a device, a socket or a pipe with a name, which may hold out for ever.
    NotRegular,
    /// This user may not read it.
    PermissionDenied,
    /// It is larger than the bound that was asked for.
    TooLarge {
        /// The bound.
        max_bytes: usize,
    },
    /// Anything else the system reported.
    Other(io::ErrorKind),
}

impl FileError {
    fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound,
            io::ErrorKind::IsADirectory => Self::IsADirectory,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such file"),
            Self::IsADirectory => f.write_str("it is a directory"),
            Self::NotRegular => f.write_str("it is no regular file"),
            Self::PermissionDenied => f.write_str("this user may not read it"),
            Self::TooLarge { max_bytes } => write!(f, "it is larger than {} KiB", max_bytes / 1024),
            Self::Other(kind) => write!(f, "it cannot be read ({kind})"),
        }
    }
}

impl std::error::Error for FileError {}

/// The machine this program runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEnvironment;

impl Environment for OsEnvironment {
    fn var(&self, name: &str) -> Result<Option<String>, NotUnicode> {
        match std::env::var(name) {
            Ok(text) => Ok(Some(text)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(NotUnicode),
        }
    }

    fn home_dir(&self) -> Option<PathBuf> {
        std::env::home_dir().filter(|path| !path.as_os_str().is_empty())
    }

    fn read_file(&self, path: &Path, max_bytes: usize) -> Result<FileContents, FileError> {
        // Looked at before it is opened: opening a pipe with a name waits until somebody writes to it.
        judge(&std::fs::metadata(path).map_err(|error| FileError::from_io(&error))?, path)?;
        let file = File::open(path).map_err(|error| FileError::from_io(&error))?;
        let about = file.metadata().map_err(|error| FileError::from_io(&error))?;
        judge(&about, path)?;
        let too_large = FileError::TooLarge { max_bytes };
        // A pipe has no length and no owner's permissions of its own; it is read as far as the bound.
        let length = if about.is_file() { usize::try_from(about.len()).unwrap_or(usize::MAX) } else { max_bytes };
        if length > max_bytes {
            return Err(too_large);
        }
        // One byte more than expected, so that the buffer is not grown and no unwiped copy is left behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
        let bound = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
        file.take(bound).read_to_end(&mut bytes).map_err(|error| FileError::from_io(&error))?;
        if bytes.len() > max_bytes {
            return Err(too_large);
        }
        Ok(FileContents { bytes, unix_mode: if about.is_file() { unix_mode(&about) } else { None } })
    }

    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Takes regular files, and of all else only a pipe that this program was given already open, as a shell's `<(…)` gives it.
fn judge(about: &Metadata, path: &Path) -> Result<(), FileError> {
    if about.is_dir() {
        return Err(FileError::IsADirectory);
    }
    let given_open = path == Path::new("/dev/stdin") || path.starts_with("/dev/fd");
    if about.is_file() || (given_open && is_pipe(about)) { Ok(()) } else { Err(FileError::NotRegular) }
}

#[cfg(unix)]
fn is_pipe(about: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    about.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_about: &Metadata) -> bool {
    false
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems have no such bits")]
fn unix_mode(about: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(about.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn unix_mode(_about: &Metadata) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::{Environment, FileError, OsEnvironment};
    use std::path::Path;

    #[test]
    fn a_file_is_read_up_to_the_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"12345").unwrap();
        assert_eq!(OsEnvironment.read_file(&path, 5).unwrap().bytes(), b"12345");
        assert_eq!(OsEnvironment.read_file(&path, 4).unwrap_err(), FileError::TooLarge { max_bytes: 4 });
        assert_eq!(OsEnvironment.read_file(folder.path(), 4).unwrap_err(), FileError::IsADirectory);
        assert_eq!(OsEnvironment.read_file(&folder.path().join("none"), 4).unwrap_err(), FileError::NotFound);
        assert_eq!(OsEnvironment.read_file(&path.join("below-a-file"), 4).unwrap_err(), FileError::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn the_permission_bits_come_along() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(OsEnvironment.read_file(&path, 9).unwrap().unix_mode(), Some(0o640));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_refused_without_being_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        // Nobody writes to it: opening it would wait for ever.
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero"), Path::new("/dev/null")] {
            assert_eq!(OsEnvironment.read_file(path, 64).unwrap_err(), FileError::NotRegular, "{}", path.display());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_that_was_given_open_is_read_up_to_the_bound() {
        use std::io::Write;
        use std::os::fd::AsRawFd;
        for (bound, expected) in [(5, Ok("12345")), (4, Err(FileError::TooLarge { max_bytes: 4 }))] {
            let (reader, mut writer) = std::io::pipe().unwrap();
            writer.write_all(b"12345").unwrap();
            drop(writer);
            let read = OsEnvironment.read_file(Path::new(&format!("/dev/fd/{}", reader.as_raw_fd())), bound);
            let text = read.as_ref().map(|contents| std::str::from_utf8(contents.bytes()).unwrap());
            assert_eq!(text, expected.as_ref().copied());
        }
    }

    #[test]
    fn a_huge_file_is_refused_without_being_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge");
        // A hole of 1 TiB: it takes no room on the disk.
        std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(OsEnvironment.read_file(&path, 64).unwrap_err(), FileError::TooLarge { max_bytes: 64 });
    }

    #[test]
    fn the_environment_and_the_clock_are_real() {
        assert_eq!(OsEnvironment.var("HUAWEICLOUD_AUTH_TEST_NOT_SET"), Ok(None));
        assert!(OsEnvironment.var("PATH").unwrap().is_some());
        assert!(OsEnvironment.now() > std::time::UNIX_EPOCH);
    }
}
