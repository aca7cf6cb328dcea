//! Compares the facts of a page with those of a spec.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::accepted::Accepted;
use crate::facts::{FactKind, Located, Location, OperationFacts, Parameter, Range, Value};
use crate::spec::Operation;

/// A fact that page and spec state differently.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The operationId.
    pub operation: String,
    /// The location of the parameter or field.
    #[serde(serialize_with = "as_text")]
    pub location: Location,
    /// The parameter's or field's name; for the operation itself the last segment of its path.
    pub name: String,
    /// The kind of the fact.
    #[serde(rename = "aspect", serialize_with = "as_text")]
    pub kind: FactKind,
    /// The value on the page; `null` if the page does not state this fact.
    pub page: Json,
    /// The value in the spec; `null` if the spec does not state this fact.
    pub spec: Json,
    /// The line on the page: of the fact, else of its parameter, else 0.
    #[serde(skip)]
    pub page_line: u64,
    /// The line in the spec: of the fact, else of its parameter, else of the operation.
    #[serde(skip)]
    pub spec_line: u64,
}

fn as_text<T: std::fmt::Display, S: serde::Serializer>(word: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(word)
}

/// A page compared with the operation that it describes, or with the nearest one.
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The differences, in the order of the page, then of the spec.
    pub differences: Vec<Difference>,
    /// How many differences were accepted.
    pub accepted: usize,
    /// No spec has this operation: only its method and path were compared with the nearest one's.
    pub is_new_operation: bool,
}

impl<'a> Comparison<'a> {
    /// Compares a page with an operation.
    #[must_use]
    pub fn of(page: &OperationFacts, operation: &'a Operation) -> Self {
        Self { operation, differences: differences(page, operation), accepted: 0, is_new_operation: false }
    }

    /// Removes the differences that were reviewed and accepted, and returns the entries that match none.
    pub fn accept(&mut self, accepted: &Accepted) -> Vec<String> {
        let before = self.differences.len();
        let unused = accepted.apply(self.operation.id(), &mut self.differences);
        self.accepted += before - self.differences.len();
        unused
    }
}

/// Compares a page with its operation, found by method and path, or else with the nearest one. Returns `None` without operations.
#[must_use]
pub fn compare<'a>(page: &OperationFacts, operations: &'a [Operation]) -> Option<Comparison<'a>> {
    let same = |operation: &&Operation| {
        operation.facts.method.value == page.method.value && operation.facts.path.value == page.path.value
    };
    if let Some(operation) = operations.iter().find(same) {
        return Some(Comparison::of(page, operation));
    }
    let operation = operations.iter().min_by_key(|operation| distance(page, &operation.facts))?;
    let mut comparison = Comparison::of(page, operation);
    // A page about another operation would differ in everything. It is enough to report that no spec has it.
    comparison.is_new_operation = shared_names(page, &operation.facts) * 2 < page.parameters.len();
    if comparison.is_new_operation {
        comparison.differences.retain(|difference| difference.location == Location::Operation);
    }
    Some(comparison)
}

/// Returns how far an operation is from a page: by path, then method, then parameters.
fn distance(page: &OperationFacts, spec: &OperationFacts) -> ((usize, usize), bool, usize) {
    let other_method = page.method.value != spec.method.value;
    let unshared = page.parameters.len() + spec.parameters.len() - 2 * shared_names(page, spec);
    (path_distance(&page.path.value, &spec.path.value), other_method, unshared)
}

fn shared_names(page: &OperationFacts, spec: &OperationFacts) -> usize {
    page.parameters.iter().filter(|parameter| spec.parameters.iter().any(|other| is_same(parameter, other))).count()
}

/// Returns the edit distance of two paths in segments, then in characters.
fn path_distance(a: &str, b: &str) -> (usize, usize) {
    let segments = |path: &str| -> Vec<String> { path.split('/').take(64).map(str::to_owned).collect() };
    let start = |path: &str| -> String { path.chars().take(1024).collect() };
    (strsim::generic_levenshtein(&segments(a), &segments(b)), strsim::levenshtein(&start(a), &start(b)))
}

fn is_same(page: &Parameter, spec: &Parameter) -> bool {
    let same_name = match page.location {
        // Header names are case-insensitive.
        Location::Header => page.name.eq_ignore_ascii_case(&spec.name),
        _ => page.name == spec.name,
    };
    page.location == spec.location && same_name
}

