//! An example reference page as data, and every change of a single fact in it with the expected findings.

use serde_json::{Value as Json, json};

/// A finding without its operation: location, name, kind, value on the page, value in the spec.
pub(crate) type Finding = (&'static str, String, &'static str, Json, Json);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Table {
    Path,
    Query,
    Header,
    Body,
    Response,
    /// The fields of an object: its name, the field that has it, and that field's table.
    Object(&'static str, &'static str, Side),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Side {
    Body,
    Response,
}

impl Table {
    fn location(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Body | Self::Object(_, _, Side::Body) => "body",
            Self::Response | Self::Object(_, _, Side::Response) => "response",
        }
    }

    pub(crate) fn has_mandatory(self) -> bool {
        self.location() != "response"
    }

    fn prefix(self) -> String {
        if let Self::Object(_, field, _) = self { format!("{field}.") } else { String::new() }
    }
}

pub(crate) const DETAIL: Table = Table::Object("Detail", "detail", Side::Body);
pub(crate) const ROW: Table = Table::Object("RunRow", "data_list", Side::Response);
pub(crate) const TABLES: [Table; 7] =
    [Table::Path, Table::Query, Table::Header, Table::Body, DETAIL, Table::Response, ROW];

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Range {
    None,
    Characters(i64, i64),
    Numbers(i64, i64),
    Values(Vec<String>),
    /// The two values of a boolean.
    Truth,
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) table: Table,
    pub(crate) name: String,
    pub(crate) mandatory: bool,
    pub(crate) kind: &'static str,
    pub(crate) range: Range,
    pub(crate) default: Option<String>,
}

impl Row {
    fn full_name(&self) -> String {
        self.table.prefix() + &self.name
    }

    fn word(&self) -> &'static str {
        word(self.kind)
    }

    fn json(&self, value: &str) -> Json {
        value.parse::<i64>().ok().filter(|_| self.kind == "Integer").map_or_else(|| json!(value), Json::from)
    }
}

fn word(kind: &str) -> &'static str {
    match kind {
        "String" => "string",
        "Integer" => "integer",
        "Long" => "long",
        "Double" => "double",
        "Boolean" => "boolean",
        "Array of strings" => "array of string",
        "Array of integers" => "array of integer",
        "Detail object" | "Object" => "object",
        "Array of RunRow objects" => "array of object",
        other => panic!("{other}"),
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) rows: Vec<Row>,
}

const PATH: &str = "/v9/{tenant_id}/things/start-run";

pub(crate) fn base() -> Page {
    let row = |table, name: &str, mandatory, kind, range, default: Option<&str>| Row {
        table,
        name: name.to_owned(),
        mandatory,
        kind,
        range,
        default: default.map(str::to_owned),
    };
    let values = |values: &[&str]| Range::Values(values.iter().map(|value| (*value).to_owned()).collect());
    Page {
        method: "POST",
        path: PATH,
        rows: vec![
            row(Table::Path, "tenant_id", true, "String", Range::Characters(1, 64), None),
            row(Table::Query, "group", false, "String", Range::Characters(1, 256), Some("0")),
            row(Table::Query, "kind", true, "String", values(&["alpha", "beta", "gamma"]), Some("alpha")),
            row(Table::Query, "limit", false, "Integer", Range::Numbers(10, 200), Some("10")),
            row(Table::Query, "since", false, "Long", Range::None, None),
            row(Table::Header, "X-Auth-Token", true, "String", Range::Characters(1, 32768), None),
            row(Table::Header, "region", false, "String", Range::Characters(0, 128), None),
            row(Table::Body, "ids", false, "Array of strings", Range::Numbers(0, 200), None),
            row(Table::Body, "names", true, "Array of strings", Range::Numbers(1, 1000), None),
            row(Table::Body, "everything", false, "Boolean", Range::Truth, None),
            row(Table::Body, "ratio", false, "Double", Range::None, None),
            row(Table::Body, "detail", false, "Detail object", Range::None, None),
            row(DETAIL, "depth", true, "Integer", Range::Numbers(1, 5), None),
            row(DETAIL, "label", false, "String", Range::None, Some("none-yet")),
            row(Table::Response, "message", false, "String", Range::Characters(1, 256), None),
            row(Table::Response, "total", false, "Integer", Range::Numbers(0, 2_097_152), None),
            row(Table::Response, "data_list", false, "Array of RunRow objects", Range::None, None),
            row(ROW, "row_id", false, "String", Range::Characters(1, 64), None),
            row(ROW, "state", false, "String", values(&["on", "off"]), None),
        ],
    }
}

/// A change of one fact, the page after it, and what must be found.
pub(crate) struct Mutation {
    pub(crate) name: String,
    pub(crate) page: Page,
    pub(crate) expected: Vec<Finding>,
}

