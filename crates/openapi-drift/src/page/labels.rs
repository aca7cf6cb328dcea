//! The structural words of a reference page, in English and Chinese.

use crate::facts::{Location, METHODS};
use crate::text::unstopped;

/// A column of a parameter table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Mandatory,
    Type,
    Description,
}

const COLUMNS: [(&str, Column); 9] = [
    ("parameter", Column::Name),
    ("name", Column::Name),
    ("parameter name", Column::Name),
    ("mandatory", Column::Mandatory),
    ("required", Column::Mandatory),
    ("type", Column::Type),
    ("parameter type", Column::Type),
    ("data type", Column::Type),
    ("description", Column::Description),
];

/// Looks up the meaning of a word, in any case.
fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, meaning)| *meaning)
}

/// Returns the column that a header cell names.
pub(super) fn column(text: &str) -> Option<Column> {
    let text = unstopped(text);
    Some(match text {
        "参数" | "参数名" | "参数名称" | "名称" => Column::Name,
        "是否必选" | "是否必填" | "必选" | "必填" => Column::Mandatory,
        "参数类型" | "类型" | "数据类型" => Column::Type,
        "描述" | "说明" | "参数说明" | "参数描述" => Column::Description,
        _ => return word(text, &COLUMNS),
    })
}

/// A part of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Definition,
    Constraints,
    Range,
    Default,
}

/// The labels of the parts, in the order of a description.
pub(super) const PARTS: [(Part, &[&str]); 4] = [
    (Part::Definition, &["Definition", "参数解释"]),
    (Part::Constraints, &["Constraints", "Constraint", "约束限制"]),
    (Part::Range, &["Value Range", "Value range", "Range", "Enumeration values", "取值范围", "枚举值"]),
    (Part::Default, &["Default Value", "Default value", "Default", "默认取值", "默认值", "缺省值"]),
];

/// Returns the part that a line begins, and the text after the label on the same line.
pub(super) fn part(line: &str) -> Option<(Part, &str)> {
    // The first character rules out most lines.
    if !line.starts_with(['D', 'C', 'V', 'R', 'E', 'M', 'A', '参', '约', '取', '枚', '默', '缺', '最', '数']) {
        return None;
    }
    for (part, labels) in PARTS {
        for label in labels {
            let Some(rest) = line.strip_prefix(label) else { continue };
            let rest = rest.trim_start();
            match rest.strip_prefix([':', '：']) {
                Some(rest) => return Some((part, rest.trim_start())),
                None if rest.is_empty() => return Some((part, "")),
                None => {}
            }
        }
    }
    // Older pages write bounds on lines of their own.
    let old = ["Minimum", "Maximum", "Minimum length", "Maximum length", "Array Length"];
    let old_chinese = ["最小值", "最大值", "最小长度", "最大长度", "数组长度"];
    let bounds = old
        .iter()
        .chain(&old_chinese)
        .any(|label| line.strip_prefix(label).is_some_and(|rest| rest.trim_start().starts_with([':', '：'])));
    bounds.then_some((Part::Range, line))
}

/// Whether a parameter is mandatory, if the cell or line states it.
pub(super) fn mandatory(text: &str) -> Option<bool> {
    match text {
        "是" | "必选" | "必填" => Some(true),
        "否" | "可选" | "非必选" | "选填" => Some(false),
        _ if text.eq_ignore_ascii_case("yes") || text.eq_ignore_ascii_case("mandatory") => Some(true),
        _ if text.eq_ignore_ascii_case("no") || text.eq_ignore_ascii_case("optional") => Some(false),
        _ => None,
    }
}

/// A section of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Description, permissions and URI.
    Opening,
    Request,
    Response,
    /// Examples, status codes, error codes: no facts.
    Closing,
}

const SECTIONS: [(&str, Section); 15] = [
    ("function", Section::Opening),
    ("authorization information", Section::Opening),
    ("calling method", Section::Opening),
    ("debugging", Section::Opening),
    ("request parameters", Section::Request),
    ("request parameter", Section::Request),
    ("response parameters", Section::Response),
    ("response parameter", Section::Response),
    ("example requests", Section::Closing),
    ("example request", Section::Closing),
    ("example responses", Section::Closing),
    ("example response", Section::Closing),
    ("sdk sample code", Section::Closing),
    ("status codes", Section::Closing),
    ("error codes", Section::Closing),
];

