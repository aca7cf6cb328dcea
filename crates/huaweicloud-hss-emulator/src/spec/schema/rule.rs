//! The rules of a compiled schema, and the types of values.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// The index of a schema object in its [`Schema`](super::Schema).
pub(super) type SchemaIndex = usize;

/// One rule of a schema object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    Type(Vec<ValueType>),
    Enum(Vec<Value>),
    Minimum {
        limit: Number,
        exclusive: bool,
    },
    Maximum {
        limit: Number,
        exclusive: bool,
    },
    MinLength(u64),
    MaxLength(u64),
    MinItems(u64),
    MaxItems(u64),
    Required(String),
    /// The only properties that a value may have.
    Closed(Vec<String>),
    /// The schema of all properties that are not named.
    Others {
        named: Vec<String>,
        schema: SchemaIndex,
    },
    Properties(Vec<(String, SchemaIndex)>),
    Items(SchemaIndex),
    AllOf(Vec<SchemaIndex>),
    AnyOf(Vec<SchemaIndex>),
    OneOf(Vec<SchemaIndex>),
}

/// A type of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueType {
    Array,
    Boolean,
    Integer,
    Null,
    Number,
    Object,
    String,
}

impl ValueType {
    pub(super) const ALL: [Self; 7] =
        [Self::Array, Self::Boolean, Self::Integer, Self::Null, Self::Number, Self::Object, Self::String];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Null => "null",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }

    /// Returns the type of a value. A number is an integer if it is written as one; serde_json parses integers that do
    /// not fit into 64 bits as floats.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number)
                if number.as_f64().is_some_and(|float| number.is_f64() && float.abs() < BEYOND_64_BITS) =>
            {
                Self::Number
            }
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    /// Whether a value has this type.
    pub(super) fn includes(self, value: &Value) -> bool {
        let kind = Self::of(value);
        self == kind || (self == Self::Number && kind == Self::Integer)
    }
}

/// 2^64: serde_json parses an integer from here on as a float.
const BEYOND_64_BITS: f64 = 18_446_744_073_709_551_616.0;

/// Compares two numbers as they are written: integers do not lose their last digits.
pub(super) fn compare(left: &Number, right: &Number) -> Ordering {
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => {
            let [left, right] = [left, right].map(|number| number.as_f64().unwrap_or(f64::NAN));
            left.total_cmp(&right)
        }
    }
}

/// Returns the number if it is an integer. Every float above 2^53 is.
fn whole(number: &Number) -> Option<i128> {
    if let Some(number) = number.as_i128() {
        return Some(number);
    }
    number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e38).map(|number| number as i128)
}
