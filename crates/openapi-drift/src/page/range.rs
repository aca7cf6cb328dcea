//! Parses the bounds that the prose of a description states.

use super::numbers::{self, Number};
use crate::facts::Range;

const LEAST: &[&str] = &[
    "minimum",
    "at least",
    "no less than",
    "not less than",
    "greater than or equal to",
    "≥",
    ">=",
    "最小",
    "最少",
    "最短",
    "不小于",
    "不少于",
    "不低于",
    "至少",
    "大于等于",
    "大于或等于",
];
const MOST: &[&str] = &[
    "maximum",
    "at most",
    "up to",
    "no more than",
    "not exceed",
    "less than or equal to",
    "≤",
    "<=",
    "最大",
    "最多",
    "最长",
    "不超过",
    "不得超过",
    "不能超过",
    "不大于",
    "小于等于",
    "小于或等于",
];

/// Words without which the numbers of a text limit nothing, as in `RFC 3339`.
const LIMITING: &[&str] = &[
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
    " or ",
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
    "或",
    "、",
    "[",
    "]",
];

/// Returns the bounds that a text states. A text with other numbers than those of one range is not understood.
pub(super) fn read(text: &str) -> Option<Range> {
    // Byte offsets stay the same.
    let lower = text.to_ascii_lowercase();
    let end = ["例如", "for example", "e.g.", "such as"].iter().filter_map(|word| lower.find(word)).min();
    let text_of_bounds = &lower[..end.unwrap_or(lower.len())];
    let numbers = numbers::read(text_of_bounds);
    let (mut least, mut most, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = 0;
    let mut previous = 0;
    while let Some(number) = numbers.get(at) {
        let before = &text_of_bounds[previous..number.start];
        let next = numbers.get(at + 1);
        let pair = next.filter(|next| connects(text_of_bounds, number, next));
        at += 1 + usize::from(pair.is_some());
        previous = pair.unwrap_or(number).end;
        match (number.value, pair.and_then(|next| next.value)) {
            (Some(low), Some(high)) if !is_class_of_characters(low, high, text_of_bounds) => {
                least.push(low);
                most.push(high);
            }
            (Some(_), Some(_)) => {}
            (Some(value), None) => match keyed(before) {
                Some(true) => least.push(value),
                Some(false) => most.push(value),
                None if is_exact(before, &text_of_bounds[number.end..]) => {
                    least.push(value);
                    most.push(value);
                }
                None => others.push(*number),
            },
            (None, _) => others.push(*number),
        }
    }
    for bounds in [&mut least, &mut most] {
        bounds.sort_unstable();
        bounds.dedup();
    }
    let known = |number: &Number| number.value.is_some_and(|n| least.contains(&n) || most.contains(&n));
    let stated = !least.is_empty() || !most.is_empty();
    let unclear = others.iter().any(|number| !known(number) && !(number.aside && stated));
    let contradictory =
        least.len() > 1 || most.len() > 1 || least.first().zip(most.first()).is_some_and(|(a, b)| a > b);
    if contradictory || (unclear && (stated || LIMITING.iter().any(|word| text_of_bounds.contains(word)))) {
        return Some(Range::Unparsed(text.to_owned()));
    }
    stated.then(|| Range::Bounds { min: least.first().copied(), max: most.first().copied() })
}

/// Whether two numbers are the ends of a range.
fn connects(text: &str, low: &Number, high: &Number) -> bool {
    if low.value.is_none() || high.value.is_none() {
        return false;
    }
    let between = text[low.end..high.start].trim().trim_matches(['"', '\'']).trim();
    let before = &text[..low.start];
    match between {
        "," | "，" => before.ends_with('[') && text[high.end..].starts_with(']'),
        "and" => before.trim_end().ends_with("between"),
        _ => ["to", "through", "-", "–", "—", "~", "～", "－", "‐", "‑", "‒", "−", "至", "到", "..", "...", "…"]
            .contains(&between),
    }
}

/// Whether the last word before a number makes it a least (`true`) or a most.
fn keyed(before: &str) -> Option<bool> {
    let last = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word).map(|at| at + word.len())).max();
    match (last(LEAST), last(MOST)) {
        (None, None) => None,
        (least, most) => Some(least > most),
    }
}

