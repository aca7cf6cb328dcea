//! Formats short results as tables or CSV.

use comfy_table::{Cell, Table, presets};

use crate::cli::OutputFormat;

/// Formats a table without borders: aligned columns for people, cut and awk.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.iter().map(Cell::new));
    for row in rows {
        table.add_row(row);
    }
    table.trim_fmt()
}

/// Formats rows as a table or as CSV. For the JSON formats, returns the text from `json`.
pub(crate) fn rows(
    format: OutputFormat,
    header: &[&str],
    rows: Vec<Vec<String>>,
    json: impl FnOnce() -> String,
) -> String {
    match format {
        OutputFormat::Table => table(header, rows),
        OutputFormat::Csv => csv(header, rows),
        OutputFormat::Json | OutputFormat::Jsonl => json(),
    }
}

/// Formats rows as CSV, without a line break at the end.
pub(super) fn csv(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let records = std::iter::once(header.iter().map(|cell| (*cell).to_owned()).collect()).chain(rows);
    // Writing to memory does not fail, and the cells are UTF-8.
    let written = records.map(|record: Vec<String>| csv.write_record(record)).all(|written| written.is_ok());
    let text = csv.into_inner().ok().filter(|_| written).and_then(|bytes| String::from_utf8(bytes).ok());
    text.unwrap_or_default().trim_end().to_owned()
}
