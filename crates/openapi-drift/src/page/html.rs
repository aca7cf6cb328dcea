//! Splits HTML that a browser saved into lines and tables. It builds no tree, so that deep nesting is harmless.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::block::{Block, Line, Table};
use super::labels;
use crate::text::squeeze;

/// Whether a text is HTML, rather than a text that mentions a tag.
pub(super) fn is_html(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, tag)) = rest.split_once('<') {
        let begins = |word: &str| tag.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        if ["!doctype html", "html", "table", "body"].iter().any(|word| begins(word)) {
            return true;
        }
        rest = tag;
    }
    false
}

/// Reads the lines and tables of a page.
pub(super) fn read(text: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    let (mut counted, mut line) = (0, 1);
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
    reader.finish()
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
                    self.end_of_table(false);
                    let table = Table { line, rows: Vec::new(), cut: false };
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
            b"table" => self.end_of_table(false),
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
        if labels::part(&label).is_none() {
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

    fn end_of_table(&mut self, cut: bool) {
        if let Some(mut open) = self.table.take() {
            open.end_of_row();
            open.table.cut = cut;
            self.blocks.push(Block::Table(open.table));
        }
        self.inner_tables = 0;
    }

    fn finish(mut self) -> Vec<Block> {
        self.end_of_line();
        self.end_of_table(true);
        self.blocks
    }
}

impl Open {
    fn end_of_row(&mut self) {
        self.table.rows.extend(self.row.take().filter(|row| !row.is_empty()));
        self.in_cell = false;
    }
}

/// Whether a tag ends the preceding line.
fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"table"
            | b"caption"
            | b"thead"
            | b"tbody"
            | b"tfoot"
            | b"tr"
            | b"td"
            | b"th"
            | b"p"
            | b"div"
            | b"br"
            | b"li"
            | b"ul"
            | b"ol"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"pre"
            | b"section"
            | b"article"
            | b"header"
            | b"footer"
            | b"dt"
            | b"dd"
            | b"dl"
            | b"title"
            | b"body"
            | b"hr"
            | b"blockquote"
            | b"nav"
            | b"form"
            | b"option"
            | b"button"
    )
}