/// Returns the section that a line is the heading of.
pub(super) fn section(line: &str) -> Option<Section> {
    if line.len() > 48 {
        return None;
    }
    let line = unstopped(line);
    Some(match line {
        "URI" | "功能介绍" | "授权信息" | "调用方法" | "接口约束" | "调试" => Section::Opening,
        "请求参数" | "请求消息" => Section::Request,
        "响应参数" | "响应消息" | "返回参数" => Section::Response,
        "请求示例" | "响应示例" | "返回示例" | "SDK代码示例" | "状态码" | "返回值" | "错误码" => {
            Section::Closing
        }
        _ => return word(line, &SECTIONS),
    })
}

/// The meaning of a caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caption {
    Parameters(Location),
    /// The fields of an object that is the type of a parameter.
    Object(String),
    /// The heading of a section, without a table of its own.
    Section,
}

/// Returns the meaning of a line that is a caption, and whether it is numbered.
pub(super) fn caption(line: &str) -> Option<(Caption, bool)> {
    if line.len() > 120 {
        return None;
    }
    let numbered = line
        .strip_prefix("Table")
        .or_else(|| line.strip_prefix("TABLE"))
        .or_else(|| line.strip_prefix('表'))
        .map(str::trim_start)
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        .map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | ':' | '：' | ' ')));
    let title = unstopped(numbered.unwrap_or(line));
    // The last character rules out most lines.
    if numbered.is_none() && !title.ends_with(['s', 'r', 'S', 'R', '数']) {
        return None;
    }
    let words: String = title.chars().filter(|c| *c != ' ').flat_map(char::to_lowercase).collect();
    let about = words
        .strip_suffix("parameters")
        .or_else(|| words.strip_suffix("parameter"))
        .or_else(|| words.strip_suffix("fields"))
        .or_else(|| words.strip_suffix("参数"));
    if let Some(about) = about {
        let location = match about {
            "path" | "uri" | "路径" | "requestpath" | "请求路径" => Location::Path,
            "query" | "requestquery" | "请求query" | "查询" => Location::Query,
            "requestheader" | "header" | "请求header" | "请求头" => Location::Header,
            "requestbody" | "body" | "请求body" | "请求体" | "formdata" | "请求formdata" => Location::Body,
            "responsebody" | "responseheader" | "响应body" | "响应header" | "响应体" | "响应头" => {
                Location::Response
            }
            "request" | "请求" | "response" | "响应" if numbered.is_none() => {
                return Some((Caption::Section, false));
            }
            "response" | "响应" => Location::Response,
            _ => return None,
        };
        return Some((Caption::Parameters(location), numbered.is_some()));
    }
    let identifier = !title.is_empty() && title.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (numbered.is_some() && identifier).then(|| (Caption::Object(title.to_owned()), true))
}

/// Returns the status of a line such as `Status code: 200`.
pub(super) fn status(line: &str) -> Option<u16> {
    let rest = match line.strip_prefix("状态码") {
        Some(rest) => rest,
        None => {
            let (head, rest) = line.split_at_checked("status code".len())?;
            head.eq_ignore_ascii_case("status code").then_some(rest)?
        }
    };
    let number = rest.trim_start().strip_prefix([':', '：'])?.trim();
    unstopped(number).parse().ok()
}

/// Returns the date of a line such as `Updated on 2026-04-03 GMT+08:00`.
pub(super) fn updated(line: &str) -> Option<&str> {
    if line.len() > 80 || !["Updated", "updated", "更新"].iter().any(|word| line.contains(word)) {
        return None;
    }
    let start = line.find(|c: char| c.is_ascii_digit())?;
    let date = line.get(start..start + 10)?;
    let shape = date.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    shape.then_some(date)
}

/// Returns the method and path of a line such as `POST /v5/{project_id}/x`.
pub(super) fn uri(line: &str) -> Option<(&str, &str)> {
    let (method, path) = line.split_once(' ')?;
    let known = METHODS.iter().any(|known| known.to_uppercase() == method);
    let path = path.trim();
    (known && path.starts_with('/') && !path.contains(' ')).then_some((method, path))
}
