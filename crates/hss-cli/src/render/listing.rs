//! Prints lists page by page.

use serde::Serialize;

use crate::cli::OutputFormat;
use crate::output;

use super::csv::{CsvWriter, csv};
use super::encode;
use super::table::table;

/// Prints a list page by page. A table is printed at the end, because its column widths depend on all rows.
pub(crate) struct Listing {
    format: OutputFormat,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Whether an item has been printed.
    started: bool,
}

impl Listing {
    pub(crate) fn new(format: OutputFormat, header: &[&str]) -> Self {
        let header = header.iter().map(|cell| (*cell).to_owned()).collect();
        Self { format, header, rows: Vec::new(), started: false }
    }

    /// Adds a page. Each item is a value for JSON and the cells of a row.
    pub(crate) fn add_page<T: Serialize>(&mut self, page: impl Iterator<Item = (T, Vec<String>)>) {
        if self.format == OutputFormat::Table {
            self.rows.extend(page.map(|(_, row)| row));
            return;
        }
        let mut page = page.peekable();
        let started = self.started;
        self.started |= page.peek().is_some();
        output::print_with(|out| match self.format {
            OutputFormat::Table | OutputFormat::Csv => {
                let mut csv = CsvWriter::new(out);
                if !started && page.peek().is_some() {
                    csv.write_row(&self.header)?;
                }
                for (_, row) in page {
                    csv.write_row(row)?;
                }
                csv.flush()
            }
            OutputFormat::Jsonl => page.try_for_each(|(item, _)| encode::json_line(out, &item)),
            OutputFormat::Json => {
                for (index, (item, _)) in page.enumerate() {
                    out.write_all(if index == 0 && !started { b"[" } else { b"," })?;
                    serde_json::to_writer(&mut *out, &item)?;
                }
                Ok(())
            }
        });
    }

    /// Prints the end of the list.
    pub(crate) fn finish(self) {
        let header: Vec<&str> = self.header.iter().map(String::as_str).collect();
        match self.format {
            OutputFormat::Table => output::print(&table(&header, self.rows)),
            OutputFormat::Json => output::print(if self.started { "]" } else { "[]" }),
            OutputFormat::Csv if !self.started => output::print(&csv(&header, [])),
            OutputFormat::Csv | OutputFormat::Jsonl => {}
        }
    }
}

/// Returns the text of an optional field, or an empty text.
pub(crate) fn optional_text(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or_default()
}
