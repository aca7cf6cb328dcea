//! Every rule of compatibility: the changes from a base to a patched spec, and back.

#![cfg(feature = "facts")]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod base;
mod cases;

use std::collections::BTreeSet;

use openapi_drift::Spec;
use openapi_drift::compat::{self, Severity};

use base::BASE;
use cases::CASES;

fn spec(text: &str) -> Spec {
    Spec::read("spec.yaml", text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn ids(base: &Spec, new: &Spec) -> Vec<String> {
    compat::changes(Some(base), Some(new)).into_iter().map(|change| change.id).collect()
}

#[test]
fn every_base_is_equal_to_itself() {
    for (from, to, ..) in CASES {
        let patched = BASE.replacen(from, to, 1);
        assert_ne!(patched, BASE, "{from:?} is not in the base");
        assert_eq!(ids(&spec(&patched), &spec(&patched)), [] as [&str; 0], "{to:?}");
    }
}

#[test]
fn every_change_is_found_both_ways_and_alone() {
    let base = spec(BASE);
    for (from, to, there, back) in CASES {
        let patched = spec(&BASE.replacen(from, to, 1));
        assert_eq!(ids(&base, &patched), *there, "from {from:?} to {to:?}");
        assert_eq!(ids(&patched, &base), *back, "back from {to:?} to {from:?}");
    }
    assert!(CASES.len() * 2 > 160);
}

#[test]
fn every_rule_has_a_case() {
    // Rules for several places differ only in the name: one place of each is enough.
    let without_place = |id: &str| {
        let mut words = id.splitn(3, '-');
        (words.next().unwrap().to_owned(), words.nth(1).unwrap().to_owned())
    };
    let tested: BTreeSet<_> =
        CASES.iter().flat_map(|(_, _, there, back)| there.iter().chain(*back)).map(|id| without_place(id)).collect();
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
    let told: Vec<String> = changes
        .iter()
        .map(|c| format!("{} {} {} {} {}:{}", c.operation, c.name, c.base, c.new, c.file, c.line))
        .collect();
    assert_eq!(
        told,
        [
            "StartRun ids 200 100 spec.yaml:31",
            "StartRun inner.depth \"integer\" \"string\" spec.yaml:41",
            "StartRun rows[].id 64 65 spec.yaml:49",
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
