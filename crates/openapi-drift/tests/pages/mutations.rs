//! Findings are exact: every fact of a page is changed, one at a time, in every layout and edition, and exactly that change is found.

use openapi_drift::{
    FactKind, Located, Location, Operation, OperationFacts, Parameter, Range, Spec, Value, compare, read_page,
};
use serde_json::{Value as Json, json};

use crate::layouts::{EDITIONS, Edition, LAYOUTS, Layout, render};

/// A finding without its operation: location, name, kind, value on the page, value in the spec.
type Finding = (Location, String, FactKind, Json, Json);

pub(crate) fn located<T>(value: T) -> Option<Located<T>> {
    Some(Located::new(value, 1))
}

fn bounds(min: i64, max: i64) -> Option<Located<Range>> {
    located(Range::Bounds { min: Some(min), max: Some(max) })
}

/// The facts that `spec.yaml` has, too.
fn base() -> OperationFacts {
    use Location::{Body, Header, Path, Query, Response};
    let rows: [(Location, &str, bool, &str, Option<(i64, i64)>, &[&str], Option<Json>); 19] = [
        (Path, "tenant_id", true, "string", Some((1, 64)), &[], None),
        (Query, "group", false, "string", Some((1, 256)), &[], Some(json!("0"))),
        (Query, "kind", true, "string", None, &["alpha", "beta", "gamma"], Some(json!("alpha"))),
        (Query, "limit", false, "integer", Some((10, 200)), &[], Some(json!(10))),
        (Query, "since", false, "long", None, &[], None),
        (Header, "X-Auth-Token", true, "string", Some((1, 32768)), &[], None),
        (Header, "region", false, "string", Some((2, 128)), &[], None),
        (Body, "ids", false, "array of string", Some((2, 200)), &[], None),
        (Body, "names", true, "array of string", Some((1, 1000)), &[], None),
        (Body, "everything", false, "boolean", None, &[], None),
        (Body, "ratio", false, "double", None, &[], None),
        (Body, "detail", false, "object", None, &[], None),
        (Body, "detail.depth", true, "integer", Some((1, 5)), &[], None),
        (Body, "detail.label", false, "string", None, &[], Some(json!("none-yet"))),
        (Response, "message", false, "string", Some((1, 256)), &[], None),
        (Response, "total", false, "integer", Some((0, 2_097_152)), &[], None),
        (Response, "data_list", false, "array of object", None, &[], None),
        (Response, "data_list.row_id", false, "string", Some((1, 64)), &[], None),
        (Response, "data_list.state", false, "string", None, &["on", "off"], None),
    ];
    let parameters = rows.into_iter().map(|(location, name, mandatory, kind, range, values, default)| {
        let mut parameter = Parameter::new(location, name, 1);
        parameter.mandatory = located(mandatory).filter(|_| location != Response);
        parameter.type_name = located(kind.to_owned());
        parameter.range = range.and_then(|(min, max)| bounds(min, max));
        parameter.values = located(values.iter().map(|value| json!(value)).collect()).filter(|_| !values.is_empty());
        parameter.default = default.and_then(located);
        parameter
    });
    OperationFacts {
        operation: None,
        updated: Some("2026-01-02".to_owned()),
        status: None,
        method: Located::new("POST".to_owned(), 1),
        path: Located::new("/v9/{tenant_id}/things/start-run".to_owned(), 1),
        parameters: parameters.collect(),
    }
}

/// The copies of a parameter with one changed fact each.
fn changed(row: &Parameter) -> Vec<Parameter> {
    let kind = row.type_name.as_ref().unwrap().value.as_str();
    let mut all = Vec::new();
    let mut push = |change: &dyn Fn(&mut Parameter)| {
        let mut copy = row.clone();
        change(&mut copy);
        all.push(copy);
    };
    if let Some(mandatory) = row.mandatory.as_ref().filter(|_| row.location != Location::Path) {
        let now = !mandatory.value;
        push(&|copy| copy.mandatory = located(now));
    }
    if kind.ends_with("object") {
        return all;
    }
    for other in ["string", "integer", "long", "boolean", "array of string", "array of integer", "object"] {
        let simple = row.values.is_none() && row.default.is_none() && row.range.is_none();
        if other != kind && simple {
            push(&|copy| copy.type_name = located(other.to_owned()));
        }
    }
    match row.range.as_ref().map(|range| &range.value) {
        Some(Range::Bounds { min: Some(min), max: Some(max) }) => {
            for (low, high) in [(min + 1, *max), (*min, max + 1), (*min, max - 1), (*min, max * 1000)] {
                push(&|copy| copy.range = bounds(low, high));
            }
            push(&|copy| copy.range = None);
            push(&|copy| {
                copy.range = located(Range::Bounds { min: None, max: Some(*max) }).filter(|_| kind == "string")
            });
        }
        _ if kind == "boolean" || row.values.is_some() => {}
        _ => push(&|copy| copy.range = bounds(3, 30)),
    }
    if let Some(values) = row.values.as_ref().map(|values| &values.value) {
        let (mut more, mut other) = (values.clone(), values.clone());
        more.push(json!("more"));
        other[0] = json!("other");
        for new in [more, other, values[1..].to_vec()] {
            push(&|copy| copy.values = located(new.clone()));
        }
        push(&|copy| copy.values = None);
    }
    let number = matches!(kind, "integer" | "long");
    let another = || if number { json!(20) } else { json!("another") };
    if number || kind == "string" {
        push(&|copy| copy.default = located(another()));
    }
    if row.default.is_some() {
        push(&|copy| copy.default = None);
    }
    all
}

