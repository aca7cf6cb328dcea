//! Formats short results as tables or CSV.

use comfy_table::{Cell, ColumnConstraint, Table, Width, presets};

use crate::cli::OutputFormat;

/// Formats a table without borders: aligned columns for people, cut and awk.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    TablePages::default().page(Some(header), rows)
}

/// Formats a long table page by page. A column is as wide as its widest cell so far, and never becomes narrower.
#[derive(Default)]
pub(super) struct TablePages {
    widths: Vec<u16>,
}

impl TablePages {
    /// Formats a page; the first one has the header.
    pub(super) fn page(&mut self, header: Option<&[&str]>, rows: impl IntoIterator<Item = Vec<String>>) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if let Some(header) = header {
            table.set_header(header.iter().map(Cell::new));
        }
        for row in rows {
            table.add_row(row);
        }
        let widths = table.column_max_content_widths();
        self.widths.resize(widths.len(), 0);
        for ((column, known), width) in table.column_iter_mut().zip(&mut self.widths).zip(widths) {
            *known = width.max(*known);
            // The boundary includes the padding.
            let boundary = *known + column.padding_width();
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(boundary)));
        }
        table.trim_fmt()
    }
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
