//! `cargo xtask check`: compares specs, snapshots, accepted reference pages and frozen releases. It writes nothing.

use huaweicloud_hss_codegen::{GeneratedFile, snapshot};
use similar::TextDiff;

use crate::outcome::{Outcome, Status};
use crate::workspace::Workspace;
use crate::{reference_pages, releases};

/// Maximum number of lines of a difference that are shown; the rest is only counted.
const SHOWN_LINES: usize = 120;

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut outcome = Outcome::default();
    for file in GeneratedFile::ALL {
        check_snapshot(workspace, file, &mut outcome);
    }
    let generated = outcome.status;
    let compared = reference_pages::check(workspace, &mut outcome);
    releases::check(workspace, &mut outcome);
    match outcome.status {
        Status::Clean => outcome.line(format_args!(
            "{} generated files match their specs, and the specs match {compared} accepted reference pages",
            GeneratedFile::ALL.len()
        )),
        Status::Dirty if generated == Status::Clean => outcome.line("mismatch: fix what is reported above"),
        Status::Dirty => {
            outcome
                .line(format_args!("out of date: run `{}`, then review the difference", snapshot::REGENERATE_COMMAND));
        }
        Status::Error => outcome.line("check incomplete: fix the errors above and run it again"),
    }
    outcome
}

fn check_snapshot(workspace: &Workspace, file: &GeneratedFile, outcome: &mut Outcome) {
    let fresh = match workspace.generate(file) {
        Ok(fresh) => fresh,
        Err(problems) => {
            outcome.line(problems);
            return outcome.worsen(Status::Error);
        }
    };
    let path = file.snapshot_path(workspace.root());
    let name = workspace.shown(&path);
    let reviewed = match workspace.snapshot(file) {
        Ok(reviewed) => reviewed,
        Err(error) => {
            outcome.line(format_args!("{name}: cannot read the snapshot: {error}"));
            return outcome.worsen(Status::Error);
        }
    };
    let reasons = snapshot::compare(reviewed.as_deref(), &fresh);
    if reasons.is_empty() {
        return;
    }
    outcome.worsen(Status::Dirty);
    for reason in &reasons {
        outcome.line(format_args!("{name}: {reason}"));
    }
    if let Some(reviewed) = reviewed {
        show_difference(&name, &reviewed, &fresh, outcome);
    }
}

fn show_difference(name: &str, old: &str, new: &str, outcome: &mut Outcome) {
    let diff = TextDiff::from_lines(old, new);
    let unified = diff.unified_diff().context_radius(2).header(name, "generated now").to_string();
    let lines: Vec<&str> = unified.lines().collect();
    for line in lines.iter().take(SHOWN_LINES) {
        outcome.line(line);
    }
    if let Some(more) = lines.len().checked_sub(SHOWN_LINES).filter(|more| *more > 0) {
        outcome.line(format_args!("… and {more} more lines"));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use huaweicloud_hss_codegen::HSS_CLIENT;

    use super::*;
    use crate::test_support::{check, copy_of_workspace, edit};

    #[test]
    fn this_workspace_matches() {
        let (status, text) = check(&Workspace::here());
        assert_eq!(status, Status::Clean, "{text}");
    }

    #[test]
    fn a_changed_limit_is_reported_with_the_difference_and_the_command() {
        let (_folder, workspace) = copy_of_workspace();
        edit(&workspace, "spec/hss.yaml", "maxItems: 200", "maxItems: 150");
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Dirty);
        // Hashes and line numbers change with every edit of the spec: only their presence matters.
        insta::with_settings!({filters => vec![("sha256:[0-9a-f]{64}", "sha256:…"), (r"(hss|assets)\.yaml:\d+", "$1.yaml:…"), ("@@ .* @@", "@@ … @@")]}, { insta::assert_snapshot!("changed_limit", text) });
    }

    #[test]
    fn a_hand_edit_is_distinguished_from_a_changed_spec() {
        let (_folder, workspace) = copy_of_workspace();
        edit(&workspace, "crates/huaweicloud-hss/generated/hss.rs", "pub struct Client", "pub struct Klient");
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Dirty);
        assert!(text.contains("generated/hss.rs: the snapshot was edited by hand"), "{text}");
        assert!(!text.contains("spec changed"), "{text}");
        assert!(text.contains("-pub struct Klient") && text.contains("+pub struct Client"), "{text}");
    }

    #[test]
    fn a_missing_snapshot_is_drift() {
        let (_folder, workspace) = copy_of_workspace();
        fs::remove_file(HSS_CLIENT.snapshot_path(workspace.root())).unwrap();
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Dirty);
        assert!(text.contains("the snapshot does not exist yet") && text.contains("cargo xtask gen"), "{text}");
    }

    #[test]
    fn an_unreadable_spec_is_an_error_and_not_drift() {
        for (from, to, expected) in [
            ("openapi: 3.0.3", "openapi: [", "this is not valid YAML"),
            ("openapi: 3.0.3", "openapi: 3.1.0", "[version]"),
            ("'200':", "'404':", "[only-200]"),
        ] {
            let (_folder, workspace) = copy_of_workspace();
            edit(&workspace, "spec/hss.yaml", from, to);
            let (status, text) = check(&workspace);
            assert_eq!(status, Status::Error, "{text}");
            assert!(text.contains(expected) && text.contains("check incomplete"), "{text}");
        }
        let (_folder, workspace) = copy_of_workspace();
        fs::remove_file(workspace.root().join("spec/hss.yaml")).unwrap();
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Error);
        assert!(text.contains("spec/hss.yaml: cannot read the spec"), "{text}");
    }

    #[test]
    fn the_generator_in_the_headers_is_the_pinned_one() {
        let manifest = fs::read_to_string(Workspace::here().root().join("Cargo.toml")).unwrap();
        let version = huaweicloud_hss_codegen::GENERATOR.strip_prefix("progenitor ").unwrap();
        assert!(
            manifest.contains(&format!("progenitor = {{ version = \"={version}\"")),
            "Cargo.toml pins another version"
        );
    }
}
