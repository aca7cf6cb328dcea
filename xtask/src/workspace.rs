//! Where things are in the workspace, and what of it could not be read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use huaweicloud_hss_codegen::Job;

/// The workspace's root folder.
pub(crate) struct Workspace(PathBuf);

impl Workspace {
    /// The workspace this program was built in.
    pub(crate) fn here() -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self(package.parent().unwrap_or(package).to_owned())
    }

    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self(root.to_owned())
    }

    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    /// The text of a job's spec.
    pub(crate) fn spec(&self, job: &Job) -> Result<String, String> {
        let path = job.spec_path(&self.0);
        fs::read_to_string(&path).map_err(|error| format!("{}: cannot read the spec: {error}", self.shown(&path)))
    }

    /// What the spec gives now, with each problem on a line of its own.
    pub(crate) fn generate(&self, job: &Job) -> Result<String, String> {
        let spec = self.spec(job)?;
        job.generate(&spec).map_err(|problems| {
            let lines: Vec<String> =
                problems.as_slice().iter().map(|problem| format!("spec/{}:{problem}", job.spec)).collect();
            lines.join("\n")
        })
    }

    /// The reviewed snapshot of a job, if there is one.
    pub(crate) fn snapshot(&self, job: &Job) -> io::Result<Option<String>> {
        match fs::read_to_string(job.snapshot_path(&self.0)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A path as people of this workspace write it: from the root.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.0).unwrap_or(path).display().to_string()
    }
}
