//! A page that cannot be read is an error with its cause, and never counts as a page without drift.

#![cfg(feature = "facts")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

use openapi_drift::PageErrorKind::{Ambiguous, Empty, NotAReference, Truncated};
use openapi_drift::{PageErrorKind, read_page};

const HEAD: &str = "URI\n\nGET /v9/things\n\n";
const QUERY: &str = "Table 1 Query Parameters\n\nParameter\n\nMandatory\n\nType\n\nDescription\n\n";
const ROW: &str = "a\n\nNo\n\nString\n\nWords.\n\n";
const RESPONSE: &str = "Response Parameters\n\nStatus code: 200\n\nTable 2 Response body parameters\n\nParameter\n\nType\n\nDescription\n\nb\n\nLong\n\nWords.\n\n";

#[test]
fn every_kind_of_unreadable_page() {
    let cases: &[(&str, String, PageErrorKind, &str)] = &[
        ("nothing", String::new(), Empty, "the page is empty"),
        ("spaces", " \r\n\u{feff}\u{a0}\n".into(), Empty, "the page is empty"),
        ("HTML without text", "<html><body><script>GET /a</script></body></html>".into(), Empty, "the page is empty"),
        ("prose", "Once upon a time.\n".into(), NotAReference, "this is not a reference page"),
        (
            "a log-in page",
            "<html><body><form>Log in</form></body></html>".into(),
            NotAReference,
            "this is not a reference page",
        ),
        ("tables alone", format!("{QUERY}{ROW}{RESPONSE}"), NotAReference, "this is not a reference page"),
        ("no tables", HEAD.into(), Truncated, "no table of response parameters"),
        ("no response table", format!("{HEAD}{QUERY}{ROW}"), Truncated, "no table of response parameters"),
        (
            "error responses alone",
            format!("{HEAD}{}", RESPONSE.replace("200", "400")),
            Truncated,
            "no table of response",
        ),
        (
            "a heading alone",
            format!("{HEAD}{QUERY}{ROW}Response Parameters\n"),
            Truncated,
            "no table of response parameters",
        ),
        (
            "a caption at the end",
            format!("{HEAD}{QUERY}{ROW}Table 2 Response body parameters\n"),
            Truncated,
            "line 23: the caption \"Table 2 Response body parameters\" has no table",
        ),
        (
            "a caption in between",
            format!("{HEAD}Table 1 Path Parameters\n\n{QUERY}{ROW}{RESPONSE}"),
            Truncated,
            "line 5: the caption \"Table 1 Path Parameters\" has no table",
        ),
        (
            "a caption before a section",
            format!("{HEAD}Table 1 Path Parameters\n\n{RESPONSE}"),
            Truncated,
            "has no table",
        ),
        ("a header at the end", format!("{HEAD}{QUERY}"), Truncated, "the page ends with the header of a table"),
        (
            "a name at the end",
            format!("{HEAD}{QUERY}{ROW}b\n\nYes"),
            Truncated,
            "the row `b` of a table is not complete",
        ),
        (
            "half a row",
            format!("{HEAD}{QUERY}b\n\nYes\n\nString\n"),
            Truncated,
            "the description of `b` is not complete",
        ),
        ("a label at the end", format!("{HEAD}{RESPONSE}Range\n"), Truncated, "the description of `b` is not complete"),
        (
            "a short Markdown row",
            format!("{HEAD}Query Parameters\n\n| Parameter | Mandatory | Type | Description |\n|-|-|-|-|\n| a | No"),
            Truncated,
            "fewer cells than its header",
        ),
        (
            "a Markdown header at the end",
            format!("{HEAD}Query Parameters\n\n| Parameter | Mandatory | Type | Description |\n"),
            Truncated,
            "the page ends within a table",
        ),
        (
            "HTML cut within a table",
            "<html><p>GET /v9/things<p>Response Parameters<table><tr><td>Parameter<td>Type<tr><td>a<td>Long".to_owned(),
            Truncated,
            "the page ends within a table",
        ),
        (
            "neither yes nor no",
            format!("{HEAD}{}{RESPONSE}", format!("{QUERY}{ROW}").replace("No\n", "Perhaps\n")),
            Ambiguous,
            "\"Perhaps\" does not state whether the parameter is mandatory",
        ),
        (
            "a sentence for a name",
            format!("{HEAD}{QUERY}no name at all\n\nNo\n\nString\n\nWords.\n\n{RESPONSE}"),
            Ambiguous,
            "\"no name at all\" is not the name of a parameter",
        ),
        (
            "a row twice",
            format!("{HEAD}{QUERY}{ROW}{ROW}{RESPONSE}"),
            Ambiguous,
            "`a` appears twice among the query parameters",
        ),
        (
            "a table of nothing",
            format!("{HEAD}Request Parameters\n\n{}{ROW}{RESPONSE}", QUERY.replace("Table 1 Query Parameters\n\n", "")),
            Ambiguous,
            "this table has no caption",
        ),
    ];
    for (name, text, kind, sentence) in cases {
        let error = read_page(text).expect_err(name);
        assert_eq!(error.kind(), *kind, "{name}: {error}");
        assert!(error.to_string().contains(sentence), "{name}: {error}");
    }
    assert!(read_page(&format!("{HEAD}{QUERY}{ROW}{RESPONSE}")).is_ok());
    assert!(read_page(&format!("{HEAD}{QUERY}{ROW}Response Parameters\n\nNone\n\nStatus Codes\n")).is_ok());
    // A table that lost its last row is complete, and the fields of that row are reported as removed.
    assert!(read_page(&format!("{HEAD}{QUERY}{RESPONSE}")).is_ok());
}
