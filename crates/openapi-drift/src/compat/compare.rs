//! Walks two releases of a spec side by side: operations, and their parameters, request bodies and responses.

use serde_json::{Value as Json, json};

use super::change::Change;
use super::rules::{Direction, rule};
use crate::facts::{Location, METHODS};
use crate::spec::Spec;
use crate::spec::schema::Resolved;
use crate::yaml::{Entry, Node};

/// An operation in its document.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) spec: &'a Spec,
    path: &'a Entry,
    method: &'a Entry,
}

impl<'a> Call<'a> {
    fn id(&self) -> &'a str {
        self.method.node.get("operationId").and_then(Node::as_str).unwrap_or_default()
    }

    fn address(&self) -> String {
        format!("{} {}", self.method.key.to_uppercase(), self.path.key)
    }

    pub(super) fn root(&self) -> &'a Node {
        self.spec.root()
    }

    pub(super) fn get(&self, key: &str) -> Option<Resolved<'a>> {
        self.method.node.get(key).map(|node| Resolved::of(node, self.root()))
    }

    /// Returns the parameters with location and name. The operation's own replace the path's.
    fn parameters(&self) -> Vec<(Location, &'a str, Resolved<'a>)> {
        let mut found: Vec<(Location, &'a str, Resolved<'a>)> = Vec::new();
        let list = |node: &'a Node| node.get("parameters").map_or(&[][..], Node::items);
        for written in list(&self.path.node).iter().chain(list(&self.method.node)) {
            let parameter = Resolved::of(written, self.root());
            let location = match parameter.get_str("in") {
                Some("path") => Location::Path,
                Some("query") => Location::Query,
                Some("header") => Location::Header,
                _ => continue,
            };
            let name = parameter.get_str("name").unwrap_or_default();
            found.retain(|(known, other, _)| *known != location || *other != name);
            found.push((location, name, parameter));
        }
        found
    }
}

fn calls(spec: Option<&Spec>) -> Vec<Call<'_>> {
    let Some(spec) = spec else { return Vec::new() };
    let mut calls = Vec::new();
    for path in spec.root().get("paths").map_or(&[][..], Node::entries) {
        let methods = path.node.entries().iter().filter(|entry| METHODS.contains(&entry.key.as_str()));
        calls.extend(methods.map(|method| Call { spec, path, method }));
    }
    calls
}

/// Returns everything that changed from one release of a spec to the next. A spec that is missing on one side was added or removed.
#[must_use]
pub fn changes(base: Option<&Spec>, new: Option<&Spec>) -> Vec<Change> {
    let (old_calls, new_calls) = (calls(base), calls(new));
    let mut found = Vec::new();
    let mut matched: Vec<usize> = Vec::new();
    for old in &old_calls {
        // By operationId; a renamed call is found by its address, unless another old call has that operationId.
        let same = |new: &Call<'_>| new.id() == old.id() && new.address() == old.address();
        let named = |new: &Call<'_>| !old.id().is_empty() && new.id() == old.id();
        let renamed =
            |new: &Call<'_>| new.address() == old.address() && !old_calls.iter().any(|other| other.id() == new.id());
        let find = |is: &dyn Fn(&Call<'_>) -> bool| new_calls.iter().position(is);
        let index = find(&same).or_else(|| find(&named)).or_else(|| find(&renamed));
        let mut comparer = Comparer {
            operation: old.id(),
            found: &mut found,
            old_file: old.spec.name(),
            new_file: None,
            open: Vec::new(),
        };
        match index {
            Some(index) => {
                matched.push(index);
                let new = &new_calls[index];
                comparer.new_file = Some(new.spec.name());
                comparer.call(old, new);
            }
            None => {
                let lines = (old.method.at.line, 0);
                comparer.push(
                    Direction::Request,
                    Location::Operation,
                    "existence",
                    "removed",
                    "",
                    (json!(old.address()), Json::Null),
                    lines,
                );
            }
        }
    }
    for (index, new) in new_calls.iter().enumerate() {
        if !matched.contains(&index) {
            let file = new.spec.name();
            let mut comparer = Comparer {
                operation: new.id(),
                found: &mut found,
                old_file: file,
                new_file: Some(file),
                open: Vec::new(),
            };
            let lines = (0, new.method.at.line);
            comparer.push(
                Direction::Request,
                Location::Operation,
                "existence",
                "added",
                "",
                (Json::Null, json!(new.address())),
                lines,
            );
        }
    }
    found
}

pub(super) struct Comparer<'a> {
    operation: &'a str,
    pub(super) found: &'a mut Vec<Change>,
    old_file: &'a str,
    new_file: Option<&'a str>,
    /// The pairs of schemas that are being compared, so that the recursion of a schema that contains itself ends.
    pub(super) open: Vec<(*const Node, *const Node)>,
}

