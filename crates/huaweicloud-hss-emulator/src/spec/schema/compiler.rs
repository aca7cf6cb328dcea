//! Compiles the schema objects of an OpenAPI 3.0 document.
//!
//! The compiler knows the keywords that the specs and the joined document use. Another keyword is an error, because
//! nothing would check it. The tests compare the result with the crate `jsonschema`, which is only a
//! dev-dependency: together with a YAML parser, it was a third of `hss`.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

use crate::error::EmulatorError;
use crate::spec::document::{Document, escape};

use super::rule::{Rule, SchemaIndex, ValueType};
use super::validator::Schema;

/// Keywords that are only for people and generators, or are read elsewhere.
const WITHOUT_RULES: [&str; 11] = [
    "default",
    "deprecated",
    "description",
    "example",
    "externalDocs",
    "format",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// Compiles the schema at a pointer, with all schemas that it refers to.
pub(crate) fn compile(document: &Document, pointer: &str) -> Result<Schema, EmulatorError> {
    let mut compiler = Compiler { document, indexes: HashMap::new(), objects: Vec::new(), open: Vec::new() };
    compiler.object(pointer)?;
    Ok(Schema { objects: compiler.objects })
}

/// Compiles a schema on its own, for tests.
#[cfg(test)]
pub(crate) fn compile_value(schema: &Value) -> Result<Schema, EmulatorError> {
    let document = serde_json::json!({ "openapi": "3.0.3", "components": { "schemas": { "S": schema } } });
    compile(&Document::read("test", &document.to_string())?, "/components/schemas/S")
}

/// Compiles schema objects of one document, each once.
struct Compiler<'d> {
    document: &'d Document,
    /// The objects by their JSON Pointers.
    indexes: HashMap<String, SchemaIndex>,
    objects: Vec<Vec<Rule>>,
    /// The objects in progress that apply to the same value. None of them may be applied to it again.
    open: Vec<SchemaIndex>,
}

