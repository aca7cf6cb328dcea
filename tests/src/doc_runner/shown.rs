//! Compares an output with what a page shows: `…` matches any text within a line, and alone on a line any lines.

use std::borrow::Cow;

use regex::Regex;

/// What differs between runs. A page that is updated gets `…` in its place.
const DIFFERS: [&str; 7] = [
    r"(127\.0\.0\.1:)(\d+)",
    r"(request id )([0-9a-f]{32})",
    r#"("request_id":")([0-9a-f]{32})"#,
    r#"("elapsed_ms":)(\d+)"#,
    r"(spec/hss\.yaml:)(\d+)",
    r"(x-request-id: )([0-9a-f]{32})",
    r"()(\d+ seconds?)(?: away)",
];

/// Returns whether the output is what the page shows.
pub fn matches(shown: &str, output: &str) -> bool {
    let pattern: String = shown
        .lines()
        .map(|line| match line.trim() {
            "…" => r"(?:[^\n]*\n)*".to_owned(),
            _ => regex::escape(line.trim_end()).replace('…', r"[^\n]*") + "\n",
        })
        .collect();
    Regex::new(&format!("^{pattern}$")).unwrap().is_match(output)
}

/// Returns the output as a page should show it.
pub fn updated(output: &str, documented_ports: &[u16]) -> String {
    DIFFERS.iter().fold(output.to_owned(), |text, pattern| {
        let shorten = |found: &regex::Captures<'_>| {
            if found[2].parse().is_ok_and(|port| documented_ports.contains(&port)) {
                return found[0].to_owned();
            }
            format!("{}…{}", &found[1], &found[0][found[1].len() + found[2].len()..])
        };
        Regex::new(pattern).unwrap().replace_all(&text, shorten).into_owned()
    })
}

/// Removes spaces at the ends of lines, and ends the last line.
pub fn trimmed(output: &str) -> String {
    output.lines().map(|line| Cow::Borrowed(line.trim_end()) + "\n").collect()
}
