//! Parses the bounds that the prose of a description states.

use serde_json::Value as Json;

use super::numbers::{self, Number};
use crate::facts::bounds;

const LEAST: &str = "minimum|at least|no less than|not less than|greater than or equal to|≥|>=|最小|最少|最短|不小于|不少于|不低于|至少|\
    大于等于|大于或等于";
const MOST: &str = "maximum|at most|up to|no more than|not exceed|less than or equal to|≤|<=|最大|最多|最长|不超过|不得超过|不能超过|不大于|\
    小于等于|小于或等于";

/// Words without which the numbers of a text limit nothing, as in `RFC 3339`.
const LIMITING: &str = "character|byte|digit|length|range|minimum|maximum|between|least|most|than|exceed| to | or |<|>|≤|≥|^|\
    ~|最|位|字符|长度|超过|至|到|小于|大于|介于|范围|或|、|[|]";

/// Returns the bounds that a text states. A text with other numbers than those of one range is not understood.
pub(super) fn read(text: &str) -> Option<Json> {
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
    for stated in [&mut least, &mut most] {
        stated.sort_unstable();
        stated.dedup();
    }
    let known = |number: &Number| number.value.is_some_and(|n| least.contains(&n) || most.contains(&n));
    let stated = !least.is_empty() || !most.is_empty();
    let unclear = others.iter().any(|number| !(known(number) || (number.aside && stated)));
    let contradictory =
        least.len() > 1 || most.len() > 1 || least.first().zip(most.first()).is_some_and(|(a, b)| a > b);
    if contradictory || (unclear && (stated || LIMITING.split('|').any(|word| text_of_bounds.contains(word)))) {
        return Some(text.into());
    }
    stated.then(|| bounds(least.first().copied(), most.first().copied()))
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
    let last = |words: &str| words.split('|').filter_map(|word| before.rfind(word).map(|at| at + word.len())).max();
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
