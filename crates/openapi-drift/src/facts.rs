//! The facts that a reference page, a spec or an accepted reference states about an operation and its parameters.

use std::fmt;

use serde_json::{Value as Json, json};

/// The location of a parameter or field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// The operation itself: its method and path.
    Operation,
    /// A parameter in the path.
    Path,
    /// A query parameter.
    Query,
    /// A request header.
    Header,
    /// A field of the request body.
    Body,
    /// A field or header of the response.
    Response,
}

impl Location {
    /// Every location with parameters or fields, in the order of a page.
    pub const TABLES: [Self; 5] = [Self::Path, Self::Query, Self::Header, Self::Body, Self::Response];

    /// Returns its name in reports and reference files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body => "body",
            Self::Response => "response",
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// Whether it exists.
    Presence,
    /// Whether it must be sent.
    Mandatory,
    /// The type of its value.
    Type,
    /// Its limits: length, number of items, or value.
    Range,
    /// The value that the service uses when it is left out.
    Default,
    /// The allowed values.
    Enum,
    /// The operation's HTTP method.
    Method,
    /// The operation's path.
    Path,
}

impl FactKind {
    /// Every kind.
    pub const ALL: [Self; 8] =
        [Self::Presence, Self::Mandatory, Self::Type, Self::Range, Self::Default, Self::Enum, Self::Method, Self::Path];

    /// Returns its name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::Mandatory => "mandatory",
            Self::Type => "type",
            Self::Range => "range",
            Self::Default => "default",
            Self::Enum => "enum",
            Self::Method => "method",
            Self::Path => "path",
        }
    }
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The limits of a value: length, number of items, or size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// From one number to another, both inclusive.
    Bounds {
        /// The least, if stated.
        min: Option<i64>,
        /// The most, if stated.
        max: Option<i64>,
    },
    /// A text with numbers that could not be parsed. It is always reported as a difference.
    Unparsed(String),
}

impl Range {
    /// Converts to JSON: `{"min":1,"max":256}` with the stated bounds, or the unparsed text.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Bounds { min, max } => {
                let bounds = [("min", min), ("max", max)];
                let stated = bounds.iter().filter_map(|(key, bound)| bound.map(|n| ((*key).to_owned(), n.into())));
                Json::Object(stated.collect())
            }
            Self::Unparsed(text) => text.as_str().into(),
        }
    }
}

/// A value of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// It exists.
    Present,
    /// Whether it must be sent.
    Mandatory(bool),
    /// Its type in OpenAPI's terms: `string`, `array of string`, `long`.
    Type(String),
    /// Its range.
    Range(Range),
    /// Its default: a string, a number or a boolean.
    Default(Json),
    /// Its possible values, in the order given.
    Enum(Vec<Json>),
    /// The operation's method, in capitals.
    Method(String),
    /// The operation's path.
    Path(String),
}

impl Value {
    /// Returns the kind of fact that this is a value of.
    #[must_use]
    pub fn kind(&self) -> FactKind {
        match self {
            Self::Present => FactKind::Presence,
            Self::Mandatory(_) => FactKind::Mandatory,
            Self::Type(_) => FactKind::Type,
            Self::Range(_) => FactKind::Range,
            Self::Default(_) => FactKind::Default,
            Self::Enum(_) => FactKind::Enum,
            Self::Method(_) => FactKind::Method,
            Self::Path(_) => FactKind::Path,
        }
    }

    /// Converts to JSON. `Present` is `true`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Present => json!(true),
            Self::Mandatory(value) => json!(value),
            Self::Type(text) | Self::Method(text) | Self::Path(text) => json!(text),
            Self::Range(range) => range.to_json(),
            Self::Default(value) => value.clone(),
            Self::Enum(values) => json!(values),
        }
    }
}

/// A value with the line that states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// The line, from 1; 0 when unknown.
    pub line: u64,
}

