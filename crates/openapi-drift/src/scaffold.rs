//! Drafts an OpenAPI operation from a reference page that no spec has yet.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::facts::{FactKind, Location, OperationFacts, Parameter};
use crate::format::scalar;
use crate::spec::bound_keys;

/// Drafts a spec with one operation. It has all facts of the page that a spec can have; every text is a `TODO`, which
/// the lints reject.
#[must_use]
pub fn scaffold_operation(page: &OperationFacts, operation: Option<&str>) -> String {
    let id = operation.unwrap_or("TODO");
    let mut scaffold = Scaffold { out: String::new(), components: Vec::new(), page };
    scaffold.document(id);
    scaffold.out
}

struct Scaffold<'a> {
    out: String,
    /// The named schemas, each with its lines.
    components: Vec<(String, String)>,
    page: &'a OperationFacts,
}

impl<'a> Scaffold<'a> {
    /// Writes lines. Writing to a String cannot fail.
    fn lines(&mut self, depth: usize, text: &str) {
        for line in text.lines() {
            let _ = writeln!(self.out, "{:1$}{line}", "", depth * 2);
        }
    }

    fn at(&self, location: Location) -> Vec<&'a Parameter> {
        self.page.parameters.iter().filter(|parameter| parameter.location == location).collect()
    }

    fn document(&mut self, id: &str) {
        let (page, at_response) = (self.page, self.at(Location::Response));
        let headers = self.at(Location::Header);
        let (token, others): (Vec<_>, Vec<_>) = headers.into_iter().partition(|parameter| is_token(parameter));
        self.lines(0, "# Drafted by `cargo xtask import` from the reference page. Replace each TODO in your own words, move `paths` and");
        self.lines(0, "# `components` into a spec, then run `cargo xtask lint` and `cargo xtask gen`.");
        for header in others {
            self.lines(0, &format!("# The header `{}` is left out: it would become an argument of every call. Record why in spec/accepted.toml.", header.name));
        }
        if let Some(status) = page.status.filter(|status| *status != 200) {
            self.lines(0, &format!("# The page states {status}: a spec declares 200 for every success. Mention {status} in the description."));
        }
        self.lines(0, "openapi: 3.0.3\ninfo:\n  title: 'TODO: the service'\n  version: 0.1.0");
        if !token.is_empty() {
            self.lines(0, "security:\n  - token: []");
        }
        let (path, method) = (text(&page.path.value), page.method.value.to_lowercase());
        self.lines(0, &format!("paths:\n  {path}:\n    {method}:\n      operationId: {id}"));
        self.lines(
            3,
            &(todo("summary", "what it does, in a few words")
                + &todo("description", "what it does, and what callers must know")),
        );
        let updated = page.updated.as_deref().unwrap_or("TODO");
        self.lines(3, &format!("x-page: {{ name: {id}, updated: '{updated}' }}"));
        self.parameters();
        let (request, response) = (format!("{id}Request"), format!("{id}Response"));
        let content = |name: &str| {
            format!("content:\n  application/json:\n    schema:\n      $ref: '#/components/schemas/{name}'")
        };
        let body = self.at(Location::Body);
        if !body.is_empty() {
            let object = self.object(&body, "");
            self.components.insert(0, (request.clone(), object));
            self.lines(3, "requestBody:");
            self.lines(4, &(todo("description", "what is sent") + "required: true\n" + &content(&request)));
        }
        self.lines(3, "responses:\n  '200':");
        self.lines(5, &todo("description", "what the response means"));
        if !at_response.is_empty() {
            let object = self.object(&at_response, "");
            self.components.push((response.clone(), object));
            self.lines(5, &content(&response));
        }
        if !token.is_empty() || !self.components.is_empty() {
            self.lines(0, "components:");
        }
        if let Some(token) = token.first() {
            let mandatory = token.is_mandatory();
            self.lines(
                1,
                &format!(
                    "securitySchemes:\n  token:\n    type: apiKey\n    in: header\n    name: {}",
                    text(&token.name)
                ),
            );
            let length = token.bounds().map(length).unwrap_or_default();
            self.lines(3, &format!("{}x-mandatory: {mandatory}\n{length}", todo("description", "which token it is")));
        }
        if !self.components.is_empty() {
            self.lines(1, "schemas:");
        }
        for (name, schema) in std::mem::take(&mut self.components) {
            self.lines(2, &format!("{name}:"));
            self.lines(3, &schema);
        }
    }

    fn parameters(&mut self) {
        let parameters = [self.at(Location::Path), self.at(Location::Query)].concat();
        if !parameters.is_empty() {
            self.lines(3, "parameters:");
        }
        for parameter in parameters.iter().filter(|parameter| is_child(parameter, "", &parameters)) {
            let required = parameter.location == Location::Path || parameter.is_mandatory();
            self.lines(
                4,
                &format!("- name: {}\n  in: {}\n  required: {required}", text(&parameter.name), parameter.location),
            );
            self.lines(5, &(todo("description", "what it is") + "schema:"));
            let schema = self.schema(parameter, &parameters);
            self.lines(6, &schema);
        }
    }

    /// Returns the lines of an object with the parameters whose names begin with `prefix`.
    fn object(&mut self, parameters: &[&Parameter], prefix: &str) -> String {
        let own: Vec<&Parameter> =
            parameters.iter().copied().filter(|parameter| is_child(parameter, prefix, parameters)).collect();
        let name = |parameter: &Parameter| text(parameter.name.strip_prefix(prefix).unwrap_or(&parameter.name));
        let mut out = todo("description", "what it holds") + "type: object\n";
        let mandatory: Vec<String> =
            own.iter().filter(|parameter| parameter.is_mandatory()).map(|parameter| name(parameter)).collect();
        if !mandatory.is_empty() {
            out += &format!("required: [{}]\n", mandatory.join(", "));
        }
        out += "properties:\n";
        for parameter in own {
            let schema = self.schema(parameter, parameters);
            out += &format!("  {}:\n{}", name(parameter), indented(&indented(&schema)));
        }
        out
    }

    /// Returns the lines of the schema of a parameter.
    fn schema(&mut self, parameter: &Parameter, parameters: &[&Parameter]) -> String {
        let kind = Some(parameter.type_name()).filter(|kind| !kind.is_empty()).unwrap_or("string");
        let mut facts = String::new();
        if parameter.facts.contains_key(&FactKind::Range) {
            facts += &bounds(parameter, kind);
        }
        if !kind.contains(" of ") {
            facts += &values(parameter);
        }
        if let Some(default) = parameter.get(FactKind::Default) {
            facts += &format!("default: {}\n", scalar(default));
        }
        self.nested(kind, Some(&facts), parameter, parameters)
    }

    /// Returns the lines of a type. The outermost has the facts of the parameter; the values of a list are those of its
    /// elements.
    fn nested(&mut self, kind: &str, outer: Option<&str>, parameter: &Parameter, parameters: &[&Parameter]) -> String {
        let facts = outer.unwrap_or_default();
        if let Some(element) = kind.strip_prefix("array of ") {
            let items = self.nested(element, None, parameter, parameters);
            let list =
                format!("{}type: array\n{facts}items:\n{}", todo("description", "what it lists"), indented(&items));
            if parameter.location == Location::Response {
                return list;
            }
            // Lists in a request must be named: see docs/design/generator-traps.md#p13.
            let name = self.component_name(&parameter.name);
            self.components.push((name.clone(), list));
            return format!("$ref: '#/components/schemas/{name}'\n");
        }
        if let Some(element) = kind.strip_prefix("map of ") {
            let values = self.nested(element, None, parameter, parameters);
            return format!(
                "{}type: object\n{facts}additionalProperties:\n{}",
                todo("description", "what it holds"),
                indented(&values)
            );
        }
        let inner = format!("{}.", parameter.name);
        if kind == "object" && parameters.iter().any(|other| other.name.starts_with(&inner)) {
            return facts.to_owned() + &self.object(parameters, &inner);
        }
        match outer {
            Some(facts) => todo("description", "what it is") + &type_lines(kind) + facts,
            None => type_lines(kind) + &values(parameter),
        }
    }

    /// `host_ids` becomes `HostIds`, with a number appended if that is taken.
    fn component_name(&self, name: &str) -> String {
        let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let camel: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
        let taken = |name: &str| self.components.iter().any(|(known, _)| known == name);
        let numbered = (2..).map(|number| format!("{camel}{number}"));
        std::iter::once(camel.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }
}

