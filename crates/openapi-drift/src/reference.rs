//! Reads and writes `spec/reference/<operationId>.toml`: the accepted facts of a reference page, without its prose.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Deserialize;
use serde_json::Value as Json;
use toml::Spanned;

use crate::facts::{Located, Location, OperationFacts, Parameter, Range};

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    mandatory: Option<Spanned<bool>>,
    r#type: Option<Spanned<String>>,
    range: Option<Spanned<RangeValue>>,
    default: Option<Spanned<Json>>,
    r#enum: Option<Spanned<Vec<Json>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RangeValue {
    Bounds { min: Option<i64>, max: Option<i64> },
    Text(String),
}

/// Reads a reference file.
///
/// # Errors
/// The text is not TOML, or has an unknown key.
pub fn read_reference(text: &str) -> Result<OperationFacts, ReferenceError> {
    let line_at = |at: usize| {
        let before = text.as_bytes().get(..at).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count() as u64
    };
    let file: File = toml::from_str(text).map_err(|error| ReferenceError {
        line: error.span().map(|span| line_at(span.start)).unwrap_or_default(),
        message: error.message().to_owned(),
    })?;
    let place = |location: Location, name: String, row: Spanned<Row>| {
        let mut parameter = Parameter::new(location, name, line_at(row.span().start));
        let row = row.into_inner();
        fn at<T, U>(spanned: Spanned<T>, line_at: impl Fn(usize) -> u64, value: fn(T) -> U) -> Located<U> {
            let line = line_at(spanned.span().start);
            Located::new(value(spanned.into_inner()), line)
        }
        parameter.mandatory = row.mandatory.map(|value| at(value, line_at, |value| value));
        parameter.type_name = row.r#type.map(|value| at(value, line_at, |value| value));
        parameter.default = row.default.map(|value| at(value, line_at, |value| value));
        parameter.values = row.r#enum.map(|value| at(value, line_at, |value| value));
        parameter.range = row.range.map(|value| {
            at(value, line_at, |value| match value {
                RangeValue::Bounds { min, max } => Range::Bounds { min, max },
                RangeValue::Text(text) => Range::Unparsed(text),
            })
        });
        parameter
    };
    let tables = [
        (Location::Path, file.path),
        (Location::Query, file.query),
        (Location::Header, file.header),
        (Location::Body, file.body),
        (Location::Response, file.response),
    ];
    let mut parameters: Vec<Parameter> = tables
        .into_iter()
        .flat_map(|(location, rows)| rows.into_iter().map(move |(name, row)| (location, name, row)))
        .map(|(location, name, row)| place(location, name, row))
        .collect();
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
    // Writing to a String cannot fail.
    let _ = writeln!(out, "operation = {}", quoted(operation));
    if let Some(updated) = &facts.updated {
        let _ = writeln!(out, "updated = {}", quoted(updated));
    }
    let _ = writeln!(out, "method = {}", quoted(&facts.method.value));
    let _ = writeln!(out, "uri = {}", quoted(&facts.path.value));
    for location in Location::TABLES {
        for parameter in facts.parameters.iter().filter(|parameter| parameter.location == location) {
            let _ = write!(out, "\n[{location}.{}]\n", key(&parameter.name));
            if let Some(mandatory) = &parameter.mandatory {
                let _ = writeln!(out, "mandatory = {}", mandatory.value);
            }
            if let Some(kind) = &parameter.type_name {
                let _ = writeln!(out, "type = {}", quoted(&kind.value));
            }
            match parameter.range.as_ref().map(|range| &range.value) {
                Some(Range::Bounds { min, max }) => {
                    let bounds = [("min", min), ("max", max)];
                    let stated: Vec<String> =
                        bounds.iter().filter_map(|(key, n)| n.map(|n| format!("{key} = {n}"))).collect();
                    let _ = writeln!(out, "range = {{ {} }}", stated.join(", "));
                }
                Some(Range::Unparsed(text)) => {
                    let _ = writeln!(out, "range = {}", quoted(text));
                }
                None => {}
            }
            if let Some(values) = &parameter.values {
                let values: Vec<String> = values.value.iter().map(scalar).collect();
                let _ = writeln!(out, "enum = [{}]", values.join(", "));
            }
            if let Some(default) = &parameter.default {
                let _ = writeln!(out, "default = {}", scalar(&default.value));
            }
        }
    }
    out
}

fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if bare { name.to_owned() } else { quoted(name) }
}

/// Writes a scalar in TOML, and anything else as a string of its JSON.
fn scalar(value: &Json) -> String {
    match value {
        Json::Bool(_) | Json::Number(_) => value.to_string(),
        Json::String(text) => quoted(text),
        other => quoted(&other.to_string()),
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
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let stated = |value| Some(Located::new(value, 1));
        let mut full = Parameter::new(Location::Query, "limit", 1);
        full.mandatory = Some(Located::new(false, 1));
        full.type_name = stated("integer".to_owned());
        full.range = Some(Located::new(Range::Bounds { min: Some(10), max: Some(200) }, 1));
        full.default = Some(Located::new(json!(10), 1));
        full.values = Some(Located::new(vec![json!("a\"\\\n\u{1}"), json!(true)], 1));
        let mut nested = Parameter::new(Location::Response, "list.id", 1);
        nested.range = Some(Located::new(Range::Unparsed("2^31".to_owned()), 1));
        let facts = OperationFacts {
            operation: Some("DoIt".to_owned()),
            updated: Some("2026-04-03".to_owned()),
            status: None,
            method: Located::new("GET".to_owned(), 1),
            path: Located::new("/v5/x".to_owned(), 1),
            parameters: vec![full, nested],
        };
        let text = write_reference("DoIt", &facts);
        let read = read_reference(&text).unwrap();
        assert_eq!(write_reference("DoIt", &read), text);
        let values = |facts: &OperationFacts| facts.all().map(|fact| (fact.name, fact.value)).collect::<Vec<_>>();
        assert_eq!(values(&read), values(&facts));
        assert_eq!(read.parameters[0].line, 7, "{text}");
    }

    #[test]
    fn an_unknown_key_is_reported_with_its_line() {
        let text = "operation = \"A\"\nmethod = \"GET\"\nuri = \"/a\"\n[query.x]\nmaximum = 3\n";
        let error = read_reference(text).unwrap_err();
        assert!(error.to_string().starts_with("line 5: unknown field `maximum`"), "{error}");
    }
}
