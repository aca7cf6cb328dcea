//! Owns the wording of broken schema rules: the place, the limit, and what was given instead.

use crate::spec::schema::{Broken, Kind, Rule, Step};
use serde_json::Value;

/// Given values are shown up to this many characters.
const SHOWN_CHARS: usize = 64;

/// Says in one sentence which rule a value breaks. `name` is what the whole value is called; `inside` are the names of
/// its parts counted from there, so parts of the request body are called by their own names alone.
pub(crate) fn broken_rule(name: &str, broken: &Broken<'_>, inside: Inside) -> String {
    let place = place(name, broken, inside);
    let given = broken.given;
    let than = |exclusive: &bool, at: &'static str, beyond: &'static str| if *exclusive { beyond } else { at };
    match &broken.rule {
        Rule::MaxLength(limit) | Rule::MaxItems(limit) => {
            format!("{place} has {}, at most {limit} are allowed", size(given))
        }
        Rule::MinLength(limit) | Rule::MinItems(limit) => {
            format!("{place} has {}, at least {limit} are needed", size(given))
        }
        Rule::Minimum { limit, exclusive } => {
            format!("{place} is {}, {} {limit} is needed", show(given), than(exclusive, "at least", "more than"))
        }
        Rule::Maximum { limit, exclusive } => {
            format!("{place} is {}, {} {limit} is allowed", show(given), than(exclusive, "at most", "less than"))
        }
        Rule::Enum(options) => {
            let options = options.iter().map(show).collect::<Vec<_>>().join(", ");
            format!("{place} is {}, allowed are {options}", show(given))
        }
        Rule::Type(kinds) => {
            let kinds = kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ");
            format!("{place} is {}, of type {}, not {kinds}", show(given), kind_of(given))
        }
        Rule::Required(property) => format!("{place}: {property} is missing"),
        Rule::Closed(named) => {
            let names = given.as_object().into_iter().flat_map(|object| object.keys());
            let unknown = names.filter(|name| !named.contains(name)).map(|name| show(&Value::from(name.as_str())));
            format!("{place}: {} is not known here", cut(&unknown.collect::<Vec<_>>().join(", ")))
        }
        Rule::OneOf(_) => format!("{place} is {}, which is not exactly one of the forms it may have", show(given)),
        // Of the others only this one is broken itself and not by a part.
        _ => format!("{place} is {}, which is none of the forms it may have", show(given)),
    }
}

/// How the parts of a value are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    /// After the whole: `host_id_list[3]`.
    AfterName,
    /// By themselves: `host_ids[3]`, not `request body.host_ids[3]`.
    Alone,
}

fn place(name: &str, broken: &Broken<'_>, inside: Inside) -> String {
    let mut steps = broken.steps().peekable();
    let mut text = match inside {
        _ if steps.peek().is_none() => return name.to_owned(),
        Inside::AfterName => name.to_owned(),
        Inside::Alone => String::new(),
    };
    for step in steps {
        match step {
            Step::Item(index) => text = format!("{text}[{index}]"),
            Step::Property(name) => {
                let dot = if text.is_empty() { "" } else { "." };
                text = format!("{text}{dot}{}", cut(name));
            }
        }
    }
    text
}

fn size(value: &Value) -> String {
    let (count, word) = match value {
        Value::Array(items) => (items.len(), "item"),
        // The limits count characters, not bytes.
        _ => (value.as_str().map_or(0, |text| text.chars().count()), "character"),
    };
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// A value as JSON, cut when long.
pub(crate) fn show(value: &Value) -> String {
    cut(&value.to_string())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// What a value is called; a number is just that, whole or not.
fn kind_of(value: &Value) -> &'static str {
    match Kind::of(value) {
        Kind::Integer => Kind::Number.name(),
        kind => kind.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Inside, broken_rule};
    use crate::spec::schema::Schema;
    use serde_json::{Value, json};

    #[track_caller]
    fn said(schema: &Value, value: &Value, inside: Inside) -> String {
        let schema = Schema::of(schema).unwrap();
        broken_rule("p", &schema.judge(value).unwrap_err(), inside)
    }

    #[test]
    fn a_sentence_names_the_place_the_limit_and_what_was_given() {
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
            assert_eq!(said(&schema, &value, Inside::AfterName), expected);
        }
    }

    #[test]
    fn parts_of_the_body_are_called_by_their_own_names() {
        let schema = json!({"properties": {"ids": {"items": {"type": "string"}}}});
        assert_eq!(said(&schema, &json!({"ids": [1]}), Inside::Alone), "ids[0] is 1, of type number, not string");
        assert_eq!(said(&schema, &json!({"ids": [1]}), Inside::AfterName), "p.ids[0] is 1, of type number, not string");
        assert_eq!(said(&json!({"type": "array"}), &json!({}), Inside::Alone), "p is {}, of type object, not array");
    }
}
