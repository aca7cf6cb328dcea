//! Writes output files as a whole: a reader never sees half of one.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::exit::CliError;

/// Who can read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Only its owner, if it names hosts.
    Owner,
    /// Every user of the machine, as far as the umask allows.
    Everyone,
}

impl Readers {
    #[cfg(unix)]
    const fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Everyone => 0o644,
        }
    }
}

/// Writes a file under a temporary name in the same folder, then renames it. A file that exists is replaced, and so is
/// the target of a link. The new file has the mode for its readers, or a stricter one that the old file had. A device or a
/// pipe is written as it is.
pub(crate) fn write_file(
    path: &Path,
    readers: Readers,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let path = &resolved(path);
    let old = fs::metadata(path).ok();
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        return write_to(OpenOptions::new().write(true).open(path)?, write).map(drop);
    }
    let temporary = temporary_name(path)?;
    let written = create(&temporary, readers)
        .and_then(|file| write_to(file, write))
        .and_then(|file| {
            #[cfg(unix)]
            if let Some(old) = &old {
                use std::os::unix::fs::PermissionsExt as _;
                file.set_permissions(fs::Permissions::from_mode(old.permissions().mode() & readers.mode()))?;
            }
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The error that matters is the one above.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Returns whether two paths name one file, be it through links. A file that does not exist yet has its name only.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let (Ok(first), Ok(second)) = (fs::metadata(one), fs::metadata(other)) else {
        return place(one).is_some_and(|one| place(other) == Some(one));
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        (first.dev(), first.ino()) == (second.dev(), second.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = (first, second);
        fs::canonicalize(one).is_ok_and(|one| fs::canonicalize(other).is_ok_and(|other| one == other))
    }
}

/// Returns the folder of a file, without links, and its name.
fn place(path: &Path) -> Option<(PathBuf, &OsStr)> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    Some((fs::canonicalize(folder).ok()?, path.file_name()?))
}

/// Returns whether standard output or standard error is written to this file.
pub(crate) fn is_standard_stream(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        use std::os::unix::fs::MetadataExt as _;
        let Ok(file) = fs::metadata(path) else { return false };
        let streams = [io::stdout().as_fd().try_clone_to_owned(), io::stderr().as_fd().try_clone_to_owned()];
        let mut streams = streams.into_iter().flatten().filter_map(|stream| File::from(stream).metadata().ok());
        streams.any(|stream| (stream.dev(), stream.ino()) == (file.dev(), file.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Follows links, so that the target is replaced and not the link.
fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn temporary_name(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no file name"))?;
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.tmp", std::process::id()));
    Ok(path.with_file_name(temporary))
}

/// Returns an error if a file to write is the journal of the run, or the file that the result is written to.
pub(crate) fn check_not_in_use(path: &Path, journal: Option<&Path>) -> Result<(), CliError> {
    let use_of_it = match journal.filter(|journal| is_same_file(path, journal)) {
        Some(journal) => format!("it is the journal {}", journal.display()),
        None if path.is_file() && is_standard_stream(path) => {
            "standard output or standard error is written to it".to_owned()
        }
        None => return Ok(()),
    };
    Err(CliError::usage(format!("cannot write {}: {use_of_it}. Choose another file.", path.display())))
}

/// Creates a file that these readers can read.
fn create(path: &Path, readers: Readers) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, readers.mode());
    #[cfg(not(unix))]
    let _ = readers;
    options.open(path)
}

fn write_to(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<File> {
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        write_file(path, Readers::Owner, |out| out.write_all(text.as_bytes())).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), text);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page");
        write(&path, "old");
        let failed = write_file(&path, Readers::Owner, |out| {
            out.write_all(b"half").and_then(|()| Err(io::Error::other("full")))
        });
        assert_eq!(failed.unwrap_err().to_string(), "full");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        write(&path, "new");
        assert!(write_file(&folder.path().join(".."), Readers::Owner, |_| Ok(())).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_a_file_and_stricter_modes_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        write(&path, "new");
        assert_eq!(mode(), 0o600);
        for (before, after) in [(0o644, 0o600), (0o400, 0o400), (0o660, 0o600)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(before)).unwrap();
            write(&path, "again");
            assert_eq!(mode(), after, "{before:o}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_target_of_a_link_is_replaced_and_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let [path, link, hard] = ["page", "link", "hard"].map(|name| folder.path().join(name));
        write(&path, "one");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        fs::hard_link(&path, &hard).unwrap();
        assert!(is_same_file(&path, &link) && is_same_file(&hard, &link) && !is_same_file(&path, folder.path()));
        std::os::unix::fs::symlink(folder.path(), folder.path().join("here")).unwrap();
        let missing = folder.path().join("missing");
        assert!(is_same_file(&missing, &folder.path().join("here/missing")) && !is_same_file(&missing, &path));
        write(&link, "two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        write_file(Path::new("/dev/null"), Readers::Owner, |out| out.write_all(b"x")).unwrap();
    }
}
