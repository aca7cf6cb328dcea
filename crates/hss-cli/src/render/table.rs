//! Formats short results as tables or CSV. Cells may come from the service.

use comfy_table::{Cell, Table, presets};

use huaweicloud_hss::printable;

use crate::cli::OutputFormat;

use super::csv::csv;

/// Formats a table without borders: aligned columns for people, cut and awk.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.iter().map(Cell::new));
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
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
