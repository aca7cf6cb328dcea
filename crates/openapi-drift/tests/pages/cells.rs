//! Descriptions in the words of real pages, each in every layout.

use openapi_drift::{Range, read_page};

/// Writes a page with one parameter, in lines, in Markdown and in HTML.
fn pages(kind: &str, lines: &[String]) -> [String; 3] {
    let kind =
        kind[..1].to_uppercase() + &kind[1..].replace("of string", "of strings").replace("of integer", "of integers");
    let cells = format!("{kind}\n\n{}\n\n", lines.join("\n\n"));
    let html: String =
        lines.iter().map(|line| format!("<p>{}</p>", line.replace('<', "&lt;").replace('>', "&gt;"))).collect();
    let page = |table: &str| format!("URI\n\nGET /v1\n\n{table}\n\nResponse\n\nNone\n\nStatus Codes\n");
    [
        page(&format!("Table 1 Query Parameters\n\nParameter\n\nType\n\nDescription\n\na\n\n{cells}")),
        page(&format!(
            "Table 1 Query Parameters\n\n| Parameter | Type | Description |\n|-|-|-|\n| a | {kind} | {} |",
            lines.join("<br>")
        )),
        page(&format!(
            "Table 1 Query Parameters\n\n<table><tr><th>Parameter<th>Type<th>Description<tr><td>a<td>{kind}<td>{html}</table>"
        )),
    ]
}

fn read(page: &str) -> String {
    let facts = read_page(page).unwrap_or_else(|error| panic!("{error}\n{page}"));
    let parameter = &facts.parameters[0];
    let number = |bound: &Option<i64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
    let range = parameter.range.as_ref().map(|range| match &range.value {
        Range::Bounds { min, max } => format!("{}..{}", number(min), number(max)),
        Range::Unparsed(_) => "?".to_owned(),
    });
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values = parameter
        .values
        .as_ref()
        .map(|values| format!("[{}]", values.value.iter().map(text).collect::<Vec<_>>().join(", ")));
    let default = parameter.default.as_ref().map(|default| format!("= {}", text(&default.value)));
    [range, values, default].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[test]
fn cells_are_read_alike_in_every_layout() {
    let (mut label, mut kind) = ("", "");
    for case in include_str!("cells.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(header) = case.strip_prefix("@ ") {
            (label, kind) = header.split_once(' ').unwrap();
            continue;
        }
        let (text, expected) = case.split_once(" =>").unwrap();
        let mut lines: Vec<String> = text.split(" ¶ ").map(str::to_owned).collect();
        if label != "-" {
            lines.insert(0, label.to_owned());
        }
        for page in pages(kind, &lines) {
            assert_eq!(read(&page), expected.trim(), "{case}\n{page}");
        }
    }
}
