//! Property tests: arbitrary facts survive a page in every layout, a reference file and a draft.

use std::collections::BTreeSet;

use openapi_drift::{
    Located, Location, OperationFacts, Parameter, Range, Spec, compare, read_page, read_reference, scaffold_operation,
    write_reference,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::layouts::{EDITIONS, LAYOUTS, render};
use crate::mutations::located;

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,12}".prop_filter("a row's name must not be a word of a header", |name| {
        !["name", "type", "parameter", "mandatory", "required", "description", "function", "debugging"]
            .contains(&name.as_str())
    })
}

fn range() -> impl Strategy<Value = Option<Range>> {
    let bounds = (-2000..2000_i64, 1..3_000_000_i64).prop_map(|(min, more)| (Some(min), Some(min + more)));
    let half =
        (0..3_000_000_i64, any::<bool>()).prop_map(|(n, least)| if least { (Some(n), None) } else { (None, Some(n)) });
    prop::option::of(prop_oneof![bounds, half].prop_map(|(min, max)| Range::Bounds { min, max }))
}

/// A value that a page can list: one or two words, digits, or a path.
fn listed() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z][a-z0-9_]{2,8}", "[A-Z][a-z]{2,8} [A-Z][a-z]{2,8}", "[1-9][0-9]{0,3}", "[a-z]{3,5}[.][a-z]{3,5}"]
        .prop_filter("a word of a rule", |text| {
            !["note", "length", "minimum", "maximum", "range", "example", "value", "format", "the", "only"]
                .contains(&text.as_str())
        })
}

/// A parameter without its location and name.
fn parameter() -> impl Strategy<Value = Parameter> {
    let kinds = [
        "string",
        "integer",
        "long",
        "double",
        "boolean",
        "array of string",
        "object",
        "array of object",
        "map of object",
        "map of string",
    ];
    let kind = prop::sample::select(kinds.to_vec());
    let values = prop::option::of(prop::collection::btree_set(listed(), 1..4));
    (any::<bool>(), kind, range(), values, prop::option::of(listed()), 0..3_000_i64).prop_map(
        |(mandatory, kind, range, values, default, number)| {
            let mut parameter = Parameter::new(Location::Body, "", 1);
            let (text, scalar) =
                (kind == "string", !kind.ends_with("object") && kind != "boolean" && !kind.starts_with("map"));
            let counts = text || kind.starts_with("array");
            let positive = |range: &Range| !matches!(range, Range::Bounds { min: Some(min), .. } if *min < 0);
            parameter.mandatory = located(mandatory);
            parameter.type_name = located(kind.to_owned());
            parameter.range = range.filter(|range| scalar && (!counts || positive(range))).and_then(located);
            // What is written about characters is not the length of a list.
            let upper = |range: &Located<Range>| matches!(range.value, Range::Bounds { min: None, .. });
            parameter.range = parameter.range.filter(|range| text || !upper(range));
            parameter.values =
                values.filter(|_| text).map(|values| values.into_iter().map(Json::from).collect()).and_then(located);
            // In one line, a dash before a number joins it to the one before.
            let numbers = |values: &Located<Vec<Json>>| {
                values.value.iter().any(|value| value.as_str().unwrap().parse::<u64>().is_ok())
            };
            if parameter.values.as_ref().is_some_and(numbers) {
                parameter.range = None;
            }
            parameter.default = match kind {
                "string" => default.map(Json::from).and_then(located),
                "integer" | "long" => located(json!(number)).filter(|_| number % 2 == 0),
                _ => None,
            };
            parameter
        },
    )
}

/// Parameters with names, each object with up to three fields.
fn parameters() -> impl Strategy<Value = Vec<Parameter>> {
    let location = prop::sample::select(Location::TABLES.to_vec());
    let fields = prop::collection::vec((name(), parameter()), 0..4);
    prop::collection::vec((location, name(), parameter(), fields), 1..10).prop_map(|rows| {
        let mut all: Vec<Parameter> = Vec::new();
        for (location, name, parameter, fields) in rows {
            let is_object = |parameter: &Parameter| parameter.type_name.as_ref().unwrap().value.ends_with("object");
            let inner = if is_object(&parameter) { fields } else { Vec::new() };
            let named = inner.into_iter().map(|(field, parameter)| (format!("{name}.{field}"), parameter));
            for (name, parameter) in [(name.clone(), parameter)].into_iter().chain(named) {
                let mandatory = match location {
                    Location::Response => None,
                    Location::Path => located(true),
                    _ => parameter.mandatory.clone(),
                };
                all.push(Parameter { location, name, mandatory, ..parameter });
            }
        }
        let mut seen = BTreeSet::new();
        all.retain(|parameter| {
            let twice = !seen.insert((parameter.location, parameter.name.clone()));
            // Without its object, a field has no place.
            !twice
        });
        all.sort_by_key(|parameter| parameter.location);
        all
    })
}

fn facts() -> impl Strategy<Value = OperationFacts> {
    let method = prop::sample::select(vec!["GET", "PUT", "POST", "DELETE", "PATCH"]);
    (method, "(/[a-z][a-z0-9-]{0,8}){1,4}", parameters()).prop_map(|(method, path, parameters)| OperationFacts {
        operation: Some("DoIt".to_owned()),
        updated: Some("2026-01-02".to_owned()),
        status: None,
        method: Located::new(method.to_owned(), 1),
        path: Located::new(path, 1),
        parameters,
    })
}

/// What is stated, without lines. The order of fields is that of their objects.
fn stated(facts: &OperationFacts) -> Vec<String> {
    let mut all: Vec<String> =
        facts.all().map(|fact| format!("{} {} {:?}", fact.location, fact.name, fact.value)).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_page_is_read_as_it_was_written_in_every_layout(facts in facts()) {
        for layout in LAYOUTS {
            for edition in &EDITIONS {
                let text = render(&facts, layout, edition);
                let read = read_page(&text).unwrap_or_else(|error| panic!("{layout:?}: {error}\n{text}"));
                prop_assert_eq!(stated(&read), stated(&facts), "{:?} {}\n{}", layout, edition.name, text);
            }
        }
    }

    #[test]
    fn a_reference_keeps_all_facts(facts in facts()) {
        let text = write_reference("DoIt", &facts);
        prop_assert_eq!(stated(&read_reference(&text).unwrap()), stated(&facts), "{}", text);
    }

    #[test]
    fn a_draft_matches_its_page(facts in facts()) {
        let draft = scaffold_operation(&facts, Some("DoIt"));
        let operations = Spec::read("draft", &draft).unwrap_or_else(|error| panic!("{error}\n{draft}")).operations();
        let mut differences = compare(&facts, &operations).unwrap().differences;
        // A spec has no headers of its own.
        differences.retain(|difference| difference.location != Location::Header);
        prop_assert!(differences.is_empty(), "{:?}\n{}", differences, draft);
    }

    #[test]
    fn arbitrary_text_does_not_panic(text in "\\PC{0,80}|(\\PC|[|\n<>•：\u{a0}0-9,^(）-]){0,80}") {
        let _ = read_page(&text);
        let _ = read_page(&format!("URI\n\nGET /a\n\nTable 1 Query Parameters\n\n| Name | Type | Description |\n|--|--|--|\n| a | String | Range: {text} |\n\nStatus Codes\n"));
        let _ = read_reference(&text);
        let _ = Spec::read("text", &text);
    }
}