/// The direction, location and name of a value.
#[derive(Clone, Copy)]
pub(super) struct ValuePath<'a> {
    pub(super) direction: Direction,
    pub(super) location: Location,
    pub(super) name: &'a str,
}

impl<'a> Comparer<'a> {
    #[expect(clippy::too_many_arguments, reason = "the axes of a rule, the two values, and their lines")]
    pub(super) fn push(
        &mut self,
        direction: Direction,
        location: Location,
        kind: &str,
        action: &str,
        name: &str,
        (base, new): (Json, Json),
        (old_line, new_line): (u64, u64),
    ) {
        let rule = rule(direction, location, kind, action);
        let (file, line) = match self.new_file.filter(|_| new_line > 0) {
            Some(file) => (file, new_line),
            None => (self.old_file, old_line),
        };
        self.found.push(Change {
            id: rule.id,
            severity: rule.severity,
            operation: self.operation.to_owned(),
            name: name.to_owned(),
            base,
            new,
            accepted: None,
            file: file.to_owned(),
            line,
        });
    }

    fn call(&mut self, old: &Call<'a>, new: &Call<'a>) {
        let lines = (old.method.at.line, new.method.at.line);
        let (request, operation) = (Direction::Request, Location::Operation);
        if old.id() != new.id() {
            self.push(request, operation, "id", "changed", "", (json!(old.id()), json!(new.id())), lines);
        }
        let moved = old.address() != new.address();
        if moved {
            self.push(
                request,
                operation,
                "address",
                "changed",
                "",
                (json!(old.address()), json!(new.address())),
                lines,
            );
        }
        let deprecated = |call: &Call<'_>| call.get("deprecated").and_then(|node| node.node.as_bool()) == Some(true);
        match (deprecated(old), deprecated(new)) {
            (false, true) => {
                self.push(request, operation, "deprecation", "added", "", (json!(false), json!(true)), lines)
            }
            (true, false) => {
                self.push(request, operation, "deprecation", "removed", "", (json!(true), json!(false)), lines)
            }
            _ => {}
        }
        self.security(old, new, lines);
        self.parameters(old, new, moved, lines);
        self.request_body(old, new, lines);
        self.responses(old, new, lines);
    }

    fn parameters(&mut self, old: &Call<'a>, new: &Call<'a>, moved: bool, (old_call, new_call): (u64, u64)) {
        let (before, after) = (old.parameters(), new.parameters());
        let required = |parameter: &Resolved<'_>| parameter.node.get("required").and_then(Node::as_bool) == Some(true);
        for (location, name, parameter) in &before {
            // A changed path already reports its parameters.
            let told = moved && *location == Location::Path;
            let lines = (parameter.node.at.line, new_call);
            match after.iter().find(|(other, named, _)| other == location && named == name) {
                Some((_, _, other)) => {
                    let at = ValuePath { direction: Direction::Request, location: *location, name };
                    let lines = (parameter.node.at.line, other.node.at.line);
                    self.mandatory(at, required(parameter), required(other), lines);
                    if let (Some(old), Some(new)) = (parameter.get("schema"), other.get("schema")) {
                        self.schema(at, &old, &new);
                    }
                }
                None if told => {}
                None => {
                    self.push(
                        Direction::Request,
                        *location,
                        "parameter",
                        "removed",
                        name,
                        (json!(true), Json::Null),
                        lines,
                    );
                }
            }
        }
        for (location, name, parameter) in &after {
            let known = before.iter().any(|(other, named, _)| other == location && named == name);
            let told = moved && *location == Location::Path;
            if !known && !told {
                let kind = if required(parameter) { "mandatory-parameter" } else { "parameter" };
                let lines = (old_call, parameter.node.at.line);
                self.push(Direction::Request, *location, kind, "added", name, (Json::Null, json!(true)), lines);
            }
        }
    }

