//! Finds the whole numbers of a text. Digits of dates, times, addresses, versions and names are not numbers.

/// A number in a text, and its byte range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// `None` for anything but a whole number that fits, such as `0.5` or `64KB`.
    pub(super) value: Option<i64>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is a remark in parentheses.
    pub(super) aside: bool,
}

/// Returns the numbers of a text: `32,768` is one, and so is `2^31-1`.
pub(super) fn read(text: &str) -> Vec<Number> {
    let mut found: Vec<Number> = Vec::new();
    let (mut at, mut aside) = (0, false);
    while let Some(rest) = text.get(at..)
        && let Some(offset) = rest.find(|c: char| c.is_ascii_digit() || matches!(c, '(' | '（' | ')' | '）'))
    {
        let start = at + offset;
        match rest[offset..].chars().next() {
            Some(c) if !c.is_ascii_digit() => {
                aside = matches!(c, '(' | '（');
                at = start + c.len_utf8();
                continue;
            }
            _ => {}
        }
        let end = skipped(text, start);
        if end > start {
            at = end;
            continue;
        }
        let (value, end) = number(text, start);
        let between = &text[found.last().map_or(0, |last| last.end)..start];
        // A dash after a number joins the two.
        let negative = between.strip_suffix('-').is_some_and(|ahead| found.is_empty() || !ahead.trim().is_empty());
        let value = if negative { value.map(|value| -value) } else { value };
        found.push(Number { value, start: start - usize::from(negative), end, aside });
        at = end;
    }
    found
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Returns the end of a date, a time, an address or a version that begins here, or of the digits of a word such as
/// `v5`.
fn skipped(text: &str, start: usize) -> usize {
    let before = &text[..start];
    let word = before.bytes().rev().take(64);
    let mut word = word.take_while(|byte| byte.is_ascii_alphanumeric() || b"_/.-".contains(byte));
    if word.any(|byte| byte.is_ascii_alphabetic()) {
        return start + digits(&text[start..]);
    }
    // A date has two dashes, an address two dots, a time one colon.
    for (separator, least) in [('-', 2), ('/', 2), ('.', 2), (':', 1)] {
        let (mut end, mut parts) = (start + digits(&text[start..]), 0);
        while text[end..].starts_with(separator) && digits(&text[end + 1..]) > 0 {
            end += 1 + digits(&text[end + 1..]);
            parts += 1;
        }
        if parts >= least {
            return end;
        }
    }
    start
}

/// Reads the number at an offset.
fn number(text: &str, start: usize) -> (Option<i64>, usize) {
    let mut end = start + digits(&text[start..]);
    let mut written = text[start..end].to_owned();
    let is_group = |end: usize| text[end..].starts_with(',') && digits(&text[end + 1..]) == 3;
    // `[10,200]` are two numbers.
    let pair = text[..start].ends_with('[') && is_group(end) && text[end + 4..].starts_with(']');
    while !pair && !written.starts_with('0') && written.len() < 18 && is_group(end) {
        written.push_str(&text[end + 1..end + 4]);
        end += 4;
    }
    let mut value: Option<i64> = written.parse().ok();
    if let Some(rest) = text[end..].strip_prefix('^') {
        let power = digits(rest);
        end += 1 + power;
        let less = text[end..].starts_with("-1") && digits(&text[end + 1..]) == 1;
        end += if less { 2 } else { 0 };
        let power = rest[..power].parse().ok().and_then(|power| i128::from(value?).checked_pow(power));
        value = power.and_then(|power| i64::try_from(power - i128::from(less)).ok());
    }
    let tail: usize = text[end..].bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'*').count();
    let fraction = if text[end..].starts_with('.') { digits(&text[end + 1..]) } else { 0 };
    match (tail, fraction) {
        (0, 0) => (value, end),
        (0, fraction) => (None, end + 1 + fraction),
        (tail, _) => (None, end + tail),
    }
}
