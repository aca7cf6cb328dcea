//! Validates a request against the rules of its operation: parameters, media type and body. All limits come from the spec.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::Value;

use crate::auth::percent::decode;
use crate::error_response::ErrorResponse;
use crate::spec::routes::{BodyRule, Operation, Parameter, ParameterLocation, ParameterSyntax};
use crate::spec::schema::Schema;
use crate::spec::violation_message::{PartNames, display_value, violation_message};

/// The values of a valid request.
#[derive(Debug, Default)]
pub(crate) struct ValidatedRequest {
    /// By name; missing optional parameters have their default, if the spec has one.
    pub(crate) parameters: BTreeMap<String, Value>,
    pub(crate) body: Option<Value>,
}

impl ValidatedRequest {
    /// Returns a text parameter; empty if it is missing or not text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.parameters.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns a parameter that is a number of records; 0 if it is missing or not such a number.
    pub(crate) fn count(&self, name: &str) -> usize {
        let number = self.parameters.get(name).and_then(Value::as_u64).unwrap_or_default();
        usize::try_from(number).unwrap_or(usize::MAX)
    }
}

/// Validates path, query and header parameters.
pub(crate) fn parameters(
    operation: &Operation,
    in_path: &[(&str, &str)],
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<BTreeMap<String, Value>, ErrorResponse> {
    let pairs = query_pairs(query.unwrap_or_default())?;
    let mut values = BTreeMap::new();
    for parameter in &operation.parameters {
        let name = parameter.name.as_str();
        let given: Vec<String> = match parameter.location {
            ParameterLocation::Path => {
                let text = in_path.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
                text.map(|text| {
                    decode(text, false).map_err(|why| ErrorResponse::invalid_parameter(format!("{name} {why}")))
                })
                .into_iter()
                .collect::<Result<_, _>>()?
            }
            ParameterLocation::Query => {
                pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
            }
            ParameterLocation::Header => headers
                .get_all(name)
                .iter()
                .map(|value| std::str::from_utf8(value.as_bytes()).map(str::to_owned))
                .collect::<Result<_, _>>()
                .map_err(|_| ErrorResponse::invalid_parameter(format!("the header {name} is not UTF-8")))?,
        };
        if let Some(value) = value_of(parameter, given)? {
            values.insert(name.to_owned(), value);
        }
    }
    reject_unknown(operation, &pairs)?;
    Ok(values)
}

/// Rejects unknown query parameters. Most of them are misspelt, and would silently change what is scanned. OpenAPI
/// lists all parameters of an operation, whereas a schema allows additional properties.
fn reject_unknown(operation: &Operation, pairs: &[(String, String)]) -> Result<(), ErrorResponse> {
    let known: Vec<&str> = operation
        .parameters
        .iter()
        .filter(|own| own.location == ParameterLocation::Query)
        .map(|own| own.name.as_str())
        .collect();
    match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => Err(ErrorResponse::invalid_parameter(format!(
            "{} is not a query parameter of {}, which takes {}",
            display_value(&Value::from(name.as_str())),
            operation.id,
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        ))),
    }
}

fn query_pairs(query: &str) -> Result<Vec<(String, String)>, ErrorResponse> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = |text| {
                decode(text, true).map_err(|why| {
                    ErrorResponse::invalid_parameter(format!(
                        "the query parameter {} {why}",
                        display_value(&Value::from(name))
                    ))
                })
            };
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}

