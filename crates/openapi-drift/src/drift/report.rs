//! Differences between a page and a spec as text, JSON, and annotations of a CI run.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::compare::{Comparison, Difference};
use crate::facts::{FactKind, Location, OperationFacts, Parameter};
use crate::format::{Format, github_annotation, json, scalar};
use crate::spec::bound_keys;

/// Reports what a comparison of the page `name` with a spec found.
#[must_use]
pub fn drift_report(name: &str, page: &OperationFacts, comparison: &Comparison<'_>, format: Format) -> String {
    match format {
        Format::Json => json(&comparison.differences),
        Format::Text => text(name, page, comparison),
        Format::Github => comparison.differences.iter().fold(String::new(), |mut out, difference| {
            let rendered = Rendered::of(name, difference, comparison);
            let title = format!("{}: {}", difference.operation, rendered.what);
            let Rendered { page, page_at, spec, edit, .. } = &rendered;
            let message = format!("page: {page} ({page_at}); spec: {spec}. {edit}.");
            out.push_str(&github_annotation(
                "error",
                &comparison.operation.spec,
                difference.spec_line,
                &title,
                &message,
            ));
            out
        }),
    }
}

fn text(name: &str, page: &OperationFacts, comparison: &Comparison<'_>) -> String {
    let (id, spec) = (comparison.operation.id(), &comparison.operation.spec);
    let date = page.updated.as_ref().map(|date| format!(" of {date}")).unwrap_or_default();
    let count = comparison.differences.len();
    let mut out = String::new();
    // Writing to a String cannot fail.
    if count == 0 {
        let facts = page.count();
        let accepted = match comparison.accepted {
            0 => String::new(),
            count => format!(", {count} accepted differences"),
        };
        let _ = writeln!(out, "{name}{date} matches {id} in {spec}: {facts} facts compared{accepted}");
        return out;
    }
    if comparison.is_new_operation {
        let _ = writeln!(out, "{name}{date}: no spec has this operation. The nearest is {id} in {spec}.");
        let _ = writeln!(out, "If it is new, draft it with `cargo xtask import {name}`.");
    } else {
        let verb = if count == 1 { "fact differs" } else { "facts differ" };
        let _ = writeln!(out, "{id}: {count} {verb} between {name}{date} and {spec}");
    }
    for difference in &comparison.differences {
        let rendered = Rendered::of(name, difference, comparison);
        let _ = writeln!(out, "\n{}", rendered.what);
        let _ = writeln!(out, "  page  {} ({})", rendered.page, rendered.page_at);
        let _ = writeln!(out, "  spec  {} ({})", rendered.spec, rendered.spec_at);
        let _ = writeln!(out, "  edit  {}", rendered.edit);
    }
    out
}

/// A difference as text.
struct Rendered {
    what: String,
    page: String,
    page_at: String,
    spec: String,
    spec_at: String,
    edit: String,
}

impl Rendered {
    fn of(page: &str, difference: &Difference, comparison: &Comparison<'_>) -> Self {
        let at = |file: &str, line: u64| if line > 0 { format!("{file}:{line}") } else { file.to_owned() };
        let thing = match difference.location {
            Location::Operation => "operation",
            Location::Path => "path parameter",
            Location::Query => "query parameter",
            Location::Header => "request header",
            Location::Body => "body field",
            Location::Response => "response field",
        };
        let spec_at = at(&comparison.operation.spec, difference.spec_line);
        Self {
            what: format!("{thing} `{}`, {}", difference.name, difference.kind),
            page: display_value(difference.kind, &difference.page),
            page_at: at(page, difference.page_line),
            spec: display_value(difference.kind, &difference.spec),
            edit: format!("{spec_at}: {}", edit(difference, comparison)),
            spec_at,
        }
    }
}

