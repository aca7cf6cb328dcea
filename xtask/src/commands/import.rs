//! `cargo xtask import`: drafts an operation from a reference page that no spec has yet.

use std::path::PathBuf;

use clap::Args;
use huaweicloud_hss_codegen::HSS_CLIENT;
use openapi_drift::{OperationFacts, Spec, compare, operation_from_file_name, read_page, scaffold_operation};

use crate::commands::drift::page_text;
use crate::outcome::Outcome;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct ImportArgs {
    /// The saved page: plain text, Markdown or HTML, English or Chinese; `-` for standard input
    page: PathBuf,
    /// The operationId, which pages do not state [default: taken from the file name]
    #[arg(long)]
    operation: Option<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &ImportArgs) -> Result<Outcome, String> {
    let (name, text) = page_text(Some(&args.page), None)?;
    let page = read_page(&text).map_err(|error| format!("{name}: {error}"))?;
    let mut outcome = Outcome::default();
    // The draft is useful nevertheless: to read, or as a new start.
    for operation in workspace.specs().unwrap_or_default().iter().flat_map(openapi_drift::Spec::operations) {
        if operation.facts.method.value == page.method.value && operation.facts.path.value == page.path.value {
            outcome
                .note(format_args!("note: {} already has this operation, on line {}", operation.spec, operation.line));
        }
    }
    let stem = args.page.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    outcome.out = scaffold_operation(&page, args.operation.as_deref().or_else(|| operation_from_file_name(stem)));
    for problem in problems_of(&outcome.out, &page) {
        outcome.note(format_args!("the TODOs are not all that is left to do: {problem}"));
    }
    Ok(outcome)
}

