//! Parses the values that a description lists, each before its meaning.

use super::range;
use crate::text::unstopped;

/// The list of values in the lines of a range.
#[derive(Debug, PartialEq)]
pub(super) enum Listed {
    Values(Vec<String>),
    /// There is a list, and it is not understood.
    Unclear,
}

/// Returns the list, if there is one, and the lines that belong to none.
pub(super) fn read<'a>(lines: &[&'a str]) -> (Option<Listed>, Vec<&'a str>) {
    let (mut values, mut rest) = (Vec::new(), Vec::new());
    let mut unclear = false;
    for line in lines {
        let Some((lead, entries)) = entries(line) else {
            rest.push(*line);
            continue;
        };
        if !lead.is_empty() {
            rest.push(lead);
        }
        for entry in entries {
            match value(&entry) {
                // A list of lengths, and not of values.
                Some((_, meaning)) if is_bounds(meaning) => unclear = true,
                Some((value, _)) => values.push(value.to_owned()),
                None => unclear = true,
            }
        }
    }
    if unclear {
        return (Some(Listed::Unclear), rest);
    }
    if !values.is_empty() {
        // An introduction may have a number, such as that of the values.
        rest.retain(|line| !is_introduction(line) || is_bounds(line));
        return (Some(Listed::Values(values)), rest);
    }
    // A list that lost its bullets: every line is a value with its meaning.
    if rest.len() > 1 {
        let named = |line: &&str| {
            let (value, meaning) = with_colon(line)?;
            (!value.contains(' ') && !is_bounds(meaning)).then(|| value.to_owned())
        };
        if let Some(named) = rest.iter().map(named).collect::<Option<Vec<_>>>() {
            return (Some(Listed::Values(named)), Vec::new());
        }
    }
    (None, rest)
}

fn is_bounds(text: &str) -> bool {
    range::read(text).is_some_and(|range| range.is_object())
}

const DOTS: [char; 6] = ['•', '●', '▪', '·', '‣', '◦'];
const DASHES: [&str; 4] = ["- ", "* ", "– ", "+ "];

/// Returns the text before the entries of a list on this line, and the entries. They begin with a dot, or with a dash
/// between spaces.
fn entries(line: &str) -> Option<(&str, Vec<String>)> {
    if line.contains(DOTS) {
        let (lead, list) = line.split_once(DOTS)?;
        return Some((lead.trim(), list.split(DOTS).map(str::to_owned).collect()));
    }
    let start = DASHES.iter().find_map(|dash| line.strip_prefix(dash));
    let (lead, list) = match start {
        Some(list) => ("", list),
        None => line.split_once(" - ").filter(|(lead, list)| {
            let joins_numbers =
                lead.ends_with(|c: char| c.is_ascii_digit()) && list.starts_with(|c: char| c.is_ascii_digit());
            is_introduction(lead) || (with_colon(list).is_some() && !joins_numbers)
        })?,
    };
    let mut entries: Vec<String> = Vec::new();
    let colons = with_colon(list.split(" - ").next()?).is_some();
    for part in list.split(" - ") {
        match entries.last_mut() {
            // The dash is part of the meaning before it.
            Some(last) if colons && with_colon(part).is_none() => {
                last.push_str(" - ");
                last.push_str(part);
            }
            _ => entries.push(part.to_owned()),
        }
    }
    Some((lead.trim(), entries))
}

/// Whether a text announces a list.
fn is_introduction(text: &str) -> bool {
    text.trim_end().ends_with(['。', '：', ':', '.', '；'])
        || ["如下", "following"].iter().any(|word| text.contains(word))
}

/// Splits an entry into value and meaning.
fn value(entry: &str) -> Option<(&str, &str)> {
    let entry = entry.trim();
    if let Some(found) = with_colon(entry) {
        return Some(found);
    }
    // `offline. It is there`, `0，表示默认`
    if let Some((value, meaning)) = entry
        .split_once(". ")
        .or_else(|| entry.split_once(['，', '；', '。']))
        .filter(|(value, _)| !value.contains(' '))
    {
        return plain(value).map(|value| (value, meaning));
    }
    let Some((first, more)) = entry.split_once(' ') else { return plain(entry).map(|value| (value, "")) };
    let more = more.trim_start();
    // `installed The agent is there`, `host - servers`, `Harbor harbor`
    let begins = more.starts_with(|c: char| c.is_ascii_uppercase() || c == '-')
        && !first.starts_with(|c: char| c.is_ascii_uppercase());
    (begins || unstopped(more).eq_ignore_ascii_case(first)).then(|| plain(first).map(|value| (value, more)))?
}

/// Splits an entry such as `host: servers` or `0 (off)`. A word such as `Note` is not a value, and neither is a
/// sentence.
fn with_colon(entry: &str) -> Option<(&str, &str)> {
    let at = entry.find([':', '：', '(', '（'])?;
    let (value, meaning) = entry.split_at(at);
    if meaning.starts_with("://") {
        return None;
    }
    Some((plain(value)?, meaning.trim_start_matches([':', '：'])))
}

/// Returns a text that can be a value: at most four words without a Chinese letter.
fn plain(text: &str) -> Option<&str> {
    let text = unstopped(text.trim()).trim_matches(['"', '\'', '“', '”', '`']).trim();
    let words = ["note", "length", "minimum", "maximum", "range", "example", "value", "format", "the", "if", "only"];
    let possible = !text.is_empty()
        && text.len() <= 64
        && text.is_ascii()
        && text.split(' ').count() <= 4
        && !text.contains(". ")
        && !words.iter().any(|word| text.split(' ').next().is_some_and(|first| word.eq_ignore_ascii_case(first)));
    possible.then_some(text)
}
