//! Formats short results as tables or CSV. Cells may come from the service.

use comfy_table::{Cell, ColumnConstraint, Table, Width, presets};
use huaweicloud_hss::printable;

use crate::cli::OutputFormat;

use super::csv::csv;

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
            table.add_row(row.iter().map(|cell| printable(cell)));
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
