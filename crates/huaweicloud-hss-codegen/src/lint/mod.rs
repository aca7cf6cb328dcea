//! The rules for specs of this workspace: each avoids a trap of the generator (docs/design/generator-traps.md) and
//! names the fix.

mod allowed_keys;

use std::collections::BTreeMap;

use located_yaml::{Entry, Node, Position};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operations::operations;

/// A rule, and the trap of the generator that it avoids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The id, stable across releases.
    pub id: &'static str,
    /// Why the rule exists, as a sentence without its full stop.
    pub reason: &'static str,
}

/// Every rule. `docs/design/generator-traps.md` describes the traps.
pub const RULES: &[Rule] = &[
    Rule { id: "version", reason: "the generator accepts OpenAPI 3.0.x only; the specs are 3.0.3" },
    Rule { id: "unknown-key", reason: "the spec parser silently ignores a misspelt key, so its meaning is lost" },
    Rule { id: "dropped", reason: "the generator silently drops this key, and no other layer enforces it" },
    Rule { id: "reference", reason: "a reference to a component that does not exist makes the generator panic" },
    Rule { id: "operation-id", reason: "every operation needs its own operationId: it becomes the method's name" },
    Rule {
        id: "page",
        reason: "every operation names the reference page it was written from and the date of that page, or another dated source",
    },
    Rule {
        id: "only-200",
        reason: "any response but 200 makes the generator panic, or lose the status, body and request id of an error",
    },
    Rule { id: "response-limit", reason: "a limit on a response makes a successful call fail to parse" },
    Rule { id: "credential-header", reason: "a header parameter would become an argument of every call" },
    Rule { id: "list", reason: "the generator drops the bounds of a list that is not a named component" },
    Rule {
        id: "secret",
        reason: "a secret string that is not a named component becomes a plain string, which can be printed",
    },
    Rule { id: "body-required", reason: "the generator ignores requestBody.required and sends an omitted body as {}" },
    Rule { id: "path-parameter", reason: "each name in the path needs a required path parameter, and vice versa" },
    Rule { id: "rate-limit", reason: "documented limits on calls become constants: calls per minute for each policy" },
    Rule { id: "todo", reason: "a draft of `cargo xtask import` is not a spec until every TODO in it is replaced" },
];

/// What a limit on calls can apply to, as the gateway names it.
const POLICIES: &[&str] = &["api", "user", "app", "ip"];

/// The bounds of a named list of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListBounds {
    pub(crate) min: u64,
    pub(crate) max: u64,
}

/// Returns the component schemas that are lists of strings with an upper bound, by name.
pub(crate) fn bounded_lists(root: &Node) -> BTreeMap<String, ListBounds> {
    let schemas = root.pointer("#/components/schemas").map_or(&[][..], Node::entries);
    schemas
        .iter()
        .filter(|schema| is_list(&schema.node))
        .filter_map(|schema| {
            let min = schema.node.get("minItems").and_then(Node::as_u64).unwrap_or(0);
            let max = schema.node.get("maxItems")?.as_u64()?;
            Some((schema.key.clone(), ListBounds { min, max }))
        })
        .collect()
}

/// Returns the component schemas that are secret strings, by name.
pub(crate) fn secret_texts(root: &Node) -> impl Iterator<Item = &str> {
    let schemas = root.pointer("#/components/schemas").map_or(&[][..], Node::entries);
    schemas.iter().filter(|schema| is_secret(&schema.node)).map(|schema| schema.key.as_str())
}

fn is_secret(schema: &Node) -> bool {
    schema.get("format").and_then(Node::as_str) == Some("password")
}

fn is_list(schema: &Node) -> bool {
    schema.get("type").and_then(Node::as_str) == Some("array")
}

/// Checks a spec against every rule.
///
/// # Errors
/// Returns everything that was found, by line.
pub fn check(root: &Node) -> Result<(), Diagnostics> {
    let mut lint = Lint { root, found: Vec::new() };
    lint.document();
    Diagnostics::into_result(lint.found)
}

struct Lint<'a> {
    root: &'a Node,
    found: Vec<Diagnostic>,
}

impl<'a> Lint<'a> {
    fn report(&mut self, rule: &'static str, at: Position, message: String, help: &str) {
        debug_assert!(RULES.iter().any(|known| known.id == rule));
        self.found.push(Diagnostic { rule, at, message, help: help.to_owned() });
    }

