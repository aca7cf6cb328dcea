//! Removes markup from texts: special spaces, emphasis, links, escapes and entities.

use std::borrow::Cow;

/// Reduces whitespace to single spaces, trims, and removes invisible characters.
pub(crate) fn squeeze(text: &str) -> String {
    let trimmed = text.trim_ascii();
    let plain = |byte: &u8| (b' '..0x7f).contains(byte);
    if trimmed.as_bytes().iter().all(plain) && !trimmed.contains("  ") {
        return trimmed.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}') || c.is_control()
}

/// Removes the markup of a line of Markdown or plain text.
pub(crate) fn plain(line: &str) -> String {
    let line = line.trim_start();
    let heading = line.trim_start_matches('#');
    let line = if heading.len() < line.len() && heading.starts_with([' ', '\u{a0}']) { heading } else { line };
    if !line.contains(['*', '`', '\\', '[', '&', '<']) {
        return squeeze(line);
    }
    let without = unlinked(line);
    let without = untagged(&without);
    let without = without.replace("**", "").replace('`', "");
    let without = emphasis(&without);
    squeeze(&entities(&unescaped(without)))
}

/// Removes single stars around a whole text. A star and a space begin a list entry.
fn emphasis(text: &str) -> &str {
    let trimmed = text.trim();
    match trimmed.strip_prefix('*').and_then(|rest| rest.strip_suffix('*')) {
        Some(inner) if !inner.starts_with(' ') && !inner.contains('*') => inner,
        _ => text,
    }
}

/// `[text](address)` becomes `text`.
fn unlinked(text: &str) -> Cow<'_, str> {
    if !text.contains("](") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(middle) = rest.find("](") {
        let (before, after) = (&rest[..middle], &rest[middle + 2..]);
        let (Some(open), Some(close)) = (before.rfind('['), after.find(')')) else { break };
        out.push_str(&before[..open]);
        out.push_str(&before[open + 1..]);
        rest = &after[close + 1..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Removes the tags of HTML that may occur within a line.
fn untagged(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        let name =
            tag.strip_prefix('/').unwrap_or(tag).split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let known = ["a", "b", "strong", "em", "i", "span", "sup", "sub", "code"].contains(&name);
        let end = known.then(|| tag.bytes().take(1000).position(|byte| byte == b'>')).flatten();
        out.push_str(before);
        rest = match end {
            Some(end) => &tag[end + 1..],
            None => {
                out.push('<');
                tag
            }
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Removes backslashes before punctuation.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '\\' && next.is_ascii_punctuation() => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Replaces the few entities that occur in tables.
fn entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let known = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&#124;", "|"), ("&quot;", "\""), ("&amp;", "&")];
    Cow::Owned(known.iter().fold(text.to_owned(), |text, (name, by)| text.replace(name, by)))
}

/// Removes a full stop, comma or colon at the end.
pub(crate) fn unstopped(text: &str) -> &str {
    text.trim_end_matches(['.', '。', ':', '：', ';', '；', ',', '，', ' '])
}

/// Whether a cell states nothing, such as `N/A`.
pub(crate) fn says_nothing(text: &str) -> bool {
    let text = unstopped(text).trim();
    let known = [
        "n/a",
        "na",
        "none",
        "no limit",
        "unlimited",
        "not involved",
        "not applicable",
        "-",
        "--",
        "—",
        "/",
        "无",
        "不涉及",
        "暂无",
    ];
    text.is_empty() || known.iter().any(|known| text.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_up_goes() {
        for (marked, expected) in [
            ("  a\u{a0}\u{3000}b\t c \r", "a b c"),
            ("\u{feff}URI", "URI"),
            ("## Request Parameters", "Request Parameters"),
            ("**Table 1** Path Parameters", "Table 1 Path Parameters"),
            ("*Table 1*", "Table 1"),
            ("* host: x", "* host: x"),
            ("`POST` /v5/{project\\_id}/x", "POST /v5/{project_id}/x"),
            ("Array of [Host](#host) objects", "Array of Host objects"),
            ("a&nbsp;b &lt;c&gt;", "a b <c>"),
            ("## URI<a name=\"x\"></a>", "URI"),
            ("Map<String,Array<A>> <b>x", "Map<String,Array<A>> x"),
            ("#1", "#1"),
        ] {
            assert_eq!(plain(marked), expected, "{marked:?}");
        }
        assert!(says_nothing("N/A.") && says_nothing("不涉及。") && !says_nothing("0"));
    }
}
