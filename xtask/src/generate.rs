//! `cargo xtask gen`: writes the reviewed snapshots. The only writer of any `generated/` folder.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use huaweicloud_hss_codegen::{HSS_CLIENT, JOBS, lint, read_yaml};

use crate::Verdict;
use crate::workspace::Workspace;

/// Generates everything first and writes afterwards, so that a spec with a mistake leaves all snapshots as they were.
pub(crate) fn run(workspace: &Workspace, out: &mut dyn Write) -> io::Result<Verdict> {
    let mut files = Vec::new();
    for job in JOBS {
        match workspace.generate(job) {
            Ok(code) => files.push((job, code)),
            Err(problems) => {
                writeln!(out, "{problems}\nNothing was written.")?;
                return Ok(Verdict::Unknown);
            }
        }
    }
    for (job, code) in files {
        let path = job.snapshot_path(workspace.root());
        let same = workspace.snapshot(job).is_ok_and(|old| old.as_deref() == Some(code.as_str()));
        if !same
            && let Err(error) = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, &code))
        {
            writeln!(out, "{}: cannot be written: {error}", workspace.shown(&path))?;
            return Ok(Verdict::Unknown);
        }
        writeln!(out, "{}: {}", workspace.shown(&path), if same { "unchanged" } else { "written" })?;
    }
    Ok(Verdict::Fine)
}

/// Generates a client from a spec that is none of the workspace's.
pub(crate) fn other(spec: &Path, to: &Path, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Verdict> {
    let (spec_name, to_name) = (spec.display(), to.display());
    let text = match fs::read_to_string(spec) {
        Ok(text) => text,
        Err(error) => {
            writeln!(err, "{spec_name}: cannot be read: {error}")?;
            return Ok(Verdict::Unknown);
        }
    };
    let code = match read_yaml(&text).and_then(|root| {
        let found = lint::check(&root).err().map_or(0, |problems| problems.as_slice().len());
        HSS_CLIENT.kind.code(&root).map(|code| (code, found))
    }) {
        Ok((code, 0)) => code,
        Ok((code, found)) => {
            writeln!(err, "{spec_name}: the lints find {found} places of which the code lacks something")?;
            code
        }
        Err(problems) => {
            writeln!(err, "{spec_name}:{problems}")?;
            return Ok(Verdict::Unknown);
        }
    };
    if let Err(error) = fs::write(to, &code) {
        writeln!(err, "{to_name}: cannot be written: {error}")?;
        return Ok(Verdict::Unknown);
    }
    writeln!(out, "{to_name}: {} lines", code.lines().count())?;
    Ok(Verdict::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spec_is_generated_from_and_what_the_lints_find_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let spec = fs::read_to_string(Workspace::here().root().join("spec/hss.yaml")).unwrap();
        fs::write(at("spec.yaml"), &spec).unwrap();
        let run = |from: &str, to: &str| {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let verdict = other(&at(from), &at(to), &mut out, &mut err).unwrap();
            (verdict, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
        };
        let (verdict, out, err) = run("spec.yaml", "out.rs");
        assert_eq!((verdict, err.as_str()), (Verdict::Fine, ""));
        assert!(out.ends_with(" lines\n"), "{out}");
        let snapshot = fs::read_to_string(HSS_CLIENT.snapshot_path(Workspace::here().root())).unwrap();
        assert!(snapshot.ends_with(&fs::read_to_string(at("out.rs")).unwrap()));
        // The lints report a maximum of a response, which the generator accepts.
        let limited = spec.replacen("        total_num:\n", "        total_num:\n          maximum: 9\n", 1);
        assert_ne!(limited, spec);
        fs::write(at("other.yaml"), limited).unwrap();
        let (verdict, _, err) = run("other.yaml", "out.rs");
        assert_eq!(verdict, Verdict::Fine);
        assert!(err.contains("the lints find "), "{err}");
        for (from, to) in [("none.yaml", "out.rs"), ("spec.yaml", "none/out.rs")] {
            let (verdict, _, err) = run(from, to);
            assert_eq!(verdict, Verdict::Unknown);
            assert!(err.contains("cannot be"), "{err}");
        }
    }
    use crate::check::tests::copy_of_the_workspace;

    #[test]
    fn twice_gives_the_same_bytes() {
        let (_folder, workspace) = copy_of_the_workspace();
        let bytes =
            || JOBS.iter().map(|job| fs::read(job.snapshot_path(workspace.root())).unwrap()).collect::<Vec<_>>();
        for job in JOBS {
            fs::remove_file(job.snapshot_path(workspace.root())).unwrap();
        }
        assert_eq!(run(&workspace, &mut io::sink()).unwrap(), Verdict::Fine);
        let first = bytes();
        let mut second_output = Vec::new();
        assert_eq!(run(&workspace, &mut second_output).unwrap(), Verdict::Fine);
        assert_eq!(first, bytes());
        assert_eq!(String::from_utf8(second_output).unwrap().matches("unchanged").count(), JOBS.len());
    }

    #[test]
    fn a_spec_with_a_mistake_changes_no_snapshot() {
        let (_folder, workspace) = copy_of_the_workspace();
        let before = fs::read(JOBS[0].snapshot_path(workspace.root())).unwrap();
        let spec = JOBS[0].spec_path(workspace.root());
        fs::write(&spec, fs::read_to_string(&spec).unwrap().replace("maxItems: 200", "maxItem: 200")).unwrap();
        let mut output = Vec::new();
        assert_eq!(run(&workspace, &mut output).unwrap(), Verdict::Unknown);
        let output = String::from_utf8(output).unwrap();
        assert!(output.contains("[unknown-key] `maxItem` is no key of a schema. Did you mean `maxItems`?"), "{output}");
        assert_eq!(before, fs::read(JOBS[0].snapshot_path(workspace.root())).unwrap());
    }
}