fn value_of(parameter: &Parameter, mut given: Vec<String>) -> Result<Option<Value>, ErrorResponse> {
    let name = &parameter.name;
    if given.is_empty() {
        return match parameter.required {
            true => Err(ErrorResponse::invalid_parameter(format!("the parameter {name} is missing"))),
            false => Ok(parameter.default.clone()),
        };
    }
    let value = match parameter.syntax {
        // With commas the list is one text, so a repetition would be ambiguous.
        ParameterSyntax::Text | ParameterSyntax::Scalar | ParameterSyntax::List { commas: true, .. }
            if given.len() > 1 =>
        {
            return Err(ErrorResponse::invalid_parameter(format!(
                "{name} is given {} times, once is allowed",
                given.len()
            )));
        }
        ParameterSyntax::Text => Value::String(given.swap_remove(0)),
        ParameterSyntax::Scalar => scalar(given.swap_remove(0)),
        ParameterSyntax::List { commas: true, scalar } => {
            given.swap_remove(0).split(',').map(|text| item(text.to_owned(), scalar)).collect::<Vec<_>>().into()
        }
        ParameterSyntax::List { commas: false, scalar } => {
            given.into_iter().map(|text| item(text, scalar)).collect::<Vec<_>>().into()
        }
    };
    validate_value(&parameter.schema, &value, name, PartNames::Prefixed)?;
    Ok(Some(value))
}

fn item(text: String, is_scalar: bool) -> Value {
    if is_scalar { scalar(text) } else { Value::String(text) }
}

/// Parses a number or boolean. Anything else stays text, which then violates the schema's type.
fn scalar(text: String) -> Value {
    match serde_json::from_str(&text) {
        // White space is not part of a number.
        Ok(value @ (Value::Number(_) | Value::Bool(_))) if text.trim() == text => value,
        _ => Value::String(text),
    }
}

fn validate_value(schema: &Schema, value: &Value, name: &str, part_names: PartNames) -> Result<(), ErrorResponse> {
    schema
        .validate(value)
        .map_err(|violation| ErrorResponse::invalid_parameter(violation_message(name, &violation, part_names)))
}

/// Returns the index of the request's media type, or `None` if the request has no media type.
pub(crate) fn media_type(rule: &BodyRule, headers: &HeaderMap) -> Result<Option<usize>, ErrorResponse> {
    let accepted = || rule.media.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(encoding) = headers.get(CONTENT_ENCODING)
        && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        return Err(ErrorResponse::unsupported_media_type("a Content-Encoding other than identity is not accepted"));
    }
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(ErrorResponse::unsupported_media_type("Content-Type is given more than once"));
    }
    let given = || String::from_utf8_lossy(value.as_bytes()).into_owned();
    let text = given().to_ascii_lowercase();
    let (name, attributes) = text.split_once(';').unwrap_or((&text, ""));
    let Some(index) = rule.media.iter().position(|(known, _)| known == name.trim()) else {
        let text = format!("Content-Type is {}, accepted are {}", display_value(&Value::from(given())), accepted());
        return Err(ErrorResponse::unsupported_media_type(text));
    };
    for attribute in attributes.split(';') {
        if let Some(charset) = attribute.trim().strip_prefix("charset=")
            && !matches!(charset.trim_matches('"'), "utf-8" | "utf8")
        {
            return Err(ErrorResponse::unsupported_media_type(format!(
                "the charset {charset} is not accepted, only utf-8"
            )));
        }
    }
    Ok(Some(index))
}

/// Validates a complete body. `media` is the result of [`media_type`].
pub(crate) fn body(rule: &BodyRule, media: Option<usize>, bytes: &[u8]) -> Result<Option<Value>, ErrorResponse> {
    if bytes.is_empty() {
        return match rule.required {
            true => Err(ErrorResponse::invalid_parameter("the request body is missing")),
            false => Ok(None),
        };
    }
    let Some((_, schema)) = media.and_then(|index| rule.media.get(index)) else {
        return Err(no_media_type(rule));
    };
    let value = serde_json::from_slice(bytes)
        .map_err(|error| ErrorResponse::invalid_json(format!("the request body is not JSON: {error}")))?;
    validate_value(schema, &value, "the request body", PartNames::Bare)?;
    Ok(Some(value))
}

/// Returns the error response for a body without a media type.
pub(crate) fn no_media_type(rule: &BodyRule) -> ErrorResponse {
    let accepted = rule.media.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    ErrorResponse::unsupported_media_type(format!("Content-Type is missing, accepted are {accepted}"))
}

#[cfg(test)]
mod tests;
