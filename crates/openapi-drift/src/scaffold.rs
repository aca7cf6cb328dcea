//! Drafts an OpenAPI operation from a reference page that no spec has yet.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::facts::{Location, OperationFacts, Parameter, Range};
use crate::format::scalar;

/// Drafts a spec with one operation. It has all facts of the page; every text is a `TODO`, which the lints reject.
#[must_use]
pub fn scaffold_operation(page: &OperationFacts, operation: Option<&str>) -> String {
    let id = operation.unwrap_or("TODO");
    let mut scaffold = Scaffold { out: String::new(), components: Vec::new() };
    scaffold.document(page, id);
    scaffold.out
}

struct Scaffold {
    out: String,
    /// The named schemas that lists in a request need: see docs/design/generator-traps.md#p13.
    components: Vec<(String, String)>,
}

impl Scaffold {
    /// Writes a line. Writing to a String cannot fail.
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{:1$}{text}", "", depth * 2);
    }

    fn todo(&mut self, depth: usize, key: &str, what: &str) {
        self.line(depth, &format!("{key}: 'TODO: {what}'"));
    }

    fn document(&mut self, page: &OperationFacts, id: &str) {
        let token = page.parameters.iter().find(|parameter| is_token(parameter));
        self.line(0, "# Drafted by `cargo xtask import` from the reference page. Replace each TODO in your own words, move `paths` and");
        self.line(0, "# `components` into a spec, then run `cargo xtask lint` and `cargo xtask gen`.");
        self.line(0, "openapi: 3.0.3");
        self.line(0, "info:");
        self.todo(1, "title", "the service");
        self.line(1, "version: 0.1.0");
        if token.is_some() {
            self.line(0, "security:");
            self.line(1, "- token: []");
        }
        self.line(0, "paths:");
        self.line(1, &format!("{}:", text(&page.path.value)));
        self.line(2, &format!("{}:", page.method.value.to_lowercase()));
        self.line(3, &format!("operationId: {id}"));
        self.todo(3, "summary", "what it does, in a few words");
        self.todo(3, "description", "what it does, and what callers must know");
        let updated = page.updated.as_deref().unwrap_or("TODO");
        self.line(3, &format!("x-page: {{ name: {id}, updated: '{updated}' }}"));
        self.parameters(page);
        if page.parameters.iter().any(|parameter| parameter.location == Location::Body) {
            self.line(3, "requestBody:");
            self.todo(4, "description", "what is sent");
            self.line(4, "required: true");
            self.content(4, &format!("{id}Request"));
        }
        self.line(3, "responses:");
        self.line(4, "'200':");
        self.todo(5, "description", "what the response means");
        if page.parameters.iter().any(|parameter| parameter.location == Location::Response) {
            self.content(5, &format!("{id}Response"));
        }
        self.line(0, "components:");
        if let Some(token) = token {
            self.token(token);
        }
        self.line(1, "schemas:");
        for (location, name) in
            [(Location::Body, format!("{id}Request")), (Location::Response, format!("{id}Response"))]
        {
            let parameters: Vec<&Parameter> =
                page.parameters.iter().filter(|parameter| parameter.location == location).collect();
            if !parameters.is_empty() {
                self.line(2, &format!("{name}:"));
                self.object(3, &parameters, "");
            }
        }
        for (name, schema) in std::mem::take(&mut self.components) {
            self.line(2, &format!("{name}:"));
            self.todo(3, "description", "what it lists");
            for line in schema.lines() {
                self.line(3, line);
            }
        }
    }

    fn parameters(&mut self, page: &OperationFacts) {
        let parameters: Vec<&Parameter> = page
            .parameters
            .iter()
            .filter(|parameter| {
                matches!(parameter.location, Location::Path | Location::Query | Location::Header)
                    && !is_token(parameter)
            })
            .collect();
        if parameters.is_empty() {
            return;
        }
        self.line(3, "parameters:");
        for parameter in parameters {
            self.line(4, &format!("- name: {}", text(&parameter.name)));
            self.line(5, &format!("in: {}", parameter.location));
            self.line(5, &format!("required: {}", parameter.mandatory.as_ref().is_some_and(|stated| stated.value)));
            self.todo(5, "description", "what it is");
            self.line(5, "schema:");
            let schema = self.schema(parameter);
            self.schema_lines(6, &schema);
        }
    }

    fn content(&mut self, depth: usize, component: &str) {
        self.line(depth, "content:");
        self.line(depth + 1, "application/json:");
        self.line(depth + 2, "schema:");
        self.line(depth + 3, &format!("$ref: '#/components/schemas/{component}'"));
    }

    fn token(&mut self, token: &Parameter) {
        self.line(1, "securitySchemes:");
        self.line(2, "token:");
        self.line(3, "type: apiKey");
        self.line(3, "in: header");
        self.line(3, &format!("name: {}", text(&token.name)));
        self.todo(3, "description", "which token it is");
        self.line(3, &format!("x-mandatory: {}", token.mandatory.as_ref().is_some_and(|stated| stated.value)));
        if let Some(length) = token.range.as_ref().and_then(|range| length(&range.value)) {
            self.line(3, &length);
        }
    }

    /// Writes an object with the parameters whose names begin with `prefix`.
    fn object(&mut self, depth: usize, parameters: &[&Parameter], prefix: &str) {
        let own: Vec<&Parameter> = parameters.iter().copied().filter(|parameter| is_child(parameter, prefix)).collect();
        let name = |parameter: &Parameter| text(parameter.name.strip_prefix(prefix).unwrap_or(&parameter.name));
        self.todo(depth, "description", "what it holds");
        self.line(depth, "type: object");
        let mandatory: Vec<String> = own
            .iter()
            .filter(|parameter| parameter.mandatory.as_ref().is_some_and(|stated| stated.value))
            .map(|parameter| name(parameter))
            .collect();
        if !mandatory.is_empty() {
            self.line(depth, &format!("required: [{}]", mandatory.join(", ")));
        }
        self.line(depth, "properties:");
        for parameter in own {
            self.line(depth + 1, &format!("{}:", name(parameter)));
            let inner = format!("{}.", parameter.name);
            if parameters.iter().any(|other| other.name.starts_with(&inner)) {
                let kind = parameter.type_name.as_ref().map(|kind| kind.value.as_str()).unwrap_or_default();
                // The limits of a list of objects are not enforced: see docs/design/generator-traps.md#p14.
                let length = parameter.range.as_ref().and_then(|range| length(&range.value)).map(|line| line + "\n");
                self.schema_lines(depth + 2, &(length.unwrap_or_default() + &listed(parameter)));
                self.holder(depth + 2, kind, parameters, &inner);
            } else {
                let schema = self.schema(parameter);
                self.schema_lines(depth + 2, &schema);
            }
        }
    }

    /// Writes an object with known fields, within the lists and maps of its type.
    fn holder(&mut self, depth: usize, kind: &str, parameters: &[&Parameter], inner: &str) {
        for (word, key, kind_of) in [("array of ", "items", "array"), ("map of ", "additionalProperties", "object")] {
            if let Some(element) = kind.strip_prefix(word) {
                self.todo(depth, "description", "what it lists");
                self.line(depth, &format!("type: {kind_of}"));
                self.line(depth, &format!("{key}:"));
                return self.holder(depth + 1, element, parameters, inner);
            }
        }
        self.object(depth, parameters, inner);
    }

    fn schema_lines(&mut self, depth: usize, schema: &str) {
        for line in schema.lines() {
            self.line(depth, line);
        }
    }

    /// Returns the lines of a schema for one value.
    fn schema(&mut self, parameter: &Parameter) -> String {
        let kind = parameter.type_name.as_ref().map(|kind| kind.value.as_str()).unwrap_or("string");
        let mut lines = String::new();
        if let Some(range) = &parameter.range {
            lines += &bounds(&range.value, kind, parameter.location == Location::Response);
        }
        lines += &listed(parameter);
        let schema = format!("{}{lines}", type_lines(kind));
        if kind.starts_with("array") && parameter.location != Location::Response {
            let name = self.component_name(&parameter.name);
            self.components.push((name.clone(), schema));
            return format!("$ref: '#/components/schemas/{name}'");
        }
        format!("description: 'TODO: what it is'\n{schema}")
    }

    /// `host_ids` becomes `HostIds`, with a number appended if that is taken.
    fn component_name(&self, name: &str) -> String {
        let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let camel: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
        let taken = |name: &str| self.components.iter().any(|(known, _)| known == name);
        let mut unique = camel.clone();
        let mut number = 2;
        while taken(&unique) {
            unique = format!("{camel}{number}");
            number += 1;
        }
        unique
    }
}

