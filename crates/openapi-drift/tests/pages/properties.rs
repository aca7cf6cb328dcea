//! Property tests: arbitrary facts survive a page in every layout, a reference file and a draft.

use std::collections::BTreeSet;

use openapi_drift::{
    FactKind, Located, Location, OperationFacts, Parameter, Range, Spec, compare, read_page, read_reference,
    scaffold_operation, write_reference,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::layouts::{EDITIONS, LAYOUTS, Layout, render};

fn located<T>(value: T) -> Option<Located<T>> {
    Some(Located::new(value, 1))
}

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
    let mut all: Vec<String> =
        facts.all().map(|fact| format!("{} {} {:?}", fact.location, fact.name, fact.value)).collect();
    all.sort();
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

/// The copies of a parameter with one changed fact each.
fn changed(row: &Parameter) -> Vec<Parameter> {
    let mut all = Vec::new();
    let mut push = |change: &dyn Fn(&mut Parameter)| {
        let mut copy = row.clone();
        change(&mut copy);
        all.push(copy);
    };
    if let Some(mandatory) = row.mandatory.as_ref().filter(|_| row.location != Location::Path) {
        push(&|copy| copy.mandatory = located(!mandatory.value));
    }
    let kind = &row.type_name.as_ref().unwrap().value;
    push(&|copy| copy.type_name = located(if kind == "string" { "long" } else { "string" }.to_owned()));
    if let Some(Range::Bounds { min, max: Some(max) }) = row.range.as_ref().map(|range| &range.value) {
        push(&|copy| copy.range = None);
        push(&|copy| copy.range = located(Range::Bounds { min: *min, max: Some(max + 1) }));
    }
    if let Some(values) = &row.values {
        push(&|copy| copy.values = None);
        push(&|copy| copy.values = located([&values.value[..], &[json!("more-of-them")]].concat()));
    }
    push(&|copy| copy.default = located(json!("another")));
    if row.default.is_some() {
        push(&|copy| copy.default = None);
    }
    all
}

/// The kinds of facts that two parameters state differently.
fn expected(page: &Parameter, spec: &Parameter) -> Vec<(FactKind, Json, Json)> {
    let value = |parameter: &Parameter, kind| {
        parameter.facts().find(|fact| fact.value.kind() == kind).map_or(Json::Null, |fact| fact.value.to_json())
    };
    let pairs = FactKind::ALL.map(|kind| (kind, value(page, kind), value(spec, kind)));
    pairs.into_iter().filter(|(_, page, spec)| page != spec).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_page_is_read_as_it_was_written_in_every_layout(facts in facts()) {
        for layout in LAYOUTS {
            for edition in &EDITIONS {
                let plain = render(&facts, layout, edition);
                for text in [disturbed(&plain), plain] {
                    let read = read_page(&text).unwrap_or_else(|error| panic!("{layout:?}: {error}\n{text}"));
                    prop_assert_eq!(stated(&read), stated(&facts), "{:?} {}\n{}", layout, edition.name, text);
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
        let text = render(&facts, Layout::Lines, &EDITIONS[0]);
        let at = |line: u64| text.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
        for parameter in read_page(&text).unwrap().parameters {
            prop_assert!(parameter.name.ends_with(at(parameter.line)));
            let mandatory = parameter.mandatory.filter(|_| parameter.location != Location::Path);
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
            for changed in changed(row) {
                let expected = expected(&changed, row).into_iter().map(|(kind, page, spec)| (location, name.clone(), kind, page, spec));
                let expected: Vec<_> = expected.collect();
                let mut page = facts.clone();
                page.parameters[index] = changed;
                prop_assert_eq!(found(&page), expected, "{}", draft);
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
