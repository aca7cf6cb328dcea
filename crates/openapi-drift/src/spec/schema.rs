//! OpenAPI schemas, as drift and compatibility read them.

use located_yaml::{Entry, Node, Value};

/// A schema whose reference was followed, with its document.
#[derive(Clone, Copy)]
pub(crate) struct Resolved<'a> {
    pub(crate) node: &'a Node,
    pub(crate) root: &'a Node,
}

impl<'a> Resolved<'a> {
    pub(crate) fn of(written: &'a Node, root: &'a Node) -> Self {
        Self { node: written.resolve(root), root }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| Self::of(node, self.root))
    }

    pub(crate) fn get_str(&self, key: &str) -> Option<&'a str> {
        self.node.get(key).and_then(Node::as_str)
    }
}

/// A property of an object.
pub(crate) struct Property<'a> {
    pub(crate) entry: &'a Entry,
    /// The line in `required` that names it, if there is one.
    pub(crate) required_line: Option<u64>,
}

/// Returns the properties of an object, including those of its `allOf` parts.
pub(crate) fn properties<'a>(schema: &Resolved<'a>) -> Vec<Property<'a>> {
    let mut found = Vec::new();
    let mut required: Vec<&Node> = Vec::new();
    collect(schema, 0, &mut found, &mut required);
    found
        .into_iter()
        .map(|entry| {
            let named = required.iter().find(|name| name.as_str() == Some(&entry.key));
            Property { entry, required_line: named.map(|name| name.at.line) }
        })
        .collect()
}

fn collect<'a>(schema: &Resolved<'a>, depth: usize, found: &mut Vec<&'a Entry>, required: &mut Vec<&'a Node>) {
    if depth > 8 {
        return;
    }
    for part in schema.node.get("allOf").map_or(&[][..], Node::items) {
        collect(&Resolved::of(part, schema.root), depth + 1, found, required);
    }
    found.extend(schema.node.get("properties").map_or(&[][..], Node::entries));
    required.extend(schema.node.get("required").map_or(&[][..], Node::items));
}

/// Returns a type as one phrase: `string`, `integer`, `long`, `array of string`, `object`, `map of string`.
pub(crate) fn type_name(schema: &Resolved<'_>, depth: usize) -> String {
    let format = schema.get_str("format");
    let word = match schema.get_str("type") {
        Some("integer") if format == Some("int64") => "long",
        Some("number") if format == Some("float") => "float",
        Some("number") => "double",
        Some("array") => {
            return match schema.get("items").filter(|_| depth < 8) {
                Some(items) => format!("array of {}", type_name(&items, depth + 1)),
                None => "array".to_owned(),
            };
        }
        Some("object") | None => {
            let additional = schema.get("additionalProperties").filter(|_| depth < 8);
            return match additional.filter(|inner| matches!(inner.node.value, Value::Map(_))) {
                Some(inner) => format!("map of {}", type_name(&inner, depth + 1)),
                None => object_type_name(schema).to_owned(),
            };
        }
        Some(word) => word,
    };
    word.to_owned()
}

fn object_type_name(schema: &Resolved<'_>) -> &'static str {
    let object = ["type", "properties", "allOf"].iter().any(|key| schema.node.get(key).is_some());
    if object { "object" } else { "any" }
}
