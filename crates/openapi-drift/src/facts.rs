//! The facts that a reference page, a spec or an accepted reference states about an operation and its parameters.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

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

/// Returns the limits of a value as the value of a fact, with those that are stated: `{"min":1,"max":256}`.
#[must_use]
pub fn bounds(min: Option<i64>, max: Option<i64>) -> Json {
    let stated =
        [("min", min), ("max", max)].into_iter().filter_map(|(key, bound)| Some((key.to_owned(), bound?.into())));
    Json::Object(stated.collect())
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

/// What is stated about a parameter: the value of each fact, with its line.
pub type Facts = BTreeMap<FactKind, Located<Json>>;

/// A parameter or field, and what is stated about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its location.
    pub location: Location,
    /// Its name; nested fields are joined with dots.
    pub name: String,
    /// The line of its name.
    pub line: u64,
    /// Its facts. A range is an object with `min` and `max`, or a text that is not understood.
    pub facts: Facts,
}

impl Parameter {
    /// Creates a parameter without any facts.
    #[must_use]
    pub fn new(location: Location, name: impl Into<String>, line: u64) -> Self {
        Self { location, name: name.into(), line, facts: Facts::new() }
    }

    /// Sets a fact.
    pub fn set(&mut self, kind: FactKind, value: impl Into<Json>, line: u64) {
        self.facts.insert(kind, Located::new(value.into(), line));
    }

    /// Returns the value of a fact, if it is stated.
    #[must_use]
    pub fn get(&self, kind: FactKind) -> Option<&Json> {
        self.facts.get(&kind).map(|stated| &stated.value)
    }

    /// Returns its type, or an empty text.
    #[must_use]
    pub fn type_name(&self) -> &str {
        self.get(FactKind::Type).and_then(Json::as_str).unwrap_or_default()
    }

    /// Whether it must be sent. What is not stated is optional, as in OpenAPI.
    #[must_use]
    pub fn is_mandatory(&self) -> bool {
        self.get(FactKind::Mandatory).and_then(Json::as_bool).unwrap_or_default()
    }

    /// Returns its least and its most, if they are stated.
    #[must_use]
    pub fn bounds(&self) -> Option<(Option<i64>, Option<i64>)> {
        let bounds = self.get(FactKind::Range)?.as_object()?;
        let bound = |key| bounds.get(key).and_then(Json::as_i64);
        Some((bound("min"), bound("max")))
    }
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

    /// Returns how many facts are stated.
    #[must_use]
    pub fn count(&self) -> usize {
        2 + self.parameters.iter().map(|parameter| 1 + parameter.facts.len()).sum::<usize>()
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
