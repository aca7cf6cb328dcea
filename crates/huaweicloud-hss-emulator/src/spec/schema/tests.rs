//! Tests of schemas: the limit of each rule, unsupported keywords, and a comparison with the crate `jsonschema`.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::spec::document::{self, Document};

use super::{compile, compile_value};

#[track_caller]
fn accepts(schema: Value, values: &[(Value, bool)]) {
    let compiled = compile_value(&schema).unwrap();
    for (value, good) in values {
        assert_eq!(compiled.validate(value).is_ok(), *good, "{schema}: {value}");
    }
}

#[test]
fn each_rule_has_an_exact_limit() {
    accepts(json!({}), &[(json!(null), true), (json!({"a": [1]}), true)]);
    accepts(
        json!({"type": "integer"}),
        &[(json!(1), true), (json!(-1), true), (json!(1.5), false), (json!(1.0), false), (json!(1e20), true)],
    );
    accepts(json!({"type": "number"}), &[(json!(1), true), (json!(1.5), true), (json!(true), false)]);
    accepts(
        json!({"type": "string", "nullable": true, "maxLength": 2}),
        &[(json!("主机"), true), (json!("主机x"), false), (json!(null), true), (json!(1), false)],
    );
    // `nullable` only has an effect together with `type`.
    accepts(
        json!({"type": "string", "enum": ["a"], "nullable": true}),
        &[(json!("a"), true), (json!(null), true), (json!("b"), false)],
    );
    accepts(
        json!({"type": "integer", "format": "int32", "minimum": 3}),
        &[(json!(2), false), (json!(3), true), (json!(i32::MAX), true), (json!(i64::from(i32::MAX) + 1), false)],
    );
    accepts(
        json!({"type": "integer", "format": "int64"}),
        &[(json!(i64::MAX), true), (json!(i64::MIN), true), (json!(i64::MAX as u64 + 1), false)],
    );
    accepts(json!({"type": "string", "format": "int32"}), &[(json!("x"), true)]);
    accepts(
        json!({"minimum": 9007199254740993_i64, "exclusiveMinimum": true}),
        &[
            (json!(9007199254740993_i64), false),
            (json!(9007199254740994_i64), true),
            (json!(9007199254740992.0), false),
        ],
    );
    accepts(
        json!({"maximum": 1.5, "exclusiveMaximum": true}),
        &[(json!(1), true), (json!(1.5), false), (json!(2), false), (json!("2"), true), (json!(-1e300), true)],
    );
    accepts(
        json!({"minItems": 1, "maxItems": 2, "items": {"minLength": 1}}),
        &[(json!([]), false), (json!(["a", "b"]), true), (json!([1, 2, 3]), false), (json!([""]), false)],
    );
    accepts(
        json!({"required": ["a"], "properties": {"a": {"type": "null"}}, "additionalProperties": {"type": "string"}}),
        &[
            (json!({"a": null}), true),
            (json!({"a": 1}), false),
            (json!({}), false),
            (json!({"a": null, "b": "x"}), true),
            (json!({"a": null, "b": 1}), false),
            (json!([]), true),
        ],
    );
    accepts(
        json!({"properties": {"a": {}}, "additionalProperties": false}),
        &[(json!({"a": 1}), true), (json!({"b": 1}), false), (json!(1), true)],
    );
    accepts(json!({"allOf": [{"minLength": 1}, {"maxLength": 1}]}), &[(json!("a"), true), (json!(""), false)]);
    accepts(json!({"anyOf": [{"type": "null"}, {"enum": [1]}]}), &[(json!(1), true), (json!(2), false)]);
    accepts(json!({"oneOf": [{"minimum": 1}, {"maximum": 1}]}), &[(json!(0), true), (json!(1), false)]);
}

#[test]
fn recursive_references_are_followed() {
    let document = document::json(
        r##"
openapi: 3.0.3
paths: { '/a/{b}': { get: { schema: { $ref: '#/components/schemas/Tree', maxItems: 0 } } } }
components: { schemas: {
    Tree: { type: object, properties: { more: { type: array, items: { $ref: '#/components/schemas/Tree' } } } } } }
"##,
    );
    // Braces and slashes in the pointer; and siblings of a $ref are ignored.
    let document = Document::read("test", &document).unwrap();
    let tree = compile(&document, "/paths/~1a~1{b}/get/schema").unwrap();
    assert!(tree.validate(&json!({"more": [{"more": [{}]}]})).is_ok());
    assert!(tree.validate(&json!({"more": [{"more": [{"more": 1}]}]})).is_err());
    accepts(
        json!({"allOf": [{"properties": {"more": {"oneOf": [{"$ref": "#/components/schemas/S"}]}}}, {"type": "object"}]}),
        &[(json!({"more": {"more": {}}}), true), (json!({"more": {"more": 1}}), false)],
    );
}