fn values(parameter: &Parameter) -> String {
    let values = parameter.get(FactKind::Enum).and_then(Json::as_array);
    let values = values.map(|values| values.iter().map(scalar).collect::<Vec<_>>().join(", "));
    values.map(|values| format!("enum: [{values}]\n")).unwrap_or_default()
}

fn todo(key: &str, what: &str) -> String {
    format!("{key}: 'TODO: {what}'\n")
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("  {line}\n")).collect()
}

/// Whether a parameter is the token, and a security scheme can express its facts.
fn is_token(parameter: &Parameter) -> bool {
    let text = parameter.type_name() == "string";
    let bare = [FactKind::Enum, FactKind::Default].iter().all(|kind| parameter.get(*kind).is_none());
    parameter.location == Location::Header && parameter.name.eq_ignore_ascii_case("X-Auth-Token") && text && bare
}

/// Whether a parameter is a field of the object with this prefix. A name may have dots of its own.
fn is_child(parameter: &Parameter, prefix: &str, parameters: &[&Parameter]) -> bool {
    let Some(rest) = parameter.name.strip_prefix(prefix) else { return false };
    let is_within = |other: &&&Parameter| {
        other
            .name
            .strip_prefix(prefix)
            .and_then(|other| rest.strip_prefix(other))
            .is_some_and(|rest| rest.starts_with('.'))
    };
    !parameters.iter().any(|other| is_within(&other))
}

