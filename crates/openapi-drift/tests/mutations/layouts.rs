//! The example page in each layout and language. The labels are those of real pages; the prose is ours.

use crate::model::{Page, Range, Row, Side, TABLES, Table};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Layout {
    /// One cell per line, with empty lines between.
    Lines,
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
}

pub(crate) const LAYOUTS: [Layout; 9] = [
    Layout::Lines,
    Layout::Rows,
    Layout::RowsOneLine,
    Layout::RowsBold,
    Layout::Loose,
    Layout::LooseClosed,
    Layout::LoosePipes,
    Layout::Html,
    Layout::HtmlSoup,
];

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Edition {
    English,
    Chinese,
}

struct Words {
    header: [&'static str; 4],
    parts: [&'static str; 4],
    yes_no: [&'static str; 2],
    nothing: &'static str,
    captions: [&'static str; 5],
    sections: [&'static str; 4],
    status: &'static str,
    updated: &'static str,
}

const ENGLISH: Words = Words {
    header: ["Parameter", "Mandatory", "Type", "Description"],
    parts: ["Definition", "Constraints", "Range", "Default Value"],
    yes_no: ["Yes", "No"],
    nothing: "N/A",
    captions: [
        "Path Parameters",
        "Query Parameters",
        "Request header parameters",
        "Request body parameters",
        "Response body parameters",
    ],
    sections: ["Request Parameters", "Response Parameters", "Example Requests", "Status Codes"],
    status: "Status code: 200",
    updated: "Updated on 2026-01-02 GMT+08:00",
};

const CHINESE: Words = Words {
    header: ["参数", "是否必选", "参数类型", "描述"],
    parts: ["参数解释", "约束限制", "取值范围", "默认取值"],
    yes_no: ["是", "否"],
    nothing: "不涉及",
    captions: ["路径参数", "Query参数", "请求Header参数", "请求Body参数", "响应Body参数"],
    sections: ["请求参数", "响应参数", "请求示例", "状态码"],
    status: "状态码： 200",
    updated: "更新时间：2026-01-02 GMT+08:00",
};

fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, c) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// The lines of a description.
fn description(row: &Row, edition: Edition) -> Vec<(bool, String)> {
    let words = if edition == Edition::English { &ENGLISH } else { &CHINESE };
    let english = edition == Edition::English;
    let mut out = vec![
        (true, words.parts[0].to_owned()),
        (
            false,
            if english { "What it is for, in the usual Range of words. See More." } else { "用途说明。" }.to_owned(),
        ),
        (true, words.parts[1].to_owned()),
        (false, words.nothing.to_owned()),
        (true, words.parts[2].to_owned()),
    ];
    match &row.range {
        Range::None => out.push((false, words.nothing.to_owned())),
        Range::Characters(min, max) if english => {
            out.push((false, format!("The value can contain {min} to {} characters.", thousands(*max))));
        }
        Range::Characters(min, max) => out.push((false, format!("字符长度{min}-{max}位"))),
        Range::Numbers(min, max) if english => {
            out.push((false, format!("The value range is {min} to {}.", thousands(*max))));
        }
        Range::Numbers(min, max) => out.push((false, format!("最小值{min},最大值{max}"))),
        Range::Values(values) => {
            for value in values {
                out.push((false, if english { format!("• {value}: so called") } else { format!("• {value}：如此") }));
            }
        }
        Range::Truth => {
            for value in ["true", "false"] {
                out.push((false, if english { format!("• {value}: All of it.") } else { format!("• {value}：全部") }));
            }
        }
    }
    out.push((true, words.parts[3].to_owned()));
    out.push((
        false,
        match &row.default {
            None => words.nothing.to_owned(),
            Some(value) if value == "0" && english => "0: the usual group.".to_owned(),
            Some(value) if value == "0" => "0：默认分组".to_owned(),
            Some(value) => value.clone(),
        },
    ));
    out
}

pub(crate) fn render(page: &Page, layout: Layout, edition: Edition) -> String {
    let words = if edition == Edition::English { &ENGLISH } else { &CHINESE };
    let html = matches!(layout, Layout::Html | Layout::HtmlSoup);
    let mut out = String::new();
    if html {
        out += "<!DOCTYPE html>\n<html><head><title>Starting a Run - StartRun</title><style>td { x: 'POST /not/this' }</style>";
        out +=
            "<script>if (1 < 2) { document.write('<table><tr><td>GET /no</td></tr></table>') }</script></head><body>\n";
    }
    let line = |text: &str| match layout {
        Layout::Html => format!("<div class=\"p\">{}</div>\n", escaped(text)),
        Layout::HtmlSoup => format!("<p>{}\n", escaped(text)),
        _ => format!("{text}\n\n"),
    };
    out += &line(words.updated);
    out += &line("Starting a Run");
    out += &line("URI");
    out += &line(&format!("{} {}", page.method, page.path));
    let mut number = 0;
    let mut response = false;
    let tables = TABLES.into_iter().filter(|table| page.rows.iter().any(|row| row.table == *table));
    for table in tables {
        if matches!(table, Table::Header) {
            out += &line(words.sections[0]);
        }
        if matches!(table, Table::Response | Table::Object(_, _, Side::Response)) && !response {
            response = true;
            out += &line(words.sections[1]);
            out += &line(words.status);
        }
        number += 1;
        let title = match table {
            Table::Path => words.captions[0],
            Table::Query => words.captions[1],
            Table::Header => words.captions[2],
            Table::Body => words.captions[3],
            Table::Response => words.captions[4],
            Table::Object(name, ..) => name,
        };
        let caption = if edition == Edition::English {
            format!("Table {number} {title}")
        } else {
            format!("表{number} {title}")
        };
        let rows: Vec<&Row> = page.rows.iter().filter(|row| row.table == table).collect();
        if html {
            out += &html_table(&caption, table, &rows, layout, edition, words);
        } else {
            out += &line(&if layout == Layout::RowsBold { format!("**{caption}**") } else { caption });
            out += &text_table(table, &rows, layout, edition, words);
        }
    }
    out += &line(words.sections[2]);
    out += &line(&format!("{} https://{{endpoint}}{}", page.method, page.path));
    out += &line("{ \"ids\" : [ \"a\" ] }");
    out += &line(words.sections[3]);
    out += &line("200");
    if html {
        out += "</body></html>\n";
    }
    out
}

fn cells(row: &Row, words: &Words) -> Vec<String> {
    let mut cells = vec![row.name.clone()];
    if row.table.has_mandatory() {
        cells.push(words.yes_no[usize::from(!row.mandatory)].to_owned());
    }
    cells.push(row.kind.to_owned());
    cells
}

fn header(table: Table, words: &Words) -> Vec<&'static str> {
    words.header.iter().enumerate().filter(|(i, _)| *i != 1 || table.has_mandatory()).map(|(_, text)| *text).collect()
}

fn text_table(table: Table, rows: &[&Row], layout: Layout, edition: Edition, words: &Words) -> String {
    let header = header(table, words);
    let rule = vec!["---"; header.len()].join("|");
    let joined = |lines: &[(bool, String)], with: &str| {
        lines.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(with)
    };
    let mut out = match layout {
        Layout::Lines => header.join("\n\n") + "\n\n",
        Layout::Rows | Layout::RowsOneLine | Layout::RowsBold => {
            format!("| {} |\n|{rule}|\n", header.join(" | "))
        }
        Layout::Loose => format!("{}\n{rule}\n", header.join(" |\n")),
        Layout::LooseClosed => format!("{} |\n{rule}\n", header.join(" |\n")),
        _ => format!("{}\n\n{rule}\n\n", header.join("\n\n|\n\n")),
    };
    for row in rows {
        let (cells, lines) = (cells(row, words), description(row, edition));
        out += &match layout {
            Layout::Lines => format!("{}\n\n{}\n\n", cells.join("\n\n"), joined(&lines, "\n\n")),
            Layout::Rows => format!("| {} | {} |\n", cells.join(" | ").replace('_', "\\_"), joined(&lines, "<br>")),
            Layout::RowsOneLine => format!("| {} | {} |\n", cells.join(" | "), joined(&lines, " ")),
            Layout::RowsBold => {
                let bold: Vec<String> = lines
                    .iter()
                    .map(|(label, text)| if *label { format!("**{text}:**") } else { text.clone() })
                    .collect();
                format!("| `{}` | {} |\n", cells.join(" | ").replacen(" | ", "` | ", 1), bold.join(" "))
            }
            Layout::Loose => format!("{} |\n{}\n", cells.join(" |\n"), joined(&lines, "\n")),
            Layout::LooseClosed => format!("{} |\n{} |\n", cells.join(" |\n"), joined(&lines, " ")),
            _ => format!("{}\n\n|\n\n{}\n\n", cells.join("\n\n|\n\n"), joined(&lines, "  \n")),
        };
    }
    out + "\n"
}

fn html_table(caption: &str, table: Table, rows: &[&Row], layout: Layout, edition: Edition, words: &Words) -> String {
    let soup = layout == Layout::HtmlSoup;
    let mut out = format!(
        "<div class=\"tablenoborder\"><table frame=\"border\"><caption><b>{caption}</b></caption>\n<thead><tr>"
    );
    for cell in header(table, words) {
        out += &if soup { format!("<th>{cell}") } else { format!("<th id=\"x\"><p>{cell}</p></th>\n") };
    }
    out += if soup { "<tbody>" } else { "</tr></thead>\n<tbody>" };
    for row in rows {
        out += "<tr>";
        for cell in cells(row, words) {
            let cell = escaped(&cell);
            out += &if soup { format!("<TD>{cell}") } else { format!("<td><p>{cell}</p>\n</td>\n") };
        }
        out += "<td>";
        let mut list = false;
        for (label, text) in description(row, edition) {
            let entry = text.strip_prefix("• ").filter(|_| !label);
            if entry.is_some() != list {
                out += if list { "</ul>" } else { "<ul>" };
                list = !list;
            }
            out += &match entry {
                Some(entry) if soup => format!("<li><p>{entry}</p>"),
                Some(entry) => format!("<li>{entry}</li>\n"),
                None if soup && label => format!("<strong>{text}</strong>: "),
                None if soup => format!("{}<br>", escaped(&text)),
                None => format!("<p>{}</p>\n", escaped(&text)),
            };
        }
        out += if soup { "</ul>" } else { "</td>\n</tr>\n" };
    }
    out + "</tbody></table></div>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