/// What must be found for a changed parameter.
fn expected(page: &Parameter, spec: &Parameter) -> Vec<Finding> {
    let value = |parameter: &Parameter, kind| {
        parameter.facts().find(|fact| fact.value.kind() == kind).map_or(Json::Null, |fact| Value::to_json(&fact.value))
    };
    let kinds = [FactKind::Mandatory, FactKind::Type, FactKind::Range, FactKind::Default, FactKind::Enum];
    let pairs = kinds.map(|kind| (page.location, spec.name.clone(), kind, value(page, kind), value(spec, kind)));
    pairs.into_iter().filter(|(.., page, spec)| page != spec).collect()
}

/// Changed pages, and what must be found.
fn mutations() -> Vec<(OperationFacts, Vec<Finding>)> {
    let base = base();
    let mut all = Vec::new();
    let own =
        |kind, page: &str, spec: &str| (Location::Operation, "start-run".to_owned(), kind, json!(page), json!(spec));
    for method in ["PUT", "DELETE", "PATCH"] {
        let page = OperationFacts { method: Located::new(method.to_owned(), 1), ..base.clone() };
        all.push((page, vec![own(FactKind::Method, method, "POST")]));
    }
    for path in [
        "/v10/{tenant_id}/things/start-run",
        "/v9/{tenant}/things/start-run",
        "/v9/{tenant_id}/things/start-runs",
        "/v9/{tenant_id}/jobs/launch",
        "/v9/things/start-run",
    ] {
        let page = OperationFacts { path: Located::new(path.to_owned(), 1), ..base.clone() };
        all.push((page, vec![own(FactKind::Path, path, &base.path.value)]));
    }
    for (index, row) in base.parameters.iter().enumerate() {
        for changed in changed(row) {
            let findings = expected(&changed, row);
            let mut page = base.clone();
            page.parameters[index] = changed;
            all.push((page, findings));
        }
        let presence =
            |name: &str, page: Json, spec: Json| (row.location, name.to_owned(), FactKind::Presence, page, spec);
        let gone = presence(&row.name, Json::Null, json!(true));
        let inner = format!("{}.", row.name);
        let mut page = base.clone();
        page.parameters.retain(|other| other.name != row.name && !other.name.starts_with(&inner));
        all.push((page, vec![gone.clone()]));
        if !row.type_name.as_ref().unwrap().value.ends_with("object") {
            let mut page = base.clone();
            let name = format!("{}_new", row.name);
            page.parameters[index].name.clone_from(&name);
            all.push((page, vec![presence(&name, json!(true), Json::Null), gone]));
        }
        // A new row before this one.
        let mut page = base.clone();
        let mut new = row.clone();
        new.name += "_2";
        new.type_name = located("string".to_owned());
        let found = presence(&new.name, json!(true), Json::Null);
        page.parameters.insert(index, new);
        all.push((page, vec![found]));
    }
    all
}

fn operations() -> Vec<Operation> {
    Spec::read("spec.yaml", include_str!("spec.yaml")).unwrap().operations()
}

fn findings(page: &OperationFacts, operations: &[Operation]) -> Vec<Finding> {
    let comparison = compare(page, operations).unwrap();
    assert_eq!(comparison.operation.id(), "StartRun");
    comparison.differences.into_iter().map(|d| (d.location, d.name, d.kind, d.page, d.spec)).collect()
}

fn each_layout(mut check: impl FnMut(Layout, &Edition, &dyn Fn(&OperationFacts) -> String)) {
    for layout in LAYOUTS {
        for edition in &EDITIONS {
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
        format!("  {line}\u{a0} \r\n")
    });
    format!("\u{feff}{}", lines.collect::<String>())
}

#[test]
fn the_page_itself_matches_in_every_layout() {
    let operations = operations();
    each_layout(|layout, edition, render| {
        let text = render(&base());
        let page = read_page(&text).unwrap_or_else(|error| panic!("{layout:?} {}: {error}\n{text}", edition.name));
        assert_eq!(findings(&page, &operations), [], "{layout:?} {}\n{text}", edition.name);
        assert_eq!((page.updated.as_deref(), page.status), (Some("2026-01-02"), Some(200)));
    });
}

#[test]
fn every_change_of_a_fact_is_found_once_and_alone() {
    let (operations, mutations) = (operations(), mutations());
    let (mut turn, mut cases) = (0, 0);
    each_layout(|layout, edition, render| {
        turn += 1;
        // Each change is tried in a few layouts and editions, and all of them together.
        for (page, expected) in mutations.iter().skip(turn % 7).step_by(7) {
            let text = render(page);
            let read = read_page(&text).unwrap_or_else(|error| panic!("{layout:?} {}: {error}\n{text}", edition.name));
            assert_eq!(findings(&read, &operations), *expected, "{layout:?} {}\n{text}", edition.name);
            cases += 1;
        }
    });
    assert!(mutations.len() > 150 && cases > 300, "{} mutations, {cases} cases", mutations.len());
}

#[test]
fn every_fact_names_the_line_that_states_it() {
    // In this layout each value has a line of its own.
    let text = render(&base(), Layout::Lines, &EDITIONS[0]);
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
fn a_truncated_page_is_refused_or_has_every_fact() {
    each_layout(|layout, edition, render| {
        let text = render(&base());
        let whole = read_page(&text).unwrap().all().count();
        for (end, _) in text.match_indices(['\n', ' ']).step_by(5) {
            if let Ok(page) = read_page(&text[..end]) {
                assert_eq!(page.all().count(), whole, "{layout:?} {}\n{}", edition.name, &text[..end]);
            }
        }
    });
}
