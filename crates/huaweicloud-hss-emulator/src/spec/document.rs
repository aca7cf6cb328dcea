//! An OpenAPI document: parses its JSON and follows `$ref`.

use serde_json::Value;

use crate::error::EmulatorError;

/// A parsed OpenAPI document.
pub(crate) struct Document {
    name: String,
    root: Value,
}

/// A value in a document, and the JSON Pointer to it, after all `$ref`s.
#[derive(Clone)]
pub(crate) struct Node<'d> {
    pub(crate) value: &'d Value,
    pub(crate) pointer: String,
}

impl Document {
    /// Parses a document.
    pub(crate) fn read(name: &str, json: &str) -> Result<Self, EmulatorError> {
        let document = Self { name: name.to_owned(), root: parse(name, json)? };
        match document.root["openapi"].as_str() {
            Some(version) if version.starts_with("3.0.") => Ok(document),
            other => Err(document.error(format_args!("openapi is {other:?}, only 3.0.x is supported"))),
        }
    }

    pub(crate) fn error(&self, text: impl std::fmt::Display) -> EmulatorError {
        EmulatorError::spec(&self.name, text)
    }

    pub(crate) fn root(&self) -> &Value {
        &self.root
    }

    /// Returns the value at a pointer, after following any chain of `$ref`s in this document.
    pub(crate) fn follow(&self, pointer: &str) -> Result<Node<'_>, EmulatorError> {
        let mut pointer = pointer.to_owned();
        // A longer chain can only be a cycle.
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
        Err(self.error(format_args!("the $ref chain through {pointer} is a cycle")))
    }

    /// Returns the value of a key of a node, after following `$ref`s; `None` if the key is missing.
    pub(crate) fn child<'d>(&'d self, node: &Node<'d>, key: &str) -> Result<Option<Node<'d>>, EmulatorError> {
        match node.value.get(key) {
            Some(_) => self.follow(&format!("{}/{}", node.pointer, escape(key))).map(Some),
            None => Ok(None),
        }
    }
}

/// Parses a document without checking it.
pub(crate) fn parse(name: &str, json: &str) -> Result<Value, EmulatorError> {
    serde_json::from_str(json).map_err(|error| EmulatorError::spec(name, error))
}

/// Escapes a key for a JSON Pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Converts a YAML document of a test to JSON.
#[cfg(test)]
pub(crate) fn json(yaml: &str) -> String {
    located_yaml::read(yaml).unwrap().to_json().to_string()
}

#[cfg(test)]
mod tests {
    use super::{Document, json};

    const SPEC: &str = r##"
openapi: 3.0.3
components:
  schemas:
    Name: { type: string }
    Alias: { $ref: '#/components/schemas/Name' }
    Circle: { $ref: '#/components/schemas/Circle' }
    Away: { $ref: 'other.yaml#/x' }
    Version: '1'
    Words: [n, on, no, true]
"##;

    #[test]
    fn references_are_followed_but_not_forever() {
        let document = Document::read("test", &json(SPEC)).unwrap();
        assert_eq!(document.follow("/components/schemas/Alias").unwrap().pointer, "/components/schemas/Name");
        assert_eq!(document.root()["components"]["schemas"]["Version"], "1");
        assert_eq!(document.root()["components"]["schemas"]["Words"].to_string(), r#"["n","on","no",true]"#);
        for (pointer, part) in [("Circle", "cycle"), ("Away", "outside"), ("Nothing", "nothing at")] {
            let error = document.follow(&format!("/components/schemas/{pointer}")).err().unwrap().to_string();
            assert!(error.starts_with("spec test: ") && error.contains(part), "{error}");
        }
    }

    #[test]
    fn invalid_documents_are_rejected() {
        for json in [r#"{"openapi": "3.1.0"}"#, "{}", "[", ""] {
            assert!(Document::read("test", json).is_err(), "{json}");
        }
    }
}
