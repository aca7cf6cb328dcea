//! Property tests: arbitrary facts survive a page, a reference file and a draft.

#![cfg(feature = "facts")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

use std::collections::BTreeSet;

use openapi_drift::{
    Located, Location, OperationFacts, Parameter, Range, Spec, Value, compare, read_page, read_reference,
    scaffold_operation, write_reference,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,12}".prop_filter("a row's name must not be a word of a header", |name| {
        !["name", "type", "parameter", "mandatory", "required", "description"].contains(&name.as_str())
    })
}

fn parameter() -> impl Strategy<Value = Parameter> {
    let location = prop::sample::select(Location::TABLES.to_vec());
    let kind = prop::sample::select(vec!["string", "integer", "long", "double", "boolean", "array of string"]);
    let range = prop::option::of((0..2000_i64, 1..3_000_000_i64).prop_map(|(min, more)| (min, min + more)));
    let values = prop::option::of(prop::collection::btree_set("[a-z][a-z0-9_]{2,8}", 1..4));
    let default = prop::option::of("[a-z][a-z0-9_]{2,8}");
    (location, name(), any::<bool>(), kind, range, values, default).prop_map(
        |(location, name, mandatory, kind, range, values, default)| {
            let mut parameter = Parameter::new(location, name, 1);
            let text = kind == "string";
            parameter.mandatory = (location != Location::Response).then(|| Located::new(mandatory, 1));
            parameter.type_name = Some(Located::new(kind.to_owned(), 1));
            parameter.range = range
                .filter(|_| kind != "boolean")
                .map(|(min, max)| Located::new(Range::Bounds { min: Some(min), max: Some(max) }, 1));
            let values = values.filter(|_| text).map(|values| values.into_iter().map(Json::from).collect());
            parameter.values = values.map(|values| Located::new(values, 1));
            parameter.default = default.filter(|_| text).map(|default| Located::new(json!(default), 1));
            parameter
        },
    )
}

fn facts() -> impl Strategy<Value = OperationFacts> {
    let method = prop::sample::select(vec!["GET", "PUT", "POST", "DELETE", "PATCH"]);
    (method, "(/[a-z][a-z0-9-]{0,8}){1,4}", prop::collection::vec(parameter(), 1..12)).prop_map(
        |(method, path, mut parameters)| {
            let mut seen = BTreeSet::new();
            parameters.retain(|parameter| seen.insert((parameter.location, parameter.name.clone())));
            parameters.sort_by_key(|parameter| parameter.location);
            OperationFacts {
                operation: Some("DoIt".to_owned()),
                updated: Some("2026-01-02".to_owned()),
                method: Located::new(method.to_owned(), 1),
                path: Located::new(path, 1),
                parameters,
            }
        },
    )
}

fn page(facts: &OperationFacts) -> String {
    let mut out = format!("Updated on 2026-01-02\n\nURI\n\n{} {}\n", facts.method.value, facts.path.value);
    let titles = [
        "Path Parameters",
        "Query Parameters",
        "Request header parameters",
        "Request body parameters",
        "Response body parameters",
    ];
    for (location, title) in Location::TABLES.into_iter().zip(titles) {
        let rows: Vec<&Parameter> =
            facts.parameters.iter().filter(|parameter| parameter.location == location).collect();
        let is_response = location == Location::Response;
        if is_response {
            out += "Response Parameters\n\n";
            if rows.is_empty() {
                out += "None\n";
            }
        }
        if !rows.is_empty() {
            out += &format!(
                "Table 1 {title}\n\nParameter\n\n{}Type\n\nDescription\n\n",
                if is_response { "" } else { "Mandatory\n\n" }
            );
        }
        for row in rows {
            out += &format!("{}\n\n", row.name);
            if let Some(mandatory) = &row.mandatory {
                out += if mandatory.value { "Yes\n\n" } else { "No\n\n" };
            }
            out += &format!("{}\n\nDefinition\n\nWords.\n\nRange\n\n", row.type_name.as_ref().unwrap().value);
            if let Some(Range::Bounds { min: Some(min), max: Some(max) }) = row.range.as_ref().map(|range| &range.value)
            {
                out += &format!("{min} to {max}\n\n");
            }
            for value in row.values.iter().flat_map(|values| &values.value) {
                out += &format!("• {}: so\n\n", value.as_str().unwrap());
            }
            out += if row.range.is_none() && row.values.is_none() { "N/A\n\n" } else { "" };
            let default = row.default.as_ref().and_then(|default| default.value.as_str()).unwrap_or("N/A");
            out += &format!("Default Value\n\n{default}\n\n");
        }
    }
    out + "Status Codes\n"
}

fn stated(facts: &OperationFacts) -> Vec<(Location, String, Value)> {
    facts.all().map(|fact| (fact.location, fact.name, fact.value)).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_page_is_read_as_it_was_written(facts in facts()) {
        let text = page(&facts);
        let read = read_page(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assert_eq!(stated(&read), stated(&facts), "{}", text);
    }

    #[test]
    fn a_reference_keeps_all_facts(facts in facts()) {
        let text = write_reference("DoIt", &facts);
        prop_assert_eq!(stated(&read_reference(&text).unwrap()), stated(&facts), "{}", text);
    }

    #[test]
    fn a_draft_matches_its_page(facts in facts()) {
        let text = scaffold_operation(&facts, Some("DoIt"));
        let operations = Spec::read("draft", &text).unwrap_or_else(|error| panic!("{error}\n{text}")).operations();
        let differences = compare(&facts, &operations).unwrap().differences;
        prop_assert!(differences.is_empty(), "{:?}\n{}", differences, text);
    }

    #[test]
    fn arbitrary_text_does_not_panic(text in "\\PC{0,80}|(\\PC|[|\n<>•：\u{a0}-]){0,80}") {
        let _ = read_page(&text);
        let _ = read_reference(&text);
        let _ = Spec::read("text", &text);
    }
}