impl Compiler<'_> {
    fn object(&mut self, pointer: &str) -> Result<SchemaIndex, EmulatorError> {
        let document = self.document;
        // In OpenAPI 3.0 the siblings of a $ref are ignored.
        let node = document.follow(pointer)?;
        if let Some(index) = self.indexes.get(&node.pointer) {
            if self.open.contains(index) {
                return Err(self.error(&node.pointer, "is a part of itself"));
            }
            return Ok(*index);
        }
        let index = self.objects.len();
        self.objects.push(Vec::new());
        self.indexes.insert(node.pointer.clone(), index);
        let Value::Object(object) = node.value else { return Err(self.error(&node.pointer, "is not an object")) };
        self.open.push(index);
        let rules = self.rules(&node.pointer, object)?;
        self.open.pop();
        if let Some(object) = self.objects.get_mut(index) {
            *object = rules;
        }
        Ok(index)
    }

    /// Compiles the schema of a part of a value. A schema of the whole value may apply to the part.
    fn part(&mut self, pointer: &str) -> Result<SchemaIndex, EmulatorError> {
        let open = std::mem::take(&mut self.open);
        let index = self.object(pointer)?;
        self.open = open;
        Ok(index)
    }

    fn rules(&mut self, at: &str, object: &Map<String, Value>) -> Result<Vec<Rule>, EmulatorError> {
        let mut rules = Vec::new();
        let mut kinds = Vec::new();
        if let Some(kind) = object.get("type") {
            let known = ValueType::ALL.into_iter().find(|known| *kind == known.name());
            kinds.push(known.ok_or_else(|| self.error(at, format_args!("type is {kind}")))?);
        }
        let nullable = self.flag(at, object, "nullable")?;
        if nullable && !kinds.is_empty() {
            kinds.push(ValueType::Null);
        }
        // The format of an integer is a range. The format of a string does not restrict it.
        let range = match (kinds.first(), object.get("format").and_then(Value::as_str)) {
            (Some(ValueType::Integer), Some("int32")) => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
            (Some(ValueType::Integer), Some("int64")) => Some((i64::MIN, i64::MAX)),
            _ => None,
        };
        if !kinds.is_empty() {
            rules.push(Rule::Type(kinds));
        }
        if let Some(options) = self.list(at, object, "enum")? {
            let mut options = options.clone();
            if nullable && !options.contains(&Value::Null) {
                options.push(Value::Null);
            }
            rules.push(Rule::Enum(options));
        }
        if let Some(limit) = self.number(at, object, "minimum")?.or(range.map(|(least, _)| least.into())) {
            rules.push(Rule::Minimum { limit, exclusive: self.flag(at, object, "exclusiveMinimum")? });
        }
        if let Some(limit) = self.number(at, object, "maximum")?.or(range.map(|(_, most)| most.into())) {
            rules.push(Rule::Maximum { limit, exclusive: self.flag(at, object, "exclusiveMaximum")? });
        }
        rules.extend(self.count(at, object, "minLength")?.map(Rule::MinLength));
        rules.extend(self.count(at, object, "maxLength")?.map(Rule::MaxLength));
        rules.extend(self.count(at, object, "minItems")?.map(Rule::MinItems));
        rules.extend(self.count(at, object, "maxItems")?.map(Rule::MaxItems));
        for name in self.list(at, object, "required")?.into_iter().flatten() {
            let name = name.as_str().ok_or_else(|| self.error(at, format_args!("required holds {name}")))?;
            rules.push(Rule::Required(name.to_owned()));
        }
        let mut properties = Vec::new();
        for name in object.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            properties.push((name.clone(), self.part(&format!("{at}/properties/{}", escape(name)))?));
        }
        let named = || properties.iter().map(|(name, _)| name.clone()).collect();
        match object.get("additionalProperties") {
            None | Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => rules.push(Rule::Closed(named())),
            Some(_) => {
                let others = self.part(&format!("{at}/additionalProperties"))?;
                rules.push(Rule::Others { named: named(), schema: others });
            }
        }
        if !properties.is_empty() {
            rules.push(Rule::Properties(properties));
        }
        if object.contains_key("items") {
            rules.push(Rule::Items(self.part(&format!("{at}/items"))?));
        }
        for (keyword, rule) in
            [("allOf", Rule::AllOf as fn(Vec<SchemaIndex>) -> Rule), ("anyOf", Rule::AnyOf), ("oneOf", Rule::OneOf)]
        {
            if let Some(parts) = self.list(at, object, keyword)? {
                let indexes: Result<_, _> =
                    (0..parts.len()).map(|part| self.object(&format!("{at}/{keyword}/{part}"))).collect();
                rules.push(rule(indexes?));
            }
        }
        match object.keys().find(|keyword| !is_known_keyword(keyword)) {
            Some(keyword) => Err(self.error(at, format_args!("{keyword} is not supported"))),
            None => Ok(rules),
        }
    }

    fn flag(&self, at: &str, object: &Map<String, Value>, keyword: &str) -> Result<bool, EmulatorError> {
        Ok(self.read(at, object, keyword, "not true or false", Value::as_bool)?.unwrap_or(false))
    }

    fn number(&self, at: &str, object: &Map<String, Value>, keyword: &str) -> Result<Option<Number>, EmulatorError> {
        self.read(at, object, keyword, "not a number", |value| value.as_number().cloned())
    }

    fn count(&self, at: &str, object: &Map<String, Value>, keyword: &str) -> Result<Option<u64>, EmulatorError> {
        self.read(at, object, keyword, "not a count", Value::as_u64)
    }

    /// Returns the value of a keyword if it is set; `other` describes values of another type.
    fn read<T>(
        &self,
        at: &str,
        object: &Map<String, Value>,
        keyword: &str,
        other: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, EmulatorError> {
        let Some(value) = object.get(keyword) else { return Ok(None) };
        let error = || self.error(at, format_args!("{keyword} is {value}, {other}"));
        read(value).map(Some).ok_or_else(error)
    }

    /// Returns the list of a keyword if it is set.
    fn list<'o>(
        &self,
        at: &str,
        object: &'o Map<String, Value>,
        keyword: &str,
    ) -> Result<Option<&'o Vec<Value>>, EmulatorError> {
        let Some(value) = object.get(keyword) else { return Ok(None) };
        value.as_array().map(Some).ok_or_else(|| self.error(at, format_args!("{keyword} is not a list")))
    }

    fn error(&self, at: &str, what: impl std::fmt::Display) -> EmulatorError {
        self.document.error(format_args!("the schema at {at}: {what}"))
    }
}

fn is_known_keyword(keyword: &str) -> bool {
    const RULES: [&str; 17] = [
        "additionalProperties",
        "allOf",
        "anyOf",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "oneOf",
        "properties",
        "required",
        "type",
    ];
    RULES.contains(&keyword) || WITHOUT_RULES.contains(&keyword) || keyword.starts_with("x-")
}
