//! Splits HTML that a browser saved into lines and tables. It builds no tree, so that deep nesting is harmless.

use std::convert::Infallible;
use std::ops::Range;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::block::{Block, Line, Table};
use super::labels;
use crate::text::squeeze;

/// Whether a whole page is HTML, rather than Markdown with tables in HTML.
pub(super) fn is_page(text: &str) -> bool {
    ["<!doctype html", "<html", "<body", "<h1"].iter().any(|tag| find(text, tag).is_some())
}

/// Returns the byte range of the first table in Markdown.
pub(super) fn table(text: &str) -> Option<Range<usize>> {
    let start = find(text, "<table")?;
    let end = find(&text[start..], "</table>").map_or(text.len(), |end| start + end + "</table>".len());
    Some(start..end)
}

/// Returns the position of a tag, in any case.
fn find(text: &str, tag: &str) -> Option<usize> {
    let is = |at: &usize| text.get(*at..*at + tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag));
    text.match_indices('<').map(|(at, _)| at).find(is)
}

/// Reads the lines and tables of HTML that begins on a line of the page.
pub(super) fn read(text: &str, first_line: u64) -> Vec<Block> {
    let mut reader = Reader::default();
    let (mut counted, mut line) = (0, first_line);
    let mut emitter = CallbackEmitter::<_, Infallible, usize>::new(|event: CallbackEvent<'_>, span: Span<usize>| {
        let start = span.start.clamp(counted, text.len());
        line += text.as_bytes().get(counted..start).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count()
            as u64;
        counted = start;
        match event {
            CallbackEvent::OpenStartTag { name } => reader.open(name, line),
            CallbackEvent::EndTag { name } => reader.close(name, line),
            CallbackEvent::String { value } => reader.text(&String::from_utf8_lossy(value), line),
            _ => {}
        }
        None
    });
    emitter.naively_switch_states(true);
    match Tokenizer::new_with_emitter(text, emitter).finish() {
        Ok(()) => {}
        Err(never) => match never {},
    }
    reader.end_of_line();
    reader.end_of_table();
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    table: Option<Open>,
    /// How many tables are open within the open cell.
    inner_tables: usize,
    text: String,
    text_line: u64,
    /// Where bold text began in `text`.
    bold: Option<usize>,
    /// Within a script or a style sheet.
    hidden: bool,
    /// Whether a list entry has begun, but not its text.
    entry: bool,
}

/// A table whose end has not been reached.
struct Open {
    table: Table,
    row: Option<Vec<Vec<Line>>>,
    in_cell: bool,
}

impl Reader {
    fn open(&mut self, name: &[u8], line: u64) {
        self.hidden |= matches!(name, b"script" | b"style");
        if name == b"b" || name == b"strong" {
            self.bold = Some(self.text.len());
            return;
        }
        if !is_block(name) {
            return;
        }
        self.end_of_line();
        match name {
            b"table" => match &self.table {
                Some(open) if open.in_cell => self.inner_tables += 1,
                _ => {
                    self.end_of_table();
                    let table = Table { line, rows: Vec::new() };
                    self.table = Some(Open { table, row: None, in_cell: false });
                }
            },
            b"tr" if self.inner_tables == 0 => {
                if let Some(open) = &mut self.table {
                    open.end_of_row();
                    open.row = Some(Vec::new());
                }
            }
            b"td" | b"th" if self.inner_tables == 0 => {
                if let Some(open) = &mut self.table {
                    open.row.get_or_insert_default().push(Vec::new());
                    open.in_cell = true;
                }
            }
            b"li" => self.entry = true,
            _ => {}
        }
    }

    fn close(&mut self, name: &[u8], line: u64) {
        if matches!(name, b"script" | b"style") {
            self.hidden = false;
        }
        if name == b"b" || name == b"strong" {
            self.end_of_bold(line);
            return;
        }
        if !is_block(name) {
            return;
        }
        self.end_of_line();
        match name {
            b"table" if self.inner_tables > 0 => self.inner_tables -= 1,
            b"table" => self.end_of_table(),
            b"td" | b"th" if self.inner_tables == 0 => {
                if let Some(open) = &mut self.table {
                    open.in_cell = false;
                }
            }
            b"tr" if self.inner_tables == 0 => {
                if let Some(open) = &mut self.table {
                    open.end_of_row();
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, line: u64) {
        if self.hidden {
            return;
        }
        // The line of the text, not of the space before it.
        let lead = text.len() - text.trim_start().len();
        let skipped = text.get(..lead).unwrap_or_default().matches('\n').count() as u64;
        self.put(text, line + skipped);
    }

    fn put(&mut self, text: &str, line: u64) {
        if self.text.trim().is_empty() {
            self.text_line = line;
        }
        self.text.push_str(text);
    }

    /// A label in bold text is a line of its own, even where nothing else separates it from its text.
    fn end_of_bold(&mut self, line: u64) {
        let Some(start) = self.bold.take() else { return };
        let label = self.text.get(start..).map(squeeze).unwrap_or_default();
        // At the beginning of a list entry, it is a value.
        if labels::part(&label).is_none()
            || (self.entry && squeeze(self.text.get(..start).unwrap_or_default()).is_empty())
        {
            return;
        }
        self.text.truncate(start);
        self.end_of_line();
        self.put(&label, line);
        self.end_of_line();
    }

    fn end_of_line(&mut self) {
        self.bold = None;
        if self.text.is_empty() {
            return;
        }
        let mut text = squeeze(&self.text);
        self.text.clear();
        // The rest of `<b>Label</b>: text` begins with the colon.
        text.drain(..text.len() - text.trim_start_matches([':', '：', ' ']).len());
        if text.is_empty() {
            return;
        }
        if std::mem::take(&mut self.entry) {
            text.insert_str(0, "• ");
        }
        let line = Line { text, number: self.text_line };
        match self.table.as_mut().filter(|open| open.in_cell).and_then(|open| open.row.as_mut()?.last_mut()) {
            Some(cell) => cell.push(line),
            None => self.blocks.push(Block::Line(line)),
        }
    }

    fn end_of_table(&mut self) {
        if let Some(mut open) = self.table.take() {
            open.end_of_row();
            self.blocks.push(Block::Table(open.table));
        }
        self.inner_tables = 0;
    }
}

impl Open {
    fn end_of_row(&mut self) {
        self.table.rows.extend(self.row.take().filter(|row| !row.is_empty()));
        self.in_cell = false;
    }
}

/// The tags that end the preceding line.
const BLOCKS: &str = " table caption thead tbody tfoot tr td th p div br li ul ol h1 h2 h3 h4 h5 h6 pre section article header footer dt dd dl \
    title body hr blockquote nav form option button ";

fn is_block(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(|name| BLOCKS.split(' ').any(|block| !name.is_empty() && block == name))
}
