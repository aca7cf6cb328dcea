//! `cargo xtask drift`: does a page of the vendor's still say what the spec says?

use std::fs;
use std::io::{self, Read as _, Write};
use std::path::PathBuf;

use clap::Args;
use openapi_drift::{Comparison, Facts, Operation, compare, drift_report, read_page, write_reference};

use crate::format::Format;
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
    /// Note the page's facts in spec/reference/<operationId>.toml, if the spec follows them
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
    match drift(workspace, arguments) {
        Ok((text, verdict, note)) => {
            out.write_all(text.as_bytes())?;
            err.write_all(note.as_bytes())?;
            Ok(verdict)
        }
        Err(sentence) => {
            writeln!(err, "{sentence}")?;
            Ok(Verdict::Unknown)
        }
    }
}

fn drift(workspace: &Workspace, arguments: &Arguments) -> Result<(String, Verdict, String), String> {
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
