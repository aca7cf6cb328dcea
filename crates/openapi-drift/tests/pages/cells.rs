//! Descriptions in the words of real pages, each in every layout.

use openapi_drift::{FactKind, read_page};
use serde_json::Value as Json;

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
    let range = parameter.get(FactKind::Range).map(|_| match parameter.bounds() {
        Some((min, max)) => format!("{}..{}", number(&min), number(&max)),
        None => "?".to_owned(),
    });
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values = parameter.get(FactKind::Enum).and_then(Json::as_array);
    let values = values.map(|values| format!("[{}]", values.iter().map(text).collect::<Vec<_>>().join(", ")));
    let default = parameter.get(FactKind::Default).map(|default| format!("= {}", text(default)));
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
