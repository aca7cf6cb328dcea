//! Parses the facts of a page from its lines and tables.

use std::collections::BTreeSet;

use super::block::{Block, Line, Table};
use super::cell::{self, Described};
use super::error::{PageError, PageErrorKind};
use super::labels::{self, Caption, Column, Part, Section};
use super::types;
use crate::facts::{Located, Location, OperationFacts, Parameter, is_implied_header};

/// A row of a parameter table.
struct Row {
    name: Line,
    mandatory: Option<Located<bool>>,
    kind: Option<Located<types::Type>>,
    described: Described,
}

/// A caption whose table has not begun.
struct PendingCaption {
    caption: Caption,
    line: u64,
    text: String,
}

struct PageParser<'a> {
    blocks: &'a [Block],
    at: usize,
    section: Section,
    status: Option<u16>,
    pending: Option<PendingCaption>,
    updated: Option<String>,
    uri: Option<(Located<String>, Located<String>)>,
    tables: Vec<(Location, Vec<Row>)>,
    objects: Vec<(String, Vec<Row>)>,
    /// The status of the response that was read: the first success.
    response_status: Option<u16>,
    /// Whether the page states that the response has no parameters.
    response_is_empty: bool,
}

/// Reads the blocks of a page.
pub(super) fn read(blocks: &[Block]) -> Result<OperationFacts, PageError> {
    if blocks.is_empty() {
        return Err(PageError::new(PageErrorKind::Empty, 0, "the page is empty"));
    }
    let mut parser = PageParser {
        blocks,
        at: 0,
        section: Section::Opening,
        status: None,
        pending: None,
        updated: None,
        uri: None,
        tables: Vec::new(),
        objects: Vec::new(),
        response_status: None,
        response_is_empty: false,
    };
    let parsed = parser.page();
    // Without method and path, other errors of the page do not matter.
    let Some((method, path)) = parser.uri.take() else {
        let message =
            "this is not a reference page: no line contains a method and a path, such as `GET /v5/{project_id}/hosts`";
        return Err(PageError::new(PageErrorKind::NotAReference, 0, message));
    };
    parsed?;
    if parser.response_status.is_none() && !parser.response_is_empty {
        let message = "the page has no table of response parameters";
        return Err(PageError::new(PageErrorKind::Truncated, 0, message));
    }
    let parameters = parser.parameters()?;
    Ok(OperationFacts { operation: None, updated: parser.updated, method, path, parameters })
}

impl<'a> PageParser<'a> {
    fn page(&mut self) -> Result<(), PageError> {
        while let Some(block) = self.blocks.get(self.at) {
            match block {
                Block::Line(line) => self.line(line)?,
                Block::Table(table) => {
                    self.at += 1;
                    self.table(table)?;
                }
            }
        }
        self.expect_no_pending_caption()
    }

    fn line(&mut self, line: &'a Line) -> Result<(), PageError> {
        let text = line.text.as_str();
        if self.updated.is_none() {
            self.updated = labels::updated(text).map(str::to_owned);
        }
        if let Some(section) = labels::section(text) {
            self.expect_no_pending_caption()?;
            self.section = section;
            self.status = None;
        } else if self.section == Section::Closing {
            // Examples repeat the parameters.
        } else if let Some(status) = labels::status(text) {
            self.expect_no_pending_caption()?;
            self.status = Some(status);
        } else if let Some((caption, _)) = labels::caption(text) {
            self.expect_no_pending_caption()?;
            self.pending = Some(PendingCaption { caption, line: line.number, text: text.to_owned() });
        } else if let Some(columns) = self.header_at(self.at) {
            self.at += columns.len();
            let rows = self.rows_of_lines(&columns)?;
            return self.store(rows, line.number);
        } else if self.section == Section::Response && ["none", "n/a", "无"].contains(&text.to_lowercase().as_str()) {
            self.response_is_empty = true;
        } else if self.uri.is_none()
            && let Some((method, path)) = labels::uri(text)
        {
            self.uri = Some((Located::new(method.to_owned(), line.number), Located::new(path.to_owned(), line.number)));
        }
        self.at += 1;
        Ok(())
    }

