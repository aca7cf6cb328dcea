//! Compares the facts of a page with those of a spec.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::facts::{FactKind, Located, Location, OperationFacts, Parameter, bounds};
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
}

/// Compares a page with its operation, found by method and path, or else with the nearest one. Returns `None` without
/// operations.
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
    let mut found = Vec::new();
    let mut push = |at: (Location, &str), kind, page: (Json, u64), spec: (Json, u64)| {
        let (operation, (location, name)) = (operation.id().to_owned(), at);
        let ((page, page_line), (spec, spec_line)) = (page, spec);
        found.push(Difference { operation, location, name: name.to_owned(), kind, page, spec, page_line, spec_line });
    };
    let own = [(FactKind::Method, &page.method, &spec.method), (FactKind::Path, &page.path, &spec.path)];
    for (kind, page, spec_fact) in own.into_iter().filter(|(_, page, spec)| page.value != spec.value) {
        let json = |stated: &Located<String>| (json!(stated.value), stated.line);
        push((Location::Operation, spec.name()), kind, json(page), json(spec_fact));
    }
    for parameter in &page.parameters {
        let at = (parameter.location, parameter.name.as_str());
        let Some(other) = spec.parameters.iter().find(|other| is_same(parameter, other)) else {
            push(at, FactKind::Presence, (json!(true), parameter.line), (Json::Null, operation.line));
            continue;
        };
        for kind in FactKind::ALL {
            if normalised(parameter, kind, other.type_name()) != normalised(other, kind, other.type_name()) {
                let of = |side: &Parameter| {
                    side.facts.get(&kind).map_or((Json::Null, side.line), |fact| (fact.value.clone(), fact.line))
                };
                push((at.0, &other.name), kind, of(parameter), of(other));
            }
        }
    }
    for other in &spec.parameters {
        if !page.parameters.iter().any(|parameter| is_same(parameter, other)) {
            push((other.location, &other.name), FactKind::Presence, (Json::Null, 0), (json!(true), other.line));
        }
    }
    // The fields of an added or removed object are not reported separately.
    let is_presence = |difference: &&Difference| difference.kind == FactKind::Presence;
    let whole: BTreeSet<(Location, String)> =
        found.iter().filter(is_presence).map(|difference| (difference.location, difference.name.clone())).collect();
    found.retain(|difference| {
        let mut ends = difference.name.match_indices('.').take(16);
        !ends.any(|(end, _)| whole.contains(&(difference.location, difference.name[..end].to_owned())))
    });
    found
}

/// Returns a fact in a form in which equal ones compare equal: a page writes no quotes, and a minimum length of 0 is
/// none.
fn normalised(parameter: &Parameter, kind: FactKind, type_name: &str) -> Option<Json> {
    let word = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match (kind, parameter.get(kind)) {
        // A response has no mandatory column.
        (FactKind::Mandatory, _) => Some(json!(parameter.location != Location::Response && parameter.is_mandatory())),
        (FactKind::Range, Some(_)) if let Some((min, max)) = parameter.bounds() => {
            let counts = type_name == "string" || type_name.starts_with("array");
            let min = min.filter(|min| !(counts && *min == 0));
            (min.is_some() || max.is_some()).then(|| bounds(min, max))
        }
        (FactKind::Default, Some(default)) => Some(json!(word(default))),
        (FactKind::Enum, Some(values)) => {
            let words: BTreeSet<String> = values.as_array().into_iter().flatten().map(word).collect();
            // A boolean has its two values without listing them.
            (words.iter().map(String::as_str).ne(["false", "true"])).then(|| json!(words))
        }
        (_, value) => value.cloned(),
    }
}
