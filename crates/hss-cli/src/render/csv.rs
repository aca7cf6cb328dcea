//! Writes CSV whose cells are safe to print and to open in a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};

use huaweicloud_hss::printable;

/// Writes rows of cells.
pub(super) struct CsvWriter<W: Write>(csv::Writer<W>);

impl<W: Write> CsvWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self(csv::Writer::from_writer(out))
    }

    pub(super) fn write_row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> io::Result<()> {
        for cell in cells {
            self.0.write_field(guarded(&printable(cell.as_ref())).as_bytes()).map_err(io_error)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(io_error)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Formats rows as CSV, without a line break at the end.
pub(crate) fn csv(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = Vec::new();
    let mut csv = CsvWriter::new(&mut text);
    // Writing to memory does not fail.
    let header = header.iter().map(|cell| (*cell).to_owned()).collect();
    let written = std::iter::once(header).chain(rows).try_for_each(|row: Vec<String>| csv.write_row(row));
    let written = written.and_then(|()| csv.flush());
    drop(csv);
    match written {
        Ok(()) => String::from_utf8_lossy(&text).trim_end().to_owned(),
        Err(_) => String::new(),
    }
}

/// Puts an apostrophe before a cell that a spreadsheet would run as a formula, as OWASP recommends.
fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// Removes the apostrophe: a result in CSV is also a list of targets.
pub(crate) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

/// Apostrophes before a formula are passed over, so that removing the guard is the exact reverse of adding it.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// Returns the I/O error behind a CSV error. Its kind distinguishes a closed pipe from a full disk.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_spreadsheet_does_not_run_a_cell_as_a_formula() {
        for (cell, expected) in [
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "\\t=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("'a", "'a"),
            ("web-1", "web-1"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(csv(&[cell], []), expected);
        }
    }

    proptest! {
        #[test]
        fn removing_the_guard_is_the_reverse_of_adding_it(cell in "['=+@a-]{0,4}") {
            let guarded = guarded(&cell);
            prop_assert_eq!(unguarded(&guarded), &cell);
        }
    }
}