/// Writes a name or path as a YAML string.
fn text(name: &str) -> String {
    scalar(&Json::from(name))
}

/// Returns the `type` lines of a type name.
fn type_lines(kind: &str) -> String {
    match kind {
        "long" => "type: integer\nformat: int64\n".to_owned(),
        "float" => "type: number\nformat: float\n".to_owned(),
        "double" => "type: number\n".to_owned(),
        "array" => "type: array\nitems: {}\n".to_owned(),
        "string" | "integer" | "boolean" | "object" => format!("type: {kind}\n"),
        _ => format!("type: {}\n", scalar(&json!(format!("TODO: {kind}")))),
    }
}

fn bounds(parameter: &Parameter, kind: &str) -> String {
    let Some((min, max)) = parameter.bounds() else {
        return "title: 'TODO: the range on the page was not understood'\n".to_owned();
    };
    let is_list = kind.starts_with("array");
    let is_count = is_list || kind == "string";
    // A limit that is enforced on a response makes a successful call fail, and the bounds of a list of anything but
    // strings are lost: see docs/design/generator-traps.md#p3 and #p14.
    let is_lost = is_list && (kind != "array of string" || max.is_none());
    let is_object = kind.ends_with("object") || kind.starts_with("map");
    if parameter.location == Location::Response || is_lost || is_object || (is_count && min.is_some_and(|min| min < 0))
    {
        return length((min, max));
    }
    let (least, most) = bound_keys(kind);
    let bound = |key: &str, value: Option<i64>| value.map(|value| format!("{key}: {value}\n")).unwrap_or_default();
    bound(least, min) + &bound(most, max)
}

fn length((min, max): (Option<i64>, Option<i64>)) -> String {
    let bounds = [("min", min), ("max", max)];
    let stated: Vec<String> =
        bounds.iter().filter_map(|(key, value)| value.map(|value| format!("{key}: {value}"))).collect();
    format!("x-length: {{ {} }}\n", stated.join(", "))
}
