//! `cargo xtask diff`: reports what changed for callers between two releases.

use std::path::{Path, PathBuf};

use clap::Args;
use openapi_drift::compat::{Release, Severity, Waiver, diff_report, parse_version};

use crate::outcome::{Format, Outcome, Status};
use crate::releases;
use crate::spec_set::SpecSet;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct DiffArgs {
    /// The older side: a frozen version, a spec, or a folder of specs [default: the newest frozen version]
    base: Option<PathBuf>,
    /// The newer side, in the same form [default: spec/]
    new: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(workspace: &Workspace, args: &DiffArgs) -> Result<Outcome, String> {
    let base = match &args.base {
        Some(base) => spec_set(workspace, base)?,
        None => {
            let releases = releases::list(workspace)?;
            let (version, folder) = releases
                .last()
                .ok_or("no release is frozen yet: name BASE, or freeze a release with `cargo xtask freeze VERSION`")?;
            SpecSet::of_release(workspace, version, folder)?
        }
    };
    let new = match &args.new {
        Some(new) => spec_set(workspace, new)?,
        None => SpecSet::of_workspace(workspace)?,
    };
    let mut changes = base.changes_to(&new);
    let accepted = workspace.accepted()?.changes;
    let mut outcome = Outcome::default();
    for entry in Waiver::apply(&accepted, base.version.as_deref().unwrap_or(&base.name), &mut changes) {
        outcome.note(format_args!(
            "spec/accepted.toml: the entry for {} of {} matches no change: remove it",
            entry.id, entry.operation
        ));
    }
    let release = Release { base: &base.name, new: &new.name, version: base.version.as_deref() };
    outcome.out = diff_report(release, &changes, args.format.into());
    if changes.iter().any(|change| change.severity == Severity::Breaking && change.accepted.is_none()) {
        outcome.worsen(Status::Dirty);
    }
    Ok(outcome)
}

/// The specs of a frozen version, a spec, or a folder of specs.
fn spec_set(workspace: &Workspace, given: &Path) -> Result<SpecSet, String> {
    let version = given.display().to_string();
    if parse_version(&version).is_none() {
        return SpecSet::of_path(given);
    }
    let releases = releases::list(workspace)?;
    let (version, folder) = releases.iter().find(|(known, _)| *known == version).ok_or_else(|| {
        let known: Vec<&str> = releases.iter().map(|(version, _)| version.as_str()).collect();
        format!(
            "release {version} is not frozen; frozen releases: {}",
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        )
    })?;
    SpecSet::of_release(workspace, version, folder)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::commands::freeze;
    use crate::test_support::{copy_of_workspace, edit};

    fn diff_of(workspace: &Workspace, base: Option<&str>, format: Format) -> (Status, String) {
        let args = DiffArgs { base: base.map(PathBuf::from), new: None, format };
        let outcome = run(workspace, &args).unwrap_or_else(Outcome::error);
        (outcome.status, outcome.out + &outcome.err)
    }

    fn released_workspace() -> (tempfile::TempDir, Workspace) {
        let (folder, workspace) = copy_of_workspace();
        assert_eq!(freeze::run(&workspace, "0.1.0").status, Status::Clean);
        (folder, workspace)
    }

    #[test]
    fn without_a_release_diff_fails() {
        let (_folder, workspace) = copy_of_workspace();
        let (status, text) = diff_of(&workspace, None, Format::Text);
        assert_eq!(status, Status::Error);
        assert!(text.starts_with("no release is frozen yet"), "{text}");
        let (status, text) = diff_of(&workspace, Some("0.1.0"), Format::Text);
        assert_eq!(status, Status::Error);
        assert!(text.contains("release 0.1.0 is not frozen; frozen releases: none"), "{text}");
    }

    #[test]
    fn changes_are_reported_in_each_format_with_the_version_bump() {
        let (_folder, workspace) = released_workspace();
        let (status, text) = diff_of(&workspace, None, Format::Text);
        assert_eq!(
            (status, text.as_str()),
            (Status::Clean, "nothing changed for callers from 0.1.0 to spec/: a patch bump is enough\n")
        );
        edit(&workspace, "spec/hss.yaml", "maxItems: 200", "maxItems: 100");
        edit(&workspace, "spec/hss.yaml", "enum: [host, container]", "enum: [host, container, vm]");
        edit(&workspace, "spec/hss.yaml", "default: '0'", "default: all_granted_eps");
        for (name, format) in [("text", Format::Text), ("json", Format::Json), ("github", Format::Github)] {
            let (status, text) = diff_of(&workspace, Some("0.1.0"), format);
            assert_eq!(status, Status::Dirty);
            if name == "json" {
                let report: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert_eq!((report["step"].as_str(), report["next"].as_str()), (Some("major"), Some("0.2.0")));
                assert_eq!(report["findings"][0]["id"], "request-query-default-changed");
                continue;
            }
            // Other operations that use the same components add lines of their own.
            let create: String = text
                .lines()
                .filter(|line| !line.contains("List") && !line.contains("  at ") && !line.contains("from 0.1.0"))
                .map(|line| format!("{line}\n"))
                .collect();
            insta::with_settings!({filters => vec![(r"line=\d+", "line=…")]}, { insta::assert_snapshot!(format!("changed_{name}"), create); });
        }
    }

    #[test]
    fn a_waived_change_is_not_breaking_and_an_unused_waiver_is_reported() {
        let (_folder, workspace) = released_workspace();
        edit(&workspace, "spec/hss.yaml", "maxItems: 200", "maxItems: 100");
        let entry = |name: &str| {
            format!(
                "[[accepted]]\nid = \"request-body-max-items-lowered\"\noperation = \"CreateGlobalAssetScanTask\"\nname = \"{name}\"\nbase = \"0.1.0\"\nreason = \"nobody sends more\"\n"
            )
        };
        fs::write(workspace.root().join("spec/accepted.toml"), entry("host_ids") + &entry("server_group")).unwrap();
        let (status, text) = diff_of(&workspace, None, Format::Text);
        assert_eq!(status, Status::Clean);
        assert!(text.contains("changed from 200 to 100 (accepted: nobody sends more)"), "{text}");
        assert!(text.contains("spec/accepted.toml: the entry for request-body-max-items-lowered of CreateGlobalAssetScanTask matches no change"), "{text}");
        for (bad, expected) in [
            (entry("x").replace("nobody sends more", " "), "has no reason"),
            (entry("x").replace("max-items", "max-item"), "unknown rule"),
            ("[[".to_owned(), "TOML parse error"),
        ] {
            fs::write(workspace.root().join("spec/accepted.toml"), bad).unwrap();
            let (status, text) = diff_of(&workspace, None, Format::Text);
            assert_eq!(status, Status::Error);
            assert!(text.starts_with("spec/accepted.toml: ") && text.contains(expected), "{text}");
        }
    }

    #[test]
    fn files_and_folders_can_be_compared() {
        let (_folder, workspace) = copy_of_workspace();
        let spec = workspace.root().join("spec");
        let old = workspace.root().join("old.yaml");
        fs::copy(spec.join("hss.yaml"), &old).unwrap();
        edit(&workspace, "spec/hss.yaml", "maxItems: 200", "maxItems: 300");
        let args = DiffArgs { base: Some(old), new: Some(spec.join("hss.yaml")), format: Format::Text };
        let outcome = run(&workspace, &args).unwrap();
        assert_eq!(outcome.status, Status::Clean);
        let text = outcome.out;
        assert!(
            text.contains("0 breaking, 0 caution, 1 compatible") && text.contains("a minor version bump"),
            "{text}"
        );
        let (status, text) = diff_of(&workspace, Some(&spec.display().to_string()), Format::Text);
        assert_eq!(status, Status::Clean, "{text}");
    }
}
