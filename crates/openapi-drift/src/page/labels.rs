//! The structural words of a reference page, in English and Chinese.

use crate::facts::{Location, METHODS};
use crate::text::unstopped;

/// Looks up a text in a table of words, which are separated by `|`, in any case.
fn lookup<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    // No word is longer.
    if text.len() > 28 {
        return None;
    }
    let is = |words: &str| words.split('|').any(|word| word.eq_ignore_ascii_case(text));
    words.iter().find(|(words, _)| is(words)).map(|(_, meaning)| *meaning)
}

/// A column of a parameter table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Mandatory,
    Type,
    Description,
}

const COLUMNS: [(&str, Column); 4] = [
    ("parameter|name|parameter name|参数|参数名|参数名称|名称", Column::Name),
    ("mandatory|required|是否必选|是否必填|必选|必填", Column::Mandatory),
    ("type|parameter type|data type|参数类型|类型|数据类型", Column::Type),
    ("description|描述|说明|参数说明|参数描述", Column::Description),
];

/// Returns the column that a header cell names.
pub(super) fn column(text: &str) -> Option<Column> {
    lookup(unstopped(text), &COLUMNS)
}

/// A part of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Definition,
    Constraints,
    Range,
    Default,
    /// A bound on a line of its own, on older pages.
    Bound,
}

/// The labels of the parts, in the order of a description.
pub(super) const PARTS: [(Part, &[&str]); 4] = [
    (Part::Definition, &["Definition", "Explanation", "参数解释"]),
    (Part::Constraints, &["Constraints", "Constraint", "Restrictions", "约束限制"]),
    (Part::Range, &["Value Range", "Value range", "Range", "Enumeration values", "取值范围", "枚举值"]),
    (Part::Default, &["Default Value", "Default value", "Default", "默认取值", "默认值", "缺省值"]),
];

const BOUNDS: [&str; 6] = ["Minimum", "Maximum", "Array Length", "最小", "最大", "数组长度"];

/// Returns the part that a line begins, and the text after the label on the same line.
pub(super) fn part(line: &str) -> Option<(Part, &str)> {
    for (part, labels) in PARTS {
        for label in labels {
            let Some(rest) = line.strip_prefix(label).map(str::trim_start) else { continue };
            match rest.strip_prefix([':', '：']) {
                Some(rest) => return Some((part, rest.trim_start())),
                None if rest.is_empty() => return Some((part, "")),
                None => {}
            }
        }
    }
    let after_bound = |label: &str| {
        let rest = line.strip_prefix(label)?.trim_start();
        let rest = ["length", "value", "长度", "值"].iter().find_map(|unit| rest.strip_prefix(unit)).unwrap_or(rest);
        rest.trim_start().strip_prefix([':', '：'])
    };
    BOUNDS.iter().find_map(|label| after_bound(label)).map(|_| (Part::Bound, line))
}

/// Whether a line begins a note, which states no facts.
pub(super) fn is_note(line: &str) -> bool {
    let word = line.split([':', '：']).next().unwrap_or_default();
    lookup(word.trim(), &[("note|notes|notice|caution|说明|注意|须知", ())]).is_some()
}