impl<T> Located<T> {
    /// Creates a value with its line.
    #[must_use]
    pub fn new(value: T, line: u64) -> Self {
        Self { value, line }
    }
}

/// A parameter or field, and what is stated about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its location.
    pub location: Location,
    /// Its name; nested fields are joined with dots.
    pub name: String,
    /// The line of its name.
    pub line: u64,
    /// Whether it must be sent.
    pub mandatory: Option<Located<bool>>,
    /// Its type.
    pub type_name: Option<Located<String>>,
    /// Its range.
    pub range: Option<Located<Range>>,
    /// Its default.
    pub default: Option<Located<Json>>,
    /// Its possible values.
    pub values: Option<Located<Vec<Json>>>,
}

impl Parameter {
    /// Creates a parameter without any facts.
    #[must_use]
    pub fn new(location: Location, name: impl Into<String>, line: u64) -> Self {
        let name = name.into();
        Self { location, name, line, mandatory: None, type_name: None, range: None, default: None, values: None }
    }

    /// Returns its facts, each with its line.
    pub fn facts(&self) -> impl Iterator<Item = Located<Value>> {
        fn of<T: Clone>(stated: &Option<Located<T>>, value: fn(T) -> Value) -> Option<Located<Value>> {
            stated.as_ref().map(|stated| Located::new(value(stated.value.clone()), stated.line))
        }
        [
            Some(Located::new(Value::Present, self.line)),
            of(&self.mandatory, Value::Mandatory),
            of(&self.type_name, Value::Type),
            of(&self.range, Value::Range),
            of(&self.default, Value::Default),
            of(&self.values, Value::Enum),
        ]
        .into_iter()
        .flatten()
    }
}

/// A single fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The operationId, if known: a page does not state it.
    pub operation: Option<String>,
    /// Its location.
    pub location: Location,
    /// The parameter's or field's name; for the operation itself the last segment of its path.
    pub name: String,
    /// What it is about.
    pub kind: FactKind,
    /// Its value.
    pub value: Value,
    /// The line that states it.
    pub line: u64,
}

/// Everything that is stated about one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationFacts {
    /// The operationId, if known.
    pub operation: Option<String>,
    /// The page's date, `YYYY-MM-DD`.
    pub updated: Option<String>,
    /// The status of the success that a page describes, if it states one.
    pub status: Option<u16>,
    /// The method, in capitals.
    pub method: Located<String>,
    /// The path, with its parameters in braces.
    pub path: Located<String>,
    /// Its parameters and fields.
    pub parameters: Vec<Parameter>,
}

impl OperationFacts {
    /// Returns the last segment of the path, which is the operation's name in reports.
    #[must_use]
    pub fn name(&self) -> &str {
        last_segment(&self.path.value)
    }

    /// Returns every fact, in the order in which they are stated.
    pub fn all(&self) -> impl Iterator<Item = Fact> {
        let own = [
            Located::new(Value::Method(self.method.value.clone()), self.method.line),
            Located::new(Value::Path(self.path.value.clone()), self.path.line),
        ];
        let own = own.into_iter().map(|stated| (Location::Operation, self.name(), stated));
        let items = self.parameters.iter().flat_map(|parameter| {
            parameter.facts().map(|stated| (parameter.location, parameter.name.as_str(), stated)).collect::<Vec<_>>()
        });
        own.chain(items).map(|(location, name, stated)| Fact {
            operation: self.operation.clone(),
            location,
            name: name.to_owned(),
            kind: stated.value.kind(),
            value: stated.value,
            line: stated.line,
        })
    }
}

/// Returns the last segment of a path, or all of it.
pub(crate) fn last_segment(path: &str) -> &str {
    path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or(path)
}

/// Whether OpenAPI does not allow a header as a parameter, so that a page may list it but a spec never does.
pub(crate) fn is_implied_header(location: Location, name: &str) -> bool {
    location == Location::Header
        && ["accept", "content-type", "authorization"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The methods of an OpenAPI path item.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
