//! The workspace itself: the modules, files and dependencies of its crates, and where its links lead.
//!
//! `STRUCTURE_ROOT` names another checkout to look at than the one that the tests are built from.

mod crates;
mod cycles;
mod dependencies;
mod files;
mod graph;
mod layers;
mod links;
mod modules;

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the root of the workspace under test.
fn root() -> PathBuf {
    std::env::var_os("STRUCTURE_ROOT").map_or_else(|| integration_tests::root().to_owned(), PathBuf::from)
}

/// Returns the folders of all packages, from the workspace's root on.
fn packages(root: &Path) -> Vec<PathBuf> {
    let folders = [entries(&root.join("crates")), entries(root)].concat().into_iter();
    let packages = folders.filter(|path| path.join("Cargo.toml").is_file());
    packages.map(|path| path.strip_prefix(root).unwrap().to_owned()).collect()
}

/// Returns what is in a folder, in order. A folder that does not exist is empty.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    entries
}

/// Writes files into a new folder.
fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}