    /// Fails if a caption has no table.
    fn expect_no_pending_caption(&mut self) -> Result<(), PageError> {
        match self.pending.take() {
            Some(PendingCaption { caption: Caption::Parameters(_) | Caption::Object(_), line, text }) => {
                let message = format!("the caption \"{text}\" has no table");
                Err(PageError::new(PageErrorKind::Truncated, line, message))
            }
            _ => Ok(()),
        }
    }

    fn text_at(&self, at: usize) -> Option<&'a str> {
        match self.blocks.get(at) {
            Some(Block::Line(line)) => Some(&line.text),
            _ => None,
        }
    }

    /// Returns the columns of a header with one cell per line.
    fn header_at(&self, at: usize) -> Option<Vec<Column>> {
        self.text_at(at).and_then(labels::column).filter(|column| *column == Column::Name)?;
        let mut columns = vec![Column::Name];
        while let Some(column) = self.text_at(at + columns.len()).and_then(labels::column) {
            if columns.contains(&column) {
                break;
            }
            columns.push(column);
            // The description is the last column: the first row follows.
            if column == Column::Description {
                break;
            }
        }
        columns.contains(&Column::Type).then_some(columns)
    }

    /// Whether a line ends the table before it.
    fn is_boundary(&self, at: usize) -> bool {
        self.text_at(at).is_none_or(|text| {
            labels::section(text).is_some()
                || labels::caption(text).is_some()
                || labels::status(text).is_some()
                || self.header_at(at).is_some()
        })
    }

    /// Whether a row begins here. Cells have no borders, so the lines after the name decide.
    fn is_row(&self, at: usize, columns: &[Column]) -> bool {
        let Some(name) = self.text_at(at).filter(|text| is_name(text)) else { return false };
        if labels::part(name).is_some() {
            return false;
        }
        let (next, second, third) = (self.text_at(at + 1), self.text_at(at + 2), self.text_at(at + 3));
        let Some(next) = next else { return false };
        let begins = |text: Option<&str>| text.and_then(labels::part).is_some_and(|(part, _)| part == Part::Definition);
        let is_type = types::is_type(next);
        if columns.contains(&Column::Mandatory) {
            labels::mandatory(next).is_some() || (is_type && begins(second)) || begins(third)
        } else {
            is_type || (begins(second) && labels::part(next).is_none())
        }
    }

    fn rows_of_lines(&mut self, columns: &[Column]) -> Result<Vec<Row>, PageError> {
        let mut rows = Vec::new();
        while !self.is_boundary(self.at) {
            rows.push(self.row_of_lines(columns)?);
        }
        if rows.is_empty() && self.at >= self.blocks.len() {
            return Err(self.truncated("the page ends with the header of a table"));
        }
        Ok(rows)
    }

    fn row_of_lines(&mut self, columns: &[Column]) -> Result<Row, PageError> {
        let first = self.at;
        let mut cells: Vec<(Column, Vec<Line>)> = Vec::new();
        for column in columns {
            let mut lines = Vec::new();
            if *column == Column::Description {
                // The line after a bare label is always its value.
                let mut bound = false;
                while !self.is_boundary(self.at) && (bound || !self.is_row(self.at, columns)) {
                    let Some(Block::Line(line)) = self.blocks.get(self.at) else { break };
                    bound = labels::part(&line.text).is_some_and(|(_, rest)| rest.is_empty());
                    lines.push(line.clone());
                    self.at += 1;
                }
            } else if let Some(Block::Line(line)) = self.blocks.get(self.at).filter(|_| !self.is_boundary(self.at)) {
                let missing = match column {
                    Column::Mandatory => labels::mandatory(&line.text).is_none() && types::is_type(&line.text),
                    Column::Type => labels::part(&line.text).is_some(),
                    Column::Name | Column::Description => false,
                };
                if !missing {
                    lines.push(line.clone());
                    self.at += 1;
                }
            } else {
                let name = self.text_at(first).unwrap_or_default();
                return Err(self.truncated(format!("the row `{name}` of a table is not complete")));
            }
            cells.push((*column, lines));
        }
        let row = row(cells)?;
        let at_end = self.at >= self.blocks.len();
        let described = columns.contains(&Column::Description);
        if at_end && described && (row.described.unfinished || self.at == first + columns.len() - 1) {
            return Err(self.truncated(format!("the description of `{}` is not complete", row.name.text)));
        }
        Ok(row)
    }

    fn truncated(&self, message: impl Into<String>) -> PageError {
        let before = self.blocks.get(..self.at).unwrap_or(self.blocks);
        let line = before.iter().rev().find_map(|block| match block {
            Block::Line(line) => Some(line.number),
            Block::Table(_) => None,
        });
        PageError::new(PageErrorKind::Truncated, line.unwrap_or_default(), message)
    }

    fn table(&mut self, table: &'a Table) -> Result<(), PageError> {
        if self.section == Section::Closing {
            return Ok(());
        }
        let joined = |cell: &Vec<Line>| cell.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
        let header: Vec<Option<Column>> = table
            .rows
            .first()
            .map_or_else(Vec::new, |row| row.iter().map(|cell| labels::column(&joined(cell))).collect());
        let has = |column| header.contains(&Some(column));
        if !has(Column::Name) || !has(Column::Type) {
            return Ok(());
        }
        let mut rows = Vec::new();
        for cells in table.rows.iter().skip(1) {
            if cells.iter().all(Vec::is_empty) {
                continue;
            }
            if cells.len() < header.len() {
                let line = cells.iter().flatten().next().map_or(table.line, |line| line.number);
                let message = "a row of a table has fewer cells than its header";
                return Err(PageError::new(PageErrorKind::Truncated, line, message));
            }
            let mut kept: Vec<(Column, Vec<Line>)> = Vec::new();
            for (index, cell) in cells.iter().enumerate() {
                match header.get(index) {
                    Some(Some(column)) => kept.push((*column, cell.clone())),
                    Some(None) => {}
                    // A pipe within the last cell.
                    None => kept.last_mut().into_iter().for_each(|(_, last)| last.extend(cell.iter().cloned())),
                }
            }
            rows.push(row(kept)?);
        }
        if table.cut || (rows.is_empty() && self.at >= self.blocks.len()) {
            return Err(PageError::new(PageErrorKind::Truncated, table.line, "the page ends within a table"));
        }
        self.store(rows, table.line)
    }

    /// Stores the rows of a table under the location that its caption names.
    fn store(&mut self, rows: Vec<Row>, line: u64) -> Result<(), PageError> {
        let caption = self.pending.take().map(|pending| pending.caption);
        let location = match caption {
            Some(Caption::Object(name)) => {
                self.objects.push((name, rows));
                return Ok(());
            }
            Some(Caption::Parameters(location)) => location,
            Some(Caption::Section) | None if self.section == Section::Response => Location::Response,
            Some(Caption::Section) | None => {
                let message = "this table has no caption that names the kind of its parameters";
                return Err(PageError::new(PageErrorKind::Ambiguous, line, message));
            }
        };
        if location == Location::Response {
            let status = self.status.unwrap_or(200);
            // No spec here has error responses: see docs/design/generator-traps.md#p2.
            if !(200..300).contains(&status)
                || self.response_status.is_some_and(|response_status| response_status != status)
            {
                return Ok(());
            }
            self.response_status = Some(status);
        }
        self.tables.push((location, rows));
        Ok(())
    }

    fn parameters(&self) -> Result<Vec<Parameter>, PageError> {
        let mut list = ParameterList { parser: self, done: Vec::new(), seen: BTreeSet::new() };
        for (location, rows) in &self.tables {
            list.add(*location, "", rows, 0)?;
        }
        Ok(list.done)
    }
}

