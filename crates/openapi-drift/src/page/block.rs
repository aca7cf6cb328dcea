//! The blocks of a page, which are the same for every layout, and the parameter tables among them.

use super::types::Type;
use crate::facts::{Facts, Located, Location};

/// A line of text without markup, and its number in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) number: u64,
}

/// A table with its cells.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) line: u64,
    pub(super) rows: Vec<Vec<Vec<Line>>>,
}

/// A piece of a page.
#[derive(Debug)]
pub(super) enum Block {
    Line(Line),
    Table(Table),
}

/// A row of a parameter table.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) name: Line,
    pub(super) kind: Option<Located<Type>>,
    pub(super) facts: Facts,
}

/// Where the rows of a table belong.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    Parameters(Location),
    /// In the path if it has the name, otherwise in the query.
    Uri,
    /// Fields of an object: the title.
    Fields(String),
}

/// A parameter table.
pub(super) struct FieldTable {
    pub(super) place: Place,
    pub(super) caption: Option<String>,
    pub(super) line: u64,
    pub(super) is_response: bool,
    /// Whether it belongs to the request or to the first success. No spec here has error responses: see
    /// docs/design/generator-traps.md#p2.
    pub(super) counts: bool,
    pub(super) rows: Vec<Row>,
}

/// Whether a path has a parameter of this name.
pub(super) fn is_in_path(path: &str, name: &str) -> bool {
    path.contains(&format!("{{{name}}}"))
}
