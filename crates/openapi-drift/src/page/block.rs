//! The blocks that a page is made of, whatever its layout.

/// A line of text without its mark-up, and its number in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) number: u64,
}

/// A table whose cells are known.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) line: u64,
    pub(super) rows: Vec<Vec<Vec<Line>>>,
    /// The page ends within it.
    pub(super) cut: bool,
}

/// A piece of a page.
#[derive(Debug)]
pub(super) enum Block {
    Line(Line),
    Table(Table),
}