    pub(super) fn mandatory(&mut self, at: ValuePath<'_>, before: bool, after: bool, lines: (u64, u64)) {
        let action = match (before, after) {
            (false, true) => "added",
            (true, false) => "removed",
            _ => return,
        };
        self.push(at.direction, at.location, "mandatory", action, at.name, (json!(before), json!(after)), lines);
    }

    fn request_body(&mut self, old: &Call<'a>, new: &Call<'a>, lines: (u64, u64)) {
        let required = |body: &Resolved<'_>| body.node.get("required").and_then(Node::as_bool) == Some(true);
        let (request, operation) = (Direction::Request, Location::Operation);
        match (old.get("requestBody"), new.get("requestBody")) {
            (None, Some(body)) => {
                let kind = if required(&body) { "mandatory-body" } else { "body" };
                self.push(
                    request,
                    operation,
                    kind,
                    "added",
                    "",
                    (Json::Null, json!(true)),
                    (lines.0, body.node.at.line),
                );
            }
            (Some(body), None) => {
                let lines = (body.node.at.line, lines.1);
                self.push(request, operation, "body", "removed", "", (json!(true), Json::Null), lines);
            }
            (Some(old), Some(new)) => {
                let at = ValuePath { direction: request, location: Location::Body, name: "" };
                self.mandatory(at, required(&old), required(&new), (old.node.at.line, new.node.at.line));
                self.content(at, &old, &new);
            }
            (None, None) => {}
        }
    }

    fn responses(&mut self, old: &Call<'a>, new: &Call<'a>, lines: (u64, u64)) {
        let list = |call: &Call<'a>| call.get("responses").map_or(&[][..], |node| node.node.entries());
        let (before, after) = (list(old), list(new));
        let (response, operation) = (Direction::Response, Location::Operation);
        for status in before {
            let Some(other) = after.iter().find(|other| other.key == status.key) else {
                let values = (json!(status.key), Json::Null);
                self.push(response, operation, "status", "removed", &status.key, values, (status.at.line, lines.1));
                continue;
            };
            let (from, to) = (Resolved::of(&status.node, old.root()), Resolved::of(&other.node, new.root()));
            let has_body = |response: &Resolved<'_>| {
                response.node.get("content").is_some_and(|content| !content.entries().is_empty())
            };
            let lines = (status.at.line, other.at.line);
            match (has_body(&from), has_body(&to)) {
                (true, true) => {
                    self.content(ValuePath { direction: response, location: Location::Body, name: "" }, &from, &to)
                }
                (false, true) => {
                    self.push(response, operation, "body", "added", &status.key, (Json::Null, json!(true)), lines)
                }
                (true, false) => {
                    self.push(response, operation, "body", "removed", &status.key, (json!(true), Json::Null), lines)
                }
                (false, false) => {}
            }
        }
        for status in after.iter().filter(|status| !before.iter().any(|other| other.key == status.key)) {
            let values = (Json::Null, json!(status.key));
            self.push(response, operation, "status", "added", &status.key, values, (lines.0, status.at.line));
        }
    }

    fn content(&mut self, at: ValuePath<'_>, old: &Resolved<'a>, new: &Resolved<'a>) {
        let list = |body: &Resolved<'a>| body.node.get("content").map_or(&[][..], Node::entries);
        let (before, after) = (list(old), list(new));
        for media in before {
            match after.iter().find(|other| other.key == media.key) {
                Some(other) => {
                    let (from, to) = (Resolved::of(&media.node, old.root), Resolved::of(&other.node, new.root));
                    if let (Some(from), Some(to)) = (from.get("schema"), to.get("schema")) {
                        self.schema(at, &from, &to);
                    }
                }
                None => {
                    let lines = (media.at.line, new.node.at.line);
                    let values = (json!(media.key), Json::Null);
                    self.push(at.direction, at.location, "media-type", "removed", &media.key, values, lines);
                }
            }
        }
        for media in after.iter().filter(|media| !before.iter().any(|other| other.key == media.key)) {
            let lines = (old.node.at.line, media.at.line);
            self.push(
                at.direction,
                at.location,
                "media-type",
                "added",
                &media.key,
                (Json::Null, json!(media.key)),
                lines,
            );
        }
    }
}
