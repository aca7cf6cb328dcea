//! A machine in memory, for tests of this crate and of others: variables, files, home directory and clock as a test
//! sets them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::environment::{Environment, FileContents, FileError, NotUnicode};

/// An [`Environment`] that holds only what a test put in. It starts empty, without a home directory, at 2026-04-03
/// 08:15:30 UTC.
///
/// ```
/// use huaweicloud_auth::{Environment, testing::FakeEnvironment};
///
/// let env = FakeEnvironment::new().with_var("HW_AUTH_TOKEN", "example").with_home("/home/user");
/// assert_eq!(env.var("HW_AUTH_TOKEN"), Ok(Some("example".to_owned())));
/// assert_eq!(env.var("PATH"), Ok(None));
/// ```
#[derive(Clone)]
pub struct FakeEnvironment {
    env: BTreeMap<String, Option<String>>,
    home: Option<PathBuf>,
    files: BTreeMap<PathBuf, Entry>,
    folder_modes: BTreeMap<PathBuf, u32>,
    /// Clones share it.
    now: Arc<Mutex<SystemTime>>,
}

#[derive(Clone)]
enum Entry {
    File { bytes: Vec<u8>, unix_mode: Option<u32> },
    Fails(FileError),
}

impl Default for FakeEnvironment {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeEnvironment {
    /// Makes an empty machine.
    #[must_use]
    pub fn new() -> Self {
        Self {
            env: BTreeMap::new(),
            home: None,
            files: BTreeMap::new(),
            folder_modes: BTreeMap::new(),
            now: Arc::new(Mutex::new(UNIX_EPOCH + Duration::from_secs(1_775_204_130))),
        }
    }

    /// Sets a variable.
    #[must_use]
    pub fn with_var(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), Some(value.into()));
        self
    }

    /// Sets a variable to something that is not Unicode.
    #[must_use]
    pub fn with_var_not_unicode(mut self, name: impl Into<String>) -> Self {
        self.env.insert(name.into(), None);
        self
    }

    /// Sets the home directory.
    #[must_use]
    pub fn with_home(mut self, path: impl Into<PathBuf>) -> Self {
        self.home = Some(path.into());
        self
    }

    /// Adds a file that only its owner may read (mode 0600).
    #[must_use]
    pub fn with_file(self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Self {
        self.with_file_mode(path, bytes, Some(0o600))
    }

    /// Adds a file with these permission bits, or without any, as on an operating system that has none.
    #[must_use]
    pub fn with_file_mode(
        mut self,
        path: impl Into<PathBuf>,
        bytes: impl Into<Vec<u8>>,
        unix_mode: Option<u32>,
    ) -> Self {
        self.files.insert(path.into(), Entry::File { bytes: bytes.into(), unix_mode });
        self
    }

    /// Sets the permission bits of a folder.
    #[must_use]
    pub fn with_folder_mode(mut self, path: impl Into<PathBuf>, unix_mode: u32) -> Self {
        self.folder_modes.insert(path.into(), unix_mode);
        self
    }

    /// Adds a file that cannot be read, for this reason.
    #[must_use]
    pub fn with_file_error(mut self, path: impl Into<PathBuf>, error: FileError) -> Self {
        self.files.insert(path.into(), Entry::Fails(error));
        self
    }

    /// Sets the clock.
    #[must_use]
    pub fn with_now(mut self, now: SystemTime) -> Self {
        self.now = Arc::new(Mutex::new(now));
        self
    }

    /// Moves the clock of this machine and of its clones forward.
    pub fn advance(&self, duration: Duration) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += duration;
    }
}

impl Environment for FakeEnvironment {
    fn var(&self, name: &str) -> Result<Option<String>, NotUnicode> {
        match self.env.get(name) {
            None => Ok(None),
            Some(None) => Err(NotUnicode),
            Some(Some(value)) => Ok(Some(value.clone())),
        }
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.home.clone()
    }

    fn read_file(&self, path: &Path, max_bytes: usize) -> Result<FileContents, FileError> {
        match self.files.get(path) {
            None => Err(FileError::NotFound),
            Some(Entry::Fails(error)) => Err(error.clone()),
            Some(Entry::File { bytes, .. }) if bytes.len() > max_bytes => Err(FileError::TooLarge { max_bytes }),
            Some(Entry::File { bytes, unix_mode }) => {
                let folder_mode = path.parent().and_then(|folder| self.folder_modes.get(folder)).copied();
                Ok(FileContents::new(bytes.clone(), *unix_mode).with_folder_mode(folder_mode))
            }
        }
    }

    fn now(&self) -> SystemTime {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for FakeEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: values and contents may be secrets.
        f.debug_struct("FakeEnvironment")
            .field("env", &self.env.keys())
            .field("home", &self.home)
            .field("files", &self.files.keys())
            .field("now", &self.now())
            .finish()
    }
}
