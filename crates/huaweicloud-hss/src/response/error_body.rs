//! Reads code, message and request id from the error bodies of Huawei Cloud services and gateways
//! (`docs/design/service-behaviour.md#body-shapes`).

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::scan_text;

const CODE: &[&str] = &["error_code", "errorCode", "code"];
const MESSAGE: &[&str] = &["error_msg", "errorMsg", "errorMessage", "message", "error_description"];
const REQUEST_ID: &[&str] = &["request_id"];
/// May contain the other fields.
const NESTED: &str = "error";

/// The fields of an error response that are used.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorBody {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
    /// Whether a body with a code also reports a success, or has a field twice.
    pub(super) is_contradictory: bool,
}

impl ErrorBody {
    /// Parses any of the known shapes; the fields of any other body are empty.
    pub(super) fn parse(body: &[u8]) -> Self {
        let Ok(ErrorFields { fields: outer, repeated }) = serde_json::from_slice(body) else { return Self::default() };
        let nested = outer.get(NESTED).and_then(Value::as_object);
        let field = |names: &[&str]| {
            [Some(&outer), nested]
                .into_iter()
                .flatten()
                .find_map(|object| names.iter().find_map(|name| text(object.get(*name)?)))
        };
        let code = field(CODE);
        let text = outer.get(NESTED).and_then(Value::as_str).unwrap_or_default();
        let is_contradictory =
            code.as_deref().is_some_and(|code| repeated || means_success(code) || scan_text::reports_success(text));
        Self { code, message: field(MESSAGE), request_id: field(REQUEST_ID), is_contradictory }
    }
}

/// Returns whether a code is one that services use for success.
fn means_success(code: &str) -> bool {
    code == "0" || code == "200" || code.eq_ignore_ascii_case("success") || code.eq_ignore_ascii_case("ok")
}

/// Returns a text or number as text, unless it is empty. IAM's codes are numbers.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The fields of an object that may describe an error. Successful responses are searched as well, so the other fields,
/// which may be a page of thousands of servers, are not kept.
struct ErrorFields {
    fields: Map<String, Value>,
    /// Whether a field occurs twice.
    repeated: bool,
}

impl<'de> Deserialize<'de> for ErrorFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = ErrorFields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<ErrorFields, A::Error> {
                let (mut fields, mut repeated) = (Map::new(), false);
                while let Some(name) = object.next_key::<String>()? {
                    let name = name.as_str();
                    if name == NESTED || [CODE, MESSAGE, REQUEST_ID].iter().any(|names| names.contains(&name)) {
                        repeated |= fields.insert(name.to_owned(), object.next_value()?).is_some();
                    } else {
                        object.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(ErrorFields { fields, repeated })
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_error_shape_is_read() {
        let code = |code: &str, message: &str| {
            (Some(code.to_owned()), Some(message.to_owned()).filter(|text| !text.is_empty()))
        };
        for (body, (expected_code, message)) in [
            (r#"{"error_code":"HSS.0013","error_msg":"no"}"#, code("HSS.0013", "no")),
            (r#"{"error_code":"HSS.0013","error_description":"d","error_msg":"no"}"#, code("HSS.0013", "no")),
            (r#"{"error_code":"00000010","error_description":"denied"}"#, code("00000010", "denied")),
            (r#"{"error":{"code":"A.1","message":"m"}}"#, code("A.1", "m")),
            (r#"{"error":{"error_code":"A.1","error_msg":"m"}}"#, code("A.1", "m")),
            (r#"{"error":{"code":401,"message":"m","title":"Unauthorized"}}"#, code("401", "m")),
            (r#"{"errorCode":"A.1","errorMsg":"m"}"#, code("A.1", "m")),
            (r#"{"errorCode":"A.1","errorMessage":"m"}"#, code("A.1", "m")),
            (r#"{"code":"A.1","message":"m"}"#, code("A.1", "m")),
            (r#"{"error_code":"A.1"}"#, code("A.1", "")),
            (r#"{"error_code":"","error_msg":""}"#, (None, None)),
            (r#"{"error_code":["x"],"error_msg":{}}"#, (None, None)),
            (r#"{"error":"text"}"#, (None, None)),
            ("<html>502</html>", (None, None)),
            ("", (None, None)),
            ("[]", (None, None)),
            (r#"{"error_code":"A"#, (None, None)),
        ] {
            let read = ErrorBody::parse(body.as_bytes());
            assert_eq!((read.code, read.message), (expected_code, message), "{body}");
        }
        let body = br#"{"error_code":"APIGW.0101","error_msg":"x","request_id":"abc"}"#;
        assert_eq!(ErrorBody::parse(body).request_id.as_deref(), Some("abc"));
    }
}
