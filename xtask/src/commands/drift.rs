//! `cargo xtask drift`: compares the vendor's reference page with the spec.

use std::fs;
use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::Args;
use openapi_drift::{Comparison, Operation, OperationFacts, compare, drift_report, read_page, write_reference};

use crate::fetch;
use crate::outcome::{Format, Outcome, Status};
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct DriftArgs {
    /// The saved page: plain text, Markdown or HTML, English or Chinese; `-` for standard input
    #[arg(long, value_name = "FILE", required_unless_present = "url", conflicts_with = "url")]
    page: Option<PathBuf>,
    /// The page's address, fetched without credentials
    #[arg(long)]
    url: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the page's facts to spec/reference/, if the spec matches them
    #[arg(long)]
    accept: bool,
    /// A spec to compare the page with, instead of those in spec/
    #[arg(long, value_name = "FILE")]
    spec: Vec<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, args: &DriftArgs) -> Result<Outcome, String> {
    let (name, text) = page_text(args.page.as_ref(), args.url.as_deref())?;
    let page = read_page(&text).map_err(|error| format!("{name}: {error}"))?;
    let operations = operations(workspace, &args.spec)?;
    let mut comparison = compare(&page, &operations).ok_or("no spec has an operation to compare the page with")?;
    workspace.accepted()?.apply(&mut comparison);
    let mut outcome =
        Outcome { out: drift_report(&name, &page, &comparison, args.format.into()), ..Outcome::default() };
    let in_step = comparison.differences.is_empty();
    if !in_step {
        outcome.worsen(Status::Dirty);
    }
    if args.accept && in_step {
        accept(workspace, &page, &comparison, &mut outcome)?;
    } else if args.accept {
        outcome.note("not accepted: edit the spec first, so that it matches the page");
    }
    Ok(outcome)
}

/// Returns the name and text of a page from a file, standard input or an address.
pub(crate) fn page_text(file: Option<&PathBuf>, url: Option<&str>) -> Result<(String, String), String> {
    if let Some(url) = url {
        return fetch::page(url).map(|text| (url.to_owned(), text));
    }
    let file = file.ok_or("no page was given")?;
    let (name, bytes) = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        ("standard input".to_owned(), io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes))
    } else {
        (file.display().to_string(), fs::read(file))
    };
    let bytes = bytes.map_err(|error| format!("{name}: cannot be read: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{name}: this is not UTF-8 text: save it as UTF-8"))?;
    Ok((name, text))
}

/// The operations of the given specs, or of all in spec/.
fn operations(workspace: &Workspace, files: &[PathBuf]) -> Result<Vec<Operation>, String> {
    let specs = if files.is_empty() { workspace.specs()? } else { Workspace::read_specs(files)? };
    Ok(specs.iter().flat_map(openapi_drift::Spec::operations).collect())
}

