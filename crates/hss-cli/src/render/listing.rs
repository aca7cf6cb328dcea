//! Prints lists page by page.

use std::io::{self, Write};

use huaweicloud_hss::printable;
use serde::Serialize;

use crate::cli::ListFormat;
use crate::output;

use super::csv::{CsvWriter, csv};
use super::encode;
use super::table::TablePages;

/// The columns of a list of servers.
pub(crate) const HOST_COLUMNS: [&str; 9] =
    ["id", "name", "agent", "protection", "OS", "private address", "public address", "enterprise project", "group"];

/// The columns of a list of server groups.
pub(crate) const GROUP_COLUMNS: [&str; 5] = ["id", "name", "servers", "with risks", "unprotected"];

/// Prints a list while its pages are fetched, until it ends or no one reads the output any more. `row` returns the cells of an item, or
/// `None` to leave it out.
///
/// If the list ends with an error, the items before it are printed, and JSON is complete.
pub(crate) async fn print_pages<T: Serialize, E>(
    format: impl Into<ListFormat>,
    header: &[&str],
    mut next_page: impl AsyncFnMut() -> Result<Option<Vec<T>>, E>,
    row: impl Fn(&T) -> Option<Vec<String>>,
) -> Result<(), E> {
    let mut list = Listing::new(format.into(), header);
    let end = loop {
        let page = match next_page().await {
            Ok(Some(page)) => page,
            Ok(None) => break Ok(()),
            // Nothing was received, so there is no result.
            Err(error) if !list.started => return Err(error),
            Err(error) => break Err(error),
        };
        output::print_with(|out| list.write_page(out, page.iter().filter_map(|item| Some((item, row(item)?)))));
        // A list is in no hurry: each page waits for the reader, and ends when there is none.
        output::flush();
        if output::reader_is_gone() {
            return Ok(());
        }
    };
    output::print_with(|out| list.write_end(out));
    end
}

/// The state of a list that is printed page by page.
struct Listing<'a> {
    format: ListFormat,
    header: &'a [&'a str],
    table: TablePages,
    /// Whether an item has been printed.
    started: bool,
}

impl<'a> Listing<'a> {
    fn new(format: ListFormat, header: &'a [&'a str]) -> Self {
        Self { format, header, table: TablePages::default(), started: false }
    }

    /// Writes a page. Each item is a value for JSON and the cells of a row.
    fn write_page<T: Serialize>(
        &mut self,
        out: &mut dyn Write,
        page: impl Iterator<Item = (T, Vec<String>)>,
    ) -> io::Result<()> {
        let mut page = page.peekable();
        if page.peek().is_none() {
            return Ok(());
        }
        let header = (!std::mem::replace(&mut self.started, true)).then_some(self.header);
        match self.format {
            ListFormat::Table => writeln!(out, "{}", self.table.page(header, page.map(|(_, row)| row))),
            ListFormat::Csv => {
                let mut csv = CsvWriter::new(out);
                if let Some(header) = header {
                    csv.write_row(header)?;
                }
                for (_, row) in page {
                    csv.write_row(row)?;
                }
                csv.flush()
            }
            ListFormat::Markdown => {
                if let Some(header) = header {
                    write_markdown_header(out, header)?;
                }
                page.try_for_each(|(_, row)| write_markdown(out, row))
            }
            ListFormat::Jsonl => page.try_for_each(|(item, _)| encode::json_line(out, &item)),
            ListFormat::Json => {
                for (index, (item, _)) in page.enumerate() {
                    out.write_all(if index == 0 && header.is_some() { b"[" } else { b"," })?;
                    serde_json::to_writer(&mut *out, &item)?;
                }
                Ok(())
            }
        }
    }

    /// Writes the end of the list.
    fn write_end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            ListFormat::Json => out.write_all(if self.started { b"]\n" } else { b"[]\n" }),
            ListFormat::Table if !self.started => writeln!(out, "{}", self.table.page(Some(self.header), [])),
            ListFormat::Csv if !self.started => writeln!(out, "{}", csv(self.header, [])),
            ListFormat::Markdown if !self.started => write_markdown_header(out, self.header),
            _ => Ok(()),
        }
    }
}

fn write_markdown_header(out: &mut dyn Write, header: &[&str]) -> io::Result<()> {
    write_markdown(out, header)?;
    write_markdown(out, header.iter().map(|_| "---"))
}

/// Writes a row of a Markdown table. Nothing in a cell is markup.
fn write_markdown<T: AsRef<str>>(out: &mut dyn Write, row: impl IntoIterator<Item = T>) -> io::Result<()> {
    for cell in row {
        out.write_all(b"| ")?;
        for c in printable(cell.as_ref()).chars() {
            if matches!(c, '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~') {
                out.write_all(b"\\")?;
            }
            write!(out, "{c}")?;
        }
        out.write_all(b" ")?;
    }
    out.write_all(b"|\n")
}

/// Returns the text of an optional field, or an empty text.
pub(crate) fn optional_text(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is printed for these pages of names.
    fn printed(format: ListFormat, pages: &[&[&str]]) -> String {
        let (mut list, mut out) = (Listing::new(format, &["id", "name"]), Vec::new());
        for page in pages {
            let rows = page.iter().map(|name| (name, vec!["1".to_owned(), (*name).to_owned()]));
            list.write_page(&mut out, rows).unwrap();
        }
        list.write_end(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_pages_of_a_list_are_printed_as_one_list() {
        for (format, expected, empty) in [
            (ListFormat::Json, "[\"a\",\"b\",\"c\"]\n", "[]\n"),
            (ListFormat::Jsonl, "\"a\"\n\"b\"\n\"c\"\n", ""),
            (ListFormat::Csv, "id,name\n1,a\n1,b\n1,c\n", "id,name\n"),
            (
                ListFormat::Markdown,
                "| id | name |\n| --- | --- |\n| 1 | a |\n| 1 | b |\n| 1 | c |\n",
                "| id | name |\n| --- | --- |\n",
            ),
            (ListFormat::Table, " id  name\n 1   a\n 1   b\n 1   c\n", " id  name\n"),
        ] {
            assert_eq!(printed(format, &[&["a", "b"], &[], &["c"]]), expected);
            assert_eq!(printed(format, &[]), empty);
        }
    }
    #[test]
    fn nothing_in_a_markdown_cell_is_markup() {
        let mut out = Vec::new();
        write_markdown(&mut out, ["a|b", "<b>`*_\n"]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "| a\\|b | \\<b\\>\\`\\*\\_\\\\n |\n");
    }
}
