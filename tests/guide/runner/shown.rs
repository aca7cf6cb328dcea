//! What a page shows of an output: `…` stands for any text of a line, and alone on a line for any lines.

use std::borrow::Cow;

use regex::Regex;

/// What is not the same in two runs. A page that is renewed gets `…` in its place.
const DIFFERS: [&str; 7] = [
    r"(127\.0\.0\.1:)(\d+)",
    r"(request id )([0-9a-f]{32})",
    r#"("request_id":")([0-9a-f]{32})"#,
    r#"("elapsed_ms":)(\d+)"#,
    r"(spec/hss\.yaml:)(\d+)",
    r"(x-request-id: )([0-9a-f]{32})",
    r"()(\d+ seconds?)(?: away)",
];

/// Whether the output is what the page shows.
pub(crate) fn matches(shown: &str, output: &str) -> bool {
    let pattern: String = shown
        .lines()
        .map(|line| match line.trim() {
            "…" => r"(?:[^\n]*\n)*".to_owned(),
            _ => regex::escape(line.trim_end()).replace('…', r"[^\n]*") + "\n",
        })
        .collect();
    Regex::new(&format!("^{pattern}$")).unwrap().is_match(output)
}

/// The output as a page should show it.
pub(crate) fn renewed(output: &str, documented_ports: &[u16]) -> String {
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

/// The text without spaces at the ends of lines, and with the last line ended.
pub(crate) fn trimmed(output: &str) -> String {
    output.lines().map(|line| Cow::Borrowed(line.trim_end()) + "\n").collect()
}

#[test]
fn dots_stand_for_what_is_left_out() {
    let output = "one 1\ntwo 2\nthree 3\n";
    for (shown, expected) in [
        (output, true),
        ("one …\ntwo …\nthree 3\n", true),
        ("one 1\n…\n", true),
        ("…\nthree 3\n", true),
        ("…\ntwo 2\n", false),
        ("one 1\n", false),
        ("one .\n…\n", false),
        ("", false),
    ] {
        assert_eq!(matches(shown, output), expected, "{shown:?}");
    }
    assert!(matches("", ""));
}

#[test]
fn what_differs_from_run_to_run_is_left_out() {
    assert_eq!(
        renewed("http://127.0.0.1:8080 and http://127.0.0.1:41234\n", &[8080]),
        "http://127.0.0.1:8080 and http://127.0.0.1:…\n"
    );
    assert_eq!(renewed("clock 2 seconds away\n", &[]), "clock … away\n");
}
