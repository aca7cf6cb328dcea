//! Finds the method, the path and the parameter tables of a page in its lines and tables.

use super::block::{Block, FieldTable, Line, Place, Row, Table, is_in_path};
use super::cell;
use super::error::{PageError, PageErrorKind};
use super::labels::{self, Caption, Column, Part, Section};
use super::objects;
use super::types;
use crate::facts::{FactKind, Located, Location, OperationFacts};
use crate::text::says_nothing;

/// A caption whose table has not begun.
struct PendingCaption<'a> {
    caption: Caption<'a>,
    text: &'a str,
    line: u64,
}

fn ambiguous(line: u64, message: impl Into<String>) -> PageError {
    PageError::new(PageErrorKind::Ambiguous, line, message)
}

/// Reads the blocks of a page.
pub(super) fn read(blocks: &[Block]) -> Result<OperationFacts, PageError> {
    let outline = Outline::of(blocks)?;
    let (method, path) = outline.uri;
    let mut parser = Parser {
        blocks,
        at: 0,
        section: Section::Opening,
        status: None,
        pending: None,
        method: &method.value,
        path: &path.value,
        tables: Vec::new(),
        success: None,
        response_is_empty: false,
    };
    parser.page()?;
    if parser.success.is_none() && !parser.response_is_empty {
        return Err(PageError::new(PageErrorKind::Truncated, 0, "the page has no table of response parameters"));
    }
    let (tables, status) = (parser.tables, parser.success.flatten());
    let parameters = objects::parameters(&tables, &path.value)?;
    Ok(OperationFacts { operation: None, updated: outline.updated, status, method, path, parameters })
}

/// What the lines outside of tables state.
struct Outline {
    updated: Option<String>,
    uri: (Located<String>, Located<String>),
}

impl Outline {
    fn of(blocks: &[Block]) -> Result<Self, PageError> {
        let (mut updated, mut uri): (_, Option<(Located<String>, Located<String>)>) = (None, None);
        let (mut section, mut last) = (None, None);
        // The lines and tables of a section, except for statuses.
        let mut blocks_of_section = 0;
        for (at, block) in blocks.iter().enumerate() {
            blocks_of_section += 1;
            let Block::Line(line) = block else { continue };
            last = Some(line);
            if labels::status(&line.text).is_some() {
                blocks_of_section -= 1;
            }
            if let Some(next) = section_at(blocks, at) {
                (section, blocks_of_section) = (Some(next), 0);
            } else if section.is_none() && updated.is_none() {
                // Examples have dates, too.
                updated = labels::updated(&line.text).map(str::to_owned);
            }
            let Some((method, path)) =
                labels::uri(&line.text).filter(|_| section.is_none_or(|s| s == Section::Opening))
            else {
                continue;
            };
            match &uri {
                Some((known, at)) if known.value != method || at.value != path => {
                    let message = format!("the page has a second URI, after `{} {}`", known.value, at.value);
                    return Err(ambiguous(line.number, message));
                }
                Some(_) => {}
                None => uri = Some((Located::new(method.to_owned(), line.number), Located::new(path, line.number))),
            }
        }
        let Some(uri) = uri else {
            let message = "this is not a reference page: no line contains a method and a path, such as `GET /v5/{project_id}/hosts`";
            return Err(PageError::new(PageErrorKind::NotAReference, 0, message));
        };
        // Nothing is missing after a response without parameters. The cells of its table may say nothing, too.
        let is_whole = section == Some(Section::Response)
            && blocks_of_section == 1
            && last.is_some_and(|line| says_nothing(&line.text));
        if section != Some(Section::Closing) && !is_whole {
            let message = "the page ends before its examples and status codes";
            return Err(PageError::new(PageErrorKind::Truncated, last.map_or(0, |line| line.number), message));
        }
        Ok(Self { updated, uri })
    }
}