pub(crate) fn mutations() -> Vec<Mutation> {
    let mut all = Vec::new();
    let base = base();
    for (method, name) in [("PUT", "method"), ("DELETE", "method"), ("PATCH", "method")] {
        let expected = vec![("operation", "start-run".to_owned(), name, json!(method), json!("POST"))];
        all.push(Mutation { name: method.to_owned(), page: Page { method, ..base.clone() }, expected });
    }
    for path in [
        "/v10/{tenant_id}/things/start-run",
        "/v9/{tenant}/things/start-run",
        "/v9/{tenant_id}/things/start-runs",
        "/v9/{tenant_id}/jobs/launch",
        "/v9/things/start-run",
    ] {
        let expected = vec![("operation", "start-run".to_owned(), "path", json!(path), json!(PATH))];
        all.push(Mutation { name: path.to_owned(), page: Page { path, ..base.clone() }, expected });
    }
    for index in 0..base.rows.len() {
        of_row(&base, index, &mut all);
    }
    for table in TABLES {
        for (name, kind) in [("brand_new", "String"), ("added2", "Integer")] {
            let mut page = base.clone();
            let at = page.rows.iter().rposition(|row| row.table == table).unwrap() + 1;
            let new =
                Row { table, name: name.into(), mandatory: false, kind, range: Range::Numbers(1, 9), default: None };
            let expected = vec![(table.location(), new.full_name(), "presence", json!(true), Json::Null)];
            // Before the others as well as after them.
            let at = if kind == "Integer" { page.rows.iter().position(|row| row.table == table).unwrap() } else { at };
            page.rows.insert(at, new);
            all.push(Mutation { name: format!("{table:?} gets {name}"), page, expected });
        }
    }
    all
}

fn of_row(base: &Page, index: usize, all: &mut Vec<Mutation>) {
    let row = &base.rows[index];
    let (location, full) = (row.table.location(), row.full_name());
    let bounds = |min: i64, max: i64| json!({"min": min, "max": max});
    let mut push = |what: &str, change: &dyn Fn(&mut Row), aspect: &'static str, page: Json, spec: Json| {
        let mut changed = base.clone();
        change(&mut changed.rows[index]);
        let expected = vec![(location, full.clone(), aspect, page, spec)];
        all.push(Mutation { name: format!("{location} {full}: {what}"), page: changed, expected });
    };
    if row.table.has_mandatory() {
        let now = !row.mandatory;
        push("mandatory flips", &|row| row.mandatory = now, "mandatory", json!(now), json!(!now));
    }
    for kind in ["String", "Integer", "Long", "Boolean", "Array of strings", "Array of integers", "Object"] {
        let object = row.word().ends_with("object");
        if word(kind) != row.word() && !object {
            push(kind, &|row| row.kind = kind, "type", json!(word(kind)), json!(row.word()));
        }
    }
    match &row.range {
        Range::Characters(min, max) | Range::Numbers(min, max) => {
            let characters = matches!(row.range, Range::Characters(..));
            let range = move |min, max| if characters { Range::Characters(min, max) } else { Range::Numbers(min, max) };
            let (min, max) = (*min, *max);
            for (low, high) in [(min + 1, max), (min, max + 1), (min, max - 1), (min, max * 1000)] {
                let what = format!("{low} to {high}");
                push(&what, &|row| row.range = range(low, high), "range", bounds(low, high), bounds(min, max));
            }
            push("no range", &|row| row.range = Range::None, "range", Json::Null, bounds(min, max));
        }
        Range::None if !row.word().ends_with("object") => {
            push("a range", &|row| row.range = Range::Numbers(3, 30), "range", bounds(3, 30), Json::Null);
        }
        Range::Values(values) => {
            let added: Vec<String> = values.iter().cloned().chain(["more".to_owned()]).collect();
            let fewer: Vec<String> = values[1..].to_vec();
            let renamed: Vec<String> =
                values.iter().enumerate().map(|(i, v)| if i == 0 { "other".to_owned() } else { v.clone() }).collect();
            for changed in [added, fewer, renamed] {
                let page = json!(changed);
                push("values", &|row| row.range = Range::Values(changed.clone()), "enum", page, json!(values));
            }
            push("no values", &|row| row.range = Range::None, "enum", Json::Null, json!(values));
        }
        Range::Truth => {
            let three = || Range::Values(["true", "false", "auto"].map(str::to_owned).to_vec());
            let page = json!([true, false, "auto"]);
            push("a third value", &|row| row.range = three(), "enum", page, json!([true, false]));
        }
        Range::None => {}
    }
    match &row.default {
        Some(default) => {
            let spec = row.json(default);
            let other = if row.kind == "Integer" { "20" } else { "another" };
            push(
                "other default",
                &|row| row.default = Some(other.to_owned()),
                "default",
                row.json(other),
                spec.clone(),
            );
            push("no default", &|row| row.default = None, "default", Json::Null, spec);
        }
        None => {
            let value = if row.kind == "Integer" { "3" } else { "new-one" };
            push("a default", &|row| row.default = Some(value.to_owned()), "default", row.json(value), Json::Null);
        }
    }
    // Without its row, and under another name. The fields of an object are removed with it.
    let object = matches!(row.kind, "Detail object" | "Array of RunRow objects");
    let gone = (location, full.clone(), "presence", Json::Null, json!(true));
    let mut page = base.clone();
    page.rows.remove(index);
    all.push(Mutation { name: format!("{location} {full} is gone"), page, expected: vec![gone.clone()] });
    if !object {
        let mut page = base.clone();
        page.rows[index].name = "renamed_to".to_owned();
        let name = page.rows[index].full_name();
        let expected = vec![(location, name, "presence", json!(true), Json::Null), gone];
        all.push(Mutation { name: format!("{location} {full} is renamed"), page, expected });
    }
}