/// Returns the lines for enum and default.
fn listed(parameter: &Parameter) -> String {
    let mut lines = String::new();
    if let Some(values) = &parameter.values {
        let values: Vec<String> = values.value.iter().map(scalar).collect();
        lines += &format!("enum: [{}]\n", values.join(", "));
    }
    if let Some(default) = &parameter.default {
        lines += &format!("default: {}\n", scalar(&default.value));
    }
    lines
}

/// Whether a parameter is the token, and a security scheme can express its facts.
fn is_token(parameter: &Parameter) -> bool {
    let text = parameter.type_name.as_ref().is_some_and(|kind| kind.value == "string");
    let bare = parameter.values.is_none() && parameter.default.is_none();
    parameter.location == Location::Header && parameter.name.eq_ignore_ascii_case("X-Auth-Token") && text && bare
}

fn is_child(parameter: &Parameter, prefix: &str) -> bool {
    parameter.name.strip_prefix(prefix).is_some_and(|rest| !rest.contains('.'))
}

/// Writes a name or path as a YAML string.
fn text(name: &str) -> String {
    scalar(&Json::from(name))
}

/// Returns the `type` lines of a type name, with those of its elements.
fn type_lines(kind: &str) -> String {
    let indented = |inner: &str| inner.lines().map(|line| format!("  {line}\n")).collect::<String>();
    match kind {
        "long" => "type: integer\nformat: int64\n".to_owned(),
        "float" => "type: number\nformat: float\n".to_owned(),
        "double" => "type: number\n".to_owned(),
        _ => match (kind.strip_prefix("array of "), kind.strip_prefix("map of ")) {
            (Some(items), _) => format!("type: array\nitems:\n{}", indented(&type_lines(items))),
            (_, Some(values)) => format!("type: object\nadditionalProperties:\n{}", indented(&type_lines(values))),
            _ => format!("type: {}\n", scalar(&json!(kind))),
        },
    }
}

fn bounds(range: &Range, kind: &str, response: bool) -> String {
    let Range::Bounds { min, max } = range else {
        return "title: 'TODO: the range on the page was not understood'\n".to_owned();
    };
    // A limit that is enforced on a response makes a successful call fail, and the bounds of a list of anything but strings are lost: see
    // docs/design/generator-traps.md#p3 and #p14.
    if response || (kind.starts_with("array") && kind != "array of string") {
        return length(range).map(|line| line + "\n").unwrap_or_default();
    }
    let (least, most) = match kind {
        "string" => ("minLength", "maxLength"),
        _ if kind.starts_with("array") => ("minItems", "maxItems"),
        _ => ("minimum", "maximum"),
    };
    let bound = |key: &str, value: &Option<i64>| value.map(|value| format!("{key}: {value}\n")).unwrap_or_default();
    bound(least, min) + &bound(most, max)
}

fn length(range: &Range) -> Option<String> {
    let Range::Bounds { min, max } = range else { return None };
    let bounds = [("min", min), ("max", max)];
    let stated: Vec<String> =
        bounds.iter().filter_map(|(key, value)| value.map(|value| format!("{key}: {value}"))).collect();
    Some(format!("x-length: {{ {} }}", stated.join(", ")))
}