/// Writes the facts of a page that matches the spec.
fn accept(
    workspace: &Workspace,
    page: &OperationFacts,
    comparison: &Comparison<'_>,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let id = comparison.operation.id();
    // The name becomes a file name.
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return Err(format!("the operationId `{id}` cannot become a file name"));
    }
    let path = workspace.reference_path(id);
    let shown = workspace.shown(&path);
    let text = write_reference(id, page);
    let same = fs::read_to_string(&path).is_ok_and(|old| old == text);
    if !same {
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, &text));
        written.map_err(|error| format!("{shown}: cannot be written: {error}"))?;
    }
    outcome.note(format_args!("{shown}: {}", if same { "unchanged" } else { "written" }));
    if page.updated.is_some() && page.updated != comparison.operation.facts.updated {
        outcome.note(format_args!(
            "{}:{}: the page is dated {}: write that date in `x-page`",
            comparison.operation.spec,
            comparison.operation.line,
            page.updated.as_deref().unwrap_or_default(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::fetch::tests::{response, serve};
    use crate::test_support::{copy_of_workspace, edit, page_of};

    const CREATE: &str = "CreateGlobalAssetScanTask";

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: DriftArgs,
    }

    fn run_line(workspace: &Workspace, line: &[&str]) -> (Status, String, String) {
        let line = Line::try_parse_from(["drift"].iter().chain(line)).unwrap();
        let outcome = run(workspace, &line.args).unwrap_or_else(Outcome::error);
        (outcome.status, outcome.out, outcome.err)
    }

    /// Compares a page with the copy of a workspace. Reports call the page `page.txt`.
    fn drift(workspace: &Workspace, page: &str, flags: &[&str]) -> (Status, String, String) {
        let file = workspace.root().join("page.txt");
        fs::write(&file, page).unwrap();
        let file = file.display().to_string();
        let (status, out, err) = run_line(workspace, &[&["--page", file.as_str()], flags].concat());
        (status, out.replace(&file, "page.txt"), err.replace(&file, "page.txt"))
    }

    #[test]
    fn an_accepted_page_matches() {
        let (_folder, workspace) = copy_of_workspace();
        for operation in [CREATE, "ListGlobalAssetScanTask"] {
            let (status, out, err) = drift(&workspace, &page_of(operation), &["--format", "json"]);
            assert_eq!((status, out.as_str(), err.as_str()), (Status::Clean, "[]\n", ""));
            let (status, out, _) = drift(&workspace, &page_of(operation), &[]);
            assert_eq!(status, Status::Clean);
            assert!(out.contains(" matches ") && out.contains(operation), "{out}");
            let (_, out, _) = drift(&workspace, &page_of(operation), &["--format", "github"]);
            assert_eq!(out, "");
        }
    }

    /// A page with several changed facts.
    fn moved() -> String {
        page_of(CREATE)
            .replacen("1 to 256", "1 to 255", 1)
            .replace("• container: so called\n\n", "")
            .replace("\nhost_ids\n\nNo\n", "\nhost_ids\n\nYes\n")
            .replace("\nerror\n\nstring\n", "\nmessage\n\nstring\n")
            .replace("\nX-Auth-Token\n\nYes\n\nstring\n\nDefinition\n\nWords.\n\nConstraints\n\nN/A\n\nRange\n\n1 to 32768\n", "\nX-Auth-Token\n\nYes\n\nstring\n\nDefinition\n\nWords.\n")
            .replace("Default Value\n\n0\n", "Default Value\n\nN/A\n")
    }

    #[test]
    fn differences_are_reported_in_each_format() {
        let (_folder, workspace) = copy_of_workspace();
        for format in ["text", "json", "github"] {
            let (status, out, err) = drift(&workspace, &moved(), &["--format", format]);
            assert_eq!((status, err.as_str()), (Status::Dirty, ""));
            // Line numbers change with every edit of the spec.
            insta::with_settings!({filters => vec![(r"hss\.yaml:\d+", "hss.yaml:…"), (r"hss\.yaml,line=\d+", "hss.yaml,line=…")]}, {
                insta::assert_snapshot!(format!("moved_{format}"), out);
            });
        }
    }

    #[test]
    fn for_an_unknown_operation_the_nearest_one_and_import_are_suggested() {
        let (_folder, workspace) = copy_of_workspace();
        let page = "Updated on 2026-04-03\n\nURI\n\nDELETE /v5/{project_id}/other/{thing_id}\n\nTable 1 Path Parameters\n\nParameter\n\n\
            Mandatory\n\nType\n\nDescription\n\nthing_id\n\nYes\n\nString\n\nWords.\n\nResponse Parameters\n\nNone\n\nStatus Codes\n";
        let (status, out, _) = drift(&workspace, page, &[]);
        assert_eq!(status, Status::Dirty);
        assert!(out.starts_with("page.txt of 2026-04-03: no spec has this operation."), "{out}");
        assert!(out.contains("draft it with `cargo xtask import page.txt`"), "{out}");
        let (_, out, _) = drift(&workspace, page, &["--format", "json"]);
        let found: serde_json::Value = serde_json::from_str(&out).unwrap();
        let aspects: Vec<_> = found.as_array().unwrap().iter().map(|found| found["aspect"].as_str().unwrap()).collect();
        assert_eq!(aspects, ["method", "path"]);
    }

    #[test]
    fn an_unreadable_page_is_an_error_without_findings() {
        let (_folder, workspace) = copy_of_workspace();
        let whole = page_of(CREATE);
        for (page, expected) in [
            ("", "page.txt: the page is empty."),
            ("Log in to go on.", "page.txt: this is not a reference page"),
            (&whole[..whole.find("Table 5").unwrap()], "the page ends before its examples"),
        ] {
            let (status, out, err) = drift(&workspace, page, &["--format", "json", "--accept"]);
            assert_eq!((status, out.as_str()), (Status::Error, ""));
            assert!(err.contains(expected), "{err}");
        }
        let (status, _, err) = run_line(&workspace, &["--page", "no-such-file"]);
        assert_eq!(status, Status::Error);
        assert!(err.starts_with("no-such-file: cannot be read:"), "{err}");
    }

    #[test]
    fn a_page_is_accepted_once_the_spec_matches_it() {
        let (_folder, workspace) = copy_of_workspace();
        let reference = workspace.reference_path(CREATE);
        let before = fs::read_to_string(&reference).unwrap();
        let page = page_of(CREATE).replace("2026-04-03", "2026-05-01").replace("1 to 32768", "1 to 65536");
        let (status, _, err) = drift(&workspace, &page, &["--accept"]);
        assert_eq!(status, Status::Dirty);
        assert!(err.starts_with("not accepted: edit the spec first"), "{err}");
        assert_eq!(fs::read_to_string(&reference).unwrap(), before);

        edit(&workspace, "spec/hss.yaml", "max: 32768", "max: 65536");
        let (status, _, err) = drift(&workspace, &page, &["--accept"]);
        assert_eq!(status, Status::Clean);
        assert!(
            err.contains("CreateGlobalAssetScanTask.toml: written") && err.contains("write that date in `x-page`"),
            "{err}"
        );
        let after = fs::read_to_string(&reference).unwrap();
        assert_eq!(after, before.replace("2026-04-03", "2026-05-01").replace("32768", "65536"));
        let (_, _, err) = drift(&workspace, &page, &["--accept"]);
        assert!(err.contains("unchanged"), "{err}");
    }

    #[test]
    fn a_page_at_an_address_is_fetched() {
        let (_folder, workspace) = copy_of_workspace();
        let url = serve(vec![response("200 OK", "", &page_of(CREATE)), response("200 OK", "", &moved())]);
        assert_eq!(run_line(&workspace, &["--url", &url]).0, Status::Clean);
        assert_eq!(run_line(&workspace, &["--url", &url]).0, Status::Dirty);
        let gone = serve(vec![response("503 Service Unavailable", "", "")]);
        let (status, out, err) = run_line(&workspace, &["--url", &gone]);
        assert_eq!((status, out.as_str()), (Status::Error, ""));
        assert!(err.contains("the server responded with 503"), "{err}");
    }

    #[test]
    fn the_accepted_facts_of_this_workspace_round_trip() {
        for file in Workspace::here().files("spec/reference", "toml").unwrap() {
            let text = fs::read_to_string(&file).unwrap();
            let facts = openapi_drift::read_reference(&text).unwrap();
            assert_eq!(write_reference(facts.operation.as_deref().unwrap(), &facts), text, "{}", file.display());
        }
    }
}
