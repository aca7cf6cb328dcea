//! Finds and reads the files of the workspace.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use huaweicloud_hss_codegen::GeneratedFile;
use openapi_drift::{Accepted, Spec, read_accepted};

/// The workspace's root folder.
pub(crate) struct Workspace(PathBuf);

impl Workspace {
    /// Returns the workspace that cargo runs this program in, or the one it was built in.
    pub(crate) fn here() -> Self {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let package = Path::new(&package);
        Self(package.parent().unwrap_or(package).to_owned())
    }

    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self(root.to_owned())
    }

    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    /// Returns the text of a generated file's spec.
    pub(crate) fn spec(&self, file: &GeneratedFile) -> Result<String, String> {
        let path = file.spec_path(&self.0);
        fs::read_to_string(&path).map_err(|error| format!("{}: cannot read the spec: {error}", self.shown(&path)))
    }

    /// Generates a file. The error has one problem per line.
    pub(crate) fn generate(&self, file: &GeneratedFile) -> Result<String, String> {
        let spec = self.spec(file)?;
        file.generate(&spec).map_err(|problems| {
            let lines: Vec<String> =
                problems.as_slice().iter().map(|problem| format!("spec/{}:{problem}", file.spec)).collect();
            lines.join("\n")
        })
    }

    /// Returns the reviewed snapshot of a generated file, if there is one.
    pub(crate) fn snapshot(&self, file: &GeneratedFile) -> io::Result<Option<String>> {
        match fs::read_to_string(file.snapshot_path(&self.0)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads every spec in spec/.
    pub(crate) fn specs(&self) -> Result<Vec<Spec>, String> {
        let files = self.files("spec", "yaml")?;
        if files.is_empty() {
            return Err("spec/: no spec found".to_owned());
        }
        files.iter().map(|file| read_spec(file, self.shown(file))).collect()
    }

    /// Reads specs from anywhere, named as they were given.
    pub(crate) fn read_specs(files: &[PathBuf]) -> Result<Vec<Spec>, String> {
        files.iter().map(|file| read_spec(file, file.display().to_string())).collect()
    }

    /// Returns the files of a folder below the root with this extension, by name; none if the folder does not exist.
    pub(crate) fn files(&self, folder: &str, extension: &str) -> Result<Vec<PathBuf>, String> {
        files_of(&self.0.join(folder), extension).map_err(|error| format!("{folder}: cannot be listed: {error}"))
    }

    /// Reads spec/accepted.toml, which may be missing.
    pub(crate) fn accepted(&self) -> Result<Accepted, String> {
        match fs::read_to_string(self.0.join("spec/accepted.toml")) {
            Ok(text) => read_accepted(&text).map_err(|error| format!("spec/accepted.toml: {error}")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Accepted::default()),
            Err(error) => Err(format!("spec/accepted.toml: cannot be read: {error}")),
        }
    }

    /// Returns the path of an operation's accepted facts.
    pub(crate) fn reference_path(&self, operation: &str) -> PathBuf {
        self.0.join("spec/reference").join(format!("{operation}.toml"))
    }

    /// Returns a path relative to the root.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.0).unwrap_or(path).display().to_string()
    }
}

fn read_spec(file: &Path, name: String) -> Result<Spec, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{name}: cannot read the spec: {error}"))?;
    Spec::read(name.clone(), &text).map_err(|error| format!("{name}:{error}"))
}

/// Returns the files of a folder with this extension, by name; none if the folder does not exist.
pub(crate) fn files_of(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
