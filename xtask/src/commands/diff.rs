//! `cargo xtask diff`: what changed between two releases for those who call the service.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use openapi_drift::Spec;
use openapi_drift::compat::{
    self, Accepted, Change, Level, Release, changes, diff_report, parse_version, read_accepted,
};

use crate::Verdict;
use crate::format::{Format, Outcome, tell};
use crate::released;
use crate::workspace::{Workspace, files_of};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The older side: a frozen version, a spec, or a folder of specs [default: the newest frozen version]
    base: Option<PathBuf>,
    /// The newer side, likewise [default: spec/]
    new: Option<PathBuf>,
    /// How changes are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The specs of one side, by file name.
pub(crate) struct Side {
    name: String,
    version: Option<String>,
    specs: Vec<(String, Spec)>,
}

pub(crate) fn run(
    workspace: &Workspace,
    arguments: &Arguments,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Verdict> {
    tell(diff(workspace, arguments), out, err)
}

fn diff(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let base = match &arguments.base {
        Some(base) => side(workspace, base)?,
        None => {
            let releases = released::releases(workspace)?;
            let (version, folder) = releases.last().ok_or(
                "no release is frozen yet, so that there is nothing to compare with: `cargo xtask freeze VERSION` keeps one, or name BASE",
            )?;
            side_of_release(workspace, version, folder)?
        }
    };
    let new = match &arguments.new {
        Some(new) => side(workspace, new)?,
        None => side_of_specs(workspace)?,
    };
    let mut changes = between(&base, &new);
    let accepted = accepted(workspace)?;
    let unused = Accepted::apply(&accepted, base.version.as_deref().unwrap_or(&base.name), &mut changes);
    let note: String = unused
        .iter()
        .map(|entry| {
            format!("spec/accepted.toml: {} of {} fits no change any more: take it out\n", entry.id, entry.operation)
        })
        .collect();
    let release = Release { base: &base.name, new: &new.name, version: base.version.as_deref() };
    let report = diff_report(release, &changes, arguments.format.into());
    let breaking = changes.iter().any(|change| change.level == Level::Breaking && change.accepted.is_none());
    Ok((report, if breaking { Verdict::Drift } else { Verdict::Fine }, note))
}

/// Every change from one side to the other.
pub(crate) fn between(base: &Side, new: &Side) -> Vec<Change> {
    // Two single files are compared whatever they are called.
    if let ([(_, base)], [(_, new)]) = (base.specs.as_slice(), new.specs.as_slice()) {
        return changes(Some(base), Some(new));
    }
    let names: BTreeSet<&str> = base.specs.iter().chain(&new.specs).map(|(name, _)| name.as_str()).collect();
    let find = |side: &'_ Side, name: &str| side.specs.iter().position(|(known, _)| known == name);
    names
        .iter()
        .flat_map(|name| {
            let old = find(base, name).and_then(|index| base.specs.get(index));
            let new = find(new, name).and_then(|index| new.specs.get(index));
            changes(old.map(|(_, spec)| spec), new.map(|(_, spec)| spec))
        })
        .collect()
}

fn side(workspace: &Workspace, given: &Path) -> Result<Side, String> {
    let shown = given.display().to_string();
    if parse_version(&shown).is_some() {
        let releases = released::releases(workspace)?;
        let (version, folder) = releases.iter().find(|(version, _)| *version == shown).ok_or_else(|| {
            let known: Vec<&str> = releases.iter().map(|(version, _)| version.as_str()).collect();
            format!(
                "the release {shown} is not frozen. Frozen are: {}",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            )
        })?;
        return side_of_release(workspace, version, folder);
    }
    let files = if given.is_dir() {
        files_of(given, "yaml").map_err(|error| format!("{shown}: cannot be listed: {error}"))?
    } else {
        vec![given.to_owned()]
    };
    read(shown, None, &files, |file| file.display().to_string())
}

pub(crate) fn side_of_release(workspace: &Workspace, version: &str, folder: &Path) -> Result<Side, String> {
    let files =
        files_of(folder, "yaml").map_err(|error| format!("{}: cannot be listed: {error}", workspace.shown(folder)))?;
    read(version.to_owned(), Some(version.to_owned()), &files, |file| workspace.shown(file))
}

pub(crate) fn side_of_specs(workspace: &Workspace) -> Result<Side, String> {
    read("spec/".to_owned(), None, &workspace.files("spec", "yaml")?, |file| workspace.shown(file))
}

fn read(
    name: String,
    version: Option<String>,
    files: &[PathBuf],
    shown: impl Fn(&Path) -> String,
) -> Result<Side, String> {
    if files.is_empty() {
        return Err(format!("{name}: there is no spec"));
    }
    let specs = files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).map_err(|error| format!("{}: cannot be read: {error}", shown(file)))?;
            let spec = Spec::read(shown(file), &text).map_err(|error| error.to_string())?;
            Ok((file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned(), spec))
        })
        .collect::<Result<_, String>>()?;
    Ok(Side { name, version, specs })
}

