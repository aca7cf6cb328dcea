//! `cargo xtask check`: are spec, snapshots and build-time code in step? It writes nothing.

use std::io::{self, Write};

use huaweicloud_hss_codegen::{JOBS, Job, snapshot};
use similar::TextDiff;

use crate::workspace::Workspace;
use crate::{Verdict, reference, released};

/// How many lines of a difference are shown before the rest is only counted.
const SHOWN_LINES: usize = 120;

pub(crate) fn run(workspace: &Workspace, out: &mut dyn Write) -> io::Result<Verdict> {
    let mut worst = Verdict::Fine;
    for job in JOBS {
        let verdict = one(workspace, job, out)?;
        if verdict == Verdict::Unknown || worst == Verdict::Fine {
            worst = verdict;
        }
    }
    let generated = worst;
    let (pages, compared) = reference::check(workspace, out)?;
    worst = worst.and(pages).and(released::check(workspace, out)?);
    match worst {
        Verdict::Fine => writeln!(
            out,
            "in step: {} generated files match their specs, and the specs match {compared} accepted pages",
            JOBS.len()
        )?,
        Verdict::Drift if generated == Verdict::Fine => writeln!(out, "out of step: mend what the lines above name")?,
        Verdict::Drift => writeln!(out, "out of step: run `{}`, then review the difference", snapshot::COMMAND)?,
        Verdict::Unknown => writeln!(out, "could not tell: mend the lines above and run the check again")?,
    }
    Ok(worst)
}

fn one(workspace: &Workspace, job: &Job, out: &mut dyn Write) -> io::Result<Verdict> {
    let fresh = match workspace.generate(job) {
        Ok(fresh) => fresh,
        Err(problems) => {
            writeln!(out, "{problems}")?;
            return Ok(Verdict::Unknown);
        }
    };
    let path = job.snapshot_path(workspace.root());
    let name = workspace.shown(&path);
    let reviewed = match workspace.snapshot(job) {
        Ok(reviewed) => reviewed,
        Err(error) => {
            writeln!(out, "{name}: cannot read the snapshot: {error}")?;
            return Ok(Verdict::Unknown);
        }
    };
    let moved = snapshot::compare(reviewed.as_deref(), &fresh);
    for reason in &moved {
        writeln!(out, "{name}: {reason}")?;
    }
    if let Some(reviewed) = reviewed.filter(|_| !moved.is_empty()) {
        difference(&name, &reviewed, &fresh, out)?;
    }
    Ok(if moved.is_empty() { Verdict::Fine } else { Verdict::Drift })
}

