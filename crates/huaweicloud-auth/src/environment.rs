//! What the sources read of the machine: variables, home directory, files and clock, behind one trait.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use zeroize::Zeroizing;

/// What credential sources read of the machine. [`OsEnvironment`] is the real one, [`crate::testing::FakeEnvironment`]
/// is for tests.
pub trait Environment: Send + Sync {
    /// Returns an environment variable; `None` when it is not set.
    ///
    /// # Errors
    /// [`NotUnicode`] when it is set to something that is not Unicode text.
    fn var(&self, name: &str) -> Result<Option<String>, NotUnicode>;

    /// Returns the user's home directory, if it is known.
    fn home_dir(&self) -> Option<PathBuf>;

    /// Reads a whole regular file of at most `max_bytes`. `-` is standard input.
    ///
    /// # Errors
    /// [`FileError`]. A larger file is refused without being read to its end.
    fn read_file(&self, path: &Path, max_bytes: usize) -> Result<FileContents, FileError>;

    /// Returns the current time.
    fn now(&self) -> SystemTime;
}

/// A variable is set, but not to Unicode text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUnicode;

/// Another environment, with a record of the variables that were empty when they were read.
pub(crate) struct RecordingEnvironment<'a> {
    env: &'a dyn Environment,
    empty: Mutex<BTreeSet<String>>,
}

impl<'a> RecordingEnvironment<'a> {
    pub(crate) fn new(env: &'a dyn Environment) -> Self {
        Self { env, empty: Mutex::default() }
    }

    pub(crate) fn empty_variables(&self) -> Vec<String> {
        self.empty.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Environment for RecordingEnvironment<'_> {
    fn var(&self, name: &str) -> Result<Option<String>, NotUnicode> {
        let value = self.env.var(name)?;
        if value.as_deref() == Some("") {
            self.empty.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        }
        Ok(value)
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.env.home_dir()
    }

    fn read_file(&self, path: &Path, max_bytes: usize) -> Result<FileContents, FileError> {
        self.env.read_file(path, max_bytes)
    }

    fn now(&self) -> SystemTime {
        self.env.now()
    }
}

/// A file's bytes, wiped when dropped, and the permission bits of the file and its folder.
pub struct FileContents {
    bytes: Zeroizing<Vec<u8>>,
    unix_mode: Option<u32>,
    folder_mode: Option<u32>,
}

impl FileContents {
    /// Takes the bytes, and the permission bits of a regular file where this user can change them.
    #[must_use]
    pub fn new(bytes: Vec<u8>, unix_mode: Option<u32>) -> Self {
        Self { bytes: Zeroizing::new(bytes), unix_mode, folder_mode: None }
    }

    /// Sets the permission bits of the file's folder, where this user can change them.
    #[must_use]
    pub fn with_folder_mode(mut self, mode: Option<u32>) -> Self {
        self.folder_mode = mode;
        self
    }

    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the permission bits, such as `0o600`. `None` where there are none, or none that this user can change.
    #[must_use]
    pub fn unix_mode(&self) -> Option<u32> {
        self.unix_mode
    }