#[test]
fn unsupported_keywords_are_errors() {
    for (schema, expected) in [
        (json!({"pattern": "a"}), "pattern is not supported"),
        (json!({"properties": {"a/b": {"uniqueItems": true}}}), "S/properties/a~1b: uniqueItems is not supported"),
        (json!({"type": "text"}), "type is \"text\""),
        (json!({"type": ["string", "null"]}), "type is [\"string\",\"null\"]"),
        (json!({"maximum": "many"}), "maximum is \"many\", not a number"),
        (json!({"maxLength": -1}), "maxLength is -1, not a count"),
        (json!({"minimum": 1, "exclusiveMinimum": 1}), "exclusiveMinimum is 1, not true or false"),
        (json!({"enum": "a"}), "enum is not a list"),
        (json!({"required": [1]}), "required holds 1"),
        (json!({"required": "a"}), "required is not a list"),
        (json!({"anyOf": {}}), "anyOf is not a list"),
        (json!({"items": []}), "S/items: is not an object"),
        (json!({"items": {"$ref": "#/nowhere"}}), "there is nothing at /nowhere"),
        (json!({"allOf": [{"anyOf": [{"$ref": "#/components/schemas/S"}]}]}), "S: is a part of itself"),
    ] {
        let error = compile_value(&schema).unwrap_err().to_string();
        assert!(error.starts_with("spec test: ") && error.ends_with(expected), "{error}");
    }
    accepts(json!({"x-length": 1, "example": 2, "description": ""}), &[(json!(1), true)]);
}

/// Adjacent numbers, and those where floats and integers begin to differ.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3_i64..4).prop_map(Value::from),
        (-6_i64..7).prop_map(|half| Value::from(half as f64 / 2.0)),
        Just(json!(i64::MAX)),
        Just(json!(u64::MAX)),
        Just(json!(i64::from(i32::MAX) + 1)),
        Just(json!(1e20)),
        Just(json!(-1e20)),
        Just(json!(18446744073709551616.0)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        "[ab主]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[abc]", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A schema of OpenAPI 3.0.
fn schema() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["array", "boolean", "integer", "number", "object", "string"]);
    let leaf = prop_oneof![
        Just(json!({})),
        (kind, any::<bool>()).prop_map(|(kind, nullable)| json!({"type": kind, "nullable": nullable})),
        prop::sample::select(vec!["int32", "int64"]).prop_map(|format| json!({"type": "integer", "format": format})),
        prop::collection::vec(value(), 1..4).prop_map(|options| json!({"enum": options})),
        (number(), any::<bool>()).prop_map(|(limit, open)| json!({"minimum": limit, "exclusiveMinimum": open})),
        (number(), any::<bool>()).prop_map(|(limit, open)| json!({"maximum": limit, "exclusiveMaximum": open})),
        (0..3, 0..3).prop_map(|(min, max)| json!({"minLength": min, "maxLength": max})),
        (0..3, 0..3).prop_map(|(min, max)| json!({"minItems": min, "maxItems": max})),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let several = || prop::collection::vec(inner.clone(), 1..3);
        let others = prop_oneof![any::<bool>().prop_map(Value::from), inner.clone()];
        let properties = prop::collection::vec(("[abc]", inner.clone()), 1..3)
            .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>()));
        prop_oneof![
            inner.clone().prop_map(|items| json!({"items": items})),
            (properties, others, "[abc]").prop_map(|(properties, others, needed)| {
                json!({"type": "object", "properties": properties, "additionalProperties": others, "required": [needed]})
            }),
            several().prop_map(|parts| json!({"allOf": parts})),
            several().prop_map(|parts| json!({"anyOf": parts})),
            several().prop_map(|parts| json!({"oneOf": parts})),
        ]
    })
}

/// Converts a schema of OpenAPI 3.0 to JSON Schema: null, and the formats of integers.
fn translate(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(translate),
        Value::Object(object) => {
            if object.remove("nullable") == Some(Value::Bool(true)) {
                object["type"] = json!([object["type"], "null"]);
            }
            let bounds = match object.remove("format").as_ref().and_then(Value::as_str) {
                Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
                Some(_) => Some((i64::MIN, i64::MAX)),
                None => None,
            };
            if let Some((least, most)) = bounds {
                object.insert("minimum".to_owned(), least.into());
                object.insert("maximum".to_owned(), most.into());
            }
            // The values of an enum are not schemas.
            object.iter_mut().filter(|(key, _)| *key != "enum").for_each(|(_, part)| translate(part));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn values_are_valid_exactly_if_they_are_for_jsonschema(schema in schema(), values in prop::collection::vec(value(), 1..8)) {
        let compiled = compile_value(&schema).unwrap();
        let mut other = schema.clone();
        translate(&mut other);
        // In this draft, exclusiveMinimum is a boolean and the siblings of a $ref are ignored.
        let reference = jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&other).unwrap();
        for value in &values {
            prop_assert_eq!(compiled.validate(value).is_ok(), reference.is_valid(value), "{} {}", schema, value);
        }
    }
}
