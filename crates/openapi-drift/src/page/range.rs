//! Parses bounds and listed values from the prose of a description.

use crate::facts::Range;
use crate::text::unstopped;

/// A whole number in a text, and its byte range.
struct Number {
    value: i64,
    start: usize,
    end: usize,
}

/// Returns the bounds that a text states, or nothing if it has no number.
pub(super) fn read(text: &str) -> Option<Range> {
    let lower = text.to_lowercase();
    let Some(numbers) = numbers(text) else {
        return limits_something(&lower).then(|| Range::Unparsed(text.to_owned()));
    };
    let first = numbers.first()?;
    let brackets = text.contains(['[', '(', '（']);
    // Two numbers with a word or a dash between them.
    for pair in numbers.windows(2) {
        if let [low, high] = pair
            && connects(text.get(low.end..high.start).unwrap_or_default(), brackets)
        {
            return Some(bounds(Some(low.value), Some(high.value)));
        }
    }
    // Lower case may change byte offsets, and with them those of the numbers.
    if lower.len() == text.len() {
        let least = keyed(
            &lower,
            &numbers,
            &["minimum", "at least", "no less than", "not less than", "最小", "不小于", "至少"],
        );
        let most = keyed(
            &lower,
            &numbers,
            &["maximum", "at most", "up to", "no more than", "not exceed", "最大", "不超过", "最多"],
        );
        if least.is_some() || most.is_some() {
            return Some(bounds(least, most));
        }
        let counted = ["character", "个字符"].iter().any(|word| lower[first.end..].trim_start().starts_with(word));
        if counted && numbers.len() == 1 {
            return Some(bounds(Some(first.value), Some(first.value)));
        }
    }
    limits_something(&lower).then(|| Range::Unparsed(text.to_owned()))
}

/// Whether the numbers in a text are limits: those of `RFC 3339` are not.
fn limits_something(lower: &str) -> bool {
    let words = [
        "character",
        "byte",
        "digit",
        "length",
        "range",
        "minimum",
        "maximum",
        "between",
        "least",
        "most",
        "than",
        "exceed",
        " to ",
        "<",
        ">",
        "≤",
        "≥",
        "^",
        "~",
        "最",
        "位",
        "字符",
        "长度",
        "超过",
        "至",
        "到",
        "小于",
        "大于",
        "介于",
        "范围",
    ];
    words.iter().any(|word| lower.contains(word))
}

fn bounds(min: Option<i64>, max: Option<i64>) -> Range {
    Range::Bounds { min, max }
}

/// Whether the text between two numbers makes them the ends of a range.
fn connects(between: &str, brackets: bool) -> bool {
    let between = between.trim().trim_matches(['"', '\'']).trim();
    let words =
        ["to", "-", "–", "—", "~", "～", "－", "‐", "‑", "‒", "−", "至", "到", "through", "..", "...", "…", "and"];
    words.contains(&between) || (brackets && [",", "，"].contains(&between))
}

/// Returns the first number after one of the words.
fn keyed(lower: &str, numbers: &[Number], words: &[&str]) -> Option<i64> {
    let at = words.iter().filter_map(|word| lower.find(word).map(|at| at + word.len())).min()?;
    numbers.iter().find(|number| number.start >= at).map(|number| number.value)
}

/// Returns the whole numbers of a text: `32,768` is one. `None` if one of them cannot be parsed, such as `2^31` or `0.5`.
fn numbers(text: &str) -> Option<Vec<Number>> {
    let bytes = text.as_bytes();
    let mut found: Vec<Number> = Vec::new();
    let mut at = 0;
    while let Some(offset) = bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit)) {
        let start = at + offset;
        let mut end = start;
        while bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        let mut digits = text.get(start..end)?.to_owned();
        // Groups of three digits after a comma belong to the number, unless it begins with a zero.
        while !digits.starts_with('0') && bytes.get(end) == Some(&b',') && digits.len() <= 18 {
            let group = bytes.get(end + 1..end + 4).unwrap_or_default();
            let more = bytes.get(end + 4).is_some_and(u8::is_ascii_digit);
            if group.len() < 3 || more || !group.iter().all(u8::is_ascii_digit) {
                break;
            }
            digits.push_str(text.get(end + 1..end + 4)?);
            end += 4;
        }
        let before = text.get(..start)?.chars().next_back();
        let mut after = text.get(end..)?.chars();
        let (next, second) = (after.next(), after.next());
        at = end;
        // Part of a word, such as `v5`.
        if before.is_some_and(|c| c.is_ascii_alphabetic() || c == '_') {
            continue;
        }
        let power = next == Some('^') || next == Some('*');
        let fraction = next == Some('.') && second.is_some_and(|c| c.is_ascii_digit());
        let unit = next.is_some_and(|c| c.is_ascii_alphabetic());
        if power || fraction || unit {
            return None;
        }
        let negative = before == Some('-') && {
            let ahead = text.get(..start - 1)?.chars().next_back();
            let joined = found.last().is_some_and(|last| last.end + 1 >= start);
            !joined && ahead.is_none_or(|c| !c.is_alphanumeric()) && !after_number(text, &found, start - 1)
        };
        let value: i64 = digits.parse().ok()?;
        let start = if negative { start - 1 } else { start };
        found.push(Number { value: if negative { -value } else { value }, start, end });
    }
    Some(found)
}

/// Whether there are only spaces between the last number and this offset: then a dash joins two numbers.
fn after_number(text: &str, found: &[Number], at: usize) -> bool {
    found.last().is_some_and(|last| text.get(last.end..at).is_some_and(|between| between.trim().is_empty()))
}

