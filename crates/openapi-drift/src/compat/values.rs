//! Compares the schemas of two releases: types, limits, enums, defaults, and nested schemas.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::compare::{Comparer, ValuePath};
use super::rules::Direction;
use crate::facts::Location;
use crate::spec::schema::{Property, Resolved, properties};
use crate::yaml::{Entry, Node, Value};

impl<'a> Comparer<'a> {
    pub(super) fn schema(&mut self, at: ValuePath<'_>, old: &Resolved<'a>, new: &Resolved<'a>) {
        let pair = (std::ptr::from_ref(old.node), std::ptr::from_ref(new.node));
        // A schema that contains itself would recurse forever; a wide and deep one would take too long.
        if self.open.len() > 12 || self.open.contains(&pair) || self.found.len() > 10_000 {
            return;
        }
        self.open.push(pair);
        if self.kind(at, old, new) {
            self.limits(at, old, new);
            self.words(at, old, new);
            self.inner(at, old, new);
        }
        self.open.pop();
    }

    /// Compares type, format and nullability. If the types differ, there is nothing more to compare.
    fn kind(&mut self, at: ValuePath<'_>, old: &Resolved<'a>, new: &Resolved<'a>) -> bool {
        let lines = (old.node.at.line, new.node.at.line);
        let json = |text: Option<&str>| text.map_or(Json::Null, Json::from);
        let (from, to) = (old.get_str("type"), new.get_str("type"));
        let (old_format, new_format) = (old.get_str("format"), new.get_str("format"));
        if from != to {
            let action = match (from, to) {
                (Some("integer"), Some("number")) => "widened",
                (Some("number"), Some("integer")) => "narrowed",
                _ => "changed",
            };
            self.push(at.direction, at.location, "type", action, at.name, (json(from), json(to)), lines);
            if action == "changed" {
                return false;
            }
        } else if old_format != new_format {
            let values = (json(old_format), json(new_format));
            // Integers have 32 bits unless their format states more.
            let wide = |format: Option<&str>| format == Some("int64") || format == Some("double");
            let (kind, action) = match (from, old_format, new_format) {
                (Some("integer" | "number"), before, after) if wide(before) != wide(after) => {
                    ("type", if wide(after) { "widened" } else { "narrowed" })
                }
                (Some("integer" | "number"), Some("int32" | "float") | None, Some("int32" | "float") | None) => {
                    return true;
                }
                (_, None, _) => ("format", "added"),
                (_, _, None) => ("format", "removed"),
                _ => ("format", "changed"),
            };
            self.push(at.direction, at.location, kind, action, at.name, values, lines);
        }
        let nullable = |schema: &Resolved<'_>| schema.node.get("nullable").and_then(Node::as_bool) == Some(true);
        match (nullable(old), nullable(new)) {
            (false, true) => {
                self.push(at.direction, at.location, "nullable", "added", at.name, (json!(false), json!(true)), lines)
            }
            (true, false) => {
                self.push(at.direction, at.location, "nullable", "removed", at.name, (json!(true), json!(false)), lines)
            }
            _ => {}
        }
        for key in ["oneOf", "anyOf", "not"] {
            let (from, to) = (old.node.get(key).map(Node::to_json), new.node.get(key).map(Node::to_json));
            if from != to {
                let values = (from.unwrap_or_default(), to.unwrap_or_default());
                self.push(at.direction, at.location, "type", "changed", at.name, values, lines);
                return false;
            }
        }
        true
    }

    fn limits(&mut self, at: ValuePath<'_>, old: &Resolved<'a>, new: &Resolved<'a>) {
        let (min, max, least, most) = match old.get_str("type") {
            Some("string") => ("minLength", "maxLength", "min-length", "max-length"),
            Some("array") => ("minItems", "maxItems", "min-items", "max-items"),
            Some("integer" | "number") => ("minimum", "maximum", "minimum", "maximum"),
            _ => return,
        };
        // A count is never negative, so a minimum of 0 is not a limit.
        let floor = if least == "minimum" { None } else { Some(0.0) };
        self.bound(at, least, (limit(old, min, "min"), limit(new, min, "min")), floor, (old, new));
        self.bound(at, most, (limit(old, max, "max"), limit(new, max, "max")), None, (old, new));
    }

    /// Compares one bound of two schemas.
    fn bound(
        &mut self,
        at: ValuePath<'_>,
        kind: &str,
        (before, after): (Option<&Entry>, Option<&Entry>),
        floor: Option<f64>,
        (old, new): (&Resolved<'_>, &Resolved<'_>),
    ) {
        let number =
            |entry: Option<&Entry>| entry.and_then(|entry| entry.node.to_json().as_f64()).filter(|n| Some(*n) != floor);
        let action = match (number(before), number(after)) {
            (None, Some(_)) => "added",
            (Some(_), None) => "removed",
            (Some(from), Some(to)) if to > from => "raised",
            (Some(from), Some(to)) if to < from => "lowered",
            _ => return,
        };
        let json = |entry: Option<&Entry>| entry.map_or(Json::Null, |entry| entry.node.to_json());
        let line =
            |entry: Option<&Entry>, schema: &Resolved<'_>| entry.map_or(schema.node.at.line, |entry| entry.at.line);
        let lines = (line(before, old), line(after, new));
        self.push(at.direction, at.location, kind, action, at.name, (json(before), json(after)), lines);
    }

