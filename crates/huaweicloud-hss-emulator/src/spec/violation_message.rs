//! Describes a violated schema rule in one sentence: the place, the limit, and the given value.

use serde_json::Value;

use crate::spec::schema::{Rule, Step, ValueType, Violation};

/// Longer values are truncated to this many characters.
const MAX_VALUE_CHARS: usize = 64;

/// Returns one sentence about the rule that a value violates. `name` names the whole value, and `part_names` decides how
/// its parts are named.
pub(crate) fn violation_message(name: &str, violation: &Violation<'_>, part_names: PartNames) -> String {
    let place = location(name, violation, part_names);
    let given = violation.given;
    let than = |exclusive: &bool, at: &'static str, beyond: &'static str| if *exclusive { beyond } else { at };
    match &violation.rule {
        Rule::MaxLength(limit) | Rule::MaxItems(limit) => {
            format!("{place} has {}, at most {limit} are allowed", size(given))
        }
        Rule::MinLength(limit) | Rule::MinItems(limit) => {
            format!("{place} has {}, at least {limit} are needed", size(given))
        }
        Rule::Minimum { limit, exclusive } => {
            format!(
                "{place} is {}, {} {limit} is needed",
                display_value(given),
                than(exclusive, "at least", "more than")
            )
        }
        Rule::Maximum { limit, exclusive } => {
            format!(
                "{place} is {}, {} {limit} is allowed",
                display_value(given),
                than(exclusive, "at most", "less than")
            )
        }
        Rule::Enum(options) => {
            let options = options.iter().map(display_value).collect::<Vec<_>>().join(", ");
            format!("{place} is {}, allowed are {options}", display_value(given))
        }
        Rule::Type(types) => {
            let types = types.iter().map(|value_type| value_type.name()).collect::<Vec<_>>().join(" or ");
            format!("{place} is {}, of type {}, not {types}", display_value(given), type_name(given))
        }
        Rule::Required(property) => format!("{place}: {property} is missing"),
        Rule::Closed(named) => {
            let names = given.as_object().into_iter().flat_map(|object| object.keys());
            let unknown =
                names.filter(|name| !named.contains(name)).map(|name| display_value(&Value::from(name.as_str())));
            format!("{place}: {} is not known here", truncate(&unknown.collect::<Vec<_>>().join(", ")))
        }
        Rule::OneOf(_) => {
            format!("{place} is {}, which is not exactly one of the forms it may have", display_value(given))
        }
        // Of the other rules, only this one is violated by the value itself rather than by a part.
        _ => format!("{place} is {}, which is none of the forms it may have", display_value(given)),
    }
}

/// How a message names the parts of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartNames {
    /// With the name of the whole: `host_id_list[3]`.
    Prefixed,
    /// By their own names: `host_ids[3]`, not `request body.host_ids[3]`.
    Bare,
}

fn location(name: &str, violation: &Violation<'_>, part_names: PartNames) -> String {
    let mut steps = violation.steps().peekable();
    let mut text = match part_names {
        _ if steps.peek().is_none() => return name.to_owned(),
        PartNames::Prefixed => name.to_owned(),
        PartNames::Bare => String::new(),
    };
    for step in steps {
        match step {
            Step::Item(index) => text = format!("{text}[{index}]"),
            Step::Property(name) => {
                let dot = if text.is_empty() { "" } else { "." };
                text = format!("{text}{dot}{}", truncate(name));
            }
        }
    }
    text
}

fn size(value: &Value) -> String {
    let (count, word) = match value {
        Value::Array(items) => (items.len(), "item"),
        // Lengths are numbers of characters, not of bytes.
        _ => (value.as_str().map_or(0, |text| text.chars().count()), "character"),
    };
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Returns a value as JSON, truncated if it is long.
pub(crate) fn display_value(value: &Value) -> String {
    truncate(&value.to_string())
}

fn truncate(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns the type of a value for a message, which does not distinguish integers from other numbers.
fn type_name(value: &Value) -> &'static str {
    match ValueType::of(value) {
        ValueType::Integer => ValueType::Number.name(),
        value_type => value_type.name(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::spec::schema::compile_value;

    use super::{PartNames, violation_message};

    #[track_caller]
    fn message(schema: &Value, value: &Value, part_names: PartNames) -> String {
        let schema = compile_value(schema).unwrap();
        violation_message("p", &schema.validate(value).unwrap_err(), part_names)
    }

    #[test]
    fn a_sentence_names_the_place_the_limit_and_the_value() {
        let long = "主".repeat(100);
        for (schema, value, expected) in [
            (json!({"maxLength": 2}), json!("主机x"), "p has 3 characters, at most 2 are allowed"),
            (json!({"minLength": 2}), json!("主"), "p has 1 character, at least 2 are needed"),
            (json!({"maxItems": 1}), json!([1, 2]), "p has 2 items, at most 1 are allowed"),
            (json!({"minItems": 1}), json!([]), "p has 0 items, at least 1 are needed"),
            (json!({"minimum": 10}), json!(9), "p is 9, at least 10 is needed"),
            (json!({"maximum": 10}), json!(10.5), "p is 10.5, at most 10 is allowed"),
            (json!({"minimum": 10, "exclusiveMinimum": true}), json!(10), "p is 10, more than 10 is needed"),
            (json!({"maximum": 10, "exclusiveMaximum": true}), json!(10), "p is 10, less than 10 is allowed"),
            (json!({"enum": ["a", "b"]}), json!("c"), "p is \"c\", allowed are \"a\", \"b\""),
            (json!({"type": "boolean"}), json!("yes"), "p is \"yes\", of type string, not boolean"),
            (json!({"type": "array", "nullable": true}), json!(1), "p is 1, of type number, not array or null"),
            (json!({"required": ["x"]}), json!({}), "p: x is missing"),
            (
                json!({"properties": {"y": {}}, "additionalProperties": false}),
                json!({"x": 1, "y": 2, "z": 3}),
                "p: \"x\", \"z\" is not known here",
            ),
            (
                json!({"additionalProperties": {"type": "string"}}),
                json!({"x": 1}),
                "p.x is 1, of type number, not string",
            ),
            (
                json!({"properties": {"a/b": {"items": {"type": "string"}}}}),
                json!({"a/b": ["", 5]}),
                "p.a/b[1] is 5, of type number, not string",
            ),
            (json!({"enum": ["a"]}), json!(long), &format!("p is \"{}..., allowed are \"a\"", &long[..63 * 3])),
            (json!({"allOf": [{}, {"type": "null"}]}), json!(1), "p is 1, of type number, not null"),
            (json!({"anyOf": [{"type": "null"}]}), json!(1), "p is 1, which is none of the forms it may have"),
            (json!({"oneOf": [{}, {}]}), json!(1), "p is 1, which is not exactly one of the forms it may have"),
        ] {
            assert_eq!(message(&schema, &value, PartNames::Prefixed), expected);
        }
    }

    #[test]
    fn parts_of_the_body_have_their_own_names() {
        let schema = json!({"properties": {"ids": {"items": {"type": "string"}}}});
        assert_eq!(message(&schema, &json!({"ids": [1]}), PartNames::Bare), "ids[0] is 1, of type number, not string");
        assert_eq!(
            message(&schema, &json!({"ids": [1]}), PartNames::Prefixed),
            "p.ids[0] is 1, of type number, not string"
        );
        assert_eq!(
            message(&json!({"type": "array"}), &json!({}), PartNames::Bare),
            "p is {}, of type object, not array"
        );
    }
}