fn accepted(workspace: &Workspace) -> Result<Vec<compat::Accepted>, String> {
    match fs::read_to_string(workspace.root().join("spec/accepted.toml")) {
        Ok(text) => read_accepted(&text).map_err(|error| format!("spec/accepted.toml: {error}")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("spec/accepted.toml: cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::tests::{copy_of_the_workspace, edit};
    use crate::freeze;

    fn diff_of(workspace: &Workspace, base: Option<&str>, format: Format) -> (Verdict, String) {
        let arguments = Arguments { base: base.map(PathBuf::from), new: None, format };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let verdict = run(workspace, &arguments, &mut out, &mut err).unwrap();
        out.extend(err);
        (verdict, String::from_utf8(out).unwrap())
    }

    fn released_workspace() -> (tempfile::TempDir, Workspace) {
        let (folder, workspace) = copy_of_the_workspace();
        assert_eq!(freeze::run(&workspace, "0.1.0", &mut io::sink(), &mut io::sink()).unwrap(), Verdict::Fine);
        (folder, workspace)
    }

    #[test]
    fn without_a_release_it_says_so() {
        let (_folder, workspace) = copy_of_the_workspace();
        let (verdict, text) = diff_of(&workspace, None, Format::Text);
        assert_eq!(verdict, Verdict::Unknown);
        assert!(text.starts_with("no release is frozen yet"), "{text}");
        let (verdict, text) = diff_of(&workspace, Some("0.1.0"), Format::Text);
        assert_eq!(verdict, Verdict::Unknown);
        assert!(text.contains("the release 0.1.0 is not frozen. Frozen are: none"), "{text}");
    }

    #[test]
    fn what_changed_is_told_in_each_format_with_the_step() {
        let (_folder, workspace) = released_workspace();
        let (verdict, text) = diff_of(&workspace, None, Format::Text);
        assert_eq!(
            (verdict, text.as_str()),
            (Verdict::Fine, "0.1.0 and spec/ are the same for callers: a patch step is enough\n")
        );
        edit(&workspace, "spec/hss.yaml", "maxItems: 200", "maxItems: 100");
        edit(&workspace, "spec/hss.yaml", "enum: [host, container]", "enum: [host, container, vm]");
        edit(&workspace, "spec/hss.yaml", "default: '0'", "default: all_granted_eps");
        for (name, format) in [("text", Format::Text), ("json", Format::Json), ("github", Format::Github)] {
            let (verdict, text) = diff_of(&workspace, Some("0.1.0"), format);
            assert_eq!(verdict, Verdict::Drift);
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
    fn a_reviewed_change_breaks_nothing_and_an_entry_of_no_use_is_told() {
        let (_folder, workspace) = released_workspace();
        edit(&workspace, "spec/hss.yaml", "maxItems: 200", "maxItems: 100");
        let entry = |name: &str| {
            format!(
                "[[accepted]]\nid = \"request-body-max-items-lowered\"\noperation = \"CreateGlobalAssetScanTask\"\nname = \"{name}\"\nbase = \"0.1.0\"\nreason = \"nobody sends more\"\n"
            )
        };
        fs::write(workspace.root().join("spec/accepted.toml"), entry("host_ids") + &entry("server_group")).unwrap();
        let (verdict, text) = diff_of(&workspace, None, Format::Text);
        assert_eq!(verdict, Verdict::Fine);
        assert!(text.contains("200 became 100 (accepted: nobody sends more)"), "{text}");
        assert!(text.contains("spec/accepted.toml: request-body-max-items-lowered of CreateGlobalAssetScanTask fits no change any more"), "{text}");
        for (bad, expected) in [
            (entry("x").replace("nobody sends more", " "), "gives no reason"),
            (entry("x").replace("max-items", "max-item"), "there is no rule"),
            ("[[".to_owned(), "TOML parse error"),
        ] {
            fs::write(workspace.root().join("spec/accepted.toml"), bad).unwrap();
            let (verdict, text) = diff_of(&workspace, None, Format::Text);
            assert_eq!(verdict, Verdict::Unknown);
            assert!(text.starts_with("spec/accepted.toml: ") && text.contains(expected), "{text}");
        }
    }

    #[test]
    fn files_and_folders_can_be_sides() {
        let (_folder, workspace) = copy_of_the_workspace();
        let spec = workspace.root().join("spec");
        let old = workspace.root().join("old.yaml");
        fs::copy(spec.join("hss.yaml"), &old).unwrap();
        edit(&workspace, "spec/hss.yaml", "maxItems: 200", "maxItems: 300");
        let arguments = Arguments { base: Some(old), new: Some(spec.join("hss.yaml")), format: Format::Text };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert_eq!(run(&workspace, &arguments, &mut out, &mut err).unwrap(), Verdict::Fine);
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("0 breaking, 0 caution, 1 compatible") && text.contains("a minor step"), "{text}");
        let (verdict, text) = diff_of(&workspace, Some(&spec.display().to_string()), Format::Text);
        assert_eq!(verdict, Verdict::Fine, "{text}");
    }
}
