//! Owns the judging of a request by its operation's rules: parameters, media type, body. All limits come from the spec.

use crate::auth::percent::decode;
use crate::error_response::Refusal;
use crate::spec::routes::{BodyRule, Kind, Operation, Parameter, Place};
use crate::spec::schema::Schema;
use crate::spec::violation_message::{Inside, broken_rule, show};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::Value;
use std::collections::BTreeMap;

/// The values of a request that passed.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// By name; absent optional parameters have their default, if the spec gives one.
    pub(crate) parameters: BTreeMap<String, Value>,
    pub(crate) body: Option<Value>,
}

impl Checked {
    /// A text parameter; empty when it is absent or not text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.parameters.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A parameter that counts records; 0 when it is absent or no such number.
    pub(crate) fn count(&self, name: &str) -> usize {
        let number = self.parameters.get(name).and_then(Value::as_u64).unwrap_or_default();
        usize::try_from(number).unwrap_or(usize::MAX)
    }
}

/// Judges path, query and header parameters.
pub(crate) fn parameters(
    operation: &Operation,
    in_path: &[(&str, &str)],
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<BTreeMap<String, Value>, Refusal> {
    let pairs = query_pairs(query.unwrap_or_default())?;
    let mut values = BTreeMap::new();
    for parameter in &operation.parameters {
        let name = parameter.name.as_str();
        let given: Vec<String> = match parameter.place {
            Place::Path => {
                let text = in_path.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
                text.map(|text| decode(text, false).map_err(|why| Refusal::bad_parameter(format!("{name} {why}"))))
                    .into_iter()
                    .collect::<Result<_, _>>()?
            }
            Place::Query => pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect(),
            Place::Header => headers
                .get_all(name)
                .iter()
                .map(|value| std::str::from_utf8(value.as_bytes()).map(str::to_owned))
                .collect::<Result<_, _>>()
                .map_err(|_| Refusal::bad_parameter(format!("the header {name} is not UTF-8")))?,
        };
        if let Some(value) = value_of(parameter, given)? {
            values.insert(name.to_owned(), value);
        }
    }
    refuse_unknown(operation, &pairs)?;
    Ok(values)
}

/// A query name the spec does not know is most often a misspelt one, and would silently change what is scanned. OpenAPI
/// lists an operation's parameters completely, other than the properties of a schema, which stay open.
fn refuse_unknown(operation: &Operation, pairs: &[(String, String)]) -> Result<(), Refusal> {
    let known: Vec<&str> =
        operation.parameters.iter().filter(|own| own.place == Place::Query).map(|own| own.name.as_str()).collect();
    match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => Err(Refusal::bad_parameter(format!(
            "{} is not a query parameter of {}, which takes {}",
            show(&Value::from(name.as_str())),
            operation.id,
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        ))),
    }
}

fn query_pairs(query: &str) -> Result<Vec<(String, String)>, Refusal> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = |text| {
                decode(text, true).map_err(|why| {
                    Refusal::bad_parameter(format!("the query parameter {} {why}", show(&Value::from(name))))
                })
            };
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}

fn value_of(parameter: &Parameter, mut given: Vec<String>) -> Result<Option<Value>, Refusal> {
    let name = &parameter.name;
    if given.is_empty() {
        return match parameter.required {
            true => Err(Refusal::bad_parameter(format!("the parameter {name} is missing"))),
            false => Ok(parameter.default.clone()),
        };
    }
    let value = match parameter.kind {
        // With commas the list is one text, so repeating it would be ambiguous too.
        Kind::Text | Kind::Scalar | Kind::List { commas: true, .. } if given.len() > 1 => {
            return Err(Refusal::bad_parameter(format!("{name} is given {} times, once is allowed", given.len())));
        }
        Kind::Text => Value::String(given.swap_remove(0)),
        Kind::Scalar => scalar(given.swap_remove(0)),
        Kind::List { commas: true, scalar } => {
            given.swap_remove(0).split(',').map(|text| item(text.to_owned(), scalar)).collect::<Vec<_>>().into()
        }
        Kind::List { commas: false, scalar } => {
            given.into_iter().map(|text| item(text, scalar)).collect::<Vec<_>>().into()
        }
    };
    obey(&parameter.schema, &value, name, Inside::AfterName)?;
    Ok(Some(value))
}

fn item(text: String, is_scalar: bool) -> Value {
    if is_scalar { scalar(text) } else { Value::String(text) }
}

/// A number or boolean. Anything else stays text, and then fails the schema's type.
fn scalar(text: String) -> Value {
    match serde_json::from_str(&text) {
        // White space around a number is not part of a number.
        Ok(value @ (Value::Number(_) | Value::Bool(_))) if text.trim() == text => value,
        _ => Value::String(text),
    }
}

fn obey(schema: &Schema, value: &Value, name: &str, inside: Inside) -> Result<(), Refusal> {
    schema.judge(value).map_err(|broken| Refusal::bad_parameter(broken_rule(name, &broken, inside)))
}

/// Which of the body's media types a request has: its index, or `None` when the request names none at all.
pub(crate) fn media_type(rule: &BodyRule, headers: &HeaderMap) -> Result<Option<usize>, Refusal> {
    let taken = || rule.media.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(encoding) = headers.get(CONTENT_ENCODING)
        && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        return Err(Refusal::media_type("a Content-Encoding other than identity is not taken"));
    }
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::media_type("Content-Type is given more than once"));
    }
    let shown = || String::from_utf8_lossy(value.as_bytes()).into_owned();
    let text = shown().to_ascii_lowercase();
    let (name, attributes) = text.split_once(';').unwrap_or((&text, ""));
    let Some(index) = rule.media.iter().position(|(known, _)| known == name.trim()) else {
        let text = format!("Content-Type is {}, taken are {}", show(&Value::from(shown())), taken());
        return Err(Refusal::media_type(text));
    };
    for attribute in attributes.split(';') {
        if let Some(charset) = attribute.trim().strip_prefix("charset=")
            && !matches!(charset.trim_matches('"'), "utf-8" | "utf8")
        {
            return Err(Refusal::media_type(format!("the charset {charset} is not taken, only utf-8")));
        }
    }
    Ok(Some(index))
}

/// Judges a complete body. `media` is what `media_type` said.
pub(crate) fn body(rule: &BodyRule, media: Option<usize>, bytes: &[u8]) -> Result<Option<Value>, Refusal> {
    if bytes.is_empty() {
        return match rule.required {
            true => Err(Refusal::bad_parameter("the request body is missing")),
            false => Ok(None),
        };
    }
    let Some((_, schema)) = media.and_then(|index| rule.media.get(index)) else {
        return Err(no_media_type(rule));
    };
    let value = serde_json::from_slice(bytes)
        .map_err(|error| Refusal::unreadable(format!("the request body is not JSON: {error}")))?;
    obey(schema, &value, "the request body", Inside::Alone)?;
    Ok(Some(value))
}

/// A body came without a media type.
pub(crate) fn no_media_type(rule: &BodyRule) -> Refusal {
    let taken = rule.media.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    Refusal::media_type(format!("Content-Type is missing, taken are {taken}"))
}

#[cfg(test)]
mod tests;