struct ParameterList<'a> {
    parser: &'a PageParser<'a>,
    done: Vec<Parameter>,
    seen: BTreeSet<(Location, String)>,
}

impl ParameterList<'_> {
    /// Adds the rows of a table, each followed by the fields of the object that it names.
    fn add(&mut self, location: Location, prefix: &str, rows: &[Row], depth: usize) -> Result<(), PageError> {
        for row in rows {
            let name = format!("{prefix}{}", row.name.text);
            if is_implied_header(location, &name) {
                continue;
            }
            if !self.seen.insert((location, name.clone())) {
                let message = format!("`{name}` appears twice among the {location} parameters");
                return Err(PageError::new(PageErrorKind::Ambiguous, row.name.number, message));
            }
            let mut parameter = Parameter::new(location, name.as_str(), row.name.number);
            // A response has no mandatory column; one that a page has nevertheless means nothing.
            parameter.mandatory = row.mandatory.clone().filter(|_| location != Location::Response);
            parameter.type_name = row.kind.as_ref().map(|kind| Located::new(kind.value.word.clone(), kind.line));
            parameter.range = row.described.range.clone();
            parameter.default = row.described.default.clone();
            parameter.values = row.described.values.clone();
            self.done.push(parameter);
            let kind = row.kind.as_ref().map(|kind| &kind.value);
            let fields = kind.filter(|kind| kind.word.ends_with("object")).and_then(|kind| {
                let known = |wanted: &str| self.parser.objects.iter().find(|(name, _)| name == wanted);
                kind.object.as_deref().and_then(known).or_else(|| known(&row.name.text))
            });
            // Objects that contain each other would recurse forever; no page nests deeper than this.
            if let Some((_, fields)) = fields.filter(|_| depth < 8 && self.done.len() < 10_000) {
                self.add(location, &format!("{name}."), fields, depth + 1)?;
            }
        }
        Ok(())
    }
}

