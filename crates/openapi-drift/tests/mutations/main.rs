//! Findings are exact: every fact of a page is changed, one at a time, in every layout and edition, and exactly
//! that change is found.

#![cfg(feature = "facts")]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod layouts;
mod model;

use layouts::{Edition, LAYOUTS, Layout, render};
use model::{Finding, base, mutations};
use openapi_drift::{Operation, OperationFacts, Spec, compare, read_page, scaffold_operation};

fn operations() -> Vec<Operation> {
    Spec::read("spec.yaml", include_str!("spec.yaml")).unwrap().operations()
}

fn findings(page: &OperationFacts, operations: &[Operation]) -> Vec<Finding> {
    let comparison = compare(page, operations).unwrap();
    assert_eq!(comparison.operation.id(), "StartRun");
    comparison.differences.into_iter().map(|d| (d.location.as_str(), d.name, d.kind.as_str(), d.page, d.spec)).collect()
}

fn each_layout(mut check: impl FnMut(Layout, Edition, &dyn Fn(&model::Page) -> String)) {
    for layout in LAYOUTS {
        for edition in [Edition::English, Edition::Chinese] {
            check(layout, edition, &|page| render(page, layout, edition));
            check(layout, edition, &|page| disturbed(&render(page, layout, edition)));
        }
    }
}

/// CRLF, no-break spaces, stray spaces at both ends of lines, and a byte order mark.
fn disturbed(text: &str) -> String {
    let lines = text.lines().enumerate().map(|(index, line)| {
        let line = if index % 2 == 0 { line.replace(' ', "\u{a0}") } else { line.replace("  ", " \u{a0} ") };
        // A space in front of a pipe table's row is harmless; HTML tags need theirs plain.
        let line = if line.contains('<') { line.replace('\u{a0}', " ") } else { line };
        format!("  {line}\u{a0} \t\r\n")
    });
    format!("\u{feff}{}", lines.collect::<String>())
}

#[test]
fn the_page_itself_matches_in_every_layout() {
    let operations = operations();
    each_layout(|layout, edition, render| {
        let text = render(&base());
        let page = read_page(&text).unwrap_or_else(|error| panic!("{layout:?} {edition:?}: {error}\n{text}"));
        assert_eq!(findings(&page, &operations), [], "{layout:?} {edition:?}\n{text}");
        assert_eq!(page.updated.as_deref(), Some("2026-01-02"), "{layout:?} {edition:?}");
    });
}

#[test]
fn every_change_of_a_fact_is_found_once_and_alone() {
    let (operations, mutations) = (operations(), mutations());
    let (mut turn, mut cases) = (0, 0);
    each_layout(|layout, edition, render| {
        turn += 1;
        // In each layout and edition, every other change is in the plain page, and the rest in the disturbed one.
        for mutation in mutations.iter().skip(turn % 2).step_by(2) {
            let text = render(&mutation.page);
            let name = format!("{layout:?} {edition:?}: {}", mutation.name);
            let page = read_page(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
            assert_eq!(findings(&page, &operations), mutation.expected, "{name}\n{text}");
            cases += 1;
        }
    });
    assert!(cases > 300, "{cases}");
    println!("{} mutations, {cases} cases", mutations.len());
}

#[test]
fn every_fact_names_the_line_that_states_it() {
    // In this layout each value has a line of its own.
    let text = render(&base(), Layout::Lines, Edition::English);
    let lines: Vec<&str> = text.lines().collect();
    for fact in read_page(&text).unwrap().parameters {
        let at = |line: u64| lines[usize::try_from(line).unwrap() - 1];
        assert!(fact.name.ends_with(at(fact.line)), "{}", at(fact.line));
        assert!(["Yes", "No"].contains(&fact.mandatory.map_or("Yes", |stated| at(stated.line))));
        let Some(range) = fact.range else { continue };
        assert!(at(range.line).contains("The value"), "{}", at(range.line));
    }
}

#[test]
fn a_truncated_page_never_matches() {
    let operations = operations();
    each_layout(|layout, edition, render| {
        let text = render(&base());
        let whole = read_page(&text).unwrap().all().count();
        for (end, _) in text.match_indices('\n') {
            let Ok(page) = read_page(&text[..end]) else { continue };
            let found = findings(&page, &operations);
            assert!(!found.is_empty() || page.all().count() == whole, "{layout:?} {edition:?}\n{}", &text[..end]);
        }
    });
}

#[test]
fn an_imported_draft_matches_its_page() {
    let mutations = mutations();
    for page in mutations.iter().map(|mutation| &mutation.page).chain([&base()]) {
        let text = render(page, Layout::Lines, Edition::English);
        let facts = read_page(&text).unwrap();
        let spec = scaffold_operation(&facts, Some("StartRun"));
        let operations = Spec::read("draft", &spec).unwrap_or_else(|error| panic!("{error}\n{spec}")).operations();
        let comparison = compare(&facts, &operations).unwrap();
        assert_eq!(comparison.differences, [], "{spec}");
        assert!(spec.contains("TODO"));
    }
}