    fn document(&mut self) {
        let root = self.root;
        let version = root.get("openapi");
        if version.and_then(Node::as_str) != Some("3.0.3") {
            let given = version.map_or_else(|| "missing".to_owned(), |node| node.to_json().to_string());
            let at = version.map_or(root.at, |node| node.at);
            self.report("version", at, format!("`openapi` is {given}"), "Write `openapi: 3.0.3`.");
        }
        allowed_keys::check(root, &mut self.found);
        self.references(root);
        self.todos(root);
        let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
        for (path, method) in operations(root) {
            self.operation(path, method, &mut seen);
        }
        for schema in root.pointer("#/components/schemas").map_or(&[][..], Node::entries) {
            if is_list(&schema.node) {
                self.named_list(schema);
            }
        }
    }

    /// Every `$ref` must have a target in the document.
    fn references(&mut self, node: &'a Node) {
        if let Some(reference) = node.get("$ref")
            && reference.as_str().and_then(|text| self.root.pointer(text)).is_none()
        {
            let given = reference.to_json();
            self.report(
                "reference",
                reference.at,
                format!("the reference {given} has no target"),
                "Refer to a component of this file.",
            );
        }
        for child in node.entries().iter().map(|entry| &entry.node).chain(node.items()) {
            self.references(child);
        }
    }

