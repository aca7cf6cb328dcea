//! Owns one OpenAPI document: reading its YAML, following `$ref`, and compiling its schemas.

use crate::error::EmulatorError;
use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Where the document stands in the schema registry. The name is never fetched.
const URI: &str = "openapi:///document";

/// A parsed OpenAPI document.
pub(crate) struct Document {
    name: String,
    root: Value,
}

/// A place in a document: the value, and the JSON Pointer that leads to it after all `$ref`s.
#[derive(Clone)]
pub(crate) struct Node<'d> {
    pub(crate) value: &'d Value,
    pub(crate) pointer: String,
}

impl Document {
    /// Reads a document, and turns what OpenAPI 3.0 says in its own way into JSON Schema: null, and the formats of integers.
    pub(crate) fn read(name: &str, yaml: &str) -> Result<Self, EmulatorError> {
        let mut root = parse(name, yaml)?;
        translate(&mut root);
        let document = Self { name: name.to_owned(), root };
        match document.root["openapi"].as_str() {
            Some(version) if version.starts_with("3.0.") => Ok(document),
            other => Err(document.error(format_args!("openapi is {other:?}, only 3.0.x can be judged"))),
        }
    }

    pub(crate) fn error(&self, text: impl std::fmt::Display) -> EmulatorError {
        EmulatorError::spec(&self.name, text)
    }

    pub(crate) fn root(&self) -> &Value {
        &self.root
    }

    /// The value at a pointer, behind any chain of `$ref`s into this document.
    pub(crate) fn follow(&self, pointer: &str) -> Result<Node<'_>, EmulatorError> {
        let mut pointer = pointer.to_owned();
        // A chain longer than this can only be a circle.
        for _ in 0..32 {
            let value =
                self.root.pointer(&pointer).ok_or_else(|| self.error(format_args!("there is nothing at {pointer}")))?;
            let Some(reference) = value.get("$ref") else {
                return Ok(Node { value, pointer });
            };
            pointer = match reference.as_str().and_then(|text| text.strip_prefix('#')) {
                Some(local) => local.to_owned(),
                None => return Err(self.error(format_args!("{pointer} refers outside of the document: {reference}"))),
            };
        }
        Err(self.error(format_args!("the $ref chain through {pointer} is a circle")))
    }

    /// The value of `key` below a node, behind its `$ref`s; `None` when the key is absent.
    pub(crate) fn child<'d>(&'d self, node: &Node<'d>, key: &str) -> Result<Option<Node<'d>>, EmulatorError> {
        match node.value.get(key) {
            Some(_) => self.follow(&format!("{}/{}", node.pointer, escape(key))).map(Some),
            None => Ok(None),
        }
    }

    /// Makes the compiler that all schemas of this document share.
    pub(crate) fn compiler(&self) -> Result<Compiler<'_>, EmulatorError> {
        // OpenAPI 3.0's schema objects follow the draft in which exclusiveMinimum is a boolean and a $ref hides what
        // stands beside it: Draft 4 is the one that reads them so.
        let registry = Registry::new()
            .draft(Draft::Draft4)
            .add(URI, &self.root)
            .and_then(|builder| builder.prepare())
            .map_err(|error| self.error(error))?;
        Ok(Compiler { document: self, registry })
    }
}

/// Reads a document as it stands.
pub(crate) fn parse(name: &str, yaml: &str) -> Result<Value, EmulatorError> {
    // OpenAPI wants YAML 1.2, in which the names `n`, `on` and `no` are texts and not booleans.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(yaml, options).map_err(|error| EmulatorError::spec(name, error))
}

/// Compiles schemas of one document where they stand, so that their `$ref`s keep their meaning.
pub(crate) struct Compiler<'d> {
    document: &'d Document,
    registry: Registry<'d>,
}

impl Compiler<'_> {
    pub(crate) fn compile(&self, pointer: &str) -> Result<Validator, EmulatorError> {
        let schema = json!({ "$ref": format!("{URI}#{}", fragment(pointer)) });
        jsonschema::options()
            .with_draft(Draft::Draft4)
            .with_registry(&self.registry)
            .build(&schema)
            .map_err(|error| self.document.error(format_args!("the schema at {pointer}: {error}")))
    }
}

