//! Reads YAML into a tree in which every key and value has its line and column. It knows nothing about OpenAPI.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

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
    Number(serde_json::Number),
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
/// The text is not YAML, has a duplicate key, or has more nesting and aliases than any spec needs.
pub fn read(text: &str) -> Result<Node, YamlError> {
    // YAML 1.1 reads a parameter named `n` or `on` as a boolean.
    let options = serde_saphyr::options! { strict_booleans: true };
    match serde_saphyr::from_str_with_options::<Spanned<Tree>>(text, options) {
        Ok(tree) => Ok(tree.into()),
        Err(error) => {
            let at = error.location().map(position).unwrap_or_default();
            let first = error.without_snippet().to_string();
            let message = first.lines().next().unwrap_or("not readable").trim_end_matches('.').to_owned();
            Err(YamlError { at, message: format!("this is not valid YAML: {message}") })
        }
    }
}

/// A tree node without its position: what serde returns inside [`Spanned`].
struct Tree(Value);

impl From<Spanned<Tree>> for Node {
    fn from(tree: Spanned<Tree>) -> Self {
        Self { value: tree.value.0, at: position(tree.referenced) }
    }
}

fn position(location: Location) -> Position {
    Position { line: location.line(), column: location.column() }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree(Value::Number(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree(Value::Number(value.into())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree(serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree(Value::Text(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element::<Spanned<Tree>>()? {
            items.push(item.into());
        }
        Ok(Tree(Value::List(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            let at = position(key.referenced);
            let node = access.next_value::<Spanned<Tree>>()?.into();
            entries.push(Entry { key: key.value, at, node });
        }
        Ok(Tree(Value::Map(entries)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_have_positions() {
        let node = read("a: 1\nb:\n  - x\n  - c: 'y'\n").unwrap();
        let b = node.get("b").unwrap();
        assert_eq!(node.entries()[1].at, Position { line: 2, column: 1 });
        assert_eq!(b.items()[1].entries()[0].at, Position { line: 4, column: 5 });
        assert_eq!(b.items()[1].get("c").unwrap().at, Position { line: 4, column: 8 });
        assert_eq!(node.to_json(), serde_json::json!({"a": 1, "b": ["x", {"c": "y"}]}));
    }

    #[test]
    fn a_status_code_may_be_unquoted() {
        let node = read("responses:\n  200: {description: ok}\n").unwrap();
        assert!(node.pointer("#/responses/200/description").is_some());
    }

    #[test]
    fn words_that_are_booleans_in_yaml_1_1_stay_strings() {
        assert_eq!(read("name: n\nother: on\n").unwrap().to_json(), serde_json::json!({"name": "n", "other": "on"}));
    }

    #[test]
    fn a_duplicate_key_is_reported_with_its_line() {
        let error = read("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(error.at().line, 3, "{error}");
        assert!(error.message().contains("duplicate"), "{error}");
    }

    #[test]
    fn invalid_yaml_is_an_error_with_a_position() {
        for junk in ["a: [1, 2", "a: b: c", "{", "\u{0}", "&a [*a]"] {
            let result = read(junk);
            assert!(result.is_err(), "{junk:?} gave {result:?}");
        }
    }

    #[test]
    fn cyclic_references_end() {
        let node = read("a: {$ref: '#/b'}\nb: {$ref: '#/a'}\n").unwrap();
        let _ = node.get("a").unwrap().resolve(&node);
    }
}
