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
