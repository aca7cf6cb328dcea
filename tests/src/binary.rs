//! Finds the programs that cargo built for this test run.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static BINARY: LazyLock<PathBuf> = LazyLock::new(|| built("hss", "cargo build --bin hss"));

/// Returns the path of the binary `hss`.
pub fn hss_binary() -> &'static Path {
    &BINARY
}

/// Returns the path of a program in the folder above the test's own.
///
/// # Panics
/// When the program is missing, or older than its sources.
pub fn built(name: &str, command: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let built = fs::metadata(&path).and_then(|meta| meta.modified());
    let built =
        built.unwrap_or_else(|_| panic!("{} is not built: run `{command}`, or test with --workspace", path.display()));
    // Cargo writes the sources of each program beside it.
    let sources = fs::read_to_string(path.with_extension("d")).unwrap_or_default();
    for source in sources.split_once(": ").map_or("", |(_, list)| list).split_whitespace() {
        // A missing file proves nothing: the list may be older than the program.
        let Ok(changed) = fs::metadata(source).and_then(|meta| meta.modified()) else { continue };
        assert!(changed <= built, "{source} is newer than {}: run `{command}`", path.display());
    }
    path
}
