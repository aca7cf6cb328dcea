//! The shapes in which Huawei Cloud services and gateways tell an error (facts, section 3).

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

const CODE: &[&str] = &["error_code", "errorCode", "code"];
const MESSAGE: &[&str] = &["error_msg", "errorMsg", "errorMessage", "message", "error_description"];
const REQUEST_ID: &[&str] = &["request_id"];
/// What may hold the others.
const INNER: &[&str] = &["error"];

/// The part of an error answer that can be used.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorBody {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
}

/// Whether there can be a code, told without reading: each name of one ends alike, and only with a backslash could it be written in
/// another way. Without a way out before the end many bytes are looked at in one step.
pub(super) fn may_have_code(body: &[u8]) -> bool {
    let (second, third) = (body.get(1..).unwrap_or_default(), body.get(2..).unwrap_or_default());
    let named = body.iter().zip(second).zip(third);
    let named = named.fold(0, |found, ((a, b), c)| found | u8::from((*a == b'o') & (*b == b'd') & (*c == b'e')));
    named | body.iter().fold(0, |found, byte| found | u8::from(*byte == b'\\')) > 0
}

/// Reads the five shapes; anything else gives nothing.
pub(super) fn error_body(body: &[u8]) -> ErrorBody {
    let Ok(Members(outer)) = serde_json::from_slice(body) else { return ErrorBody::default() };
    let inner = outer.get(INNER[0]).and_then(Value::as_object);
    let text = |names: &[&str]| {
        [Some(&outer), inner]
            .into_iter()
            .flatten()
            .find_map(|object| names.iter().find_map(|name| scalar(object.get(*name)?)))
    };
    ErrorBody { code: text(CODE), message: text(MESSAGE), request_id: text(REQUEST_ID) }
}

/// A text or number as text; an empty one is none. IAM's codes are numbers.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The members of an object that can tell an error. Every answer is looked through for them, and of a page with thousands of servers
/// nothing else is kept.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some(name) = object.next_key::<String>()? {
                    if [CODE, MESSAGE, REQUEST_ID, INNER].iter().any(|names| names.contains(&name.as_str())) {
                        members.insert(name, object.next_value()?);
                    } else {
                        object.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
