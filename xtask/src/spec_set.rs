//! The specs of a release, of the workspace or of a folder, and the changes from one such set to another.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use openapi_drift::Spec;
use openapi_drift::compat::{Change, changes};

use crate::workspace::{Workspace, files_of};

/// Specs that belong together.
pub(crate) struct SpecSet {
    /// The name in reports.
    pub(crate) name: String,
    /// The version of a frozen release.
    pub(crate) version: Option<String>,
    /// Each with its file name.
    specs: Vec<(String, Spec)>,
}

impl SpecSet {
    /// The specs of a frozen release.
    pub(crate) fn of_release(workspace: &Workspace, version: &str, folder: &Path) -> Result<Self, String> {
        let files = files_of(folder, "yaml")
            .map_err(|error| format!("{}: cannot be listed: {error}", workspace.shown(folder)))?;
        Self::read(version.to_owned(), Some(version.to_owned()), &files, |file| workspace.shown(file))
    }

    /// The specs in spec/.
    pub(crate) fn of_workspace(workspace: &Workspace) -> Result<Self, String> {
        Self::read("spec/".to_owned(), None, &workspace.files("spec", "yaml")?, |file| workspace.shown(file))
    }

    /// A spec, or a folder of specs.
    pub(crate) fn of_path(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let files = if path.is_dir() {
            files_of(path, "yaml").map_err(|error| format!("{name}: cannot be listed: {error}"))?
        } else {
            vec![path.to_owned()]
        };
        Self::read(name, None, &files, |file| file.display().to_string())
    }

    fn read(
        name: String,
        version: Option<String>,
        files: &[PathBuf],
        shown: impl Fn(&Path) -> String,
    ) -> Result<Self, String> {
        if files.is_empty() {
            return Err(format!("{name}: no spec found"));
        }
        let read = |file: &PathBuf| {
            let text = fs::read_to_string(file).map_err(|error| format!("{}: cannot be read: {error}", shown(file)))?;
            let spec = Spec::read(shown(file), &text).map_err(|error| format!("{}:{error}", shown(file)))?;
            Ok((file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned(), spec))
        };
        let specs = files.iter().map(read).collect::<Result<_, String>>()?;
        Ok(Self { name, version, specs })
    }

    /// Every change from this set to a newer one.
    pub(crate) fn changes_to(&self, new: &Self) -> Vec<Change> {
        // Two single files are compared even if their names differ.
        if let ([(_, old)], [(_, new)]) = (self.specs.as_slice(), new.specs.as_slice()) {
            return changes(Some(old), Some(new));
        }
        let names: BTreeSet<&str> = self.specs.iter().chain(&new.specs).map(|(name, _)| name.as_str()).collect();
        names.into_iter().flat_map(|name| changes(self.get(name), new.get(name))).collect()
    }

    fn get(&self, name: &str) -> Option<&Spec> {
        self.specs.iter().find(|(known, _)| known == name).map(|(_, spec)| spec)
    }
}