/// Whether a single number is a length: `32 characters`, `长度64位`.
fn is_exact(before: &str, after: &str) -> bool {
    let after = after.trim_start();
    let counted = ["character", "个字符", "字符"].iter().find_map(|word| after.strip_prefix(word));
    let counted = counted.or_else(|| after.strip_prefix('位').filter(|_| before.contains("长度")));
    let vague = ["以内", "以上", "以下", "s or ", " or ", "s at ", "内"];
    let than = ["than ", "大于", "小于", "超过", "少于", "多于", "<", ">"];
    counted.is_some_and(|rest| !vague.iter().any(|word| rest.starts_with(word)))
        && !than.iter().any(|word| before.ends_with(word) || before.trim_end().ends_with(word.trim()))
}

/// Whether `0-9` are the digits that a text may contain.
fn is_class_of_characters(low: i64, high: i64, text: &str) -> bool {
    (low, high) == (0, 9) && ["a-z", "letter", "digit", "字母", "数字"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_state_bounds() {
        let both = |min, max| Some((Some(min), Some(max)));
        for (text, expected) in [
            ("The value can contain 1 to 256 characters.", both(1, 256)),
            ("The value can contain 1 to 32,768 characters.", both(1, 32_768)),
            ("The value ranges from 10 to 2,000,000.", both(10, 2_000_000)),
            ("1-256 characters", both(1, 256)),
            ("1 ~ 64", both(1, 64)),
            ("-1 to 100", both(-1, 100)),
            ("-10 - -1", both(-10, -1)),
            ("between 3 and 9", both(3, 9)),
            ("字符长度1-256位", both(1, 256)),
            ("字符长度 1-32768 位", both(1, 32_768)),
            ("字符长度1－256位", both(1, 256)),
            ("最小值0,最大值200", both(0, 200)),
            ("1到64个字符", both(1, 64)),
            ("Minimum: 1\nMaximum: 256", both(1, 256)),
            ("Minimum value: 0; maximum value: 200", both(0, 200)),
            ("The maximum is 64", Some((None, Some(64)))),
            ("at least 2", Some((Some(2), None))),
            ("≥ 0", Some((Some(0), None))),
            ("Greater than or equal to 0", Some((Some(0), None))),
            ("32 characters", both(32, 32)),
            ("字符长度64位", both(64, 64)),
            ("路径长度不得超过256个字符", Some((None, Some(256)))),
            ("最少1条，最多200条", both(1, 200)),
            ("[0, 200]", both(0, 200)),
            ("[10,200]", both(10, 200)),
            ("[1,300]", both(1, 300)),
            ("最小值-840，最大值720", both(-840, 720)),
            ("最小值0，最大值9223372036854775807（从1970-01-01 00:00起）", both(0, i64::MAX)),
            ("最小值0，最大值2^63-1", both(0, i64::MAX)),
            ("0 to 2^31-1", both(0, 2_147_483_647)),
            ("取值0-9223372036854775807（约9EB）", both(0, i64::MAX)),
            ("字符长度0-64。例如100m", both(0, 64)),
            ("5-10位，支持HTTP/1.0", both(5, 10)),
            ("1-64 characters: letters (a-z), digits (0-9) and _", both(1, 64)),
            ("The value ranges from 1 to 200. At most 200 are returned.", both(1, 200)),
            ("A valid name.", None),
            ("An id of v5", None),
            ("See table 3", None),
            ("As in RFC 3339", None),
            ("毫秒时间戳（从1970-01-01起）", None),
        ] {
            let expected = expected.map(|(min, max)| Range::Bounds { min, max });
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn other_numbers_are_not_understood() {
        for text in [
            "0.5 to 1",
            "99999999999999999999 to 1",
            "less than 10 bytes",
            "取值为-1或1-99999",
            "IPv4（长度7-15位）、IPv6（长度15-39位）",
            "单个ID长度1-36位 个数1-100个 逗号分割",
            "1 to 64 characters, or 128 for a path",
            "200 to 100",
            "(0, 200]",
            "大于0",
            "256个字符以内",
            "more than 3 characters",
            "0 or 1",
            "1 to 64 KB, 128KB",
        ] {
            assert_eq!(read(text), Some(Range::Unparsed(text.to_owned())), "{text:?}");
        }
    }
}
