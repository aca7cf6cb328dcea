//! What is printed as a result: tables for the eye, and the account of a run in every form.

mod html;
mod report;

use comfy_table::{Cell, Table, presets};
use serde::Serialize;

use crate::cli::OutputFormat;
use crate::output;

pub(crate) use html::page;
pub(crate) use report::{Account, RESULT_COLUMNS, TARGET_COLUMNS, call_line, milliseconds};

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
pub(crate) fn rows(
    format: OutputFormat,
    head: &[&str],
    rows: Vec<Vec<String>>,
    json: impl FnOnce() -> String,
) -> String {
    match format {
        OutputFormat::Table => table(head, rows),
        OutputFormat::Csv => csv(head, rows),
        OutputFormat::Json | OutputFormat::Jsonl => json(),
    }
}

/// A list that is printed page by page; only a table has to wait for its last row.
pub(crate) struct Listing {
    format: OutputFormat,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Whether anything was printed before.
    begun: bool,
}

impl Listing {
    pub(crate) fn new(format: OutputFormat, head: &[&str]) -> Self {
        let head = head.iter().map(|cell| (*cell).to_owned()).collect();
        Self { format, head, rows: Vec::new(), begun: false }
    }

    /// Takes in a page: each thing as JSON, and as the cells of a row.
    pub(crate) fn page<T: Serialize>(&mut self, page: impl Iterator<Item = (T, Vec<String>)>) {
        if self.format == OutputFormat::Table {
            self.rows.extend(page.map(|(_, row)| row));
            return;
        }
        let mut page = page.peekable();
        let begun = self.begun;
        self.begun |= page.peek().is_some();
        output::print_with(|out| match self.format {
            OutputFormat::Table | OutputFormat::Csv => {
                let mut csv = csv::Writer::from_writer(out);
                if !begun && page.peek().is_some() {
                    csv.write_record(&self.head).map_err(report::cannot)?;
                }
                for (_, row) in page {
                    csv.write_record(row).map_err(report::cannot)?;
                }
                csv.flush()
            }
            OutputFormat::Jsonl => page.try_for_each(|(thing, _)| report::json(out, &thing)),
            OutputFormat::Json => {
                for (index, (thing, _)) in page.enumerate() {
                    out.write_all(if index == 0 && !begun { b"[" } else { b"," })?;
                    serde_json::to_writer(&mut *out, &thing)?;
                }
                Ok(())
            }
        });
    }

    /// The list is whole.
    pub(crate) fn end(self) {
        let head: Vec<&str> = self.head.iter().map(String::as_str).collect();
        match self.format {
            OutputFormat::Table => output::print(&table(&head, self.rows)),
            OutputFormat::Json => output::print(if self.begun { "]" } else { "[]" }),
            OutputFormat::Csv if !self.begun => output::print(&csv(&head, [])),
            OutputFormat::Csv | OutputFormat::Jsonl => {}
        }
    }
}

/// The text of a field that the service may leave out.
pub(crate) fn optional_text(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or_default()
}

fn csv(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let records = std::iter::once(head.iter().map(|cell| (*cell).to_owned()).collect()).chain(rows);
    // Writing to memory does not fail, and what was written is text.
    let written = records.map(|record: Vec<String>| csv.write_record(record)).all(|written| written.is_ok());
    let text = csv.into_inner().ok().filter(|_| written).and_then(|bytes| String::from_utf8(bytes).ok());
    text.unwrap_or_default().trim_end().to_owned()
}
