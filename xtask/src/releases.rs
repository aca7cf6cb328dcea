//! The releases in spec/released/: a folder for each version, with its specs and their hashes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use openapi_drift::compat::parse_version;
use sha2::{Digest as _, Sha256};

use crate::outcome::{Outcome, Status};
use crate::workspace::{Workspace, files_of};

/// File beside the specs of a release, with a line `<hash>  <file>` for each, as sha256sum writes and checks it.
pub(crate) const HASHES: &str = "SHA256SUMS";

/// Folder of the releases, below the root.
pub(crate) const FOLDER: &str = "spec/released";

/// Returns the releases by version, the oldest first.
pub(crate) fn list(workspace: &Workspace) -> Result<Vec<(String, PathBuf)>, String> {
    let folder = workspace.root().join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("{FOLDER}: cannot be listed: {error}")),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| format!("{FOLDER}: cannot be listed: {error}"))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if let Some(version) = parse_version(&name).filter(|_| path.is_dir()) {
            found.push((version, name, path));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, name, path)| (name, path)).collect())
}

/// Returns the text of the hash file for these specs.
pub(crate) fn hashes(files: &[PathBuf]) -> io::Result<String> {
    let mut out = String::new();
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}  {name}", hash(&fs::read(file)?));
    }
    Ok(out)
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The part of `cargo xtask check` that compares every frozen file with its hash.
pub(crate) fn check(workspace: &Workspace, outcome: &mut Outcome) {
    let releases = match list(workspace) {
        Ok(releases) => releases,
        Err(message) => {
            outcome.line(message);
            return outcome.worsen(Status::Error);
        }
    };
    for (_, folder) in &releases {
        for message in changed_files(workspace, folder) {
            outcome.line(message);
            outcome.worsen(Status::Dirty);
        }
    }
}

/// Returns a message for each file that differs from its frozen state.
fn changed_files(workspace: &Workspace, folder: &Path) -> Vec<String> {
    let shown = |name: &str| workspace.shown(&folder.join(name));
    let bring_back = "restore it; to change the spec, freeze a new release";
    let Ok(text) = fs::read_to_string(folder.join(HASHES)) else {
        return vec![format!("{}: cannot be read: {bring_back}", shown(HASHES))];
    };
    let mut expected: BTreeMap<&str, &str> =
        text.lines().filter_map(|line| line.split_once("  ")).map(|(hash, name)| (name, hash)).collect();
    let mut found = Vec::new();
    for file in files_of(folder, "yaml").unwrap_or_default() {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match expected.remove(name) {
            Some(known) if fs::read(&file).is_ok_and(|bytes| hash(&bytes) == known) => {}
            Some(_) => found.push(format!("{}: this frozen file was changed: {bring_back}", shown(name))),
            None => found.push(format!("{}: this file was added to a frozen release: remove it", shown(name))),
        }
    }
    found.extend(expected.keys().map(|name| format!("{}: this frozen file is missing: {bring_back}", shown(name))));
    found
}