fn text_at(blocks: &[Block], at: usize) -> Option<&str> {
    match blocks.get(at) {
        Some(Block::Line(line)) => Some(&line.text),
        _ => None,
    }
}

/// Returns the section that a line is the heading of. Before a type, the same word is the name of a parameter.
fn section_at(blocks: &[Block], at: usize) -> Option<Section> {
    let section = text_at(blocks, at).and_then(labels::section)?;
    let next = text_at(blocks, at + 1);
    let is_name = next.is_some_and(|next| labels::mandatory(next).is_some() || types::is_type(next));
    (!is_name).then_some(section)
}

struct Parser<'a> {
    blocks: &'a [Block],
    at: usize,
    section: Section,
    status: Option<u16>,
    pending: Option<PendingCaption<'a>>,
    method: &'a str,
    path: &'a str,
    tables: Vec<FieldTable>,
    /// The status of the response that was read, if the page states one: the first success.
    success: Option<Option<u16>>,
    /// Whether the page states that the response has no parameters.
    response_is_empty: bool,
}

impl<'a> Parser<'a> {
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
        if let Some(section) = section_at(self.blocks, self.at) {
            self.expect_no_pending_caption()?;
            (self.section, self.status) = (section, None);
        } else if self.section == Section::Closing {
            // Examples repeat the parameters.
        } else if let Some(status) = labels::status(text) {
            self.expect_no_pending_caption()?;
            self.status = Some(status);
        } else if let Some(caption) = self.caption_at(self.at) {
            self.expect_no_pending_caption()?;
            self.pending = Some(PendingCaption { caption, text, line: line.number });
        } else if let Some(columns) = self.header_at(self.at) {
            self.at += columns.len();
            let mut rows = Vec::new();
            while !self.is_boundary(self.at) {
                rows.push(self.row_of_lines(&columns)?);
            }
            return self.store(&columns, rows, line.number);
        } else if self.section == Section::Response && says_nothing(text) {
            self.response_is_empty = true;
        }
        self.at += 1;
        Ok(())
    }

    /// Fails if a caption has no table.
    fn expect_no_pending_caption(&mut self) -> Result<(), PageError> {
        let Some(PendingCaption { text, line, .. }) = self.pending.take() else { return Ok(()) };
        Err(ambiguous(line, format!("the caption \"{text}\" has no table with columns for name and type")))
    }

    /// Returns the meaning of a caption. Before the request, captions of other tables do not matter.
    fn caption_at(&self, at: usize) -> Option<Caption<'a>> {
        let caption = text_at(self.blocks, at).and_then(labels::caption)?;
        let is_table = || matches!(self.blocks.get(at + 1), Some(Block::Table(_))) || self.header_at(at + 1).is_some();
        let matters = self.section != Section::Opening || !matches!(caption, Caption::Fields(_)) || is_table();
        matters.then_some(caption)
    }

    /// Returns the columns of a header with one cell per line.
    fn header_at(&self, at: usize) -> Option<Vec<Column>> {
        let column = |at| text_at(self.blocks, at).and_then(labels::column);
        let mut columns = vec![column(at).filter(|column| *column == Column::Name)?];
        // The description is the last column: the first row follows.
        while !columns.contains(&Column::Description)
            && let Some(next) = column(at + columns.len()).filter(|next| !columns.contains(next))
        {
            columns.push(next);
        }
        (columns.len() > 1).then_some(columns)
    }

    /// Whether a line ends the table before it.
    fn is_boundary(&self, at: usize) -> bool {
        text_at(self.blocks, at).is_none_or(|text| {
            section_at(self.blocks, at).is_some()
                || labels::status(text).is_some()
                || self.caption_at(at).is_some()
                || self.header_at(at).is_some()
        })
    }

    /// Whether a row begins here. Cells have no borders, so the lines after the name decide.
    fn is_row(&self, at: usize, columns: &[Column]) -> bool {
        let text = |after| text_at(self.blocks, at + after);
        let Some(next) = text(0).filter(|text| is_name(text) && labels::part(text).is_none()).and(text(1)) else {
            return false;
        };
        let begins = |text: Option<&str>| text.and_then(labels::part).is_some_and(|(part, _)| part == Part::Definition);
        types::is_type(next)
            || (labels::part(next).is_none() && begins(text(2)))
            || (columns.contains(&Column::Mandatory) && (labels::mandatory(next).is_some() || begins(text(3))))
    }

    fn row_of_lines(&mut self, columns: &[Column]) -> Result<Row, PageError> {
        let first = self.at;
        let mut cells: Vec<(Column, Vec<Line>)> = Vec::new();
        for column in columns {
            let mut lines = Vec::new();
            // The line after a bare label is always its value.
            let mut bound = false;
            while !self.is_boundary(self.at)
                && let Some(Block::Line(line)) = self.blocks.get(self.at)
            {
                let is_absent = match column {
                    Column::Name => false,
                    Column::Mandatory => labels::mandatory(&line.text).is_none() && types::is_type(&line.text),
                    Column::Type => labels::part(&line.text).is_some(),
                    Column::Description => !bound && self.is_row(self.at, columns),
                };
                if is_absent {
                    break;
                }
                if *column == Column::Description {
                    self.expect_no_unnamed_row(line, first)?;
                }
                bound = labels::part(&line.text).is_some_and(|(_, rest)| rest.is_empty());
                lines.push(line.clone());
                self.at += 1;
                if *column != Column::Description {
                    break;
                }
            }
            cells.push((*column, lines));
        }
        row(cells)
    }

    /// Fails at a line that is followed by the cells of a row, and is not a name.
    fn expect_no_unnamed_row(&self, line: &Line, first: usize) -> Result<(), PageError> {
        let next = |after| text_at(self.blocks, self.at + after);
        let is_row =
            next(1).is_some_and(|text| labels::mandatory(text).is_some()) && next(2).is_some_and(types::is_type);
        if is_row && self.at > first { Err(no_name(line)) } else { Ok(()) }
    }

    fn table(&mut self, table: &'a Table) -> Result<(), PageError> {
        if self.section == Section::Closing {
            return Ok(());
        }
        let joined = |cell: &Vec<Line>| cell.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
        let (header, body) =
            table.rows.split_first().map_or((&[][..], &[][..]), |(header, body)| (header.as_slice(), body));
        let header: Vec<Option<Column>> = header.iter().map(|cell| labels::column(&joined(cell))).collect();
        let columns: Vec<Column> = header.iter().copied().flatten().collect();
        if !columns.contains(&Column::Name) {
            let expected = self.pending.as_ref().is_some_and(|pending| !matches!(pending.caption, Caption::Fields(_)));
            let has = |column| columns.contains(&column);
            if expected || (self.section != Section::Opening && (has(Column::Type) || has(Column::Mandatory))) {
                return Err(ambiguous(table.line, "the table has no column for the names of parameters"));
            }
            self.pending = None;
            return Ok(());
        }
        let mut rows = Vec::new();
        for cells in body.iter().filter(|cells| !cells.iter().all(Vec::is_empty)) {
            let line = cells.iter().flatten().next().map_or(table.line, |line| line.number);
            if cells.len() < header.len() {
                return Err(ambiguous(line, "a row of the table has fewer cells than its header"));
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
            rows.push(row(kept).map_err(|error| error.or_at(line))?);
        }
        self.store(&columns, rows, table.line)
    }

    /// Stores the rows of a table with the place that its caption names.
    fn store(&mut self, columns: &[Column], mut rows: Vec<Row>, line: u64) -> Result<(), PageError> {
        let pending = self.pending.take();
        let has_type = columns.contains(&Column::Type);
        let named = pending.as_ref().is_some_and(|pending| !matches!(pending.caption, Caption::Fields(_)));
        if self.section == Section::Opening && !has_type && !columns.contains(&Column::Mandatory) && !named {
            // Not a table of parameters.
            return Ok(());
        }
        if rows.is_empty() {
            return Err(ambiguous(line, "the table has a header and no rows"));
        }
        let place = self.place(pending.as_ref(), line)?;
        if !has_type {
            let in_path = |row: &Row| match place {
                Place::Parameters(location) => location == Location::Path,
                Place::Uri => is_in_path(self.path, &row.name.text),
                Place::Fields(_) => false,
            };
            if !rows.iter().all(in_path) {
                return Err(ambiguous(line, "the table has no column for the type"));
            }
            // What is in a path is text.
            for row in &mut rows {
                row.kind = Some(Located::new(types::read("string"), row.name.number));
            }
        }
        let is_response = self.section == Section::Response || place == Place::Parameters(Location::Response);
        let mut counts = true;
        if is_response {
            let is_first = self.success.is_none_or(|success| success == self.status);
            counts = is_first && (200..300).contains(&self.status.unwrap_or(200));
            if counts && place == Place::Parameters(Location::Response) {
                self.success = Some(self.status);
            }
        }
        let caption = pending.map(|pending| pending.text.to_owned());
        let is_top = |table: &&FieldTable| table.counts && table.place == place && !matches!(place, Place::Fields(_));
        if let Some(known) =
            self.tables.iter().filter(is_top).find(|known| known.caption == caption || caption.is_none())
            && counts
        {
            let known = known.line;
            return Err(ambiguous(
                line,
                format!("the table repeats the caption of the one on line {known}, or has none"),
            ));
        }
        self.tables.push(FieldTable { place, caption, line, is_response, counts, rows });
        Ok(())
    }

    fn place(&self, pending: Option<&PendingCaption<'_>>, line: u64) -> Result<Place, PageError> {
        let in_body = ["POST", "PUT", "PATCH"].contains(&self.method);
        Ok(match (pending.map(|pending| pending.caption), self.section) {
            (Some(Caption::Parameters(location)), _) => Place::Parameters(location),
            (Some(Caption::Fields(title)), _) => Place::Fields(title.to_owned()),
            (Some(Caption::Uri), _) | (Some(_), Section::Opening) => Place::Uri,
            (Some(_), Section::Request) if in_body => Place::Parameters(Location::Body),
            (Some(Caption::Section) | None, Section::Response) => Place::Parameters(Location::Response),
            (Some(_), _) => {
                let text = pending.map(|pending| pending.text).unwrap_or_default();
                return Err(ambiguous(
                    line,
                    format!("the caption \"{text}\" does not state where its parameters belong"),
                ));
            }
            (None, _) => {
                return Err(ambiguous(line, "the table has no caption that states where its parameters belong"));
            }
        })
    }
}

fn no_name(line: &Line) -> PageError {
    ambiguous(line.number, format!("\"{}\" is not the name of a parameter", shortened(&line.text)))
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
            Column::Name => name = Some(Line { text: types::unbracketed(&text("")).to_owned(), number: line }),
            Column::Mandatory => {
                let text = text(" ");
                let value = labels::mandatory(&text).ok_or_else(|| {
                    let text = shortened(&text);
                    ambiguous(line, format!("\"{text}\" does not state whether the parameter is mandatory"))
                })?;
                mandatory = Some(Located::new(value.into(), line));
            }
            Column::Type => kind = Some(Located::new(types::read(&text(" ")), line)),
            Column::Description => description = lines,
        }
    }
    let name = name.ok_or_else(|| ambiguous(0, "a row of the table has no name"))?;
    if !is_name(&name.text) {
        return Err(no_name(&name));
    }
    let word = kind.as_ref().map(|kind| kind.value.word.as_str()).unwrap_or_default();
    let mut facts = cell::read(&description, word);
    facts.extend(mandatory.map(|stated| (FactKind::Mandatory, stated)));
    Ok(Row { name, kind, facts })
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
