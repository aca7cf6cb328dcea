//! Reads YAML 1.2 into a tree in which every key and value has its line and column. It knows nothing about OpenAPI.
//!
//! Only what JSON can express is accepted: tags, merge keys, keys that are not scalars, and numbers such as `.inf` are errors.

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

/// More nodes than any spec has. Aliases of aliases would multiply without a limit.
const MAX_NODES: usize = 250_000;

/// Reads one YAML document.
///
/// # Errors
/// The text is not YAML, has a duplicate key, or has more nesting and aliases than any spec needs.
pub fn read(text: &str) -> Result<Node, YamlError> {
    let mut reader = Reader { anchors: Vec::new(), nodes: 0 };
    let mut stack: Vec<Open> = Vec::new();
    let mut document: Option<Node> = None;
    for event in Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        let (event, span) = event.map_err(|error| invalid(position(error.marker()), error.info()))?;
        let at = position(&span.start);
        let done = match event {
            Event::DocumentStart(..) if document.is_some() => return Err(invalid(at, "a second document begins here")),
            Event::SequenceStart(_, anchor, tag) => {
                reader.begin(at, anchor, tag.is_some())?;
                stack.push(Open { at, anchor, value: Value::List(Vec::new()), key: None });
                continue;
            }
            Event::MappingStart(_, anchor, tag) => {
                reader.begin(at, anchor, tag.is_some())?;
                stack.push(Open { at, anchor, value: Value::Map(Vec::new()), key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                Some(open) => reader.finish(open.anchor, Node { value: open.value, at: open.at }),
                None => continue,
            },
            Event::Scalar(text, style, anchor, tag) => {
                reader.begin(at, anchor, tag.is_some())?;
                let awaits_key = matches!(stack.last(), Some(Open { value: Value::Map(_), key: None, .. }));
                // A key is the text that is written, such as `200`.
                let value = if awaits_key || style != ScalarStyle::Plain {
                    if text == "<<" && style == ScalarStyle::Plain {
                        return Err(invalid(at, "YAML 1.2 has no merge key `<<`"));
                    }
                    Value::Text(text.into_owned())
                } else {
                    scalar(&text).ok_or_else(|| invalid(at, format!("`{text}` is not a number of JSON")))?
                };
                reader.finish(anchor, Node { value, at })
            }
            Event::Alias(anchor) => reader.alias(anchor, at)?,
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
    anchor: usize,
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

struct Reader {
    /// The anchored nodes by their number; `None` until their end.
    anchors: Vec<Option<(Node, usize)>>,
    nodes: usize,
}

impl Reader {
    fn begin(&mut self, at: Position, anchor: usize, tagged: bool) -> Result<(), YamlError> {
        if tagged {
            return Err(invalid(at, "tags are not supported"));
        }
        if self.anchors.len() <= anchor {
            self.anchors.resize(anchor + 1, None);
        }
        self.count(1, at)
    }

    fn count(&mut self, nodes: usize, at: Position) -> Result<(), YamlError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES { Err(invalid(at, format!("it has more than {MAX_NODES} nodes"))) } else { Ok(()) }
    }

    fn finish(&mut self, anchor: usize, node: Node) -> Node {
        if anchor > 0
            && let Some(slot) = self.anchors.get_mut(anchor)
        {
            *slot = Some((node.clone(), size(&node)));
        }
        node
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<Node, YamlError> {
        let Some(Some((node, size))) = self.anchors.get(anchor) else {
            return Err(invalid(at, "an alias refers to the node that it is part of"));
        };
        let (node, size) = (Node { at, ..node.clone() }, *size);
        self.count(size, at)?;
        Ok(node)
    }
}

fn size(node: &Node) -> usize {
    let inner = node.items().iter().chain(node.entries().iter().map(|entry| &entry.node));
    1 + inner.map(size).sum::<usize>()
}

fn position(marker: &Marker) -> Position {
    Position { line: marker.line() as u64, column: marker.col() as u64 + 1 }
}

fn invalid(at: Position, message: impl fmt::Display) -> YamlError {
    YamlError { at, message: format!("this is not valid YAML: {message}") }
}

/// Returns the value of an unquoted scalar in the core schema of YAML 1.2, in which `n` and `on` are texts; `None` for a number that JSON
/// does not have.
fn scalar(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => {
            let digits = text.trim_start_matches(['+', '-']);
            let number = text.len() - digits.len() <= 1 && digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
            let radix =
                [("0x", 16), ("0o", 8)].iter().find_map(|(prefix, radix)| Some((text.strip_prefix(prefix)?, *radix)));
            if let Some(value) = radix.and_then(|(digits, radix)| u64::from_str_radix(digits, radix).ok()) {
                return Some(Value::Number(value.into()));
            }
            if matches!(digits.to_ascii_lowercase().as_str(), ".inf" | ".nan") && number {
                return None;
            }
            if let Ok(value) = text.parse::<i64>() {
                Value::Number(value.into())
            } else if let Ok(value) = text.parse::<u64>() {
                Value::Number(value.into())
            } else {
                match text.parse::<f64>().ok().filter(|_| number) {
                    Some(value) => Value::Number(Number::from_f64(value)?),
                    None => Value::Text(text.to_owned()),
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_and_values_have_positions() {
        let node = read("\u{feff}a: 1\nb:\n  - x\n  - c: 'y'\n").unwrap();
        let b = node.get("b").unwrap();
        assert_eq!(node.entries()[1].at, Position { line: 2, column: 1 });
        assert_eq!(b.items()[1].entries()[0].at, Position { line: 4, column: 5 });
        assert_eq!(b.items()[1].get("c").unwrap().at, Position { line: 4, column: 8 });
        assert_eq!(node.to_json(), json!({"a": 1, "b": ["x", {"c": "y"}]}));
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let text = "[n, on, yes, true, ~, 'true', 12, -3, +4, 007, 1.50, 1e3, 0x1F, 2026-04-03, 1.2.3, 18446744073709551615, '', \"\", a b]";
        let expected = json!([
            "n",
            "on",
            "yes",
            true,
            null,
            "true",
            12,
            -3,
            4,
            7,
            1.5,
            1000.0,
            31,
            "2026-04-03",
            "1.2.3",
            18_446_744_073_709_551_615_u64,
            "",
            "",
            "a b"
        ]);
        assert_eq!(read(text).unwrap().to_json(), expected);
        assert_eq!(
            read("a: |\n  x\n  y\nb: >-\n  x\n  y\n200: {}\nnull:\n").unwrap().to_json(),
            json!({"a": "x\ny\n", "b": "x y", "200": {}, "null": null})
        );
        assert_eq!(read("a: &x {b: [1]}\nc: *x\n").unwrap().to_json(), json!({"a": {"b": [1]}, "c": {"b": [1]}}));
        assert_eq!(read("# nothing\n").unwrap().value, Value::Null);
    }

    #[test]
    fn what_is_not_yaml_or_has_no_meaning_in_json_is_an_error_with_its_position() {
        let bomb: String = (1..20).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1)).collect();
        for (text, line, message) in [
            ("a: 1\nb: 2\na: 3\n", 3, "duplicate key `a`"),
            ("a: [1, 2", 1, ""),
            ("a: b: c", 1, ""),
            ("{", 1, ""),
            ("\u{0}", 1, ""),
            ("&a [*a]", 1, "part of"),
            ("a: *b", 1, ""),
            ("a: &b 1\n<<: *b", 2, "merge key"),
            ("a: !!binary eA==", 1, "tags"),
            ("? [a]\n: b", 1, "a key must be a text"),
            ("a: .inf", 1, "`.inf` is not a number"),
            ("a: 1\n---\nb: 2", 2, "second document"),
            (&format!("a0: &a0 x\n{bomb}"), 10, "nodes"),
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
