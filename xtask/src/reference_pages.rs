//! The part of `cargo xtask check` that holds every spec against the pages it was written from, as last accepted.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use openapi_drift::{Comparison, Operation, differences, drift_report, read_reference};

use crate::Verdict;
use crate::workspace::Workspace;

/// Compares spec/reference/*.toml with spec/*.yaml, and counts the references that were compared.
pub(crate) fn check(workspace: &Workspace, out: &mut dyn Write) -> io::Result<(Verdict, usize)> {
    let (operations, files) = match read(workspace) {
        Ok(read) => read,
        Err(sentence) => {
            writeln!(out, "{sentence}")?;
            return Ok((Verdict::Unknown, 0));
        }
    };
    let mut worst = Verdict::Fine;
    let mut accepted: Vec<String> = Vec::new();
    for file in &files {
        let verdict = one(workspace, file, &operations, &mut accepted, out)?;
        worst = worst.and(verdict);
    }
    for operation in operations.iter().filter(|operation| operation.has_page) {
        if !accepted.iter().any(|id| id == operation.id()) {
            writeln!(
                out,
                "note: {}:{}: no facts of the page of {} are accepted yet: `cargo xtask drift --page FILE --accept`",
                operation.spec,
                operation.line,
                operation.id()
            )?;
        }
    }
    Ok((worst, files.len()))
}

fn read(workspace: &Workspace) -> Result<(Vec<Operation>, Vec<PathBuf>), String> {
    let operations = workspace.specs()?.iter().flat_map(openapi_drift::Spec::operations).collect();
    Ok((operations, workspace.files("spec/reference", "toml")?))
}

fn one(
    workspace: &Workspace,
    file: &PathBuf,
    operations: &[Operation],
    accepted: &mut Vec<String>,
    out: &mut dyn Write,
) -> io::Result<Verdict> {
    let name = workspace.shown(file);
    let text = fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"));
    let page = match text.and_then(|text| read_reference(&text).map_err(|error| error.to_string())) {
        Ok(page) => page,
        Err(reason) => {
            writeln!(out, "{name}: {reason}")?;
            return Ok(Verdict::Unknown);
        }
    };
    let id = page.operation.as_deref().unwrap_or_default();
    if file.file_stem().and_then(|stem| stem.to_str()) != Some(id) {
        writeln!(out, "{name}: the file is not named after its operation `{id}`")?;
        return Ok(Verdict::Drift);
    }
    let Some(operation) = operations.iter().find(|operation| operation.id() == id) else {
        writeln!(out, "{name}: no spec has the operation `{id}` any more: remove the file, or bring it back")?;
        return Ok(Verdict::Drift);
    };
    accepted.push(id.to_owned());
    if let (Some(accepted), Some(written)) = (&page.updated, &operation.facts.updated)
        && accepted != written
    {
        writeln!(
            out,
            "note: {}:{}: `x-page` is of {written}, the accepted page of {accepted}",
            operation.spec, operation.line
        )?;
    }
    let comparison = Comparison { operation, differences: differences(&page, operation), is_unknown: false };
    if comparison.differences.is_empty() {
        return Ok(Verdict::Fine);
    }
    write!(out, "{}", drift_report(&name, &page, &comparison, openapi_drift::Format::Text))?;
    Ok(Verdict::Drift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::tests::{check, copy_of_the_workspace, edit};

    const CREATE: &str = "spec/reference/CreateGlobalAssetScanTask.toml";

    #[test]
    fn a_spec_that_left_its_page_is_out_of_step_without_any_page_at_hand() {
        let (_folder, workspace) = copy_of_the_workspace();
        edit(&workspace, CREATE, "max = 32768", "max = 65536");
        let (verdict, text) = check(&workspace);
        assert_eq!(verdict, Verdict::Drift);
        assert!(text.contains(&format!("page  1 to 65536 ({CREATE}:")), "{text}");
        assert!(text.contains("write `x-length: { min: 1, max: 65536 }`"), "{text}");
        assert!(text.ends_with("out of step: mend what the lines above name\n"), "{text}");
    }

    #[test]
    fn an_operation_without_accepted_facts_is_a_note() {
        let (_folder, workspace) = copy_of_the_workspace();
        fs::remove_file(workspace.root().join(CREATE)).unwrap();
        let (verdict, text) = check(&workspace);
        assert_eq!(verdict, Verdict::Fine, "{text}");
        assert!(text.contains("no facts of the page of CreateGlobalAssetScanTask are accepted yet"), "{text}");
        // What was read from elsewhere than a page has none to accept.
        assert!(!text.contains("Keystone"), "{text}");
    }

    #[test]
    fn another_date_is_a_note() {
        let (_folder, workspace) = copy_of_the_workspace();
        edit(&workspace, CREATE, "2026-04-03", "2026-05-01");
        let (verdict, text) = check(&workspace);
        assert_eq!(verdict, Verdict::Fine, "{text}");
        assert!(text.contains("`x-page` is of 2026-04-03, the accepted page of 2026-05-01"), "{text}");
    }

    #[test]
    fn a_file_that_names_nothing_or_cannot_be_read_is_told() {
        for (from, to, verdict, expected) in [
            (
                "operation = \"Create",
                "operation = \"Remake",
                Verdict::Drift,
                "the file is not named after its operation",
            ),
            ("mandatory = true", "mandatory = maybe", Verdict::Unknown, "line 8: "),
            ("mandatory = true", "needed = true", Verdict::Unknown, "unknown field `needed`"),
        ] {
            let (_folder, workspace) = copy_of_the_workspace();
            edit(&workspace, CREATE, from, to);
            let (found, text) = check(&workspace);
            assert_eq!(found, verdict, "{text}");
            assert!(text.contains(CREATE) && text.contains(expected), "{text}");
        }
        let (_folder, workspace) = copy_of_the_workspace();
        let text = fs::read_to_string(workspace.root().join(CREATE)).unwrap().replace("CreateGlobal", "Gone");
        fs::write(workspace.root().join("spec/reference/GoneAssetScanTask.toml"), text).unwrap();
        let (verdict, text) = check(&workspace);
        assert_eq!(verdict, Verdict::Drift);
        assert!(text.contains("no spec has the operation `GoneAssetScanTask` any more"), "{text}");
    }
}
