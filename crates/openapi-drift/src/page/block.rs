//! The blocks of a page, which are the same for every layout.

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
