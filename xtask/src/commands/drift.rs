//! `cargo xtask drift`: does a page of the vendor's still say what the spec says?

use std::fs;
use std::io::{self, Read as _, Write};
use std::path::PathBuf;

use clap::Args;
use openapi_drift::{Comparison, Facts, Operation, compare, drift_report, read_page, write_reference};

use crate::format::{Format, Outcome, tell};
use crate::workspace::Workspace;
use crate::{Verdict, fetch};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The saved page: plain text, Markdown or HTML, English or Chinese; `-` for standard input
    #[arg(long, value_name = "FILE", required_unless_present = "url", conflicts_with = "url")]
    page: Option<PathBuf>,
    /// The page's address; fetched without any credential
    #[arg(long)]
    url: Option<String>,
    /// How differences are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Note the page's facts in spec/reference/, if the spec follows them
    #[arg(long)]
    accept: bool,
    /// Another spec to hold the page against than those in spec/
    #[arg(long, value_name = "FILE")]
    spec: Vec<PathBuf>,
}

pub(crate) fn run(
    workspace: &Workspace,
    arguments: &Arguments,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Verdict> {
    tell(drift(workspace, arguments), out, err)
}

fn drift(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let (name, text) = page_text(arguments.page.as_ref(), arguments.url.as_deref())?;
    let page = read_page(&text).map_err(|error| format!("{name}: {error}"))?;
    let operations = operations(workspace, &arguments.spec)?;
    let comparison = compare(&page, &operations).ok_or("no spec has an operation to hold the page against")?;
    let report = drift_report(&name, &page, &comparison, arguments.format.into());
    let in_step = comparison.differences.is_empty();
    let note = match (arguments.accept, in_step) {
        (false, _) => String::new(),
        (true, true) => accept(workspace, &page, &comparison)?,
        (true, false) => "not accepted: edit the spec first, so that it follows the page\n".to_owned(),
    };
    Ok((report, if in_step { Verdict::Fine } else { Verdict::Drift }, note))
}

/// The name and text of a page that was saved, is piped in, or stands at an address.
pub(crate) fn page_text(file: Option<&PathBuf>, url: Option<&str>) -> Result<(String, String), String> {
    if let Some(url) = url {
        return fetch::page(url).map(|text| (url.to_owned(), text));
    }
    let file = file.ok_or("no page is named")?;
    let (name, bytes) = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        ("standard input".to_owned(), io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes))
    } else {
        (file.display().to_string(), fs::read(file))
    };
    let bytes = bytes.map_err(|error| format!("{name}: cannot be read: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{name}: this is not UTF-8 text. Save it as UTF-8"))?;
    Ok((name, text))
}

/// The operations of the given specs, or of all in spec/.
fn operations(workspace: &Workspace, files: &[PathBuf]) -> Result<Vec<Operation>, String> {
    let specs = if files.is_empty() { workspace.specs()? } else { Workspace::read_specs(files)? };
    Ok(specs.iter().flat_map(openapi_drift::Spec::operations).collect())
}