/// Returns what a draft needs besides its texts: where it would break a rule, the generator fails, or its facts are not
/// those of the page.
fn problems_of(draft: &str, page: &OperationFacts) -> Vec<String> {
    let written = draft.replace("TODO: ", "").replace("TODO", "Draft");
    let operations = match Spec::read("the draft", &written) {
        Ok(spec) => spec.operations(),
        Err(error) => return vec![error.to_string()],
    };
    let generated = HSS_CLIENT.generate(&written).err();
    let found = generated.iter().flat_map(|problems| problems.as_slice()).map(|problem| format!("the draft:{problem}"));
    let comparison = compare(page, &operations);
    let differences = comparison.iter().flat_map(|comparison| &comparison.differences);
    let differences = differences.map(|found| {
        let (location, name, kind) = (found.location, &found.name, found.kind);
        format!("{location} `{name}`, {kind}: the page has {}, the draft {}", found.page, found.spec)
    });
    found.chain(differences).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use huaweicloud_hss_codegen::{lint, read_yaml};

    use super::*;
    use crate::outcome::Status;
    use crate::test_support::{copy_of_workspace, page_of};

    fn imported(workspace: &Workspace, name: &str, page: &str) -> (Status, String, String) {
        let file = workspace.root().join(name);
        fs::write(&file, page).unwrap();
        let args = ImportArgs { page: file, operation: None };
        let outcome = run(workspace, &args).unwrap_or_else(Outcome::error);
        (outcome.status, outcome.out, outcome.err)
    }

    #[test]
    fn a_draft_has_the_facts_of_the_page_and_fails_the_lints_only_for_its_todos() {
        let (_folder, workspace) = copy_of_workspace();
        for operation in ["CreateGlobalAssetScanTask", "ListGlobalAssetScanTask"] {
            let page = page_of(operation);
            let (status, draft, note) = imported(&workspace, &format!("{operation}.txt"), &page);
            assert_eq!(status, Status::Clean);
            assert!(note.starts_with("note: spec/hss.yaml already has this operation"), "{note}");

            let operations = Spec::read("draft", &draft).unwrap().operations();
            let facts = read_page(&page).unwrap();
            let comparison = compare(&facts, &operations).unwrap();
            assert_eq!((comparison.operation.id(), comparison.differences.as_slice()), (operation, &[][..]), "{draft}");

            let problems = lint::check(&read_yaml(&draft).unwrap()).unwrap_err();
            assert!(problems.as_slice().iter().all(|problem| problem.rule == "todo"), "{problems}");
            // Without its TODOs it is a valid spec.
            let written = draft.replace("TODO: ", "");
            let code = HSS_CLIENT.generate(&written).unwrap_or_else(|problems| panic!("{problems}\n{written}"));
            assert!(code.contains("pub mod bounds"), "{code}");
        }
        let (_, draft, _) =
            imported(&workspace, "CreateGlobalAssetScanTask.txt", &page_of("CreateGlobalAssetScanTask"));
        insta::assert_snapshot!("draft", draft);
    }

    #[test]
    fn a_page_without_an_operation_id_in_its_name_gets_a_todo() {
        let (_folder, workspace) = copy_of_workspace();
        let (_, draft, _) = imported(&workspace, "page.txt", &page_of("ListGlobalAssetScanTask"));
        assert!(draft.contains("operationId: TODO\n"), "{draft}");
        let (status, out, err) = imported(&workspace, "page.txt", "");
        assert_eq!((status, out.as_str()), (Status::Error, ""));
        assert!(err.contains("the page is empty"), "{err}");
    }

    /// Writes a page with a path parameter and these tables of request and response.
    fn page(method: &str, request: &str, response: &str) -> String {
        let path = "Table 1 Path Parameters\n\n| Parameter | Mandatory | Type | Description |\n|-|-|-|-|\n| id | Yes | String | Id |\n";
        format!("URI\n\n{method} /v5/x/{{id}}\n\n{path}\nRequest\n\n{request}\nResponse\n\n{response}\nStatus Codes\n")
    }

    fn table(caption: &str, rows: &[&str]) -> String {
        let rows: Vec<String> = rows.iter().map(|row| format!("| {} |\n", row.replace(", ", " | "))).collect();
        format!("Table 2 {caption}\n\n| Parameter | Mandatory | Type | Description |\n|-|-|-|-|\n{}\n", rows.concat())
    }

    #[test]
    fn a_draft_generates_and_matches_its_page_or_the_rest_is_named() {
        let (_folder, workspace) = copy_of_workspace();
        let body = |rows: &[&str]| page("POST", &table("Request body parameters", rows), "None\n");
        let item =
            table("Item", &["tags, No, Array of strings, Range: 1 to 9 characters", "inner, Yes, Inner object, I"]);
        let inner = table("Inner", &["lists, No, Array of Array of Integers, L"]);
        let header = table("Request header parameters", &["region, No, String, R", "X-Auth-Token, Yes, String, T"]);
        let created = "Status code: 201\n\nTable 3 Response body parameters\n\n| Name | Type |\n|-|-|\n| a | Map<String,Long> |\n";
        for (name, page, in_draft, notes) in [
            ("D1: no body and no response", page("DELETE", "", "None\n"), "responses:", &[][..]),
            (
                "D2: lists within lists",
                body(&["items, Yes, Array of Item objects, I"])
                    .replace("\nResponse", &format!("{item}{inner}\nResponse")),
                "Tags:",
                &[],
            ),
            (
                "D2: a list in a query",
                page("GET", &table("Query Parameters", &["ids, No, Array of strings, Range: 0 to 20"]), "None\n"),
                "maxItems: 20",
                &[],
            ),
            ("values of a list", body(&["kinds, No, Array of strings, Range: • a: x • b: y"]), "enum: [a, b]", &[]),
            (
                "D3: a header",
                page("GET", &header, "None\n"),
                "# The header `region` is left out",
                &["header `region`, presence: the page has true, the draft null"],
            ),
            ("D4: a status of success", page("POST", "", created), "# The page states 201", &[]),
            (
                "a range that is not understood",
                body(&["a, No, String, Range: less than 10 characters"]),
                "title: 'TODO: the range on the page was not understood'",
                &["body `a`, range: the page has \"less than 10 characters\", the draft null"],
            ),
            ("a type that is not known", body(&["a, No, Strang, A"]), "type: 'TODO: strang'", &["it panicked"]),
            (
                "a default that does not fit",
                body(&["a, No, Integer, Range: 1 to 9. Default: the least"]),
                "default: 'the least'",
                &["the draft:"],
            ),
            (
                "a path without its parameter",
                page("GET", "", "None\n").replace("/{id}", "/{id}/{other}"),
                "",
                &["[path-parameter] `{other}` in GET /v5/x/{id}/{other} has no path parameter"],
            ),
        ] {
            let (status, draft, err) = imported(&workspace, "DoIt.md", &page);
            assert!(status == Status::Clean && draft.contains(in_draft), "{name}: {err}\n{draft}");
            assert_eq!(err.is_empty(), notes.is_empty(), "{name}: {err}\n{draft}");
            for note in notes {
                assert!(err.contains(note), "{name}: {err}");
            }
        }
    }
}
