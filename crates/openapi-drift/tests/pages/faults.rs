//! Pages that are easily misread: each is read correctly, or refused with the line and the reason.

use openapi_drift::PageErrorKind::{self, Empty, NotAReference, Truncated};
use openapi_drift::read_page;

/// Expands a table: `caption | name, type, description | ...`.
fn table(text: &str) -> String {
    let mut parts = text.split('|').map(str::trim);
    let caption = parts.next().unwrap_or_default();
    let rows: Vec<Vec<&str>> = parts.map(|row| row.split(", ").collect()).collect();
    let mandatory = if rows.first().is_some_and(|row| row.len() > 3) { "Mandatory | " } else { "" };
    let header = format!("{caption}\n\n| Parameter | {mandatory}Type | Description |\n|--|--|--|\n");
    rows.iter().fold(header, |out, row| out + &format!("| {} |\n", row.join(" | ")))
}

/// Expands a page of `faults.txt`.
fn page(body: &str) -> String {
    let paragraph = |text: &str| match text {
        "PATH" => table("Table 1 Path Parameters | id, Yes, String, Id"),
        "BODY" => table("Table 2 Response body parameters | b, Long, B"),
        _ => text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).map_or(text.replace('→', "\t"), table),
    };
    let body: Vec<String> = body.split(" ¶ ").map(paragraph).collect();
    format!("URI\n\nPOST /v9/{{id}}/things\n\n{}\n\nStatus Codes\n", body.join("\n\n")).replace('˲', ",")
}

/// Returns what is read, such as `path id*: string 1..9`, or `!` and the refusal.
fn read(text: &str) -> String {
    let facts = match read_page(text) {
        Ok(facts) => facts,
        Err(error) => return format!("! {error}"),
    };
    let shown = facts.parameters.iter().map(|parameter| {
        let (kind, mandatory) = (parameter.type_name(), if parameter.is_mandatory() { "*" } else { "" });
        let range = match parameter.bounds() {
            Some((Some(min), Some(max))) => format!(" {min}..{max}"),
            _ => String::new(),
        };
        format!("{} {}{mandatory}: {kind}{range}", parameter.location, parameter.name)
    });
    shown.collect::<Vec<_>>().join("; ")
}

#[test]
fn each_page_is_read_correctly_or_refused() {
    for case in include_str!("faults.txt").lines().filter(|line| !line.starts_with('#')) {
        let [name, body, expected] = case.split(" => ").collect::<Vec<_>>()[..] else { panic!("{case}") };
        let mut text = page(body);
        if name.ends_with("of a GET") {
            text = text.replace("POST", "GET");
        }
        let read = read(&text);
        let as_expected = match expected.strip_prefix("! ") {
            Some(refusal) => read.starts_with('!') && read.contains(refusal),
            None => read == expected,
        };
        assert!(as_expected, "{name}: {read}\n{text}");
    }
}

#[test]
fn a_page_that_is_cut_or_something_else_is_refused_as_such() {
    let whole = page("PATH ¶ Response ¶ BODY");
    assert_eq!(read(&whole), "path id*: string; response b: long");
    let cases: &[(&str, &str, PageErrorKind, &str)] = &[
        ("nothing", "", Empty, "the page is empty"),
        ("spaces", " \r\n\u{feff}\u{a0}\n", Empty, "the page is empty"),
        ("HTML without text", "<html><body><script>GET /a</script></body></html>", Empty, "the page is empty"),
        ("prose", "Once upon a time.\n", NotAReference, "this is not a reference page"),
        ("a log-in page", "<html><form>Log in</form></html>", NotAReference, "this is not a reference page"),
        ("no URI", &whole.replace("POST", "In"), NotAReference, "this is not a reference page"),
        ("A6", "GET /a\n+---+\n| a |\n+===+\n", NotAReference, "line 2: this is reStructuredText"),
        (
            "A5: after a table",
            &whole.replace("Status Codes\n", ""),
            Truncated,
            "line 14: the page ends before its examples",
        ),
        ("A5: within a row", &whole[..whole.len() - 20], Truncated, "the page ends before its examples"),
        (
            "A5: a cell says nothing",
            "GET /v9\nResponse Parameters\nStatus code: 200\nTable 1 Response body parameters\nParameter\nType\nDescription\na\nLong\nN/A",
            Truncated,
            "line 10: the page ends before",
        ),
        (
            "A5: HTML",
            "<html><p>GET /v9<p>Response Parameters<table><tr><td>Parameter<td>Type<tr><td>a<td>Long",
            Truncated,
            "ends before",
        ),
    ];
    for (name, text, kind, sentence) in cases {
        let error = read_page(text).map(|page| format!("{page:?}")).expect_err(name);
        assert!(error.kind() == *kind && error.to_string().contains(sentence), "{name}: {error}\n{text}");
    }
    // Nothing follows a response without parameters.
    assert_eq!(read(page("PATH ¶ Response ¶ None").trim_end_matches("Status Codes\n")), "path id*: string");
    let vendor = whole.replace("POST /v9/{id}/things", "POST https://{Endpoint}/v9/\\{id\\}/things?page={page}");
    assert_eq!(read_page(&vendor).unwrap().path.value, "/v9/{id}/things", "A8");
}

#[test]
fn the_date_is_not_that_of_an_example() {
    let dated = page(
        "Response ¶ {Table 2 Response body parameters | updated, String, Updated at˲ such as 2016-04-04T00:00:00Z}",
    );
    assert_eq!(read_page(&dated).unwrap().updated, None, "A10");
    let page = read_page(&format!("Updated on 2026-01-02\n\n{dated}")).unwrap();
    assert_eq!(page.updated.as_deref(), Some("2026-01-02"));
}
