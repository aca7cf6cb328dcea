//! Parses the description cell of a parameter: its range, its listed values and its default.

use serde_json::Value as Json;

use super::block::Line;
use super::labels::{self, PARTS, Part};
use super::range;
use crate::facts::{Located, Range};
use crate::text::{says_nothing, unstopped};

/// What a description states.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Described {
    pub(super) range: Option<Located<Range>>,
    pub(super) values: Option<Located<Vec<Json>>>,
    pub(super) default: Option<Located<Json>>,
    /// Whether the description ends with a label without text.
    pub(super) unfinished: bool,
}

/// Parses the lines of a description. The type decides how values are written: `"10"` or `10`.
pub(super) fn read(lines: &[Line], kind: &str) -> Described {
    let mut described = Described::default();
    let mut ranges: Vec<(&str, u64)> = Vec::new();
    let mut default: Option<(&str, u64)> = None;
    let mut current = Part::Definition;
    let mut waiting = false;
    for line in lines {
        for (part, text) in parts(&line.text) {
            if let Some(part) = part {
                current = part;
                waiting = true;
            }
            if text.is_empty() {
                continue;
            }
            waiting = false;
            match current {
                Part::Range => ranges.push((text, line.number)),
                Part::Default if default.is_none() => default = Some((text, line.number)),
                _ => {}
            }
        }
    }
    described.unfinished = waiting;
    // The bounds of a list win over those of its elements.
    if kind.starts_with("array")
        && let Some(own) =
            ranges.iter().find(|(text, _)| text.starts_with("Array Length") || text.starts_with("数组长度"))
    {
        ranges = vec![*own];
    }
    ranges.retain(|(text, _)| !says_nothing(text));
    if let Some((_, line)) = ranges.first() {
        let texts: Vec<&str> = ranges.iter().map(|(text, _)| *text).collect();
        let (values, rest) = range::values(&texts);
        // The values true and false of a boolean are not a fact.
        let mut words: Vec<&str> = values.iter().map(String::as_str).collect();
        words.sort_unstable();
        if !values.is_empty() && words != ["false", "true"] {
            let values = values.into_iter().map(|value| typed(&value, kind)).collect();
            described.values = Some(Located::new(values, *line));
        }
        described.range = range::read(&rest.join("\n")).map(|range| Located::new(range, *line));
    }
    described.default = default
        .filter(|(text, _)| !says_nothing(text))
        .map(|(text, line)| Located::new(typed(&default_value(text), kind), line));
    described
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
    // No label with a text is shorter.
    if line.len() < 8 {
        return None;
    }
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

/// Returns the last position of a label that is not part of another word.
fn label_from_behind(text: &str, label: &str) -> Option<(usize, usize)> {
    let mut end = text.len();
    while let Some(start) = text.get(..end).and_then(|head| head.rfind(label)) {
        let behind = start + label.len();
        let apart = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_');
        let before = text.get(..start).and_then(|head| head.chars().next_back());
        let after = text.get(behind..).and_then(|tail| tail.chars().next());
        if apart(before) && apart(after) {
            return Some((start, behind));
        }
        end = start;
    }
    None
}

/// Returns the value at the beginning of a default's text: `0` of `0: default enterprise project.`
fn default_value(text: &str) -> String {
    let mut text = text.trim().trim_start_matches(['•', '●']).trim_start();
    for lead in [
        "The default value is",
        "The default is",
        "Default value:",
        "Default:",
        "默认值为",
        "默认为",
        "默认值：",
        "缺省值：",
    ] {
        text = text.strip_prefix(lead).unwrap_or(text).trim_start();
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
    unstopped(value).trim_matches(['"', '\'', '“', '”']).to_owned()
}

/// Converts a value to JSON of the parameter's type, or to a string if it is not of that type.
fn typed(value: &str, kind: &str) -> Json {
    let parsed = match kind {
        "integer" | "long" => value.replace(',', "").parse::<i64>().ok().map(Json::from),
        "float" | "double" => value.parse::<f64>().ok().map(Json::from),
        "boolean" => value.to_ascii_lowercase().parse::<bool>().ok().map(Json::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| value.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(text: &str, kind: &str) -> Described {
        let lines: Vec<Line> =
            text.lines().zip(1..).map(|(text, number)| Line { text: text.to_owned(), number }).collect();
        read(&lines, kind)
    }

    #[test]
    fn every_shape_of_a_description() {
        let full = "Definition\nWords of the Range\nConstraints\nN/A\nRange\n• a: x\n• b: y\nDefault Value\nb";
        let chinese = "参数解释：\n说明\n约束限制：\n不涉及\n取值范围：\n- a：x\n- b：y\n默认取值：\nb";
        let one_line = "Definition Words of the Range Constraints N/A Range • a: x • b: y Default Value b";
        let one_chinese = "参数解释：说明 约束限制：不涉及 取值范围：- a：x - b：y 默认取值：b";
        for text in [full, chinese, one_line, one_chinese] {
            let described = of(text, "string");
            assert_eq!(described.values.map(|stated| stated.value), Some(vec![json!("a"), json!("b")]), "{text}");
            assert_eq!(described.default.map(|stated| stated.value), Some(json!("b")), "{text}");
            assert_eq!(described.range, None, "{text}");
            assert!(!described.unfinished, "{text}");
        }
    }

    #[test]
    fn lines_are_kept() {
        let described = of("Definition\nx\nRange\n1 to 9\nDefault Value\n5", "integer");
        assert_eq!(described.range, Some(Located::new(Range::Bounds { min: Some(1), max: Some(9) }, 4)));
        assert_eq!(described.default, Some(Located::new(json!(5), 6)));
    }

    #[test]
    fn a_label_with_nothing_behind_it_is_unfinished() {
        assert!(of("Definition\nx\nRange", "string").unfinished);
        assert!(of("Definition", "string").unfinished);
        assert!(!of("Words.", "string").unfinished);
    }

    #[test]
    fn defaults_end_where_their_meaning_begins() {
        for (text, expected) in [
            ("0: default enterprise project.", "0"),
            ("0：默认企业项目", "0"),
            ("0，表示默认企业项目（default）。", "0"),
            ("0 (default project)", "0"),
            ("0:default project", "0"),
            ("host", "host"),
            ("host.", "host"),
            ("\"0\"", "0"),
            ("The default value is 10.", "10"),
            ("默认值为10", "10"),
            ("http://x:80/y", "http://x:80/y"),
            ("10:30", "10:30"),
        ] {
            assert_eq!(default_value(text), expected, "{text:?}");
        }
    }

    #[test]
    fn older_pages_write_bounds_as_lines() {
        let described = of("An id.\nMinimum: 1\nMaximum: 64\nDefault: 0", "string");
        assert_eq!(described.range.map(|r| r.value), Some(Range::Bounds { min: Some(1), max: Some(64) }));
        assert_eq!(described.default.map(|d| d.value), Some(json!("0")));
        let described = of("Ids.\nMinimum: 1\nMaximum: 64\nArray Length: 0 - 200", "array of string");
        assert_eq!(described.range.map(|r| r.value), Some(Range::Bounds { min: Some(0), max: Some(200) }));
    }
}
