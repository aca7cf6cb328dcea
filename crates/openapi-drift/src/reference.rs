//! Reads and writes `spec/reference/<operationId>.toml`: the accepted facts of a reference page, without its prose.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Deserialize;
use serde_json::Value as Json;
use toml::Spanned;

use crate::facts::{FactKind, Located, Location, OperationFacts, Parameter};

/// Why a reference file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceError {
    line: u64,
    message: String,
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReferenceError {}

/// The facts of a parameter by their keys.
type Row = BTreeMap<String, Spanned<Json>>;
type Rows = BTreeMap<String, Spanned<Row>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    operation: String,
    updated: Option<String>,
    method: Spanned<String>,
    uri: Spanned<String>,
    #[serde(default)]
    path: Rows,
    #[serde(default)]
    query: Rows,
    #[serde(default)]
    header: Rows,
    #[serde(default)]
    body: Rows,
    #[serde(default)]
    response: Rows,
}

/// The facts of a file, in the order in which they are written.
const KINDS: [FactKind; 5] = [FactKind::Mandatory, FactKind::Type, FactKind::Range, FactKind::Enum, FactKind::Default];

/// Reads a reference file.
///
/// # Errors
/// The text is not TOML, or has an unknown key.
pub fn read_reference(text: &str) -> Result<OperationFacts, ReferenceError> {
    let line_at = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count() as u64;
    let file: File = toml::from_str(text).map_err(|error| ReferenceError {
        line: error.span().map(|span| line_at(span.start)).unwrap_or_default(),
        message: error.message().to_owned(),
    })?;
    let mut parameters = Vec::new();
    let tables = [file.path, file.query, file.header, file.body, file.response];
    for (location, rows) in Location::TABLES.into_iter().zip(tables) {
        for (name, row) in rows {
            let mut parameter = Parameter::new(location, name, line_at(row.span().start));
            for (key, value) in row.into_inner() {
                let line = line_at(value.span().start);
                let Some(kind) = KINDS.into_iter().find(|kind| kind.as_str() == key) else {
                    return Err(ReferenceError { line, message: format!("unknown key `{key}`") });
                };
                parameter.set(kind, value.into_inner(), line);
            }
            parameters.push(parameter);
        }
    }
    parameters.sort_by_key(|parameter| parameter.line);
    let stated = |spanned: Spanned<String>| {
        let line = line_at(spanned.span().start);
        Located::new(spanned.into_inner(), line)
    };
    Ok(OperationFacts {
        operation: Some(file.operation),
        updated: file.updated,
        status: None,
        method: stated(file.method),
        path: stated(file.uri),
        parameters,
    })
}

/// Writes a reference file. The same facts give the same bytes.
#[must_use]
pub fn write_reference(operation: &str, facts: &OperationFacts) -> String {
    let mut out = String::from(
        "# The facts of the reference page as last accepted. Written by `cargo xtask drift --page FILE --accept`.\n",
    );
    let updated = facts.updated.as_deref().map(|updated| ("updated", updated));
    let own = [
        Some(("operation", operation)),
        updated,
        Some(("method", &facts.method.value)),
        Some(("uri", &facts.path.value)),
    ];
    // Writing to a String cannot fail.
    for (key, value) in own.into_iter().flatten() {
        let _ = writeln!(out, "{key} = {}", quoted(value));
    }
    for location in Location::TABLES {
        for parameter in facts.parameters.iter().filter(|parameter| parameter.location == location) {
            let _ = write!(out, "\n[{location}.{}]\n", key(&parameter.name));
            for kind in KINDS {
                if let Some(value) = parameter.get(kind) {
                    let _ = writeln!(out, "{kind} = {}", toml_value(value));
                }
            }
        }
    }
    out
}

fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if bare { name.to_owned() } else { quoted(name) }
}

fn toml_value(value: &Json) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Json::Array(values) => format!("[{}]", joined(values.iter().map(toml_value).collect())),
        Json::Object(bounds) => {
            let pair = |key: &str| bounds.get(key).map(|bound| format!("{key} = {}", toml_value(bound)));
            format!("{{ {} }}", joined(["min", "max"].into_iter().filter_map(pair).collect()))
        }
        Json::String(text) => quoted(text),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_reported_with_its_line() {
        let text = "operation = \"A\"\nmethod = \"GET\"\nuri = \"/a\"\n[query.x]\nmaximum = 3\n";
        let error = read_reference(text).unwrap_err();
        assert!(error.to_string().starts_with("line 5: unknown key `maximum`"), "{error}");
    }
}
