//! Property tests: arbitrary facts survive a page in every layout, a reference file and a draft.

use std::collections::BTreeSet;

use openapi_drift::{
    FactKind, Located, Location, OperationFacts, Parameter, Spec, bounds, compare, read_page, read_reference,
    scaffold_operation, write_reference,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::layouts::{EDITIONS, LAYOUTS, render};

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(40);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,12}".prop_filter("a row's name must not be a word of a header", |name| {
        !["name", "type", "parameter", "mandatory", "required", "description", "function", "debugging"]
            .contains(&name.as_str())
    })
}

/// The least and the most of a range.
type Bounds = (Option<i64>, Option<i64>);

fn range() -> impl Strategy<Value = Option<Bounds>> {
    let both = (-2000..2000_i64, 1..3_000_000_i64).prop_map(|(min, more)| (Some(min), Some(min + more)));
    let half =
        (0..3_000_000_i64, any::<bool>()).prop_map(|(n, least)| if least { (Some(n), None) } else { (None, Some(n)) });
    prop::option::of(prop_oneof![both, half])
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
    let kinds = "string|integer|long|double|boolean|array of string|object|array of object|map of object|map of string";
    let kind = prop::sample::select(kinds.split('|').collect::<Vec<_>>());
    let values = prop::option::of(prop::collection::btree_set(listed(), 1..4));
    (any::<bool>(), kind, range(), values, prop::option::of(listed()), 0..3_000_i64).prop_map(
        |(mandatory, kind, range, values, default, number)| {
            let mut parameter = Parameter::new(Location::Body, "", 1);
            parameter.set(FactKind::Mandatory, mandatory, 1);
            parameter.set(FactKind::Type, kind, 1);
            let text = kind == "string";
            let values = values.filter(|_| text).unwrap_or_default();
            // In one line, a dash before a number joins it to the one before.
            let numbers = values.iter().any(|value| value.parse::<u64>().is_ok());
            // What is written about characters is not the length of a list, and no length is negative.
            let possible = |(min, _): &Bounds| match kind {
                "string" => min.is_none_or(|min| min >= 0),
                "array of string" => min.is_some_and(|min| min >= 0),
                _ => ["integer", "long", "double"].contains(&kind),
            };
            if let Some((min, max)) = range.filter(|range| possible(range) && !numbers) {
                parameter.set(FactKind::Range, bounds(min, max), 1);
            }
            if !values.is_empty() {
                parameter.set(FactKind::Enum, values.into_iter().collect::<Vec<_>>(), 1);
            }
            match kind {
                "string" => default.into_iter().for_each(|default| parameter.set(FactKind::Default, default, 1)),
                "integer" | "long" if number % 2 == 0 => parameter.set(FactKind::Default, number, 1),
                _ => {}
            }
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
            let inner = if parameter.type_name().ends_with("object") { fields } else { Vec::new() };
            let named = inner.into_iter().map(|(field, parameter)| (format!("{name}.{field}"), parameter));
            for (name, mut parameter) in [(name.clone(), parameter)].into_iter().chain(named) {
                match location {
                    Location::Response => drop(parameter.facts.remove(&FactKind::Mandatory)),
                    Location::Path => parameter.set(FactKind::Mandatory, true, 1),
                    _ => {}
                }
                all.push(Parameter { location, name, ..parameter });
            }
        }
        let mut seen = BTreeSet::new();
        all.retain(|parameter| seen.insert((parameter.location, parameter.name.clone())));
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
    let of = |parameter: &Parameter| {
        let facts: Vec<_> = parameter.facts.iter().map(|(kind, fact)| format!("{kind} {}", fact.value)).collect();
        format!("{} {} {facts:?}", parameter.location, parameter.name)
    };
    let mut all: Vec<String> = facts.parameters.iter().map(of).collect();
    all.sort();
    all.push(format!("{} {}", facts.method.value, facts.path.value));
    all
}

/// CRLF, no-break spaces, stray spaces at both ends of lines, and a byte order mark.
fn disturbed(text: &str) -> String {
    let lines = text.lines().enumerate().map(|(index, line)| {
        // HTML tags need their spaces plain.
        let plain = index % 2 == 0 || line.contains('<');
        let line = if plain { line.to_owned() } else { line.replace(' ', "\u{a0}") };
        format!("  {line}\u{a0} \r\n")
    });
    format!("\u{feff}{}", lines.collect::<String>())
}

/// The copies of a parameter with one changed fact each, and that fact.
fn changed(row: &Parameter) -> Vec<(Parameter, FactKind)> {
    let mut all = Vec::new();
    let mut push = |kind, value: Option<Json>| {
        let mut copy = row.clone();
        match value {
            Some(value) => copy.set(kind, value, 1),
            None => drop(copy.facts.remove(&kind)),
        }
        all.push((copy, kind));
    };
    if ![Location::Path, Location::Response].contains(&row.location) {
        push(FactKind::Mandatory, Some(json!(!row.is_mandatory())));
    }
    push(FactKind::Type, Some(json!(if row.type_name() == "string" { "long" } else { "string" })));
    if let Some((min, Some(max))) = row.bounds() {
        push(FactKind::Range, None);
        push(FactKind::Range, Some(bounds(min, Some(max + 1))));
    }
    if let Some(values) = row.get(FactKind::Enum).and_then(Json::as_array) {
        push(FactKind::Enum, None);
        push(FactKind::Enum, Some(json!([&values[..], &[json!("more-of-them")]].concat())));
    }
    push(FactKind::Default, Some(json!("another")));
    if row.get(FactKind::Default).is_some() {
        push(FactKind::Default, None);
    }
    all
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_page_is_read_as_it_was_written_in_every_layout(facts in facts()) {
        for layout in &LAYOUTS {
            for edition in &EDITIONS {
                let plain = render(&facts, layout, edition);
                for text in [disturbed(&plain), plain] {
                    let read = read_page(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", layout.name));
                    prop_assert_eq!(stated(&read), stated(&facts), "{} {}\n{}", layout.name, edition.name, text);
                    prop_assert_eq!(read.updated, facts.updated.clone());
                    // A truncated page is refused, or has every fact.
                    let cut = text.len() * facts.parameters.len() / 11;
                    let cut = (0..=cut).rev().find(|cut| text.is_char_boundary(*cut)).unwrap();
                    if let Ok(read) = read_page(&text[..cut]) {
                        prop_assert_eq!(stated(&read), stated(&facts), "{}", &text[..cut]);
                    }
                }
            }
        }
    }

    #[test]
    fn each_line_is_that_of_its_fact(facts in facts()) {
        // In this layout each value has a line of its own.
        let text = render(&facts, &LAYOUTS[0], &EDITIONS[0]);
        let at = |line: u64| text.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
        for parameter in read_page(&text).unwrap().parameters {
            prop_assert!(parameter.name.ends_with(at(parameter.line)));
            let mandatory = parameter.facts.get(&FactKind::Mandatory);
            prop_assert!(mandatory.is_none_or(|stated| ["Yes", "No"].contains(&at(stated.line))));
        }
    }

    #[test]
    fn a_reference_keeps_all_facts(facts in facts()) {
        let text = write_reference("DoIt", &facts);
        prop_assert_eq!(stated(&read_reference(&text).unwrap()), stated(&facts), "{}", text);
    }

    #[test]
    fn a_draft_matches_its_page_and_each_change_is_found_alone(facts in facts()) {
        // A spec has no headers of its own.
        let mut facts = facts;
        facts.parameters.retain(|parameter| parameter.location != Location::Header);
        let draft = scaffold_operation(&facts, Some("DoIt"));
        let operations = Spec::read("draft", &draft).unwrap_or_else(|error| panic!("{error}\n{draft}")).operations();
        let found = |page: &OperationFacts| -> Vec<(Location, String, FactKind, Json, Json)> {
            let differences = compare(page, &operations).unwrap().differences;
            differences.into_iter().map(|d| (d.location, d.name, d.kind, d.page, d.spec)).collect()
        };
        prop_assert_eq!(found(&facts), vec![], "{}", draft);
        for (index, row) in facts.parameters.iter().enumerate() {
            let (location, name) = (row.location, row.name.clone());
            for (changed, kind) in changed(row) {
                let of = |side: &Parameter| side.get(kind).cloned().unwrap_or_default();
                let expected = (location, name.clone(), kind, of(&changed), of(row));
                let mut page = facts.clone();
                page.parameters[index] = changed;
                prop_assert_eq!(found(&page), vec![expected], "{}", draft);
            }
            let mut page = facts.clone();
            let inner = format!("{name}.");
            page.parameters.retain(|other| other.location != location || (other.name != name && !other.name.starts_with(&inner)));
            // A page that shares little with the operation is about another one.
            if page.parameters.len() * 2 >= facts.parameters.len() {
                prop_assert_eq!(found(&page), vec![(location, name, FactKind::Presence, Json::Null, json!(true))], "{}", draft);
            }
        }
        let path = format!("{}/more", facts.path.value);
        let page = OperationFacts { path: Located::new(path.clone(), 1), ..facts.clone() };
        let name = facts.name().to_owned();
        prop_assert_eq!(found(&page), vec![(Location::Operation, name, FactKind::Path, json!(path), json!(facts.path.value))]);
    }

    #[test]
    fn arbitrary_text_does_not_panic(text in "\\PC{0,80}|(\\PC|[|\n<>•：\u{a0}0-9,^(）-]){0,80}") {
        let _ = read_page(&text);
        let _ = read_page(&format!("URI\n\nGET /a\n\nTable 1 Query Parameters\n\n| Name | Type | Description |\n|--|--|--|\n| a | String | Range: {text} |\n\nStatus Codes\n"));
        let _ = read_reference(&text);
        let _ = Spec::read("text", &text);
    }
}