/// Escapes one key for use in a JSON Pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Writes a JSON Pointer as a URI fragment: path templates hold braces, which a URI may not.
fn fragment(pointer: &str) -> String {
    let mut text = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        if byte.is_ascii_alphanumeric() || b"/~-._".contains(&byte) {
            text.push(byte.into());
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn translate(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(translate),
        Value::Object(object) => {
            if object.get("nullable") == Some(&Value::Bool(true)) {
                if let Some(kind) = object.get_mut("type").filter(|kind| kind.is_string()) {
                    *kind = json!([kind, "null"]);
                }
                if let Some(Value::Array(options)) = object.get_mut("enum")
                    && !options.contains(&Value::Null)
                {
                    options.push(Value::Null);
                }
            }
            bound_by_format(object);
            object.values_mut().for_each(translate);
        }
        _ => {}
    }
}

/// An integer's format is a range. JSON Schema knows formats of texts only.
fn bound_by_format(schema: &mut serde_json::Map<String, Value>) {
    let (least, most) = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64") => (i64::MIN, i64::MAX),
        _ => return,
    };
    if schema.get("type").is_some_and(|kind| *kind == "integer") {
        schema.entry("minimum").or_insert(least.into());
        schema.entry("maximum").or_insert(most.into());
    }
}

#[cfg(test)]
mod tests {
    use super::Document;
    use serde_json::json;

    const SPEC: &str = r##"
openapi: 3.0.3
paths: { '/a/{b}': { get: { schema: { type: integer, minimum: 1, exclusiveMinimum: true } } } }
components:
  schemas:
    Name: { type: string, nullable: true, maxLength: 2 }
    Alias: { $ref: '#/components/schemas/Name' }
    List: { type: array, items: { $ref: '#/components/schemas/Name' } }
    Circle: { $ref: '#/components/schemas/Circle' }
    Away: { $ref: 'other.yaml#/x' }
    Version: '1'
    Words: [n, on, no, true]
    Small: { type: integer, format: int32, minimum: 3 }
    Text: { type: string, format: int32 }
"##;

    #[test]
    fn schemas_are_compiled_where_they_stand() {
        let document = Document::read("test", SPEC).unwrap();
        let compiler = document.compiler().unwrap();
        let list = compiler.compile("/components/schemas/List").unwrap();
        assert!(list.is_valid(&json!(["主机", null])));
        assert!(!list.is_valid(&json!(["abc"])));
        // Braces and slashes in the pointer, and the boolean exclusiveMinimum of OpenAPI 3.0.
        let number = compiler.compile("/paths/~1a~1{b}/get/schema").unwrap();
        assert!(number.is_valid(&json!(2)));
        assert!(!number.is_valid(&json!(1)));
        let small = compiler.compile("/components/schemas/Small").unwrap();
        for (value, good) in [(2_i64, false), (3, true), (i64::from(i32::MAX), true), (i64::from(i32::MAX) + 1, false)]
        {
            assert_eq!(small.is_valid(&json!(value)), good, "{value}");
        }
        assert!(compiler.compile("/components/schemas/Text").unwrap().is_valid(&json!("x")));
    }

    #[test]
    fn references_are_followed_but_not_for_ever() {
        let document = Document::read("test", SPEC).unwrap();
        assert_eq!(document.follow("/components/schemas/Alias").unwrap().pointer, "/components/schemas/Name");
        assert_eq!(document.root()["components"]["schemas"]["Version"], "1");
        assert_eq!(document.root()["components"]["schemas"]["Words"], json!(["n", "on", "no", true]));
        for (pointer, part) in [("Circle", "circle"), ("Away", "outside"), ("Nothing", "nothing at")] {
            let error = document.follow(&format!("/components/schemas/{pointer}")).err().unwrap().to_string();
            assert!(error.starts_with("spec test: ") && error.contains(part), "{error}");
        }
    }

    #[test]
    fn broken_documents_are_refused() {
        for yaml in ["openapi: 3.1.0", "a: [", "openapi: 3.0.3\nopenapi: 3.0.3", ""] {
            assert!(Document::read("test", yaml).is_err(), "{yaml}");
        }
    }
}
