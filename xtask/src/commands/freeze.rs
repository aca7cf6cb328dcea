//! `cargo xtask freeze`: copies the specs of a release, so that later ones can be compared with them.

use std::fs;
use std::io;
use std::path::PathBuf;

use openapi_drift::compat::{self, next_version, parse_version, version_bump};
use openapi_drift::yaml::Node;

use crate::outcome::Outcome;
use crate::releases;
use crate::spec_set::SpecSet;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace, version: &str) -> Outcome {
    match freeze(workspace, version) {
        Ok(files) => {
            let mut outcome = Outcome::default();
            for file in files {
                outcome.line(format_args!("{}: written", workspace.shown(&file)));
            }
            outcome
        }
        Err(message) => Outcome::error(format!("{message}\nNothing was written.")),
    }
}

fn freeze(workspace: &Workspace, version: &str) -> Result<Vec<PathBuf>, String> {
    let wanted =
        parse_version(version).ok_or_else(|| format!("`{version}` is not a version: write major.minor.patch"))?;
    if let Some((newest, folder)) = releases::list(workspace)?.last() {
        if parse_version(newest).is_some_and(|newest| newest >= wanted) {
            return Err(format!("{newest} is already frozen, and {version} is not later"));
        }
        let changes = SpecSet::of_release(workspace, newest, folder)?.changes_to(&SpecSet::of_workspace(workspace)?);
        let least = next_version(newest, version_bump(&changes));
        if least.as_deref().and_then(parse_version).is_some_and(|least| wanted < least) {
            let least = least.unwrap_or_default();
            let count = changes.iter().filter(|change| change.severity == compat::Severity::Breaking).count();
            return Err(format!(
                "breaking changes since {newest}: {count}. The version must be {least} or later (details: `cargo xtask diff`)"
            ));
        }
    }
    for spec in workspace.specs()? {
        let written = spec.root().get("info").and_then(|info| info.get("version")).and_then(Node::as_str);
        if written != Some(version) {
            let written = written.unwrap_or("missing");
            return Err(format!("{}: `info.version` is {written}: write {version} first", spec.name()));
        }
    }
    let folder = workspace.root().join(releases::FOLDER).join(version);
    let failed = |error: io::Error| format!("{}: cannot be written: {error}", workspace.shown(&folder));
    fs::create_dir_all(&folder).map_err(failed)?;
    let mut written = Vec::new();
    for file in workspace.files("spec", "yaml")? {
        let copy = folder.join(file.file_name().unwrap_or_default());
        let text = fs::read(&file).map_err(failed)?;
        fs::write(&copy, text).map_err(failed)?;
        written.push(copy);
    }
    // The hashes come last: a release that was not written completely has none, and `check` reports that.
    let hashes = releases::hashes(&written).map_err(failed)?;
    let file = folder.join(releases::HASHES);
    fs::write(&file, hashes).map_err(failed)?;
    written.push(file);
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Status;
    use crate::test_support::{check, copy_of_workspace, edit};

    fn frozen(workspace: &Workspace, version: &str) -> (Status, String) {
        let outcome = run(workspace, version);
        (outcome.status, outcome.out + &outcome.err)
    }

    #[test]
    fn a_frozen_release_may_not_change() {
        let (_folder, workspace) = copy_of_workspace();
        let (status, text) = frozen(&workspace, "0.1.0");
        assert_eq!(status, Status::Clean, "{text}");
        assert!(text.contains("spec/released/0.1.0/hss.yaml: written"), "{text}");
        assert_eq!(check(&workspace).0, Status::Clean);

        let hss = "spec/released/0.1.0/hss.yaml";
        edit(&workspace, hss, "maxItems: 200", "maxItems: 201");
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Dirty);
        assert!(text.contains("spec/released/0.1.0/hss.yaml: this frozen file was changed"), "{text}");
        fs::remove_file(workspace.root().join(hss)).unwrap();
        fs::write(workspace.root().join("spec/released/0.1.0/more.yaml"), "paths: {}").unwrap();
        let (_, text) = check(&workspace);
        assert!(
            text.contains("hss.yaml: this frozen file is missing") && text.contains("more.yaml: this file was added"),
            "{text}"
        );
        fs::remove_file(workspace.root().join("spec/released/0.1.0").join(releases::HASHES)).unwrap();
        assert!(check(&workspace).1.contains("SHA256SUMS: cannot be read"));
    }

    #[test]
    fn a_version_must_be_new_in_the_spec_and_high_enough() {
        let (_folder, workspace) = copy_of_workspace();
        for (version, expected) in
            [("1", "`1` is not a version"), ("0.2.0", "`info.version` is 0.1.0: write 0.2.0 first")]
        {
            let (status, text) = frozen(&workspace, version);
            assert_eq!(status, Status::Error);
            assert!(text.contains(expected) && text.contains("Nothing was written."), "{text}");
        }
        assert_eq!(frozen(&workspace, "0.1.0").0, Status::Clean);
        assert!(frozen(&workspace, "0.1.0").1.contains("0.1.0 is already frozen, and 0.1.0 is not later"));
        edit(&workspace, "spec/hss.yaml", "maxItems: 200", "maxItems: 100");
        for spec in ["spec/hss.yaml", "spec/iam.yaml"] {
            edit(&workspace, spec, "version: 0.1.0", "version: 0.1.1");
        }
        let (status, text) = frozen(&workspace, "0.1.1");
        assert_eq!(status, Status::Error);
        assert!(text.contains("breaking changes since 0.1.0: 1. The version must be 0.2.0 or later"), "{text}");
    }
}
