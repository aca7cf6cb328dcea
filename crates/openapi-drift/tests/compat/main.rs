//! Every rule of compatibility: the changes from a base to a patched spec, and back.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test program")]

use std::collections::BTreeSet;

use openapi_drift::Spec;
use openapi_drift::compat::{self, Severity};

const BASE: &str = include_str!("base.yaml");

/// A changed spec, and the ids that are found from the base to it and back.
struct Case {
    changed: String,
    there: Vec<&'static str>,
    back: Vec<&'static str>,
}

fn cases() -> Vec<Case> {
    let lines = include_str!("cases.txt").lines().filter(|line| !line.starts_with('#'));
    let case = |line: &'static str| {
        let parts: Vec<&str> = line.split(" =>").collect();
        let text = |index: usize| parts[index].replacen(' ', "", index.min(1)).replace("\\n", "\n");
        let ids = |index: usize| parts[index].split_whitespace().collect();
        let changed = BASE.replacen(&text(0), &text(1), 1);
        assert_ne!(changed, BASE, "{line:?} is not in the base");
        Case { changed, there: ids(2), back: ids(if parts.len() > 3 { 3 } else { 2 }) }
    };
    lines.map(case).collect()
}

fn spec(text: &str) -> Spec {
    Spec::read("spec.yaml", text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn ids(base: &str, new: &str) -> Vec<String> {
    let mut ids: Vec<String> =
        compat::changes(Some(&spec(base)), Some(&spec(new))).into_iter().map(|change| change.id).collect();
    ids.sort();
    ids
}

#[test]
fn every_change_is_found_both_ways_and_alone() {
    let cases = cases();
    for Case { changed, mut there, mut back } in cases {
        there.sort_unstable();
        back.sort_unstable();
        assert_eq!(ids(BASE, &changed), there, "{changed}");
        assert_eq!(ids(&changed, BASE), back, "back from {changed}");
        assert_eq!(ids(&changed, &changed), [] as [&str; 0], "{changed}");
    }
}

#[test]
fn every_rule_has_a_case() {
    // Rules for several places differ only in the name: one place of each is enough.
    let without_place = |id: &str| {
        let mut words = id.splitn(3, '-');
        (words.next().unwrap().to_owned(), words.nth(1).unwrap().to_owned())
    };
    let tested: BTreeSet<_> =
        cases().iter().flat_map(|case| case.there.iter().chain(&case.back)).map(|id| without_place(id)).collect();
    for rule in compat::rules() {
        assert!(tested.contains(&without_place(&rule.id)), "no case for {}", rule.id);
    }
}

#[test]
fn severities_are_those_of_callers() {
    let severity = |id: &str| compat::rules().into_iter().find(|rule| rule.id == id).unwrap().severity;
    for (id, expected) in [
        ("request-body-max-items-lowered", Severity::Breaking),
        ("request-body-max-items-raised", Severity::Compatible),
        ("response-body-max-length-raised", Severity::Breaking),
        ("response-body-max-length-lowered", Severity::Compatible),
        ("request-query-mandatory-added", Severity::Breaking),
        ("response-body-mandatory-added", Severity::Compatible),
        ("request-query-default-changed", Severity::Caution),
        ("request-query-enum-value-added", Severity::Compatible),
        ("response-body-enum-value-added", Severity::Breaking),
    ] {
        assert_eq!(severity(id), expected, "{id}");
    }
    let ids: BTreeSet<String> = compat::rules().into_iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), compat::rules().len(), "two rules have the same id");
}

#[test]
fn changes_name_their_place_and_values() {
    let patched = spec(
        &BASE
            .replace("maxItems: 200", "maxItems: 100")
            .replace("{max: 64}", "{max: 65}")
            .replace("depth: {type: integer}", "depth: {type: string}"),
    );
    let changes = compat::changes(Some(&spec(BASE)), Some(&patched));
    let shown: Vec<String> = changes
        .iter()
        .map(|c| format!("{} {} {} {} {}:{}", c.operation, c.name, c.base, c.new, c.file, c.line))
        .collect();
    assert_eq!(
        shown,
        [
            "StartRun ids 200 100 spec.yaml:32",
            "StartRun inner.depth \"integer\" \"string\" spec.yaml:42",
            "StartRun rows[].id 64 65 spec.yaml:50",
        ]
    );
}

#[test]
fn an_added_or_removed_spec_reports_all_its_operations() {
    let base = spec(BASE);
    let gone: Vec<String> = compat::changes(Some(&base), None).into_iter().map(|change| change.id).collect();
    let new: Vec<String> = compat::changes(None, Some(&base)).into_iter().map(|change| change.id).collect();
    assert_eq!(gone, ["request-operation-existence-removed"; 2]);
    assert_eq!(new, ["request-operation-existence-added"; 2]);
}
