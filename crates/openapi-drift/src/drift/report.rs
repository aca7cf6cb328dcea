//! Differences as people and machines read them: text, JSON, and the annotation lines of a CI.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::compare::{Comparison, Difference};
use crate::fact::{Aspect, Facts, Location};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// Workflow commands, one a line: shown beside the line of the file that they name.
    Github,
}

/// What was found on a page, called `name`, that was held against a spec.
#[must_use]
pub fn drift_report(name: &str, page: &Facts, comparison: &Comparison<'_>, format: Format) -> String {
    match format {
        Format::Json => json(&comparison.differences),
        Format::Text => text(name, page, comparison),
        Format::Github => comparison.differences.iter().fold(String::new(), |mut out, difference| {
            let told = Told::of(name, difference, comparison);
            let title = format!("{}: {}", difference.operation, told.what);
            let Told { page, page_at, spec, edit, .. } = &told;
            let message = format!("on the page {page} ({page_at}), in the spec {spec}. {edit}.");
            out.push_str(&github("error", &comparison.operation.spec, difference.spec_line, &title, &message));
            out
        }),
    }
}

/// Any list of findings as JSON.
pub(crate) fn json<T: serde::Serialize>(findings: &[T]) -> String {
    // Texts and numbers always have a JSON form.
    serde_json::to_string_pretty(findings).unwrap_or_default() + "\n"
}

/// One workflow command.
#[must_use]
pub fn github(level: &str, file: &str, line: u64, title: &str, message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let line = if line > 0 { format!(",line={line}") } else { String::new() };
    format!("::{level} file={}{line},title={}::{}\n", property(file), property(title), data(message))
}

fn text(name: &str, page: &Facts, comparison: &Comparison<'_>) -> String {
    let (id, spec) = (comparison.operation.id(), &comparison.operation.spec);
    let date = page.updated.as_ref().map(|date| format!(" of {date}")).unwrap_or_default();
    let count = comparison.differences.len();
    let mut out = String::new();
    // Writing to a String cannot fail.
    if count == 0 {
        let facts = page.all().count();
        let _ = writeln!(out, "in step: {facts} facts of {name}{date} are those of {id} in {spec}");
        return out;
    }
    if comparison.is_unknown {
        let _ = writeln!(out, "{name}{date}: no spec has this operation. The nearest is {id} in {spec}.");
        let _ = writeln!(out, "If it is a new one: `cargo xtask import {name}` drafts it.");
    } else {
        let verb = if count == 1 { "fact is" } else { "facts are" };
        let _ = writeln!(out, "{id}: {count} {verb} not the same on {name}{date} and in {spec}");
    }
    for difference in &comparison.differences {
        let told = Told::of(name, difference, comparison);
        let _ = writeln!(out, "\n{}", told.what);
        let _ = writeln!(out, "  page  {} ({})", told.page, told.page_at);
        let _ = writeln!(out, "  spec  {} ({})", told.spec, told.spec_at);
        let _ = writeln!(out, "  edit  {}", told.edit);
    }
    out
}

/// A difference in words.
struct Told {
    what: String,
    page: String,
    page_at: String,
    spec: String,
    spec_at: String,
    edit: String,
}

impl Told {
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
            what: format!("{thing} `{}`, {}", difference.name, difference.aspect),
            page: said(difference.aspect, &difference.page),
            page_at: at(page, difference.page_line),
            spec: said(difference.aspect, &difference.spec),
            edit: format!("{spec_at}: {}", edit(difference, comparison)),
            spec_at,
        }
    }
}

fn said(aspect: Aspect, value: &Json) -> String {
    match (aspect, value) {
        (Aspect::Presence, Json::Null) => "not there".to_owned(),
        (Aspect::Presence, _) => "there".to_owned(),
        (_, Json::Null) => "nothing stated".to_owned(),
        (Aspect::Mandatory, Json::Bool(true)) => "mandatory".to_owned(),
        (Aspect::Mandatory, _) => "optional".to_owned(),
        (Aspect::Range, Json::Object(bounds)) => match (bounds.get("min"), bounds.get("max")) {
            (Some(min), Some(max)) => format!("{min} to {max}"),
            (Some(min), None) => format!("at least {min}"),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => "no bounds".to_owned(),
        },
        (Aspect::Range, other) => format!("{other} (not understood)"),
        (_, Json::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// What to edit, so that the spec says what the page says.
fn edit(difference: &Difference, comparison: &Comparison<'_>) -> String {
    let page = &difference.page;
    let scheme = difference.location == Location::Header;
    let gone = page.is_null();
    match difference.aspect {
        Aspect::Presence if gone => "take it out, or find where the page has it now".to_owned(),
        Aspect::Presence => format!("add it to {}", comparison.operation.id()),
        Aspect::Mandatory if difference.location == Location::Body => match page {
            Json::Bool(true) => format!("name `{}` in the `required` list of its object", difference.name),
            _ => format!("take `{}` out of the `required` list of its object", difference.name),
        },
        Aspect::Mandatory if gone => "the page does not say it any more: look at the page".to_owned(),
        Aspect::Mandatory => format!("write `{}: {page}`", if scheme { "x-mandatory" } else { "required" }),
        Aspect::Type if gone => "the page names no type any more: look at the page".to_owned(),
        Aspect::Type => format!("make it {}", schema_of(page.as_str().unwrap_or_default())),
        Aspect::Range => range_edit(difference, comparison),
        Aspect::Default if gone => "take out `default`".to_owned(),
        Aspect::Default => format!("write `default: {}`", scalar(page)),
        Aspect::Enum if gone => "take out `enum`".to_owned(),
        Aspect::Enum => {
            let values: Vec<String> = page.as_array().map_or(&[][..], Vec::as_slice).iter().map(scalar).collect();
            format!("write `enum: [{}]`", values.join(", "))
        }
        Aspect::Method => format!("move the operation to `{}:`", page.as_str().unwrap_or_default().to_lowercase()),
        Aspect::Path => format!("write the path as `{}`", page.as_str().unwrap_or_default()),
    }
}

fn range_edit(difference: &Difference, comparison: &Comparison<'_>) -> String {
    let items = &comparison.operation.facts.items;
    let item = items.iter().find(|item| item.location == difference.location && item.name == difference.name);
    let kind = item.and_then(|item| item.kind.as_ref()).map(|kind| kind.value.as_str()).unwrap_or_default();
    let apart = matches!(difference.location, Location::Header | Location::Response);
    let (min, max) = match kind {
        _ if apart => ("min", "max"),
        "string" => ("minLength", "maxLength"),
        _ if kind.starts_with("array") => ("minItems", "maxItems"),
        _ => ("minimum", "maximum"),
    };
    let Json::Object(bounds) = &difference.page else {
        return if difference.page.is_null() {
            let keys = if apart { "`x-length`".to_owned() } else { format!("`{min}` and `{max}`") };
            format!("take out {keys}")
        } else {
            "read the page's words, and teach the page reader to".to_owned()
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

/// A type word as the keys of a schema.
pub(crate) fn schema_of(kind: &str) -> String {
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

/// A scalar in YAML.
pub(crate) fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => {
            let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
                && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
                    .contains(&text.to_lowercase().as_str());
            if plain { text.clone() } else { format!("'{}'", text.replace('\'', "''")) }
        }
        other => other.to_string(),
    }
}
