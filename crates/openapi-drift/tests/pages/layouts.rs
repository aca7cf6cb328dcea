//! Writes facts as a page, in each layout and edition. The labels are those of real pages; the prose is ours.

use std::fmt::Write as _;

use openapi_drift::{FactKind, Location, OperationFacts, Parameter};
use serde_json::Value as Json;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Layout {
    /// One cell per line, with empty lines between.
    Lines,
    /// Cells between tabs, as a browser copies a table.
    Tabs,
    /// One Markdown row per line, with outer pipes and `<br>` within cells.
    Rows,
    /// The same with each cell in one run of text.
    RowsOneLine,
    /// The same with bold labels.
    RowsBold,
    /// One cell per line that ends in ` |`; the lines of the last cell follow.
    Loose,
    /// The same, where the last cell of a row ends in ` |` too.
    LooseClosed,
    /// Each pipe on a line of its own.
    LoosePipes,
    /// Saved from a browser.
    Html,
    /// HTML with bold labels, list entries, and unclosed tags.
    HtmlSoup,
    /// Markdown with tables in HTML.
    MarkdownHtml,
}

use Layout::{Html, HtmlSoup, Lines, Loose, LooseClosed, LoosePipes, MarkdownHtml, Rows, RowsBold, RowsOneLine, Tabs};

pub(crate) const LAYOUTS: [Layout; 11] =
    [Lines, Tabs, Rows, RowsOneLine, RowsBold, Loose, LooseClosed, LoosePipes, Html, HtmlSoup, MarkdownHtml];

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
    layout: Layout,
    edition: &'a Edition,
    out: String,
    tables: usize,
}

pub(crate) fn render(page: &OperationFacts, layout: Layout, edition: &Edition) -> String {
    let mut writer = Writer { layout, edition, out: String::new(), tables: 0 };
    if matches!(layout, Html | HtmlSoup) {
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

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out += &match self.layout {
            Html => format!("<div class=\"p\">{}</div>\n", escaped(text)),
            HtmlSoup => format!("<p>{}\n", escaped(text)),
            MarkdownHtml => format!("## {text}<a name=\"x\"></a>\n\n"),
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
                .then(|| format!("Class_{}", row.name.replace('.', "_")))
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
        let body: Vec<(Vec<String>, Vec<DescriptionLine>)> =
            own.iter().map(|row| (cells(row), description(row, self.edition))).collect();
        if matches!(self.layout, Html | HtmlSoup | MarkdownHtml) {
            self.html_table(&caption, &header, &body);
        } else {
            self.line(&if self.layout == RowsBold { format!("**{caption}**") } else { caption });
            self.text_table(&header, &body);
        }
        for row in own {
            if let Some(class) = class(row) {
                self.fields(rows, &format!("{}.", row.name), &class);
            }
        }
    }

    fn text_table(&mut self, header: &[&str], body: &[(Vec<String>, Vec<DescriptionLine>)]) {
        let rule = vec!["---"; header.len()].join("|");
        self.out += &match self.layout {
            Lines => header.join("\n\n") + "\n\n",
            Tabs => header.join("\t") + "\n",
            Rows | RowsOneLine | RowsBold => format!("| {} |\n|{rule}|\n", header.join(" | ")),
            Loose => format!("{}\n{rule}\n", header.join(" |\n")),
            LooseClosed => format!("{} |\n{rule}\n", header.join(" |\n")),
            _ => format!("{}\n\n{rule}\n\n", header.join("\n\n|\n\n")),
        };
        for (cells, lines) in body {
            let joined = |with: &str| lines.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(with);
            self.out += &match self.layout {
                Lines => format!("{}\n\n{}\n\n", cells.join("\n\n"), joined("\n\n")),
                Tabs => format!("{}\t{}\n", cells.join("\t"), joined("\n")),
                Rows => format!("| {} | {} |\n", cells.join(" | ").replace('_', "\\_"), joined("<br>")),
                // A list is written with dashes.
                RowsOneLine => format!("| {} | {} |\n", cells.join(" | "), joined(" ").replace('•', "-")),
                RowsBold => {
                    let bold =
                        |(label, text): &DescriptionLine| if *label { format!("**{text}:**") } else { text.clone() };
                    let bold: Vec<String> = lines.iter().map(bold).collect();
                    format!("| `{}` | {} |\n", cells.join(" | ").replacen(" | ", "` | ", 1), bold.join(" "))
                }
                Loose => format!("{} |\n{}\n", cells.join(" |\n"), joined("\n")),
                LooseClosed => format!("{} |\n{} |\n", cells.join(" |\n"), joined(" ")),
                _ => format!("{}\n\n|\n\n{}\n\n", cells.join("\n\n|\n\n"), joined("  \n")),
            };
        }
        self.out.push('\n');
    }

    fn html_table(&mut self, caption: &str, header: &[&str], body: &[(Vec<String>, Vec<DescriptionLine>)]) {
        let soup = self.layout == HtmlSoup;
        if self.layout == MarkdownHtml {
            write!(self.out, "**{caption}**\n\n<a name=\"y\"></a>\n<table><thead><tr>").unwrap();
        } else {
            write!(self.out, "<div><table frame=\"border\"><caption><b>{caption}</b></caption>\n<thead><tr>").unwrap();
        }
        for cell in header {
            self.out += &if soup { format!("<th>{cell}") } else { format!("<th id=\"x\"><p>{cell}</p></th>\n") };
        }
        self.out += if soup { "<tbody>" } else { "</tr></thead>\n<tbody>" };
        for (cells, lines) in body {
            self.out += "<tr>";
            for cell in cells {
                let cell = escaped(cell);
                self.out += &if soup { format!("<TD>{cell}") } else { format!("<td><p>{cell}</p>\n</td>\n") };
            }
            self.out += "<td>";
            let mut list = false;
            for (label, text) in lines {
                let entry = text.strip_prefix("• ").filter(|_| !label);
                if entry.is_some() != list {
                    self.out += if list { "</ul>" } else { "<ul>" };
                    list = !list;
                }
                self.out += &match entry {
                    Some(entry) if soup => format!("<li><p>{entry}</p>"),
                    Some(entry) => format!("<li>{entry}</li>\n"),
                    None if soup && *label => format!("<strong>{text}</strong>: "),
                    None if soup => format!("{}<br>", escaped(text)),
                    None => format!("<p>{}</p>\n", escaped(text)),
                };
            }
            self.out += if soup { "</ul>" } else { "</td>\n</tr>\n" };
        }
        self.out += "</tbody></table>\n\n";
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
