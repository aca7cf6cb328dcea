//! Writes facts as a page, in each layout and edition. The labels are those of real pages; the prose is ours.

use openapi_drift::{FactKind, Location, OperationFacts, Parameter};
use serde_json::Value as Json;

/// How tables are written.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    /// Around the caption of a table, and what precedes its rows.
    caption: [&'static str; 2],
    /// Around a row, between its cells, and between the lines of its last cell.
    row: [&'static str; 4],
    /// The rule below the header.
    rule: &'static str,
    /// Around a label.
    label: [&'static str; 2],
    /// Around an entry of a list.
    entry: [&'static str; 2],
}

const fn layout(name: &'static str, row: [&'static str; 4], rule: &'static str) -> Layout {
    Layout { name, caption: ["", "\n\n"], row, rule, label: ["", ""], entry: ["• ", ""] }
}

const HTML: Layout = Layout {
    name: "html",
    caption: ["<table frame=\"border\"><caption><b>", "</b></caption>\n<tbody>"],
    row: ["<tr><td><p>", "</p></td></tr>\n", "</p>\n</td>\n<td class=\"x\"><p>", "</p>\n<p>"],
    rule: "",
    label: ["", ""],
    entry: ["<ul><li>", "</li></ul>"],
};

pub(crate) const LAYOUTS: [Layout; 10] = [
    layout("a cell per line", ["", "\n\n", "\n\n", "\n\n"], ""),
    layout("tabs", ["", "\n", "\t", "\n"], ""),
    layout("rows", ["| ", " |\n", " | ", "<br>"], "|---|---|---|---|\n"),
    Layout { entry: ["- ", ""], ..layout("rows in one line", ["| ", " |\n", " | ", " "], "|---|---|---|---|\n") },
    Layout { label: ["**", ":**"], ..layout("bold labels", ["| ", " |\n", " | ", " "], "|---|---|---|---|\n") },
    layout("loose rows", ["", "\n", " |\n", "\n"], "---|---|---\n"),
    layout("loose pipes", ["", "\n\n", "\n\n|\n\n", "  \n"], "---|---|---\n\n"),
    HTML,
    Layout {
        name: "html soup",
        row: ["<tr><TD>", "\n", "<td>", "<br>"],
        label: ["<strong>", "</strong>: "],
        entry: ["<ul><li><p>", "</ul>"],
        ..HTML
    },
    Layout { name: "html in Markdown", caption: ["**", "**\n\n<a name=\"y\"></a>\n<table><tbody>"], ..HTML },
];

/// The words of an edition.
pub(crate) struct Edition {
    pub(crate) name: &'static str,
    header: [&'static str; 4],
    parts: [&'static str; 4],
    prose: &'static str,
    yes_no: [&'static str; 2],
    nothing: &'static str,
    table: &'static str,
    captions: [&'static str; 5],
    sections: [&'static str; 4],
    status: &'static str,
    updated: &'static str,
    colon: &'static str,
}

pub(crate) const EDITIONS: [Edition; 2] = [
    Edition {
        name: "English",
        header: ["Parameter", "Mandatory", "Type", "Description"],
        parts: ["Definition", "Constraints", "Range", "Default Value"],
        prose: "What it is for, in the usual Range of words. See More.",
        yes_no: ["Yes", "No"],
        nothing: "N/A",
        table: "Table ",
        captions: [
            "Path Parameters",
            "Query Parameters",
            "Parameters in the request header",
            "Request body parameters",
            "Response body parameters",
        ],
        sections: ["Request Parameters", "Response Parameters", "Example Requests", "Status Codes"],
        status: "Status code: 200",
        updated: "Updated on 2026-01-02 GMT+08:00",
        colon: ": ",
    },
    Edition {
        name: "Chinese",
        header: ["参数", "是否必选", "参数类型", "描述"],
        parts: ["参数解释", "约束限制", "取值范围", "默认取值"],
        prose: "用途说明。",
        yes_no: ["是", "否"],
        nothing: "不涉及",
        table: "表",
        captions: ["路径参数", "Query参数", "请求Header参数", "请求Body参数", "响应Body参数"],
        sections: ["请求参数", "响应参数", "请求示例", "状态码"],
        status: "状态码： 200",
        updated: "更新时间：2026-01-02 GMT+08:00",
        colon: "：",
    },
];

impl Edition {
    fn is_english(&self) -> bool {
        self.name == "English"
    }

    /// Writes bounds as the edition does.
    fn range(&self, kind: &str, (min, max): (Option<i64>, Option<i64>)) -> String {
        match (min, max, kind == "string", self.is_english()) {
            (Some(min), Some(max), true, true) => {
                format!("The value can contain {min} to {} characters.", thousands(max))
            }
            (Some(min), Some(max), false, true) => format!("The value range is {min} to {}.", thousands(max)),
            (Some(min), Some(max), true, false) => format!("字符长度{min}-{max}位"),
            (Some(min), Some(max), false, false) => format!("最小值{min},最大值{max}"),
            (Some(min), None, _, true) => format!("≥ {min}"),
            (Some(min), None, _, false) => format!("大于等于{min}"),
            (None, Some(max), _, true) => format!("At most {}.", thousands(max)),
            (None, Some(max), _, false) => format!("不超过{max}个字符"),
            (None, None, ..) => panic!("no bounds"),
        }
    }
}

fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = if number < 0 { "-".to_owned() } else { String::new() };
    for (index, c) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A line of a description, and whether it is a label.
type DescriptionLine = (bool, String);

fn description(row: &Parameter, edition: &Edition) -> Vec<DescriptionLine> {
    let [definition, constraints, range, default] = edition.parts.map(|part| (true, part.to_owned()));
    let nothing = (false, edition.nothing.to_owned());
    let mut out = vec![definition, (false, edition.prose.to_owned()), constraints, nothing.clone(), range];
    if let Some(bounds) = row.bounds() {
        out.push((false, edition.range(kind(row), bounds)));
    }
    let mut values: Vec<String> =
        row.get(FactKind::Enum).and_then(Json::as_array).into_iter().flatten().map(text).collect();
    if kind(row) == "boolean" {
        values = vec!["true".to_owned(), "false".to_owned()];
    }
    let colon = edition.colon;
    out.extend(
        values.iter().map(|value| {
            (false, format!("• {value}{colon}{}", if edition.is_english() { "so called" } else { "如此" }))
        }),
    );
    if row.bounds().is_none() && values.is_empty() {
        out.push(nothing.clone());
    }
    out.push(default);
    out.push(match row.get(FactKind::Default) {
        None => nothing,
        Some(value) if text(value) == "0" => (false, format!("0{colon}{}", edition.nothing)),
        Some(value) => (false, text(value)),
    });
    out
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn kind(row: &Parameter) -> &str {
    row.type_name()
}

/// Writes a type: `array of object` becomes `Array of Items objects`.
fn type_text(kind: &str, class: Option<&str>) -> String {
    let class = class.map(|class| format!("{class} ")).unwrap_or_default();
    match (kind.strip_prefix("array of "), kind.strip_prefix("map of ")) {
        (Some("object"), _) => format!("Array of {class}objects"),
        (Some(element), _) => format!("Array of {element}s"),
        (_, Some("object")) => format!("Map<String,{}>", if class.is_empty() { "object" } else { class.trim() }),
        (_, Some(element)) => format!("Map<String,{element}>"),
        _ if kind == "object" && !class.is_empty() => format!("{class}object"),
        _ => kind[..1].to_uppercase() + &kind[1..],
    }
}

struct Writer<'a> {
    layout: &'a Layout,
    edition: &'a Edition,
    out: String,
    tables: usize,
}

pub(crate) fn render(page: &OperationFacts, layout: &Layout, edition: &Edition) -> String {
    let mut writer = Writer { layout, edition, out: String::new(), tables: 0 };
    if layout.is_html() {
        writer.out += "<!DOCTYPE html>\n<html><head><title>Starting a Run - StartRun</title><style>td { x: 'POST /not/this' }</style>";
        writer.out +=
            "<script>if (1 < 2) { document.write('<table><tr><td>GET /no</td></tr></table>') }</script></head><body>\n";
    }
    for text in [edition.updated, "Starting a Run", "URI"] {
        writer.line(text);
    }
    writer.line(&format!("{} {}", page.method.value, page.path.value));
    for (location, caption) in Location::TABLES.into_iter().zip(edition.captions) {
        let rows: Vec<&Parameter> = page.parameters.iter().filter(|row| row.location == location).collect();
        match location {
            Location::Header => writer.line(edition.sections[0]),
            Location::Response => {
                writer.line(edition.sections[1]);
                writer.line(if rows.is_empty() { edition.nothing } else { edition.status });
            }
            _ => {}
        }
        writer.fields(&rows, "", caption);
    }
    writer.line(edition.sections[2]);
    writer.line(&format!("{} https://{{endpoint}}{}?x=1", page.method.value, page.path.value));
    writer.line("{ \"ids\" : [ \"a\" ], \"updated\" : \"2016-04-04T00:00:00Z\" }");
    writer.line(edition.sections[3]);
    writer.line("200");
    writer.out
}

impl Layout {
    /// Whether the whole page is HTML.
    fn is_html(&self) -> bool {
        ["html", "html soup"].contains(&self.name)
    }

    fn table(&self, caption: &str, rows: &[(Vec<String>, Vec<DescriptionLine>)]) -> String {
        let [before, after] = self.caption;
        let [start, end, cell, line] = self.row;
        let is_tags = before.contains('<') || after.contains('<');
        let escaped = |text: &str| if is_tags { escaped(text) } else { text.to_owned() };
        let mut out = format!("{before}{caption}{after}");
        for (index, (cells, description)) in rows.iter().enumerate() {
            let lines = description.iter().map(|(label, text)| {
                let entry =
                    text.strip_prefix("• ").map(|text| format!("{}{}{}", self.entry[0], escaped(text), self.entry[1]));
                entry.unwrap_or_else(|| {
                    if *label { format!("{}{text}{}", self.label[0], self.label[1]) } else { escaped(text) }
                })
            });
            let last = lines.collect::<Vec<_>>().join(line);
            let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).chain([last]).collect();
            out += &format!("{start}{}{end}", cells.join(cell));
            out += if index == 0 { self.rule } else { "" };
        }
        out + if is_tags { "</tbody></table>\n\n" } else { "\n" }
    }
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out += &match self.layout.name {
            "html" => format!("<div class=\"p\">{}</div>\n", escaped(text)),
            "html soup" => format!("<p>{}\n", escaped(text)),
            "html in Markdown" => format!("## {text}<a name=\"x\"></a>\n\n"),
            _ => format!("{text}\n\n"),
        };
    }

    /// Writes the table of the fields of an object, then those of the objects in it.
    fn fields(&mut self, rows: &[&Parameter], prefix: &str, caption: &str) {
        let child = |row: &&Parameter| row.name.strip_prefix(prefix).is_some_and(|rest| !rest.contains('.'));
        let own: Vec<&Parameter> = rows.iter().copied().filter(child).collect();
        if own.is_empty() {
            return;
        }
        let class = |row: &Parameter| {
            let inner = format!("{}.", row.name);
            rows.iter()
                .any(|other| other.name.starts_with(&inner))
                // Names have no capitals, so that no two objects have the same class.
                .then(|| format!("{:?}_{}", row.location, row.name.replace('.', "X")))
        };
        self.tables += 1;
        let caption = format!("{}{} {caption}", self.edition.table, self.tables);
        let has_mandatory = own[0].location != Location::Response;
        let header: Vec<&str> = self
            .edition
            .header
            .into_iter()
            .enumerate()
            .filter(|(i, _)| *i != 1 || has_mandatory)
            .map(|(_, text)| text)
            .collect();
        let cells = |row: &Parameter| {
            let yes_no = self.edition.yes_no;
            let mandatory = has_mandatory.then(|| yes_no[usize::from(!row.is_mandatory())].to_owned());
            let name = row.name.strip_prefix(prefix).unwrap().to_owned();
            [Some(name), mandatory, Some(type_text(kind(row), class(row).as_deref()))].into_iter().flatten().collect()
        };
        // The last column of the header is the description.
        let header: Vec<String> = header.into_iter().map(str::to_owned).collect();
        let (last, first) = header.split_last().unwrap();
        let mut table = vec![(first.to_vec(), vec![(false, last.clone())])];
        table.extend(own.iter().map(|row| (cells(row), description(row, self.edition))));
        self.out += &self.layout.table(&caption, &table);
        for row in own {
            if let Some(class) = class(row) {
                self.fields(rows, &format!("{}.", row.name), &class);
            }
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
