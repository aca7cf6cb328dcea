//! What cannot be the id of a server, a server group or a project: the usual accidents of quoting and splitting.

use std::fmt;

use crate::error::Error;
use crate::response::printable::is_unprintable;

/// Why a text cannot be an id. Ids of servers, server groups, projects and enterprise projects are checked before
/// anything is sent.
///
/// The reference page defines no alphabet, so other characters are allowed.
///
/// ```
/// use huaweicloud_hss::IdProblem;
///
/// assert_eq!(IdProblem::find("c8ab9c0e-12"), None);
/// assert_eq!(IdProblem::find("\"c8ab9c0e-12\""), Some(IdProblem::Quoted));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdProblem {
    /// It is empty.
    Empty,
    /// It has this many bytes, more than [`IdProblem::MAX_BYTES`].
    TooLong(usize),
    /// It contains quotation marks.
    Quoted,
    /// It contains brackets or braces, as JSON does.
    Json,
    /// It contains this character, which separates the cells of a table.
    Separator(char),
    /// It contains whitespace.
    Whitespace,
    /// It contains a control character or an invisible character.
    Unprintable,
    /// It is a word for a missing value, such as `null`.
    NoValue,
}

/// What programs print for a missing value, such as `jq -r` for a key that a row does not have.
const NO_VALUE: [&str; 7] = ["null", "none", "nil", "undefined", "nan", "n/a", "-"];

impl IdProblem {
    /// Maximum length of an id. No document states one; the vendor's API definitions have 64 characters
    /// (`docs/design/service-behaviour.md#scan-and-status`).
    pub const MAX_BYTES: usize = 4096;

    /// Returns the first problem of a text, if it has any.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        if id.is_empty() {
            return Some(Self::Empty);
        }
        if id.len() > Self::MAX_BYTES {
            return Some(Self::TooLong(id.len()));
        }
        if NO_VALUE.iter().any(|word| word.eq_ignore_ascii_case(id)) {
            return Some(Self::NoValue);
        }
        id.chars().find_map(|c| match c {
            '0'..='9' | 'A'..='Z' | 'a'..='z' | '-' | '_' => None,
            '"' | '\'' | '`' | '“' | '”' | '„' | '‘' | '’' | '«' | '»' => Some(Self::Quoted),
            '[' | ']' | '{' | '}' => Some(Self::Json),
            ',' | ';' | '|' => Some(Self::Separator(c)),
            c if c.is_whitespace() => Some(Self::Whitespace),
            c if is_unprintable(c) => Some(Self::Unprintable),
            _ => None,
        })
    }
}

/// Continues a sentence that names the id.
impl fmt::Display for IdProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong(bytes) => {
                write!(f, "is {bytes} bytes long, more than the maximum of {}", Self::MAX_BYTES)
            }
            Self::Quoted => f.write_str("contains quotation marks; give ids without them (with jq, use -r)"),
            Self::Json => f.write_str("contains brackets or braces, so it is JSON, not an id"),
            Self::Separator(separator) => {
                write!(f, "contains {separator:?}, so it is several ids or a row of a table; give one id at a time")
            }
            Self::Whitespace => f.write_str("contains whitespace, so it is not one id"),
            Self::Unprintable => {
                f.write_str("contains a control character or an invisible character, so it is not an id")
            }
            Self::NoValue => f.write_str("is what programs print for a missing value, not an id"),
        }
    }
}

/// Checks an id of a list in a request.
pub(crate) fn check(field: &str, id: &str) -> Result<(), Error> {
    let Some(problem) = IdProblem::find(id) else { return Ok(()) };
    let shown: String = id.chars().take(64).collect();
    Err(Error::invalid_input(match problem {
        IdProblem::Empty => format!("{field} contains an empty id"),
        problem => format!("{field}: the id {shown:?} {problem}"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_accidents_are_recognised() {
        use IdProblem::{Empty, Json, NoValue, Quoted, Separator, TooLong, Unprintable, Whitespace};
        for (id, problem) in [
            ("c8ab9c0e-0b65-4c0f-8b1e-2b6f1d3a9f10", None),
            ("h_1", None),
            ("主机:1/a.b", None),
            ("", Some(Empty)),
            ("\"h1\"", Some(Quoted)),
            ("'h1'", Some(Quoted)),
            ("“h1”", Some(Quoted)),
            ("h1\"", Some(Quoted)),
            ("[\"h1\",", Some(Json)),
            ("{\"id\":\"h1\"}", Some(Json)),
            ("]", Some(Json)),
            ("h1,h2", Some(Separator(','))),
            ("h1;web", Some(Separator(';'))),
            ("h1 h2", Some(Whitespace)),
            (" h1", Some(Whitespace)),
            ("h1\n", Some(Whitespace)),
            ("h1\u{a0}", Some(Whitespace)),
            ("h\u{0}1\u{0}", Some(Unprintable)),
            ("h1\u{200b}", Some(Unprintable)),
            ("null", Some(NoValue)),
            ("None", Some(NoValue)),
            ("N/A", Some(NoValue)),
            ("-", Some(NoValue)),
            ("null-1", None),
        ] {
            assert_eq!(IdProblem::find(id), problem, "{id:?}");
        }
        assert_eq!(IdProblem::find(&"x".repeat(4096)), None);
        assert_eq!(IdProblem::find(&"x".repeat(4097)), Some(TooLong(4097)));
    }

    #[test]
    fn an_error_names_the_field_and_the_begin_of_the_id() {
        assert_eq!(check("host_ids", "").unwrap_err().to_string(), "host_ids contains an empty id");
        let error = check("host_ids", &format!("{}, h2", "x".repeat(500))).unwrap_err().to_string();
        let shown = "x".repeat(64);
        assert_eq!(
            error,
            format!(
                "host_ids: the id {shown:?} contains ',', so it is several ids or a row of a table; give one id at a time"
            )
        );
    }
}
