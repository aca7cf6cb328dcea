//! The part of `cargo xtask check` that compares every spec with the accepted facts of its reference pages.

use std::fs;
use std::path::Path;

use openapi_drift::{Accepted, Comparison, Operation, drift_report, read_reference};

use crate::outcome::{Outcome, Status};
use crate::workspace::Workspace;

/// Compares spec/reference/*.toml with spec/*.yaml. Returns how many pages it compared.
pub(crate) fn check(workspace: &Workspace, outcome: &mut Outcome) -> usize {
    let read = || Ok((workspace.specs()?, workspace.files("spec/reference", "toml")?, workspace.accepted()?));
    let (specs, files, reviewed) = match read() {
        Ok(read) => read,
        Err(message) => {
            let message: String = message;
            outcome.line(message);
            outcome.worsen(Status::Error);
            return 0;
        }
    };
    let operations: Vec<Operation> = specs.iter().flat_map(openapi_drift::Spec::operations).collect();
    let mut accepted: Vec<String> = Vec::new();
    for file in &files {
        let status = check_page(workspace, file, &operations, &reviewed, &mut accepted, outcome);
        outcome.worsen(status);
    }
    for operation in operations.iter().filter(|operation| operation.has_page) {
        if !accepted.iter().any(|id| id == operation.id()) {
            outcome.line(format_args!(
                "note: {}:{}: the reference page of {} is not accepted yet: run `cargo xtask drift --page FILE --accept`",
                operation.spec,
                operation.line,
                operation.id()
            ));
        }
    }
    files.len()
}

fn check_page(
    workspace: &Workspace,
    file: &Path,
    operations: &[Operation],
    reviewed: &Accepted,
    accepted: &mut Vec<String>,
    outcome: &mut Outcome,
) -> Status {
    let name = workspace.shown(file);
    let text = fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"));
    let page = match text.and_then(|text| read_reference(&text).map_err(|error| error.to_string())) {
        Ok(page) => page,
        Err(reason) => {
            outcome.line(format_args!("{name}: {reason}"));
            return Status::Error;
        }
    };
    let id = page.operation.as_deref().unwrap_or_default();
    if file.file_stem().and_then(|stem| stem.to_str()) != Some(id) {
        outcome.line(format_args!("{name}: the file is not named after its operation `{id}`"));
        return Status::Dirty;
    }
    let Some(operation) = operations.iter().find(|operation| operation.id() == id) else {
        outcome
            .line(format_args!("{name}: no spec has the operation `{id}`: remove the file, or restore the operation"));
        return Status::Dirty;
    };
    accepted.push(id.to_owned());
    if let (Some(accepted), Some(written)) = (&page.updated, &operation.facts.updated)
        && accepted != written
    {
        outcome.line(format_args!(
            "note: {}:{}: `x-page` is dated {written}, but the accepted page {accepted}",
            operation.spec, operation.line
        ));
    }
    let mut comparison = Comparison::of(&page, operation);
    let unused = reviewed.apply(&mut comparison);
    for entry in &unused {
        outcome
            .line(format_args!("spec/accepted.toml: the entry for {entry}, of {id} matches no difference: remove it"));
    }
    if comparison.differences.is_empty() {
        return if unused.is_empty() { Status::Clean } else { Status::Dirty };
    }
    outcome.out += &drift_report(&name, &page, &comparison, openapi_drift::Format::Text);
    Status::Dirty
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{check, copy_of_workspace, edit};

    const CREATE: &str = "spec/reference/CreateGlobalAssetScanTask.toml";

    #[test]
    fn a_spec_that_differs_from_its_accepted_facts_is_drift() {
        let (_folder, workspace) = copy_of_workspace();
        edit(&workspace, CREATE, "max = 32768", "max = 65536");
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Dirty);
        assert!(text.contains(&format!("page  1 to 65536 ({CREATE}:")), "{text}");
        assert!(text.contains("write `x-length: { min: 1, max: 65536 }`"), "{text}");
        assert!(text.ends_with("mismatch: fix what is reported above\n"), "{text}");
    }

    #[test]
    fn an_operation_without_accepted_facts_is_a_note() {
        let (_folder, workspace) = copy_of_workspace();
        fs::remove_file(workspace.root().join(CREATE)).unwrap();
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Clean, "{text}");
        assert!(text.contains("the reference page of CreateGlobalAssetScanTask is not accepted yet"), "{text}");
        // Operations from another source than a page have none to accept.
        assert!(!text.contains("Keystone"), "{text}");
    }

    #[test]
    fn another_date_is_a_note() {
        let (_folder, workspace) = copy_of_workspace();
        edit(&workspace, CREATE, "2026-04-03", "2026-05-01");
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Clean, "{text}");
        assert!(text.contains("`x-page` is dated 2026-04-03, but the accepted page 2026-05-01"), "{text}");
    }

    #[test]
    fn an_accepted_difference_is_clean_until_it_is_gone() {
        let (_folder, workspace) = copy_of_workspace();
        edit(&workspace, "spec/reference/ListGlobalAssetScanTask.toml", "max = 256", "max = 512");
        assert_eq!(check(&workspace).0, Status::Dirty);
        let entry = "[[page]]\noperation = 'ListGlobalAssetScanTask'\naspect = 'range'\nnames = ['path project_id']\n\
            page = { min = 1, max = 512 }\nreason = 'why'\n";
        fs::write(workspace.root().join("spec/accepted.toml"), entry).unwrap();
        for file in ["KeystoneCreateUserTokenByPassword", "KeystoneListProjects", "ListEnterpriseProject"] {
            fs::remove_file(workspace.reference_path(file)).unwrap();
        }
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Clean, "{text}");
        edit(&workspace, "spec/reference/ListGlobalAssetScanTask.toml", "max = 512", "max = 256");
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Dirty);
        let expected =
            "the entry for path project_id, range, of ListGlobalAssetScanTask matches no difference: remove it";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn a_stale_or_unreadable_file_is_reported() {
        for (from, to, status, expected) in [
            (
                "operation = \"Create",
                "operation = \"Remake",
                Status::Dirty,
                "the file is not named after its operation",
            ),
            ("mandatory = true", "mandatory = maybe", Status::Error, "line 8: "),
            ("mandatory = true", "needed = true", Status::Error, "unknown key `needed`"),
        ] {
            let (_folder, workspace) = copy_of_workspace();
            edit(&workspace, CREATE, from, to);
            let (found, text) = check(&workspace);
            assert_eq!(found, status, "{text}");
            assert!(text.contains(CREATE) && text.contains(expected), "{text}");
        }
        let (_folder, workspace) = copy_of_workspace();
        let text = fs::read_to_string(workspace.root().join(CREATE)).unwrap().replace("CreateGlobal", "Gone");
        fs::write(workspace.root().join("spec/reference/GoneAssetScanTask.toml"), text).unwrap();
        let (status, text) = check(&workspace);
        assert_eq!(status, Status::Dirty);
        assert!(text.contains("no spec has the operation `GoneAssetScanTask`"), "{text}");
    }
}