/// Returns the values that the lines of a range list, and the lines that list none.
pub(super) fn values<'a>(lines: &[&'a str]) -> (Vec<String>, Vec<&'a str>) {
    let mut values = Vec::new();
    let mut rest = Vec::new();
    for line in lines {
        match bullets(line) {
            Some(found) => values.extend(found),
            None => rest.push(*line),
        }
    }
    // A list that lost its bullets: every line is a value with its meaning.
    if values.is_empty() {
        let named: Vec<String> = rest.iter().map_while(|line| named_value(line)).collect();
        if named.len() > 1 && named.len() == rest.len() {
            return (named, Vec::new());
        }
    }
    (values, rest)
}

const DOTS: [char; 6] = ['•', '●', '▪', '·', '‣', '◦'];

/// Returns the values of a line that has one or several list entries.
fn bullets(line: &str) -> Option<Vec<String>> {
    if line.contains(DOTS) {
        let mut parts = line.split(DOTS);
        let lead = parts.next().unwrap_or_default().trim();
        // Text before the first bullet may state bounds; then the line is not a list.
        if lead.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        return Some(parts.filter_map(entry).collect());
    }
    let rest = ["- ", "* ", "– ", "+ "].iter().find_map(|dash| line.strip_prefix(dash))?;
    let mut found: Vec<String> = Vec::new();
    // Several entries on one line: a dash between spaces begins the next entry only if a value with its meaning follows.
    for part in rest.split(" - ") {
        match entry(part) {
            Some(value) if found.is_empty() || named_value(part).is_some() => found.push(value),
            _ => {}
        }
    }
    Some(found)
}

/// Returns the value of a list entry, which comes before its meaning.
fn entry(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text.find([':', '：', ',', '，', '(', '（', ';', '；', '。']).unwrap_or(text.len());
    let value = text.get(..end).unwrap_or(text);
    // Without a colon the first word is the value: `host server asset`, `host - server asset`.
    let value = if end == text.len() { value.split(' ').next().unwrap_or(value) } else { value };
    let value = unstopped(value.trim().trim_matches(['"', '\'']));
    (!value.is_empty()).then(|| value.to_owned())
}

/// Returns the value of a line such as `host: servers`. A word such as `Note` before a colon is not a value.
fn named_value(line: &str) -> Option<String> {
    let (value, meaning) = line.split_once([':', '：'])?;
    let value = value.trim();
    let plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let words =
        ["note", "length", "minimum", "maximum", "range", "default", "example", "value", "format", "http", "https"];
    let word = words.iter().any(|word| value.eq_ignore_ascii_case(word));
    (plain && !word && !meaning.trim().is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_state_bounds() {
        let both = |min, max| Some(Range::Bounds { min: Some(min), max: Some(max) });
        for (text, expected) in [
            ("The value can contain 1 to 256 characters.", both(1, 256)),
            ("The value can contain 1 to 32,768 characters.", both(1, 32768)),
            ("The value range is 0 to 200.", both(0, 200)),
            ("The value ranges from 10 to 2,000,000.", both(10, 2_000_000)),
            ("1-256 characters", both(1, 256)),
            ("1 - 256", both(1, 256)),
            ("1 ~ 64", both(1, 64)),
            ("-1 to 100", both(-1, 100)),
            ("-10 - -1", both(-10, -1)),
            ("between 3 and 9", both(3, 9)),
            ("字符长度1-256位", both(1, 256)),
            ("字符长度 1-32768 位", both(1, 32768)),
            ("最小值0,最大值200", both(0, 200)),
            ("最小值0，最大值200", both(0, 200)),
            ("取值范围0-200", both(0, 200)),
            ("1到64个字符", both(1, 64)),
            ("Minimum: 1\nMaximum: 256", both(1, 256)),
            ("Minimum value: 0; maximum value: 200", both(0, 200)),
            ("The maximum is 64", Some(Range::Bounds { min: None, max: Some(64) })),
            ("at least 2", Some(Range::Bounds { min: Some(2), max: None })),
            ("32 characters", both(32, 32)),
            ("A valid name.", None),
            ("An id of v5", None),
            ("0 to 2^31-1", Some(Range::Unparsed("0 to 2^31-1".into()))),
            ("0.5 to 1", Some(Range::Unparsed("0.5 to 1".into()))),
            ("99999999999999999999 to 1", Some(Range::Unparsed("99999999999999999999 to 1".into()))),
            ("less than 10 bytes", Some(Range::Unparsed("less than 10 bytes".into()))),
            ("See table 3", None),
            ("As in RFC 3339", None),
            ("[0, 200]", both(0, 200)),
            ("字符长度1－256位", both(1, 256)),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_way_to_list_values() {
        for (lines, expected) in [
            (&["• host: server asset", "• container: container asset"][..], &["host", "container"][..]),
            (&["- host：主机", "- container：容器"], &["host", "container"]),
            (&["• host: server asset • container: container asset"], &["host", "container"]),
            (&["- host: server asset - container: container asset"], &["host", "container"]),
            (&["- host: a - b"], &["host"]),
            (&["* host", "* container"], &["host", "container"]),
            (&["host: server asset", "container: container asset"], &["host", "container"]),
            (&["Note: not a value"], &[]),
            (&["The value can contain 1 to 256 characters."], &[]),
            (&["• \"0\": off.", "• \"1\": on."], &["0", "1"]),
        ] {
            assert_eq!(values(lines).0, expected, "{lines:?}");
        }
    }
}