/// Whether a parameter is mandatory, if the cell or line states it: `Yes`, or `Yes (unless ...)`.
pub(super) fn mandatory(text: &str) -> Option<bool> {
    let word = text.split(['(', '（', ',', '，', '.', '。', ':', '：']).next().unwrap_or_default();
    lookup(word.trim(), &[("yes|mandatory|是|必选|必填", true), ("no|optional|否|可选|非必选|选填", false)])
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

const SECTIONS: [(&str, Section); 4] = [
    (
        "function|authorization information|calling method|debugging|URI|功能介绍|授权信息|调用方法|接口约束|调试",
        Section::Opening,
    ),
    ("request parameters|request parameter|请求参数|请求消息", Section::Request),
    ("response parameters|response parameter|响应参数|响应消息|返回参数", Section::Response),
    (
        "example requests|example request|example responses|example response|sdk sample code|status codes|status code|error codes|error code|returned values|returned value|return values|请求示例|响应示例|返回示例|SDK代码示例|状态码|返回值|错误码",
        Section::Closing,
    ),
];

/// Returns the section that a line is the heading of.
pub(super) fn section(line: &str) -> Option<Section> {
    match unstopped(line) {
        // In lower case they are names of parameters.
        "Request" => Some(Section::Request),
        "Response" => Some(Section::Response),
        "request" | "response" => None,
        line => lookup(line, &SECTIONS),
    }
}

/// The meaning of a caption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caption<'a> {
    Parameters(Location),
    /// Parameters of the URI: in the path or in the query.
    Uri,
    /// Parameters of the section, or of the request, at a place that the caption does not name.
    Section,
    Request,
    /// The fields of an object, or a table without parameters: the title.
    Fields(&'a str),
}

const CAPTIONS: [(&str, Caption<'_>); 8] = [
    ("path|requestpath|路径|请求路径", Caption::Parameters(Location::Path)),
    ("query|requestquery|请求query|查询", Caption::Parameters(Location::Query)),
    ("requestheader|header|请求header|请求头|请求消息头", Caption::Parameters(Location::Header)),
    ("requestbody|body|formdata|请求body|请求体|请求formdata", Caption::Parameters(Location::Body)),
    (
        "responsebody|responseheader|response|响应body|响应header|响应体|响应头|响应消息头|响应|返回",
        Caption::Parameters(Location::Response),
    ),
    ("uri|url|requesturi", Caption::Uri),
    ("request|请求", Caption::Request),
    ("", Caption::Section),
];

/// Returns the meaning of a line that is a caption. Without a number, it must name a place.
pub(super) fn caption(line: &str) -> Option<Caption<'_>> {
    // A sentence may begin with a reference to a table.
    if line.len() > 120 || line.ends_with(['.', '。']) {
        return None;
    }
    let number = numbered(line);
    let title = unstopped(number.unwrap_or(line));
    let is_name = title.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let words: String = title.chars().filter(|c| *c != ' ').flat_map(char::to_lowercase).collect();
    let words = words.strip_suffix("description").unwrap_or(&words);
    let words = ["说明", "描述"].iter().find_map(|end| words.strip_suffix(end)).unwrap_or(words);
    let about = ["parametersinthe", "parameterinthe"].iter().find_map(|start| words.strip_prefix(start));
    let about = about.or_else(|| {
        let ends = ["parameters", "parameter", "fields", "参数"];
        ends.iter().find_map(|end| words.strip_suffix(end))
    });
    match about
        .filter(|_| !is_name || title.eq_ignore_ascii_case("parameters"))
        .and_then(|about| lookup(about, &CAPTIONS))
    {
        Some(Caption::Section | Caption::Request) if number.is_none() => None,
        Some(Caption::Parameters(Location::Response)) if number.is_none() && section(line).is_some() => None,
        Some(meaning) => Some(meaning),
        None => number.map(|_| Caption::Fields(title)),
    }
}

/// Returns what follows the number of a table: `Host` of `Table 3 Host`.
pub(super) fn numbered(text: &str) -> Option<&str> {
    let head = text.get(..5).filter(|head| head.eq_ignore_ascii_case("table"));
    let rest = head.map_or_else(|| text.strip_prefix('表'), |_| text.get(5..))?.trim_start();
    let rest = rest.strip_prefix(|c: char| c.is_ascii_digit())?;
    Some(rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | ':' | '：' | ' ')))
}

/// Returns the status of a line such as `Status code: 200`.
pub(super) fn status(line: &str) -> Option<u16> {
    let head = line.get(.."status code".len()).filter(|head| head.eq_ignore_ascii_case("status code"));
    let rest = head.map_or_else(|| line.strip_prefix("状态码"), |head| line.get(head.len()..))?;
    unstopped(rest.trim_start().strip_prefix([':', '：'])?.trim()).parse().ok()
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

/// Returns the method and path of a line such as `POST /v5/{project_id}/x`, without host and query.
pub(super) fn uri(line: &str) -> Option<(&str, String)> {
    let (method, target) = line.split_once(' ')?;
    if !METHODS.iter().any(|known| known.to_uppercase() == method) || target.trim().contains(' ') {
        return None;
    }
    let target = target.trim().replace('\\', "");
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.get(rest.find('/')?..)?,
        None => &target,
    };
    let path = path.split("{?").next()?.split('?').next()?;
    path.starts_with('/').then(|| (method, path.to_owned()))
}
