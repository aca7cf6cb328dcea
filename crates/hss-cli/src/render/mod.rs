//! What is printed as a result: tables for the eye, and the account of a run in every form.

mod account;

use comfy_table::{Cell, Table, presets};

use crate::arguments::Format;

pub(crate) use account::{Account, RESULT_COLUMNS, TARGET_COLUMNS, call_line, causes, counts, milliseconds, words};

/// A table without lines: columns for the eye, and for cut and awk.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head.iter().map(Cell::new));
    for row in rows {
        table.add_row(row);
    }
    table.trim_fmt()
}

/// Rows for the eye or as CSV; what has no rows is given as JSON.
pub(crate) fn rows(format: Format, head: &[&str], rows: Vec<Vec<String>>, json: impl FnOnce() -> String) -> String {
    match format {
        Format::Table => table(head, rows),
        Format::Csv => csv(head, rows),
        Format::Json | Format::Jsonl => json(),
    }
}

fn csv(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let records = std::iter::once(head.iter().map(|cell| (*cell).to_owned()).collect()).chain(rows);
    // Writing to memory does not fail, and what was written is text.
    let written = records.map(|record: Vec<String>| csv.write_record(record)).all(|written| written.is_ok());
    let text = csv.into_inner().ok().filter(|_| written).and_then(|bytes| String::from_utf8(bytes).ok());
    text.unwrap_or_default().trim_end().to_owned()
}