    /// Returns the permission bits of the folder, as [`unix_mode`](Self::unix_mode) does for the file.
    #[must_use]
    pub fn folder_mode(&self) -> Option<u32> {
        self.folder_mode
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
    /// The file does not exist.
    NotFound,
    /// The path is a directory.
    IsADirectory,
    /// The path is a device, a socket or a named pipe, which may block for ever.
    NotRegular,
    /// This user may not read the file.
    PermissionDenied,
    /// The file is larger than the caller accepts.
    TooLarge {
        /// The largest size that the caller accepts.
        max_bytes: usize,
    },
    /// Another error of the operating system.
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
            Self::NotFound => f.write_str("the file does not exist"),
            Self::IsADirectory => f.write_str("it is a directory"),
            Self::NotRegular => f.write_str("it is not a regular file"),
            Self::PermissionDenied => f.write_str("permission denied"),
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
        if is_standard_input(path) {
            return Ok(FileContents::new(read_to_end(io::stdin().lock(), max_bytes, max_bytes)?, None));
        }
        // Checked before it is opened: opening a named pipe blocks until another process writes to it.
        check_readable(&std::fs::metadata(path).map_err(|error| FileError::from_io(&error))?, path)?;
        let file = File::open(path).map_err(|error| FileError::from_io(&error))?;
        let metadata = file.metadata().map_err(|error| FileError::from_io(&error))?;
        check_readable(&metadata, path)?;
        // A pipe has no length; it is read up to the limit.
        let length = if metadata.is_file() { usize::try_from(metadata.len()).unwrap_or(usize::MAX) } else { max_bytes };
        if length > max_bytes {
            return Err(FileError::TooLarge { max_bytes });
        }
        let bytes = read_to_end(file, length, max_bytes)?;
        if !metadata.is_file() {
            return Ok(FileContents::new(bytes, None));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder_mode = folder.and_then(|folder| changeable_mode(folder, &std::fs::metadata(folder).ok()?));
        Ok(FileContents::new(bytes, changeable_mode(path, &metadata)).with_folder_mode(folder_mode))
    }

    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Returns whether the path stands for standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// Returns whether the path is a pipe or file that this process has open already, and that can be read only once.
pub(crate) fn is_given_open(path: &Path) -> bool {
    is_standard_input(path) || path == Path::new("/dev/stdin") || path.starts_with("/dev/fd")
}

fn read_to_end(reader: impl Read, length: usize, max_bytes: usize) -> Result<Vec<u8>, FileError> {
    // One byte more than expected, so that the buffer never grows, which would leave a copy that is not wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(limit).read_to_end(&mut bytes).map_err(|error| FileError::from_io(&error))?;
    if bytes.len() > max_bytes { Err(FileError::TooLarge { max_bytes }) } else { Ok(std::mem::take(&mut *bytes)) }
}

/// Accepts regular files, and pipes that are already open in this process, such as the ones of a shell's `<(…)`.
fn check_readable(metadata: &Metadata, path: &Path) -> Result<(), FileError> {
    if metadata.is_dir() {
        return Err(FileError::IsADirectory);
    }
    if metadata.is_file() || (is_given_open(path) && is_pipe(metadata)) { Ok(()) } else { Err(FileError::NotRegular) }
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_metadata: &Metadata) -> bool {
    false
}

/// Returns the permission bits if this user can change them.
#[cfg(unix)]
fn changeable_mode(path: &Path, metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let is_read_only =
        rustix::fs::statvfs(path).is_ok_and(|system| system.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY));
    can_chmod(rustix::process::geteuid().as_raw(), metadata.uid(), is_read_only).then(|| metadata.mode() & 0o7777)
}

/// Returns whether `chmod` works: for root and the owner, unless the file system is mounted read-only, as a Kubernetes
/// Secret is.
#[cfg(unix)]
fn can_chmod(user: u32, owner: u32, is_read_only: bool) -> bool {
    !is_read_only && (user == 0 || user == owner)
}

#[cfg(not(unix))]
fn changeable_mode(_path: &Path, _metadata: &Metadata) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::{Environment, FileError, OsEnvironment};
    use std::path::Path;

    #[test]
    fn a_file_is_read_up_to_the_limit() {
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
    fn the_permission_bits_are_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(OsEnvironment.read_file(&path, 9).unwrap().unix_mode(), Some(0o640));
    }

    #[cfg(unix)]
    #[test]
    fn permission_bits_count_only_where_they_can_be_changed() {
        use std::os::unix::fs::PermissionsExt;
        for (user, owner, is_read_only, expected) in
            [(0, 0, false, true), (7, 7, false, true), (0, 7, false, true), (7, 0, false, false), (0, 0, true, false)]
        {
            assert_eq!(super::can_chmod(user, owner, is_read_only), expected, "{user} {owner} {is_read_only}");
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), b"").unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o750)).unwrap();
        let contents = OsEnvironment.read_file(&folder.path().join("file"), 9).unwrap();
        assert_eq!(contents.folder_mode(), Some(0o750));
    }

    #[cfg(unix)]
    #[test]
    fn a_special_file_is_refused_without_being_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        // Nothing writes to it: opening it would block for ever.
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero"), Path::new("/dev/null")] {
            assert_eq!(OsEnvironment.read_file(path, 64).unwrap_err(), FileError::NotRegular, "{}", path.display());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_open_pipe_is_read_up_to_the_limit() {
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
        // A sparse file of 1 TiB takes no space on the disk.
        std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(OsEnvironment.read_file(&path, 64).unwrap_err(), FileError::TooLarge { max_bytes: 64 });
    }

    #[test]
    fn variables_and_clock_are_real() {
        assert_eq!(OsEnvironment.var("HUAWEICLOUD_AUTH_TEST_NOT_SET"), Ok(None));
        assert!(OsEnvironment.var("PATH").unwrap().is_some());
        assert!(OsEnvironment.now() > std::time::UNIX_EPOCH);
    }
}
