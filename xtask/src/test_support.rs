//! Helpers of the tests: a copy of the workspace to change, and reference pages with invented prose.

use std::fmt::Write as _;
use std::fs;

use huaweicloud_hss_codegen::GeneratedFile;
use openapi_drift::{FactKind, Location, OperationFacts, Parameter, read_reference};

use crate::commands::check;
use crate::outcome::Status;
use crate::workspace::Workspace;

/// Copies everything that `gen` and `check` read, so that tests can change it.
pub(crate) fn copy_of_workspace() -> (tempfile::TempDir, Workspace) {
    let real = Workspace::here();
    let folder = tempfile::tempdir().unwrap();
    let copy = Workspace::at(folder.path());
    for file in GeneratedFile::ALL {
        for (from, to) in [
            (file.spec_path(real.root()), file.spec_path(copy.root())),
            (file.snapshot_path(real.root()), file.snapshot_path(copy.root())),
        ] {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from, to).unwrap();
        }
    }
    fs::create_dir_all(copy.root().join("spec/reference")).unwrap();
    fs::copy(real.root().join("spec/accepted.toml"), copy.root().join("spec/accepted.toml")).unwrap();
    for file in real.files("spec/reference", "toml").unwrap() {
        fs::copy(&file, copy.root().join("spec/reference").join(file.file_name().unwrap())).unwrap();
    }
    (folder, copy)
}

/// Replaces text in a file of the copy, once.
pub(crate) fn edit(workspace: &Workspace, file: &str, from: &str, to: &str) {
    let path = workspace.root().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from:?} is not in {file}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// Runs `cargo xtask check`, which prints to standard output only.
pub(crate) fn check(workspace: &Workspace) -> (Status, String) {
    let outcome = check::run(workspace);
    assert_eq!(outcome.err, "");
    (outcome.status, outcome.out)
}

/// Renders the accepted facts of an operation as a page in the line layout.
pub(crate) fn page_of(operation: &str) -> String {
    let file = Workspace::here().reference_path(operation);
    page(&read_reference(&fs::read_to_string(file).unwrap()).unwrap())
}

fn page(facts: &OperationFacts) -> String {
    let mut out = format!(
        "Updated on {} GMT+08:00\n\nURI\n\n{} {}\n",
        facts.updated.as_deref().unwrap(),
        facts.method.value,
        facts.path.value
    );
    let titles = ["Path Parameters", "Query Parameters", "Request header parameters", "Request body parameters"];
    let titles = titles.into_iter().chain(["Response body parameters"]);
    for (number, (location, title)) in Location::TABLES.into_iter().zip(titles).enumerate() {
        let parameters: Vec<&Parameter> =
            facts.parameters.iter().filter(|parameter| parameter.location == location).collect();
        if parameters.is_empty() {
            continue;
        }
        let is_response = location == Location::Response;
        if is_response {
            out += "\nResponse Parameters\n\nStatus code: 200\n";
        }
        let mandatory = if is_response { "" } else { "\nMandatory\n" };
        write!(out, "\nTable {} {title}\n\nParameter\n{mandatory}\nType\n\nDescription\n", number + 1).unwrap();
        parameters.iter().for_each(|parameter| row(&mut out, parameter));
    }
    out + "\nStatus Codes\n\n200\n"
}

fn row(out: &mut String, parameter: &Parameter) {
    write!(out, "\n{}\n", parameter.name).unwrap();
    if parameter.location != Location::Response {
        write!(out, "\n{}\n", if parameter.is_mandatory() { "Yes" } else { "No" }).unwrap();
    }
    let kind = parameter.type_name().replace("array of string", "Array of strings");
    write!(out, "\n{}\n\nDefinition\n\nWords.\n\nConstraints\n\nN/A\n\nRange\n", kind).unwrap();
    let values = parameter.get(FactKind::Enum).and_then(|values| values.as_array());
    match parameter.bounds() {
        Some((Some(min), Some(max))) => write!(out, "\n{min} to {max}\n").unwrap(),
        _ if values.is_none() => out.push_str("\nN/A\n"),
        _ => {}
    }
    for value in values.into_iter().flatten() {
        write!(out, "\n• {}: so called\n", value.as_str().unwrap()).unwrap();
    }
    let default = parameter.get(FactKind::Default).and_then(|default| default.as_str()).unwrap_or("N/A");
    write!(out, "\nDefault Value\n\n{default}\n").unwrap();
}