fn accept(workspace: &Workspace, page: &Facts, comparison: &Comparison<'_>) -> Result<String, String> {
    let id = comparison.operation.id();
    // The name becomes a file's.
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
    let mut note = format!("{shown}: {}\n", if same { "unchanged" } else { "written" });
    if page.updated.is_some() && page.updated != comparison.operation.facts.updated {
        note += &format!(
            "{}:{}: the page is of {}; write that date in `x-page`\n",
            comparison.operation.spec,
            comparison.operation.line,
            page.updated.as_deref().unwrap_or_default(),
        );
    }
    Ok(note)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::check::tests::{copy_of_the_workspace, edit};
    use crate::fetch::tests::{answer, serve};
    use crate::test_page::page_of;

    const CREATE: &str = "CreateGlobalAssetScanTask";

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn run_line(workspace: &Workspace, line: &[&str]) -> (Verdict, String, String) {
        let line = Line::try_parse_from(["drift"].iter().chain(line)).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let verdict = run(workspace, &line.arguments, &mut out, &mut err).unwrap();
        (verdict, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    /// Holds a page against the copy of a workspace; the page is called `page.txt` in what comes back.
    fn drift(workspace: &Workspace, page: &str, flags: &[&str]) -> (Verdict, String, String) {
        let file = workspace.root().join("page.txt");
        fs::write(&file, page).unwrap();
        let file = file.display().to_string();
        let (verdict, out, err) = run_line(workspace, &[&["--page", file.as_str()], flags].concat());
        (verdict, out.replace(&file, "page.txt"), err.replace(&file, "page.txt"))
    }

    #[test]
    fn an_accepted_page_is_in_step() {
        let (_folder, workspace) = copy_of_the_workspace();
        for operation in [CREATE, "ListGlobalAssetScanTask"] {
            let (verdict, out, err) = drift(&workspace, &page_of(operation), &["--format", "json"]);
            assert_eq!((verdict, out.as_str(), err.as_str()), (Verdict::Fine, "[]\n", ""));
            let (verdict, out, _) = drift(&workspace, &page_of(operation), &[]);
            assert_eq!(verdict, Verdict::Fine);
            assert!(out.starts_with("in step: ") && out.contains(operation), "{out}");
            let (_, out, _) = drift(&workspace, &page_of(operation), &["--format", "github"]);
            assert_eq!(out, "");
        }
    }

    /// The shared part of a page that has several facts moved.
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
    fn what_moved_is_told_in_each_format() {
        let (_folder, workspace) = copy_of_the_workspace();
        for format in ["text", "json", "github"] {
            let (verdict, out, err) = drift(&workspace, &moved(), &["--format", format]);
            assert_eq!((verdict, err.as_str()), (Verdict::Drift, ""));
            // Where things stand in the spec moves with every edit of it.
            insta::with_settings!({filters => vec![(r"hss\.yaml:\d+", "hss.yaml:…"), (r"hss\.yaml,line=\d+", "hss.yaml,line=…")]}, {
                insta::assert_snapshot!(format!("moved_{format}"), out);
            });
        }
    }

    #[test]
    fn a_page_that_is_in_no_spec_names_the_nearest_and_the_way_in() {
        let (_folder, workspace) = copy_of_the_workspace();
        let page = "Updated on 2026-04-03\n\nURI\n\nDELETE /v5/{project_id}/other/{thing_id}\n\nTable 1 Path Parameters\n\nParameter\n\n\
            Mandatory\n\nType\n\nDescription\n\nthing_id\n\nYes\n\nString\n\nWords.\n\nResponse Parameters\n\nNone\n";
        let (verdict, out, _) = drift(&workspace, page, &[]);
        assert_eq!(verdict, Verdict::Drift);
        assert!(out.starts_with("page.txt of 2026-04-03: no spec has this operation."), "{out}");
        assert!(out.contains("`cargo xtask import page.txt` drafts it"), "{out}");
        let (_, out, _) = drift(&workspace, page, &["--format", "json"]);
        let found: serde_json::Value = serde_json::from_str(&out).unwrap();
        let aspects: Vec<_> = found.as_array().unwrap().iter().map(|found| found["aspect"].as_str().unwrap()).collect();
        assert_eq!(aspects, ["method", "path"]);
    }

    #[test]
    fn an_unreadable_page_is_a_sentence_and_no_findings() {
        let (_folder, workspace) = copy_of_the_workspace();
        let whole = page_of(CREATE);
        for (page, expected) in [
            ("", "page.txt: the page is empty."),
            ("Log in to go on.", "page.txt: this is no reference page"),
            (&whole[..whole.find("Table 5").unwrap()], "the page has no table of response parameters"),
        ] {
            let (verdict, out, err) = drift(&workspace, page, &["--format", "json", "--accept"]);
            assert_eq!((verdict, out.as_str()), (Verdict::Unknown, ""));
            assert!(err.contains(expected), "{err}");
        }
        let (verdict, _, err) = run_line(&workspace, &["--page", "no-such-file"]);
        assert_eq!(verdict, Verdict::Unknown);
        assert!(err.starts_with("no-such-file: cannot be read:"), "{err}");
    }

    #[test]
    fn a_page_is_accepted_once_the_spec_follows_it() {
        let (_folder, workspace) = copy_of_the_workspace();
        let reference = workspace.reference_path(CREATE);
        let before = fs::read_to_string(&reference).unwrap();
        let page = page_of(CREATE).replace("2026-04-03", "2026-05-01").replace("1 to 32768", "1 to 65536");
        let (verdict, _, err) = drift(&workspace, &page, &["--accept"]);
        assert_eq!(verdict, Verdict::Drift);
        assert!(err.starts_with("not accepted: edit the spec first"), "{err}");
        assert_eq!(fs::read_to_string(&reference).unwrap(), before);

        edit(&workspace, "spec/hss.yaml", "max: 32768", "max: 65536");
        let (verdict, _, err) = drift(&workspace, &page, &["--accept"]);
        assert_eq!(verdict, Verdict::Fine);
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
        let (_folder, workspace) = copy_of_the_workspace();
        let url = serve(vec![answer("200 OK", "", &page_of(CREATE)), answer("200 OK", "", &moved())]);
        assert_eq!(run_line(&workspace, &["--url", &url]).0, Verdict::Fine);
        assert_eq!(run_line(&workspace, &["--url", &url]).0, Verdict::Drift);
        let gone = serve(vec![answer("503 Service Unavailable", "", "")]);
        let (verdict, out, err) = run_line(&workspace, &["--url", &gone]);
        assert_eq!((verdict, out.as_str()), (Verdict::Unknown, ""));
        assert!(err.contains("the server answered 503"), "{err}");
    }

    #[test]
    fn the_accepted_facts_of_this_workspace_are_written_as_they_are_read() {
        for file in Workspace::here().files("spec/reference", "toml").unwrap() {
            let text = fs::read_to_string(&file).unwrap();
            let facts = openapi_drift::read_reference(&text).unwrap();
            assert_eq!(write_reference(facts.operation.as_deref().unwrap(), &facts), text, "{}", file.display());
        }
    }
}
