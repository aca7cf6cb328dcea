//! `cargo xtask import`: drafts an operation from a page that no spec has yet.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use openapi_drift::{draft, operation_named, read_page};

use crate::Verdict;
use crate::drift::page_text;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The saved page: plain text, Markdown or HTML, English or Chinese; `-` for standard input
    page: PathBuf,
    /// The operationId, which a page does not say [default: the one in the file's name]
    #[arg(long)]
    operation: Option<String>,
}

pub(crate) fn run(
    workspace: &Workspace,
    arguments: &Arguments,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Verdict> {
    let read = page_text(Some(&arguments.page), None)
        .and_then(|(name, text)| read_page(&text).map_err(|error| format!("{name}: {error}")));
    let page = match read {
        Ok(page) => page,
        Err(sentence) => {
            writeln!(err, "{sentence}")?;
            return Ok(Verdict::Unknown);
        }
    };
    // The draft is of use all the same: to look at, or to begin anew from.
    for operation in workspace.specs().unwrap_or_default().iter().flat_map(openapi_drift::Spec::operations) {
        if operation.facts.method.value == page.method.value && operation.facts.path.value == page.path.value {
            writeln!(err, "note: {} has this operation already, on line {}", operation.spec, operation.line)?;
        }
    }
    let stem = arguments.page.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let operation = arguments.operation.as_deref().or_else(|| operation_named(stem));
    write!(out, "{}", draft(&page, operation))?;
    Ok(Verdict::Fine)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use huaweicloud_hss_codegen::{HSS_CLIENT, lint, read_yaml};
    use openapi_drift::{Spec, compare};

    use super::*;
    use crate::check::tests::copy_of_the_workspace;
    use crate::test_page::page_of;

    fn imported(workspace: &Workspace, name: &str, page: &str) -> (Verdict, String, String) {
        let file = workspace.root().join(name);
        fs::write(&file, page).unwrap();
        let arguments = Arguments { page: file, operation: None };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let verdict = run(workspace, &arguments, &mut out, &mut err).unwrap();
        (verdict, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn a_draft_says_what_the_page_says_and_is_refused_for_its_marks_alone() {
        let (_folder, workspace) = copy_of_the_workspace();
        for operation in ["CreateGlobalAssetScanTask", "ListGlobalAssetScanTask"] {
            let page = page_of(operation);
            let (verdict, draft, note) = imported(&workspace, &format!("{operation}.txt"), &page);
            assert_eq!(verdict, Verdict::Fine);
            assert!(note.starts_with("note: spec/hss.yaml has this operation already"), "{note}");

            let operations = Spec::read("draft", &draft).unwrap().operations();
            let facts = read_page(&page).unwrap();
            let comparison = compare(&facts, &operations).unwrap();
            assert_eq!((comparison.operation.id(), comparison.differences.as_slice()), (operation, &[][..]), "{draft}");

            let problems = lint::check(&read_yaml(&draft).unwrap()).unwrap_err();
            assert!(problems.as_slice().iter().all(|problem| problem.rule == "todo"), "{problems}");
            // Once a person wrote the words, it is a spec like any other.
            let written = draft.replace("TODO: ", "");
            let code = HSS_CLIENT.generate(&written).unwrap_or_else(|problems| panic!("{problems}\n{written}"));
            assert!(code.contains("pub mod limits"), "{code}");
        }
        let (_, draft, _) =
            imported(&workspace, "CreateGlobalAssetScanTask.txt", &page_of("CreateGlobalAssetScanTask"));
        insta::assert_snapshot!("draft", draft);
    }

    #[test]
    fn a_page_without_a_telling_name_gets_a_mark_instead() {
        let (_folder, workspace) = copy_of_the_workspace();
        let (_, draft, _) = imported(&workspace, "page.txt", &page_of("ListGlobalAssetScanTask"));
        assert!(draft.contains("operationId: TODO\n"), "{draft}");
        let (verdict, out, err) = imported(&workspace, "page.txt", "");
        assert_eq!((verdict, out.as_str()), (Verdict::Unknown, ""));
        assert!(err.contains("the page is empty"), "{err}");
    }
}