fn display_value(kind: FactKind, value: &Json) -> String {
    match (kind, value) {
        (FactKind::Presence, Json::Null) => "absent".to_owned(),
        (FactKind::Presence, _) => "present".to_owned(),
        (_, Json::Null) => "not stated".to_owned(),
        (FactKind::Mandatory, Json::Bool(true)) => "mandatory".to_owned(),
        (FactKind::Mandatory, _) => "optional".to_owned(),
        (FactKind::Range, Json::Object(bounds)) => match (bounds.get("min"), bounds.get("max")) {
            (Some(min), Some(max)) => format!("{min} to {max}"),
            (Some(min), None) => format!("at least {min}"),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => "no bounds".to_owned(),
        },
        (FactKind::Range, other) => format!("{other} (not understood)"),
        (_, Json::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// Returns the edit that makes the spec follow the page.
fn edit(difference: &Difference, comparison: &Comparison<'_>) -> String {
    let page = &difference.page;
    let scheme = difference.location == Location::Header;
    let gone = page.is_null();
    match difference.kind {
        FactKind::Presence if gone => "remove it, unless the page lists it in another place".to_owned(),
        FactKind::Presence => format!("add it to {}", comparison.operation.id()),
        FactKind::Mandatory if difference.location == Location::Body => match page {
            Json::Bool(true) => format!("add `{}` to the `required` list of its object", difference.name),
            _ => format!("remove `{}` from the `required` list of its object", difference.name),
        },
        FactKind::Mandatory if gone => {
            "the page no longer states whether it is mandatory: read the page, and decide".to_owned()
        }
        FactKind::Mandatory => format!("write `{}: {page}`", if scheme { "x-mandatory" } else { "required" }),
        FactKind::Type if gone => "the page no longer states a type: read the page, and decide".to_owned(),
        FactKind::Type => format!("make it {}", schema_of(page.as_str().unwrap_or_default())),
        FactKind::Range => range_edit(difference, comparison),
        FactKind::Default if gone => "remove `default`".to_owned(),
        FactKind::Default => format!("write `default: {}`", scalar(page)),
        FactKind::Enum if gone => "remove `enum`".to_owned(),
        FactKind::Enum => {
            let values: Vec<String> = page.as_array().map_or(&[][..], Vec::as_slice).iter().map(scalar).collect();
            format!("write `enum: [{}]`", values.join(", "))
        }
        FactKind::Method => format!("move the operation to `{}:`", page.as_str().unwrap_or_default().to_lowercase()),
        FactKind::Path => format!("write the path as `{}`", page.as_str().unwrap_or_default()),
    }
}

fn range_edit(difference: &Difference, comparison: &Comparison<'_>) -> String {
    let parameters = &comparison.operation.facts.parameters;
    let parameter = parameters
        .iter()
        .find(|parameter| parameter.location == difference.location && parameter.name == difference.name);
    let apart = matches!(difference.location, Location::Header | Location::Response);
    let (min, max) = if apart { ("min", "max") } else { bound_keys(parameter.map_or("", Parameter::type_name)) };
    let Json::Object(bounds) = &difference.page else {
        return if difference.page.is_null() {
            let keys = if apart { "`x-length`".to_owned() } else { format!("`{min}` and `{max}`") };
            format!("remove {keys}")
        } else {
            "read the range on the page: its wording is not understood. If the spec has it, accept this in spec/accepted.toml".to_owned()
        };
    };
    let keys: Vec<String> = [("min", min), ("max", max)]
        .iter()
        .filter_map(|(bound, key)| bounds.get(*bound).map(|value| format!("{key}: {value}")))
        .collect();
    if apart {
        format!("write `x-length: {{ {} }}`", keys.join(", "))
    } else {
        format!("write `{}`", keys.join("` and `"))
    }
}

/// Describes a type name as the keys of a schema.
fn schema_of(kind: &str) -> String {
    match kind {
        "long" => "`type: integer` with `format: int64`".to_owned(),
        "float" => "`type: number` with `format: float`".to_owned(),
        "double" => "`type: number`".to_owned(),
        _ => match kind.strip_prefix("array of ") {
            Some(items) => format!("`type: array` whose items are {}", schema_of(items)),
            None => format!("`type: {kind}`"),
        },
    }
}
