//! Reads YAML 1.2 into a tree in which every key and value has its line and column. It knows nothing about OpenAPI.
//!
//! Only what JSON can express is accepted: anchors, tags, merge keys, keys that are not scalars, and numbers such as
//! `.inf` are errors.

// docs.rs builds with this.
#![cfg_attr(docsrs, feature(doc_cfg))]

use std::fmt;

use granit_parser::{Event, Marker, Parser, ScalarStyle};
use serde_json::Number;

/// A position in a document: line and column, both from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1; 0 when unknown.
    pub line: u64,
    /// Column in characters, from 1; 0 when unknown.
    pub column: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Why a text is not readable YAML, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    at: Position,
    message: String,
}

impl YamlError {
    /// Creates an error of a document that is YAML, and not what its reader expects.
    #[must_use]
    pub fn new(at: Position, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// Returns the position.
    #[must_use]
    pub fn at(&self) -> Position {
        self.at
    }

    /// Returns what is wrong, as a sentence without its full stop.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.message)
    }
}

impl std::error::Error for YamlError {}

/// A value and the position where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it begins.
    pub at: Position,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order in which it is written.
    Map(Vec<Entry>),
}

/// One key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The position of the key.
    pub at: Position,
    /// The value.
    pub node: Node,
}

impl Node {
    /// Returns the value of a key, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// Returns the entry of a key, if this is a mapping that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Returns the entries of a mapping; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        if let Value::Map(entries) = &self.value { entries } else { &[] }
    }

    /// Returns the items of a list; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    /// Returns the string, if this is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// Returns the number, if this is one that fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        if let Value::Number(number) = &self.value { number.as_u64() } else { None }
    }

    /// Returns the signed number, if this is one that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        if let Value::Number(number) = &self.value { number.as_i64() } else { None }
    }

    /// Returns the boolean, if this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = &self.value { Some(*value) } else { None }
    }

    /// Follows a local reference such as `#/components/schemas/Category` from this document's root.
    #[must_use]
    pub fn pointer(&self, reference: &str) -> Option<&Node> {
        let path = reference.strip_prefix("#/")?;
        path.split('/').try_fold(self, |node, step| node.get(&step.replace("~1", "/").replace("~0", "~")))
    }

    /// Returns this node, or the target of its `$ref` from `root`. It follows a few references only, so that a
    /// cycle ends.
    #[must_use]
    pub fn resolve<'a>(&'a self, root: &'a Node) -> &'a Node {
        let mut node = self;
        for _ in 0..8 {
            match node.get("$ref").and_then(Node::as_str).and_then(|reference| root.pointer(reference)) {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// Converts the tree to JSON, without positions.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(value) => value.clone().into(),
            Value::Text(value) => value.as_str().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.node.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

/// Reads one YAML document.
///
/// # Errors
/// The text is not YAML, has a duplicate key, or has what JSON cannot express.
pub fn read(text: &str) -> Result<Node, YamlError> {
    let mut stack: Vec<Open> = Vec::new();
    let mut document: Option<Node> = None;
    for event in Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        let (event, span) = event.map_err(|error| invalid(position(error.marker()), error.info()))?;
        let at = position(&span.start);
        if event.tag().is_some() || event.anchor_id().is_some() {
            return Err(invalid(at, "anchors and tags are not supported"));
        }
        let done = match event {
            Event::DocumentStart(..) if document.is_some() => return Err(invalid(at, "a second document begins here")),
            Event::SequenceStart(..) => {
                stack.push(Open { at, value: Value::List(Vec::new()), key: None });
                continue;
            }
            Event::MappingStart(..) => {
                stack.push(Open { at, value: Value::Map(Vec::new()), key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                Some(open) => Node { value: open.value, at: open.at },
                None => continue,
            },
            Event::Scalar(text, style, ..) => {
                let is_plain = style == ScalarStyle::Plain;
                let awaits_key = matches!(stack.last(), Some(Open { value: Value::Map(_), key: None, .. }));
                if awaits_key && is_plain && text == "<<" {
                    return Err(invalid(at, "YAML 1.2 has no merge key `<<`"));
                }
                // A key is the text that is written, such as `200`.
                let value = match is_plain && !awaits_key {
                    true => scalar(&text).ok_or_else(|| invalid(at, format!("`{text}` is not a number of JSON")))?,
                    false => Value::Text(text.into_owned()),
                };
                Node { value, at }
            }
            _ => continue,
        };
        match stack.last_mut() {
            Some(open) => open.add(done)?,
            None => document = Some(done),
        }
    }
    Ok(document.unwrap_or(Node { value: Value::Null, at: Position { line: 1, column: 1 } }))
}

/// A list or mapping whose end has not been reached.
struct Open {
    at: Position,
    value: Value,
    /// The key whose value comes next.
    key: Option<(String, Position)>,
}

impl Open {
    fn add(&mut self, node: Node) -> Result<(), YamlError> {
        match (&mut self.value, self.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(entries), Some((key, at))) => entries.push(Entry { key, at, node }),
            (Value::Map(entries), None) => match node.value {
                Value::Text(key) if entries.iter().any(|entry| entry.key == key) => {
                    return Err(invalid(node.at, format!("duplicate key `{key}`")));
                }
                Value::Text(key) => self.key = Some((key, node.at)),
                _ => return Err(invalid(node.at, "a key must be a text")),
            },
            _ => {}
        }
        Ok(())
    }
}

fn position(marker: &Marker) -> Position {
    Position { line: marker.line() as u64, column: marker.col() as u64 + 1 }
}

fn invalid(at: Position, message: impl fmt::Display) -> YamlError {
    YamlError::new(at, format!("this is not valid YAML: {message}"))
}

/// Returns the value of an unquoted scalar in the core schema of YAML 1.2, in which `n` and `on` are texts; `None` for
/// a number that JSON does not have.
fn scalar(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let radix = [("0x", 16), ("0o", 8)].iter().find_map(|(prefix, radix)| Some((text.strip_prefix(prefix)?, *radix)));
    if let Some(value) = radix.and_then(|(digits, radix)| u64::from_str_radix(digits, radix).ok()) {
        return Some(Value::Number(value.into()));
    }
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number && [".inf", ".nan"].iter().any(|word| digits.eq_ignore_ascii_case(word)) => return None,
        _ => match (text.parse::<i64>(), text.parse::<u64>(), text.parse::<f64>()) {
            (Ok(value), ..) => Value::Number(value.into()),
            (_, Ok(value), _) => Value::Number(value.into()),
            (.., Ok(value)) if is_number => Value::Number(Number::from_f64(value)?),
            _ => Value::Text(text.to_owned()),
        },
    })
}

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_have_positions() {
        let node = read("\u{feff}a: 1\nb:\n  - x\n  - c: 'y'\n").unwrap();
        let b = node.get("b").unwrap();
        assert_eq!(node.entries()[1].at, Position { line: 2, column: 1 });
        assert_eq!(b.items()[1].entries()[0].at, Position { line: 4, column: 5 });
        assert_eq!(b.items()[1].get("c").unwrap().at, Position { line: 4, column: 8 });
        assert_eq!(node.to_json().to_string(), r#"{"a":1,"b":["x",{"c":"y"}]}"#);
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        for (text, json) in [
            ("[n, on, yes, true, ~, 'true', a b]", r#"["n","on","yes",true,null,"true","a b"]"#),
            (
                "[12, -3, +4, 007, 1.50, 1e3, 0x1F, 18446744073709551615]",
                "[12,-3,4,7,1.5,1000.0,31,18446744073709551615]",
            ),
            ("[2026-04-03, 1.2.3, '', \"\"]", r#"["2026-04-03","1.2.3","",""]"#),
            ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", r#"{"a":"x\ny\n","b":"x y"}"#),
            ("200: {}\nnull:\n", r#"{"200":{},"null":null}"#),
            ("# nothing\n", "null"),
        ] {
            assert_eq!(read(text).unwrap().to_json().to_string(), json, "{text}");
        }
    }

    #[test]
    fn what_is_not_yaml_or_has_no_meaning_in_json_is_an_error_with_its_position() {
        for (text, line, message) in [
            ("a: 1\nb: 2\na: 3\n", 3, "duplicate key `a`"),
            ("a: [1, 2", 1, ""),
            ("a: b: c", 1, ""),
            ("{", 1, ""),
            ("\u{0}", 1, ""),
            ("a: *b", 1, ""),
            ("a: &b 1", 1, "anchors"),
            ("a: 1\n<<: 1", 2, "merge key"),
            ("a: !!binary eA==", 1, "tags"),
            ("? [a]\n: b", 1, "a key must be a text"),
            ("a: .inf", 1, "`.inf` is not a number"),
            ("a: 1\n---\nb: 2", 2, "second document"),
        ] {
            let error = read(text).unwrap_err();
            assert!(
                error.message().starts_with("this is not valid YAML: ") && error.message().contains(message),
                "{text}: {error}"
            );
            assert_eq!(error.at().line, line, "{text}: {error}");
        }
    }

    #[test]
    fn cyclic_references_end() {
        let node = read("a: {$ref: '#/b'}\nb: {$ref: '#/a'}\n").unwrap();
        let _ = node.get("a").unwrap().resolve(&node);
    }
}