fn difference(name: &str, old: &str, new: &str, out: &mut dyn Write) -> io::Result<()> {
    let diff = TextDiff::from_lines(old, new);
    let unified = diff.unified_diff().context_radius(2).header(name, "generated now").to_string();
    let lines: Vec<&str> = unified.lines().collect();
    for line in lines.iter().take(SHOWN_LINES) {
        writeln!(out, "{line}")?;
    }
    if let Some(more) = lines.len().checked_sub(SHOWN_LINES).filter(|more| *more > 0) {
        writeln!(out, "… and {more} more lines")?;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use super::*;
    use huaweicloud_hss_codegen::HSS_CLIENT;

    /// A copy of all that gen and check look at, so that tests may change it.
    pub(crate) fn copy_of_the_workspace() -> (tempfile::TempDir, Workspace) {
        let real = Workspace::here();
        let folder = tempfile::tempdir().unwrap();
        let copy = Workspace::at(folder.path());
        for job in JOBS {
            for (from, to) in [
                (job.spec_path(real.root()), job.spec_path(copy.root())),
                (job.snapshot_path(real.root()), job.snapshot_path(copy.root())),
            ] {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from, to).unwrap();
            }
        }
        fs::create_dir_all(copy.root().join("spec/reference")).unwrap();
        for file in real.files("spec/reference", "toml").unwrap() {
            fs::copy(&file, copy.root().join("spec/reference").join(file.file_name().unwrap())).unwrap();
        }
        (folder, copy)
    }

    pub(crate) fn check(workspace: &Workspace) -> (Verdict, String) {
        let mut out = Vec::new();
        let verdict = run(workspace, &mut out).unwrap();
        (verdict, String::from_utf8(out).unwrap())
    }

    pub(crate) fn edit(workspace: &Workspace, file: &str, from: &str, to: &str) {
        let path = workspace.root().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from:?} is not in {file}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    #[test]
    fn this_workspace_is_in_step() {
        let (verdict, text) = check(&Workspace::here());
        assert_eq!(verdict, Verdict::Fine, "{text}");
    }

    #[test]
    fn a_changed_limit_is_told_with_the_difference_and_the_command() {
        let (_folder, workspace) = copy_of_the_workspace();
        edit(&workspace, "spec/hss.yaml", "maxItems: 200", "maxItems: 150");
        let (verdict, text) = check(&workspace);
        assert_eq!(verdict, Verdict::Drift);
        // Hashes and places move with every edit of the spec: only their presence is of interest.
        insta::with_settings!({filters => vec![("sha256:[0-9a-f]{64}", "sha256:…"), (r"hss\.yaml:\d+", "hss.yaml:…"), ("@@ .* @@", "@@ … @@")]}, { insta::assert_snapshot!("changed_limit", text) });
    }

    #[test]
    fn a_hand_edit_is_told_apart_from_a_changed_spec() {
        let (_folder, workspace) = copy_of_the_workspace();
        edit(&workspace, "crates/huaweicloud-hss/generated/hss.rs", "pub struct Client", "pub struct Klient");
        let (verdict, text) = check(&workspace);
        assert_eq!(verdict, Verdict::Drift);
        assert!(text.contains("generated/hss.rs: the snapshot was edited by hand"), "{text}");
        assert!(!text.contains("spec changed"), "{text}");
        assert!(text.contains("-pub struct Klient") && text.contains("+pub struct Client"), "{text}");
    }

    #[test]
    fn a_missing_snapshot_is_drift() {
        let (_folder, workspace) = copy_of_the_workspace();
        fs::remove_file(HSS_CLIENT.snapshot_path(workspace.root())).unwrap();
        let (verdict, text) = check(&workspace);
        assert_eq!(verdict, Verdict::Drift);
        assert!(text.contains("there is no snapshot yet") && text.contains("cargo xtask gen"), "{text}");
    }

    #[test]
    fn what_cannot_be_told_is_neither_fine_nor_drift() {
        for (from, to, expected) in [
            ("openapi: 3.0.3", "openapi: [", "this is not readable YAML"),
            ("openapi: 3.0.3", "openapi: 3.1.0", "[version]"),
            ("'200':", "'404':", "[only-200]"),
        ] {
            let (_folder, workspace) = copy_of_the_workspace();
            edit(&workspace, "spec/hss.yaml", from, to);
            let (verdict, text) = check(&workspace);
            assert_eq!(verdict, Verdict::Unknown, "{text}");
            assert!(text.contains(expected) && text.contains("could not tell"), "{text}");
        }
        let (_folder, workspace) = copy_of_the_workspace();
        fs::remove_file(workspace.root().join("spec/hss.yaml")).unwrap();
        let (verdict, text) = check(&workspace);
        assert_eq!(verdict, Verdict::Unknown);
        assert!(text.contains("spec/hss.yaml: cannot read the spec"), "{text}");
    }

    #[test]
    fn the_generator_named_in_heads_is_the_one_pinned() {
        let manifest = fs::read_to_string(Workspace::here().root().join("Cargo.toml")).unwrap();
        let version = huaweicloud_hss_codegen::GENERATOR.strip_prefix("progenitor ").unwrap();
        assert!(
            manifest.contains(&format!("progenitor = {{ version = \"={version}\"")),
            "Cargo.toml pins another version"
        );
    }
}