    /// Compares pattern, enum and default.
    fn words(&mut self, at: ValuePath<'_>, old: &Resolved<'a>, new: &Resolved<'a>) {
        for (kind, key) in [("pattern", "pattern"), ("default", "default")] {
            let (before, after) = (old.node.entry(key), new.node.entry(key));
            let json = |entry: Option<&Entry>| entry.map(|entry| entry.node.to_json());
            let action = match (json(before), json(after)) {
                (None, Some(_)) => "added",
                (Some(_), None) => "removed",
                (from, to) if from != to => "changed",
                _ => continue,
            };
            let line =
                |entry: Option<&Entry>, schema: &Resolved<'_>| entry.map_or(schema.node.at.line, |entry| entry.at.line);
            let values = (json(before).unwrap_or_default(), json(after).unwrap_or_default());
            self.push(at.direction, at.location, kind, action, at.name, values, (line(before, old), line(after, new)));
        }
        let (before, after) = (old.node.entry("enum"), new.node.entry("enum"));
        let lines = (
            before.map_or(old.node.at.line, |entry| entry.at.line),
            after.map_or(new.node.at.line, |entry| entry.at.line),
        );
        match (before, after) {
            (None, Some(after)) => {
                self.push(
                    at.direction,
                    at.location,
                    "enum",
                    "added",
                    at.name,
                    (Json::Null, after.node.to_json()),
                    lines,
                );
            }
            (Some(before), None) => {
                self.push(
                    at.direction,
                    at.location,
                    "enum",
                    "removed",
                    at.name,
                    (before.node.to_json(), Json::Null),
                    lines,
                );
            }
            (Some(before), Some(after)) => {
                let list = |entry: &Entry| entry.node.items().iter().map(Node::to_json).collect::<Vec<_>>();
                let (before, after) = (list(before), list(after));
                for value in before.iter().filter(|value| !after.contains(value)) {
                    self.push(
                        at.direction,
                        at.location,
                        "enum-value",
                        "removed",
                        at.name,
                        (value.clone(), Json::Null),
                        lines,
                    );
                }
                for value in after.iter().filter(|value| !before.contains(value)) {
                    self.push(
                        at.direction,
                        at.location,
                        "enum-value",
                        "added",
                        at.name,
                        (Json::Null, value.clone()),
                        lines,
                    );
                }
            }
            (None, None) => {}
        }
    }

    /// Compares the elements of a list, the values of a map, and the fields of an object.
    fn inner(&mut self, at: ValuePath<'_>, old: &Resolved<'a>, new: &Resolved<'a>) {
        if let (Some(from), Some(to)) = (old.get("items"), new.get("items")) {
            self.schema(ValuePath { name: &format!("{}[]", at.name), ..at }, &from, &to);
        }
        let is_map = |node: &Resolved<'_>| matches!(node.node.value, Value::Map(_));
        if let (Some(from), Some(to)) = (old.get("additionalProperties"), new.get("additionalProperties"))
            && is_map(&from)
            && is_map(&to)
        {
            self.schema(ValuePath { name: &format!("{}{{}}", at.name), ..at }, &from, &to);
        }
        let (before, after) = (properties(old), properties(new));
        let called = |property: &Property<'_>| match at.name {
            "" => property.entry.key.clone(),
            prefix => format!("{prefix}.{}", property.entry.key),
        };
        let names: BTreeSet<&str> = before.iter().map(|property| property.entry.key.as_str()).collect();
        for property in &before {
            let name = called(property);
            let Some(other) = after.iter().find(|other| other.entry.key == property.entry.key) else {
                let lines = (property.entry.at.line, new.node.at.line);
                self.push(at.direction, at.location, "field", "removed", &name, (json!(true), Json::Null), lines);
                continue;
            };
            let at = ValuePath { name: &name, ..at };
            let lines = (property.entry.at.line, other.entry.at.line);
            self.mandatory(at, property.required_line.is_some(), other.required_line.is_some(), lines);
            self.schema(at, &Resolved::of(&property.entry.node, old.root), &Resolved::of(&other.entry.node, new.root));
        }
        for property in after.iter().filter(|property| !names.contains(property.entry.key.as_str())) {
            let mandatory = property.required_line.is_some() && at.direction == Direction::Request;
            let kind = if mandatory { "mandatory-field" } else { "field" };
            let lines = (old.node.at.line, property.entry.at.line);
            self.push(at.direction, at.location, kind, "added", &called(property), (Json::Null, json!(true)), lines);
        }
    }

    /// Compares the limits of a credential's header, which is a security scheme: see docs/design/generator-traps.md#p5.
    pub(super) fn credential(&mut self, old: &Resolved<'a>, new: &Resolved<'a>) {
        let Some(name) = new.get_str("name") else { return };
        let at = ValuePath { direction: Direction::Request, location: Location::Header, name };
        let mandatory = |scheme: &Resolved<'_>| scheme.node.get("x-mandatory").and_then(Node::as_bool) == Some(true);
        self.mandatory(at, mandatory(old), mandatory(new), (old.node.at.line, new.node.at.line));
        let length = |scheme: &Resolved<'a>, key| scheme.node.get("x-length").and_then(|node| node.entry(key));
        self.bound(at, "min-length", (length(old, "min"), length(new, "min")), Some(0.0), (old, new));
        self.bound(at, "max-length", (length(old, "max"), length(new, "max")), None, (old, new));
    }
}

/// Returns a bound: the enforced one, or that of `x-length`, which is not enforced: see docs/design/generator-traps.md#p3.
fn limit<'a>(schema: &Resolved<'a>, key: &str, short: &str) -> Option<&'a Entry> {
    schema.node.entry(key).or_else(|| schema.node.get("x-length")?.entry(short))
}