    /// No text may contain the `TODO` of a draft.
    fn todos(&mut self, node: &'a Node) {
        if node.as_str().is_some_and(|text| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "TODO")) {
            self.report("todo", node.at, "this text is still a TODO".to_owned(), "Write it in your own words.");
        }
        for child in node.entries().iter().map(|entry| &entry.node).chain(node.items()) {
            self.todos(child);
        }
    }

    fn operation(&mut self, path: &'a Entry, method: &'a Entry, seen: &mut BTreeMap<&'a str, u64>) {
        let operation = &method.node;
        let called = format!("{} {}", method.key.to_uppercase(), path.key);
        match operation.get("operationId").and_then(|id| Some((id.as_str().filter(|text| !text.is_empty())?, id.at))) {
            None => self.report(
                "operation-id",
                method.at,
                format!("{called} has no operationId"),
                "Add the vendor's operation name.",
            ),
            Some((id, at)) => {
                if let Some(line) = seen.insert(id, at.line) {
                    let message = format!("the operationId `{id}` is already used on line {line}");
                    self.report("operation-id", at, message, "Give each operation its own.");
                }
            }
        }
        let page = operation.get("x-page");
        let filled = |node: Option<&Node>| node.and_then(Node::as_str).is_some_and(|text| !text.is_empty());
        let has_page = ["name", "updated"].iter().all(|key| filled(page.and_then(|page| page.get(key))));
        if !has_page && !filled(operation.get("x-source")) {
            let at = page.map_or(method.at, |page| page.at);
            let help =
                "Add `x-page: { name: <page>, updated: '<YYYY-MM-DD>' }`, or `x-source: <another dated source>`.";
            self.report("page", at, format!("{called} does not name the dated source of its facts"), help);
        }
        if let Some(limits) = operation.get("x-rate-limit") {
            let is_valid = |limit: &Entry| {
                POLICIES.contains(&&*limit.key)
                    && limit.node.as_u64().is_some_and(|calls| u32::try_from(calls).is_ok_and(|calls| calls > 0))
            };
            if limits.entries().is_empty() || !limits.entries().iter().all(is_valid) {
                let message = format!("the limits of {called} are not calls per minute by policy");
                let help = "Write `x-rate-limit: { api: <calls>, user: <calls> }`; policies are api, user, app and ip.";
                self.report("rate-limit", limits.at, message, help);
            }
        }
        self.parameters(path, method, &called);
        if let Some(body) = operation.get("requestBody") {
            let at = body.at;
            let body = body.resolve(self.root);
            if body.get("required").map(Node::to_json) != Some(true.into()) {
                let message = format!("the body of {called} is not `required: true`");
                self.report(
                    "body-required",
                    at,
                    message,
                    "Write `required: true`: the generated method always sends a body.",
                );
            }
            for media in body.get("content").map_or(&[][..], Node::entries) {
                if let Some(schema) = media.node.get("schema") {
                    self.schema(schema, false, 0);
                }
            }
        }
        self.responses(method, &called);
    }

    fn parameters(&mut self, path: &'a Entry, method: &'a Entry, called: &str) {
        let shared = path.node.get("parameters").map_or(&[][..], Node::items);
        let own = method.node.get("parameters").map_or(&[][..], Node::items);
        let mut in_path: Vec<&str> = Vec::new();
        for written in shared.iter().chain(own) {
            let parameter = written.resolve(self.root);
            let name = parameter.get("name").and_then(Node::as_str).unwrap_or_default();
            match parameter.get("in").and_then(Node::as_str).unwrap_or_default() {
                "header" => {
                    let message = format!("{called} has the header parameter `{name}`");
                    let help = "Declare credentials in components.securitySchemes. Leave any other header out, and record why in spec/accepted.toml.";
                    self.report("credential-header", written.at, message, help);
                }
                "path" => {
                    in_path.push(name);
                    let known = path.key.contains(&format!("{{{name}}}"));
                    let required = parameter.get("required").map(Node::to_json) == Some(true.into());
                    if !known || !required {
                        let what = if known { "is not `required: true`" } else { "is not in the path" };
                        let message = format!("the path parameter `{name}` of {called} {what}");
                        self.report(
                            "path-parameter",
                            written.at,
                            message,
                            "Use the same names in the path and the parameters.",
                        );
                    }
                }
                _ => {}
            }
            if let Some(schema) = parameter.get("schema") {
                self.schema(schema, false, 0);
            }
        }
        for name in path.key.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name) {
            if !in_path.contains(&name) {
                let message = format!("`{{{name}}}` in {called} has no path parameter");
                self.report("path-parameter", path.at, message, "Use the same names in the path and the parameters.");
            }
        }
    }

    fn responses(&mut self, method: &'a Entry, called: &str) {
        let responses = method.node.get("responses");
        let entries = responses.map_or(&[][..], Node::entries);
        for response in entries.iter().filter(|response| response.key != "200") {
            let message = format!("{called} declares the response `{}`", response.key);
            let help = "Declare only 200: hand-written code reads all other responses.";
            self.report("only-200", response.at, message, help);
        }
        let Some(ok) = entries.iter().find(|response| response.key == "200") else {
            let at = responses.map_or(method.at, |node| node.at);
            self.report(
                "only-200",
                at,
                format!("{called} does not declare the response 200"),
                "Declare it with its body.",
            );
            return;
        };
        for media in ok.node.resolve(self.root).get("content").map_or(&[][..], Node::entries) {
            if let Some(schema) = media.node.get("schema") {
                self.schema(schema, true, 0);
            }
        }
    }

    /// Walks a schema that is used in a request or in a response.
    fn schema(&mut self, written: &'a Node, response: bool, depth: usize) {
        // A schema that contains itself would recurse forever; no page nests deeper than this.
        if depth > 16 {
            return;
        }
        let schema = written.resolve(self.root);
        if response {
            for key in allowed_keys::LIMITS {
                if let Some(limit) = schema.entries().iter().find(|entry| entry.key == *key) {
                    let message = format!("`{key}` limits a response");
                    let help = "Document the range as `x-length: { min: …, max: … }`, which is not enforced.";
                    self.report("response-limit", limit.at, message, help);
                }
            }
        } else if is_list(schema) && written.get("$ref").is_none() {
            let help = "Move it to components.schemas and refer to it.";
            self.report("list", written.at, "a list in a request is defined inline".to_owned(), help);
        }
        if is_secret(schema) && written.get("$ref").is_none() {
            let help = "Move it to components.schemas and refer to it: only a named component gets a type that hides its value.";
            self.report("secret", written.at, "a string with `format: password` is defined inline".to_owned(), help);
        }
        for key in ["items", "additionalProperties"] {
            if let Some(inner) = schema.get(key) {
                self.schema(inner, response, depth + 1);
            }
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for inner in schema.get(key).map_or(&[][..], Node::items) {
                self.schema(inner, response, depth + 1);
            }
        }
        for property in schema.get("properties").map_or(&[][..], Node::entries) {
            self.schema(&property.node, response, depth + 1);
        }
    }

    fn named_list(&mut self, schema: &'a Entry) {
        let min = schema.node.get("minItems");
        let max = schema.node.get("maxItems");
        if min.is_none() && max.is_none() {
            return;
        }
        let texts = schema.node.get("items").map(|items| items.resolve(self.root).get("type").and_then(Node::as_str))
            == Some(Some("string"));
        let bounds = max.and_then(Node::as_u64).zip(min.map_or(Some(0), Node::as_u64));
        if !texts || bounds.is_none_or(|(max, min)| min > max) {
            let message = format!("the list `{}` has bounds that cannot be enforced", schema.key);
            let help = "Use string items, a `maxItems`, and a `minItems` that is not greater.";
            self.report("list", schema.at, message, help);
        }
    }
}

#[cfg(test)]
mod tests;
