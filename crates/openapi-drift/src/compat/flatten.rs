//! Lists what a spec states about an operation for its callers, as one flat list that can be compared with that of
//! another release.

use serde_json::{Value as Json, json};

use super::rules::Direction;
use crate::facts::{Location, METHODS};
use crate::spec::Spec;
use crate::spec::schema::{Resolved, properties};
use located_yaml::{Entry, Node, Value};

/// What is stated, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) direction: Direction,
    pub(super) location: Location,
    /// The parameter or field; `[]` means the elements of a list, `{}` the values of a map.
    pub(super) name: String,
    pub(super) kind: &'static str,
    /// The status and the media type, or the value of an enum.
    scope: String,
}

/// One statement.
pub(super) struct Statement {
    pub(super) key: Key,
    pub(super) value: Json,
    pub(super) line: u64,
    /// The statement without which this one has no meaning.
    pub(super) owner: Option<usize>,
}

/// An operation in its document.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) spec: &'a Spec,
    path: &'a Entry,
    pub(super) method: &'a Entry,
}

impl<'a> Call<'a> {
    pub(super) fn all(spec: Option<&'a Spec>) -> Vec<Self> {
        let Some(spec) = spec else { return Vec::new() };
        let paths = spec.root().get("paths").map_or(&[][..], Node::entries);
        let methods = |path: &'a Entry| {
            path.node
                .entries()
                .iter()
                .filter(|entry| METHODS.contains(&entry.key.as_str()))
                .map(move |method| (path, method))
        };
        paths.iter().flat_map(methods).map(|(path, method)| Self { spec, path, method }).collect()
    }

    pub(super) fn id(&self) -> &'a str {
        self.method.node.get("operationId").and_then(Node::as_str).unwrap_or_default()
    }

    pub(super) fn address(&self) -> String {
        format!("{} {}", self.method.key.to_uppercase(), self.path.key)
    }

    /// Returns everything that is stated about the operation; owners come first.
    pub(super) fn statements(&self) -> Vec<Statement> {
        let mut list = List { root: self.spec.root(), done: Vec::new(), open: Vec::new() };
        list.call(self);
        list.done
    }
}

/// The place of a schema.
#[derive(Clone)]
struct Place {
    direction: Direction,
    location: Location,
    name: String,
    scope: String,
    owner: Option<usize>,
}

struct List<'a> {
    root: &'a Node,
    done: Vec<Statement>,
    /// The schemas that are being listed, so that the recursion of a schema that contains itself ends.
    open: Vec<*const Node>,
}

fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool) == Some(true)
}

fn entries<'a>(node: &'a Node, key: &str) -> &'a [Entry] {
    node.get(key).map_or(&[][..], Node::entries)
}

impl<'a> List<'a> {
    fn push(&mut self, at: &Place, kind: &'static str, value: Json, line: u64) -> usize {
        let Place { direction, location, name, scope, owner } = at.clone();
        self.done.push(Statement { key: Key { direction, location, name, kind, scope }, value, line, owner });
        self.done.len() - 1
    }

    fn call(&mut self, call: &Call<'a>) {
        let (operation, line) = (&call.method.node, call.method.at.line);
        let at = |location, name: &str, owner| Place {
            direction: Direction::Request,
            location,
            name: name.to_owned(),
            scope: String::new(),
            owner,
        };
        let own = at(Location::Operation, "", None);
        self.push(&own, "id", json!(call.id()), line);
        self.push(&own, "address", json!(call.address()), line);
        if is_true(operation, "deprecated") {
            self.push(&own, "deprecation", json!(true), line);
        }
        self.security(operation.get("security").or_else(|| self.root.get("security")), &own, line);
        let mut parameters: Vec<(Location, &str, &Node)> = Vec::new();
        for written in [&call.path.node, operation]
            .into_iter()
            .flat_map(|node| node.get("parameters").map_or(&[][..], Node::items))
        {
            let parameter = written.resolve(self.root);
            let text = |key| parameter.get(key).and_then(Node::as_str).unwrap_or_default();
            let known = [Location::Path, Location::Query, Location::Header];
            let Some(location) = known.into_iter().find(|location| location.as_str() == text("in")) else { continue };
            // The operation's own replace the path's.
            parameters.retain(|(other, name, _)| *other != location || *name != text("name"));
            parameters.push((location, text("name"), parameter));
        }
        for (location, name, parameter) in parameters {
            let at = at(location, name, None);
            let owner = self.push(&at, "parameter", json!(is_true(parameter, "required")), parameter.at.line);
            if let Some(schema) = parameter.get("schema") {
                self.schema(&Place { owner: Some(owner), ..at }, schema);
            }
        }
        if let Some(body) = operation.get("requestBody") {
            let body = body.resolve(self.root);
            let owner = self.push(&own, "body", json!(is_true(body, "required")), body.at.line);
            self.content(&at(Location::Body, "", Some(owner)), body);
        }
        for status in entries(operation, "responses") {
            let own = Place { direction: Direction::Response, name: status.key.clone(), ..own.clone() };
            let owner = self.push(&own, "status", json!(status.key), status.at.line);
            let response = status.node.resolve(self.root);
            if !entries(response, "content").is_empty() {
                let owner =
                    self.push(&Place { owner: Some(owner), ..own.clone() }, "body", json!(true), status.at.line);
                let scope = status.key.clone();
                let at = Place { location: Location::Body, name: String::new(), scope, owner: Some(owner), ..own };
                self.content(&at, response);
            }
        }
    }

