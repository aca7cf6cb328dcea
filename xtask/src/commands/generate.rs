//! `cargo xtask gen`: writes the reviewed snapshots. Nothing else writes to a `generated/` folder.

use std::fs;
use std::path::Path;

use huaweicloud_hss_codegen::{GeneratedFile, HSS_CLIENT, lint, read_yaml};

use crate::outcome::{Outcome, Status};
use crate::workspace::Workspace;

/// Generates everything before it writes anything, so that a mistake in a spec leaves all snapshots unchanged.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut outcome = Outcome::default();
    let mut files = Vec::new();
    for file in GeneratedFile::ALL {
        match workspace.generate(file) {
            Ok(code) => files.push((file, code)),
            Err(problems) => {
                outcome.line(format_args!("{problems}\nNothing was written."));
                outcome.worsen(Status::Error);
                return outcome;
            }
        }
    }
    for (file, code) in files {
        let path = file.snapshot_path(workspace.root());
        let name = workspace.shown(&path);
        if workspace.snapshot(file).is_ok_and(|old| old.as_deref() == Some(code.as_str())) {
            outcome.line(format_args!("{name}: unchanged"));
            continue;
        }
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, &code));
        if let Err(error) = written {
            outcome.line(format_args!("{name}: cannot be written: {error}"));
            outcome.worsen(Status::Error);
            return outcome;
        }
        outcome.line(format_args!("{name}: written"));
    }
    outcome
}

/// Generates a client from a spec outside the workspace.
pub(crate) fn from_other_spec(spec: &Path, to: &Path) -> Outcome {
    let mut outcome = Outcome::default();
    let (spec_name, to_name) = (spec.display(), to.display());
    let text = match fs::read_to_string(spec) {
        Ok(text) => text,
        Err(error) => return Outcome::error(format!("{spec_name}: cannot be read: {error}")),
    };
    let generated = read_yaml(&text).and_then(|root| {
        let findings = lint::check(&root).err().map_or(0, |problems| problems.as_slice().len());
        HSS_CLIENT.output.code(&root).map(|code| (code, findings))
    });
    let (code, findings) = match generated {
        Ok(generated) => generated,
        Err(problems) => return Outcome::error(format!("{spec_name}:{problems}")),
    };
    if findings > 0 {
        outcome.note(format_args!(
            "{spec_name}: the lints report {findings} problems; the generated code may be incomplete"
        ));
    }
    match fs::write(to, &code) {
        Ok(()) => outcome.line(format_args!("{to_name}: {} lines", code.lines().count())),
        Err(error) => outcome.fail(format_args!("{to_name}: cannot be written: {error}")),
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::copy_of_workspace;

    #[test]
    fn another_spec_is_generated_and_its_lint_findings_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let spec = fs::read_to_string(Workspace::here().root().join("spec/hss.yaml")).unwrap();
        fs::write(at("spec.yaml"), &spec).unwrap();
        let run = |from: &str, to: &str| {
            let outcome = from_other_spec(&at(from), &at(to));
            (outcome.status, outcome.out, outcome.err)
        };
        let (status, out, err) = run("spec.yaml", "out.rs");
        assert_eq!((status, err.as_str()), (Status::Clean, ""));
        assert!(out.ends_with(" lines\n"), "{out}");
        let snapshot = fs::read_to_string(HSS_CLIENT.snapshot_path(Workspace::here().root())).unwrap();
        assert!(snapshot.ends_with(&fs::read_to_string(at("out.rs")).unwrap()));
        // The lints report a maximum of a response, which the generator accepts.
        let limited = spec.replacen("        total_num:\n", "        total_num:\n          maximum: 9\n", 1);
        assert_ne!(limited, spec);
        fs::write(at("other.yaml"), limited).unwrap();
        let (status, _, err) = run("other.yaml", "out.rs");
        assert_eq!(status, Status::Clean);
        assert!(err.contains("the lints report "), "{err}");
        for (from, to) in [("none.yaml", "out.rs"), ("spec.yaml", "none/out.rs")] {
            let (status, _, err) = run(from, to);
            assert_eq!(status, Status::Error);
            assert!(err.contains("cannot be"), "{err}");
        }
    }

    #[test]
    fn twice_gives_the_same_bytes() {
        let (_folder, workspace) = copy_of_workspace();
        let bytes = || {
            GeneratedFile::ALL
                .iter()
                .map(|file| fs::read(file.snapshot_path(workspace.root())).unwrap())
                .collect::<Vec<_>>()
        };
        for file in GeneratedFile::ALL {
            fs::remove_file(file.snapshot_path(workspace.root())).unwrap();
        }
        assert_eq!(run(&workspace).status, Status::Clean);
        let first = bytes();
        let second = run(&workspace);
        assert_eq!(second.status, Status::Clean);
        assert_eq!(first, bytes());
        assert_eq!(second.out.matches("unchanged").count(), GeneratedFile::ALL.len());
    }

    #[test]
    fn a_spec_with_a_mistake_changes_no_snapshot() {
        let (_folder, workspace) = copy_of_workspace();
        let before = fs::read(GeneratedFile::ALL[0].snapshot_path(workspace.root())).unwrap();
        let spec = GeneratedFile::ALL[0].spec_path(workspace.root());
        fs::write(&spec, fs::read_to_string(&spec).unwrap().replace("maxItems: 200", "maxItem: 200")).unwrap();
        let Outcome { status, out: output, .. } = run(&workspace);
        assert_eq!(status, Status::Error);
        assert!(
            output.contains("[unknown-key] `maxItem` is not a key of a schema. Did you mean `maxItems`?"),
            "{output}"
        );
        assert_eq!(before, fs::read(GeneratedFile::ALL[0].snapshot_path(workspace.root())).unwrap());
    }
}
