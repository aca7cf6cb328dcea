//! `cargo xtask gen`: writes the reviewed snapshots. The only writer of any `generated/` folder.

use std::fs;
use std::io::{self, Write};

use huaweicloud_hss_codegen::JOBS;

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

#[cfg(test)]
mod tests {
    use super::*;
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
