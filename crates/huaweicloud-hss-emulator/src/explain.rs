//! Owns the wording of broken schema rules: the place, the limit, and what was given instead.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Rule};
use serde_json::Value;

/// Given values are shown up to this many characters.
const SHOWN_CHARS: usize = 64;

/// Says in one sentence which rule a value breaks. `name` is what the whole value is called; `inside` are the names of
/// its parts counted from there, so parts of the request body are called by their own names alone.
pub(crate) fn broken_rule(name: &str, error: &ValidationError<'_>, inside: Inside) -> String {
    let place = place(name, &error.instance_path().to_string(), inside);
    let given = error.instance().as_ref();
    match error.kind() {
        Rule::MaxLength { limit } => format!("{place} has {}, at most {limit} are allowed", size(given)),
        Rule::MinLength { limit } => format!("{place} has {}, at least {limit} are needed", size(given)),
        Rule::MaxItems { limit } => format!("{place} has {}, at most {limit} are allowed", size(given)),
        Rule::MinItems { limit } => format!("{place} has {}, at least {limit} are needed", size(given)),
        Rule::Enum { options } => format!("{place} is {}, allowed are {}", show(given), list(options)),
        Rule::Type { kind } => format!("{place} is {}, of type {}, not {}", show(given), kind_of(given), kinds(kind)),
        Rule::Required { property } => format!("{place}: {} is missing", property.as_str().unwrap_or_default()),
        Rule::AdditionalProperties { unexpected } => {
            let names = unexpected.iter().map(|name| show(&Value::from(name.as_str()))).collect::<Vec<_>>().join(", ");
            format!("{place}: {} is not known here", cut(&names))
        }
        // Said of an object that may have no properties at all; the library then does not tell which one it met.
        Rule::FalseSchema => format!("{place}: nothing is allowed here; given was {}", show(given)),
        _ => format!("{place}: {}; given was {}", error.masked_with("the value"), show(given)),
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

fn place(name: &str, pointer: &str, inside: Inside) -> String {
    let mut text = match inside {
        _ if pointer.is_empty() => return name.to_owned(),
        Inside::AfterName => name.to_owned(),
        Inside::Alone => String::new(),
    };
    for part in pointer.split('/').skip(1) {
        if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            text = format!("{text}[{part}]");
        } else {
            let dot = if text.is_empty() { "" } else { "." };
            text = format!("{text}{dot}{}", cut(&part.replace("~1", "/").replace("~0", "~")));
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

fn list(options: &Value) -> String {
    options.as_array().map_or_else(|| show(options), |all| all.iter().map(show).collect::<Vec<_>>().join(", "))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn kinds(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use super::{Inside, broken_rule};
    use serde_json::json;

    #[test]
    fn a_sentence_names_the_place_the_limit_and_what_was_given() {
        let long = "主".repeat(100);
        for (schema, value, expected) in [
            (json!({"maxLength": 2}), json!("主机x"), "p has 3 characters, at most 2 are allowed"),
            (json!({"minLength": 2}), json!("主"), "p has 1 character, at least 2 are needed"),
            (json!({"maxItems": 1}), json!([1, 2]), "p has 2 items, at most 1 are allowed"),
            (json!({"minItems": 1}), json!([]), "p has 0 items, at least 1 are needed"),
            (json!({"enum": ["a", "b"]}), json!("c"), "p is \"c\", allowed are \"a\", \"b\""),
            (json!({"type": "boolean"}), json!("yes"), "p is \"yes\", of type string, not boolean"),
            (json!({"type": ["array", "null"]}), json!(1), "p is 1, of type number, not null or array"),
            (json!({"required": ["x"]}), json!({}), "p: x is missing"),
            (
                json!({"properties": {"y": {}}, "additionalProperties": false}),
                json!({"x": 1}),
                "p: \"x\" is not known here",
            ),
            (json!({"additionalProperties": false}), json!({"x": 1}), "p: nothing is allowed here; given was 1"),
            (json!({"minimum": 10}), json!(9), "p: the value is less than the minimum of 10; given was 9"),
            (
                json!({"properties": {"a/b": {"items": {"type": "string"}}}}),
                json!({"a/b": ["", 5]}),
                "p.a/b[1] is 5, of type number, not string",
            ),
            (json!({"enum": ["a"]}), json!(long), &format!("p is \"{}..., allowed are \"a\"", &long[..63 * 3])),
        ] {
            let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&schema).unwrap();
            let error = validator.validate(&value).unwrap_err();
            assert_eq!(broken_rule("p", &error, Inside::AfterName), expected);
        }
    }

    #[test]
    fn parts_of_the_body_are_called_by_their_own_names() {
        let schema = json!({"properties": {"ids": {"items": {"type": "string"}}}});
        let validator = jsonschema::validator_for(&schema).unwrap();
        let value = json!({"ids": [1]});
        let error = validator.validate(&value).unwrap_err();
        assert_eq!(broken_rule("request body", &error, Inside::Alone), "ids[0] is 1, of type number, not string");
    }
}