fn differences(page: &OperationFacts, operation: &Operation) -> Vec<Difference> {
    let spec = &operation.facts;
    let mut found = Found { operation: operation.id(), differences: Vec::new() };
    let name = spec.name();
    for (page, spec) in [
        (page.method.value != spec.method.value).then(|| {
            let of = |stated: &Located<String>| Located::new(Value::Method(stated.value.clone()), stated.line);
            (Some(of(&page.method)), Some(of(&spec.method)))
        }),
        (page.path.value != spec.path.value).then(|| {
            let of = |stated: &Located<String>| Located::new(Value::Path(stated.value.clone()), stated.line);
            (Some(of(&page.path)), Some(of(&spec.path)))
        }),
    ]
    .into_iter()
    .flatten()
    {
        found.push(Location::Operation, name, page, spec, (0, 0));
    }
    for parameter in &page.parameters {
        match spec.parameters.iter().find(|other| is_same(parameter, other)) {
            Some(other) => found.parameters(parameter, other),
            None => {
                let present = Some(Located::new(Value::Present, parameter.line));
                found.push(parameter.location, &parameter.name, present, None, (0, operation.line));
            }
        }
    }
    for other in &spec.parameters {
        if !page.parameters.iter().any(|parameter| is_same(parameter, other)) {
            let present = Some(Located::new(Value::Present, other.line));
            found.push(other.location, &other.name, None, present, (0, 0));
        }
    }
    // The fields of an added or removed object are not reported separately.
    let whole: BTreeSet<(Location, String)> = found
        .differences
        .iter()
        .filter(|difference| difference.kind == FactKind::Presence)
        .map(|difference| (difference.location, difference.name.clone()))
        .collect();
    found.differences.retain(|difference| {
        let mut ends = difference.name.match_indices('.').take(16);
        !ends.any(|(end, _)| whole.contains(&(difference.location, difference.name[..end].to_owned())))
    });
    found.differences
}

struct Found<'a> {
    operation: &'a str,
    differences: Vec<Difference>,
}

impl Found<'_> {
    /// Adds a difference. The two lines are for the side that does not state the fact.
    fn push(
        &mut self,
        location: Location,
        name: &str,
        page: Option<Located<Value>>,
        spec: Option<Located<Value>>,
        (page_line, spec_line): (u64, u64),
    ) {
        let Some(kind) = page.as_ref().or(spec.as_ref()).map(|stated| stated.value.kind()) else { return };
        let json =
            |stated: &Option<Located<Value>>| stated.as_ref().map_or(Json::Null, |stated| stated.value.to_json());
        self.differences.push(Difference {
            operation: self.operation.to_owned(),
            location,
            name: name.to_owned(),
            kind,
            page: json(&page),
            spec: json(&spec),
            page_line: page.map_or(page_line, |stated| stated.line),
            spec_line: spec.map_or(spec_line, |stated| stated.line),
        });
    }

    fn parameters(&mut self, page: &Parameter, spec: &Parameter) {
        let lines = (page.line, spec.line);
        let mut put = |page: Option<Located<Value>>, spec: Option<Located<Value>>, name: &Parameter| {
            self.push(name.location, &name.name, page, spec, lines);
        };
        // A response has no mandatory column. What is not stated is optional, as in OpenAPI.
        let mandatory = |parameter: &Parameter| parameter.mandatory.as_ref().is_some_and(|stated| stated.value);
        if page.location != Location::Response && mandatory(page) != mandatory(spec) {
            put(of(&page.mandatory, Value::Mandatory), of(&spec.mandatory, Value::Mandatory), spec);
        }
        if values(&page.type_name) != values(&spec.type_name) {
            put(of(&page.type_name, Value::Type), of(&spec.type_name, Value::Type), spec);
        }
        let kind = spec.type_name.as_ref().map(|kind| kind.value.as_str()).unwrap_or_default();
        if bounds(&page.range, kind) != bounds(&spec.range, kind) {
            put(of(&page.range, Value::Range), of(&spec.range, Value::Range), spec);
        }
        if values(&page.default).map(word) != values(&spec.default).map(word) {
            put(of(&page.default, Value::Default), of(&spec.default, Value::Default), spec);
        }
        let truth = || vec![json!(true), json!(false)];
        let words = |values: &[Json]| {
            let mut words: Vec<String> = values.iter().map(word).collect();
            words.sort_unstable();
            words.dedup();
            words
        };
        let stated = values(&page.values).map(|values| words(values)).filter(|values| *values != words(&truth()));
        let expected = values(&spec.values).map(|values| words(values)).filter(|values| *values != words(&truth()));
        if stated != expected {
            // A boolean has its two values without listing them.
            let implied = (kind == "boolean").then(|| Located::new(Value::Enum(truth()), spec.line));
            put(of(&page.values, Value::Enum), of(&spec.values, Value::Enum).or(implied), spec);
        }
    }
}

fn values<T>(stated: &Option<Located<T>>) -> Option<&T> {
    stated.as_ref().map(|stated| &stated.value)
}

fn of<T: Clone>(stated: &Option<Located<T>>, value: fn(T) -> Value) -> Option<Located<Value>> {
    stated.as_ref().map(|stated| Located::new(value(stated.value.clone()), stated.line))
}

/// Returns a value as a page writes it: `0` and `"0"` are the same, since a page has no quotes.
fn word(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Normalises bounds, so that equal ones compare equal: a minimum length of 0 is the same as none.
fn bounds(range: &Option<Located<Range>>, kind: &str) -> Option<Range> {
    let counts = kind == "string" || kind.starts_with("array");
    match values(range)? {
        Range::Bounds { min, max } => {
            let min = min.filter(|min| !(counts && *min == 0));
            (min.is_some() || max.is_some()).then_some(Range::Bounds { min, max: *max })
        }
        unread @ Range::Unparsed(_) => Some(unread.clone()),
    }
}