/// Parses a row from its cells.
fn row(cells: Vec<(Column, Vec<Line>)>) -> Result<Row, PageError> {
    let mut name = None;
    let mut mandatory = None;
    let mut kind = None;
    let mut description = Vec::new();
    for (column, lines) in cells {
        let Some(line) = lines.first().map(|line| line.number) else { continue };
        let text = |with: &str| lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(with);
        match column {
            Column::Name => name = Some(Line { text: text(""), number: line }),
            Column::Mandatory => {
                let text = text(" ");
                let value = labels::mandatory(&text).ok_or_else(|| {
                    let message = format!("\"{}\" does not state whether the parameter is mandatory", shortened(&text));
                    PageError::new(PageErrorKind::Ambiguous, line, message)
                })?;
                mandatory = Some(Located::new(value, line));
            }
            Column::Type => kind = Some(Located::new(types::read(&text(" ")), line)),
            Column::Description => description = lines,
        }
    }
    let name = name.ok_or_else(|| PageError::new(PageErrorKind::Ambiguous, 0, "a row of a table has no name"))?;
    if !is_name(&name.text) {
        let message = format!("\"{}\" is not the name of a parameter", shortened(&name.text));
        return Err(PageError::new(PageErrorKind::Ambiguous, name.number, message));
    }
    let word = kind.as_ref().map(|kind| kind.value.word.as_str()).unwrap_or_default();
    let described = cell::read(&description, word);
    Ok(Row { name, mandatory, kind, described })
}

/// Whether a text can be the name of a parameter.
fn is_name(text: &str) -> bool {
    let allowed =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '$' | '@' | ':' | '{' | '}');
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '@' | '[' | '{'))
        && text.chars().all(allowed)
}

fn shortened(text: &str) -> String {
    let mut out: String = text.chars().take(60).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}
