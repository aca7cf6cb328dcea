//! Parses the description cell of a parameter: its range, its listed values and its default.

mod numbers;
mod range;
mod values;

use serde_json::Value as Json;

use self::values::Listed;
use super::block::Line;
use super::labels::{self, PARTS, Part};
use crate::facts::{FactKind, Facts, Located};
use crate::text::{says_nothing, unstopped};

/// Parses the lines of a description. The type decides how values are written: `"10"` or `10`.
pub(super) fn read(lines: &[Line], kind: &str) -> Facts {
    let mut ranges: Vec<(&str, u64)> = Vec::new();
    let mut bounds: Vec<(&str, u64)> = Vec::new();
    let mut default: Option<(&str, u64)> = None;
    let mut current = Part::Definition;
    for line in lines {
        if labels::is_note(&line.text) {
            current = Part::Definition;
            continue;
        }
        for (part, text) in parts(&line.text) {
            current = part.unwrap_or(current);
            match current {
                _ if text.is_empty() => {}
                Part::Bound => {
                    bounds.push((text, line.number));
                    current = Part::Definition;
                }
                Part::Range if !says_nothing(text) => ranges.push((text, line.number)),
                Part::Default if default.is_none() => default = Some((text, line.number)),
                _ => {}
            }
        }
    }
    let is_array = kind.starts_with("array");
    // On older pages, the length of a list has a label of its own, and other bounds are those of its elements.
    bounds.retain(|(text, _)| ["Array Length", "数组长度"].iter().any(|label| text.starts_with(label)) == is_array);
    ranges.extend(bounds);
    let mut facts = Facts::new();
    let mut set =
        |kind, value: Option<Json>, line| value.and_then(|value| facts.insert(kind, Located::new(value, line)));
    if let Some((_, line)) = ranges.first() {
        let texts: Vec<&str> = ranges.iter().map(|(text, _)| *text).collect();
        let (range, values) = of_range(&texts, kind);
        set(FactKind::Range, range, *line);
        set(FactKind::Enum, values.map(Json::from), *line);
    }
    if let Some((text, line)) = default {
        set(FactKind::Default, default_value(text, kind), line);
    }
    facts
}

/// Returns the bounds and the values that the texts of a range state.
fn of_range(texts: &[&str], kind: &str) -> (Option<Json>, Option<Vec<Json>>) {
    let (listed, rest) = values::read(texts);
    let mut range = range::read(&rest.join("\n"));
    // The length of the elements is not that of the list.
    let elements = ["character", "字符", "每个", "单个"];
    if kind.starts_with("array") && rest.iter().any(|line| elements.iter().any(|word| line.contains(word))) {
        range = None;
    }
    let unparsed = || (Some(texts.join("\n").into()), None);
    match listed {
        None => (range, None),
        Some(Listed::Unclear) => unparsed(),
        Some(Listed::Values(words)) => {
            let values: Vec<Json> = words.iter().filter_map(|word| typed(word, element(kind))).collect();
            let truth = kind == "boolean" && values.len() == 2;
            match values.len() == words.len() {
                true => (range, (!truth).then_some(values)),
                false => unparsed(),
            }
        }
    }
}

fn element(kind: &str) -> &str {
    kind.rsplit(" of ").next().unwrap_or(kind)
}

/// Splits a line into parts: usually one, or all four if it has a whole cell.
fn parts(line: &str) -> Vec<(Option<Part>, &str)> {
    if let Some((part, rest)) = labels::part(line) {
        return in_one_line(rest, 1).map_or_else(
            || vec![(Some(part), rest)],
            |mut more| {
                if let Some(first) = more.first_mut() {
                    first.0 = Some(part);
                }
                more
            },
        );
    }
    in_one_line(line, 2).unwrap_or_else(|| vec![(None, line)])
}

/// Splits a cell on one line into labels and texts. It searches from the end, because prose comes first. Fewer labels
/// than `least` are words of a sentence.
fn in_one_line(line: &str, least: usize) -> Option<Vec<(Option<Part>, &str)>> {
    let mut found: Vec<(Option<Part>, &str)> = Vec::new();
    let mut rest = line;
    for (part, labels) in PARTS.iter().rev() {
        let places = labels.iter().filter_map(|label| label_from_behind(rest, label));
        // The longest label at the last position: `Value Range` before `Range`.
        let Some((start, end)) = places.max_by_key(|(start, end)| (*end, usize::MAX - start)) else { continue };
        let text = rest.get(end..)?.trim_start_matches([' ', ':', '：']);
        found.push((Some(*part), text));
        rest = rest.get(..start)?.trim_end();
    }
    if found.len() < least {
        return None;
    }
    if !rest.is_empty() {
        found.push((None, rest));
    }
    found.reverse();
    Some(found)
}

/// Returns the last position of a label that is not part of another word, and not an entry of a list.
fn label_from_behind(text: &str, label: &str) -> Option<(usize, usize)> {
    let mut end = text.len();
    while let Some(start) = text.get(..end).and_then(|head| head.rfind(label)) {
        let behind = start + label.len();
        let apart = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_');
        let head = text.get(..start).unwrap_or_default();
        let after = text.get(behind..).and_then(|tail| tail.chars().next());
        if apart(head.chars().next_back()) && apart(after) && !head.ends_with("- ") && !head.ends_with("• ") {
            return Some((start, behind));
        }
        end = start;
    }
    None
}

/// Returns the value at the beginning of a default's text: `0` of `0: default enterprise project.` A value that does
/// not fit the type is kept as text, so that it is reported as a difference.
fn default_value(text: &str, kind: &str) -> Option<Json> {
    let mut text = text.trim().trim_start_matches(['•', '●']).trim_start();
    let leads = [
        "The default value is",
        "The default is",
        "Default value:",
        "Default:",
        "默认值",
        "默认",
        "缺省值",
        "为",
        "是",
    ];
    for lead in leads {
        text = text.strip_prefix(lead).unwrap_or(text).trim_start_matches([' ', ':', '：']);
    }
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        let stops = match c {
            '：' | '，' | '；' | '（' | '。' | ',' | ';' | '(' => true,
            // A colon within an address or a time is part of the value.
            ':' => next.is_none_or(|c| c.is_whitespace() || c.is_alphabetic()),
            _ => false,
        };
        if stops {
            end = at;
            break;
        }
    }
    let value = text.get(..end).unwrap_or(text).trim();
    let value = value.split_once(" - ").map_or(value, |(value, _)| value);
    let value = unstopped(value).trim_matches(['"', '\'', '“', '”']);
    // A single slash is a path.
    if says_nothing(value) && !(value == "/" && kind == "string") {
        return None;
    }
    Some(typed(value, kind).unwrap_or_else(|| value.into()))
}

/// Converts a value to JSON of the parameter's type; `None` if it is not of that type.
fn typed(value: &str, kind: &str) -> Option<Json> {
    match kind {
        "integer" | "long" => value.replace(',', "").parse::<i64>().ok().map(Json::from),
        "float" | "double" => value.parse::<f64>().ok().map(Json::from),
        "boolean" => value.to_ascii_lowercase().parse::<bool>().ok().map(Json::from),
        _ => Some(value.into()),
    }
}