    /// Lists the alternatives of which one must be met, and the schemes in them.
    fn security(&mut self, security: Option<&'a Node>, own: &Place, line: u64) {
        let alternatives: Vec<String> = security
            .map_or(&[][..], Node::items)
            .iter()
            .map(|alternative| {
                let mut names: Vec<&str> = alternative.entries().iter().map(|scheme| scheme.key.as_str()).collect();
                names.sort_unstable();
                names.join(" + ")
            })
            .collect();
        if alternatives.is_empty() {
            return;
        }
        let owner = Some(self.push(own, "security", json!(alternatives.join(", ")), line));
        for name in &alternatives {
            self.push(&Place { name: name.clone(), owner, ..own.clone() }, "security-alternative", json!(name), line);
        }
        let used = |scheme: &&Entry| {
            alternatives.iter().any(|alternative| alternative.split(" + ").any(|name| name == scheme.key))
        };
        for scheme in
            self.root.pointer("#/components/securitySchemes").map_or(&[][..], Node::entries).iter().filter(used)
        {
            let (node, line) = (scheme.node.resolve(self.root), scheme.node.at.line);
            let text = |key| node.get(key).and_then(Node::as_str).unwrap_or_default();
            let identity = ["type", "in", "name", "scheme"].map(text).join(" ");
            let at = Place { name: scheme.key.clone(), owner, ..own.clone() };
            let owner = Some(self.push(&at, "security-scheme", json!(identity.trim()), line));
            // The limits of a credential's header, which is a security scheme: see docs/design/generator-traps.md#p5.
            let at = Place { location: Location::Header, name: text("name").to_owned(), owner, ..own.clone() };
            self.push(&at, "parameter", json!(is_true(node, "x-mandatory")), line);
            self.bounds(&at, node, ["", ""], ["min-length", "max-length"]);
        }
    }

    fn content(&mut self, at: &Place, body: &'a Node) {
        for media in entries(body, "content") {
            let owner = self.push(
                &Place { name: media.key.clone(), ..at.clone() },
                "media-type",
                json!(media.key),
                media.at.line,
            );
            if let Some(schema) = media.node.resolve(self.root).get("schema") {
                let scope = format!("{} {}", at.scope, media.key);
                self.schema(&Place { scope, owner: Some(owner), ..at.clone() }, schema);
            }
        }
    }

    fn schema(&mut self, at: &Place, written: &'a Node) {
        let schema = Resolved::of(written, self.root);
        let node = schema.node;
        // A wide and deep schema would take too long.
        if self.open.len() > 12 || self.done.len() > 20_000 {
            return;
        }
        let text = |key| schema.get_str(key);
        let combined = ["oneOf", "anyOf", "not"].map(|key| node.get(key).map(Node::to_json));
        let kind = json!([text("type"), text("format"), combined]);
        let at = &Place { owner: Some(self.push(at, "type", kind, node.at.line)), ..at.clone() };
        if self.open.contains(&std::ptr::from_ref(node)) {
            return;
        }
        self.open.push(std::ptr::from_ref(node));
        if is_true(node, "nullable") {
            self.push(at, "nullable", json!(true), node.at.line);
        }
        match text("type") {
            Some("string") => self.bounds(at, node, ["minLength", "maxLength"], ["min-length", "max-length"]),
            Some("array") => self.bounds(at, node, ["minItems", "maxItems"], ["min-items", "max-items"]),
            Some("integer" | "number") => self.bounds(at, node, ["minimum", "maximum"], ["minimum", "maximum"]),
            _ => {}
        }
        for kind in ["pattern", "default", "enum"] {
            let Some(entry) = node.entry(kind) else { continue };
            let owner = Some(self.push(at, kind, entry.node.to_json(), entry.at.line));
            for value in entry.node.items().iter().filter(|_| kind == "enum").map(Node::to_json) {
                let scope = format!("{} {value}", at.scope);
                self.push(&Place { scope, owner, ..at.clone() }, "enum-value", value, entry.at.line);
            }
        }
        for (key, mark) in [("items", "[]"), ("additionalProperties", "{}")] {
            if let Some(inner) = node.get(key).filter(|inner| matches!(inner.value, Value::Map(_))) {
                self.schema(&Place { name: format!("{}{mark}", at.name), ..at.clone() }, inner);
            }
        }
        for property in properties(&schema) {
            let key = &property.entry.key;
            let name = if at.name.is_empty() { key.clone() } else { format!("{}.{key}", at.name) };
            let at = Place { name, ..at.clone() };
            let owner = self.push(&at, "field", json!(property.required_line.is_some()), property.entry.at.line);
            self.schema(&Place { owner: Some(owner), ..at }, &property.entry.node);
        }
        self.open.pop();
    }

    /// Lists the bounds of a schema: the enforced ones, or those of `x-length`, which is not enforced: see
    /// docs/design/generator-traps.md#p3.
    fn bounds(&mut self, at: &Place, schema: &'a Node, keys: [&str; 2], kinds: [&'static str; 2]) {
        for ((key, short), kind) in keys.into_iter().zip(["min", "max"]).zip(kinds) {
            let entry = schema.entry(key).or_else(|| schema.get("x-length")?.entry(short));
            // A count is never negative, so a minimum of 0 is not a limit.
            let limit = entry.filter(|entry| matches!(entry.node.value, Value::Number(_)));
            let limit = limit.filter(|entry| !kind.starts_with("min-") || entry.node.as_u64() != Some(0));
            if let Some(entry) = limit {
                self.push(at, kind, entry.node.to_json(), entry.at.line);
            }
        }
    }
}
