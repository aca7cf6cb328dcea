//! Splits one line of CSV into its cells.
//!
//! The `csv` crate, which writes the results, does not read them: it accepts stray quotation marks, and it lets a quotation that is
//! not closed run into the lines that follow. A list of servers to scan must not be misread, and each error must name its line.

use std::borrow::Cow;

/// Returns the cells of a line. Nothing in a list of targets contains a line break, so a line is a record. Whatever CSV readers
/// interpret in different ways is an error.
pub(super) fn split(line: &str) -> Result<Vec<Cow<'_, str>>, &'static str> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => split_quoted(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..end]), &rest[end..])
            }
        };
        if !rest.starts_with('"') && cell.contains('"') {
            return Err(
                "a quotation mark stands within a cell that is not quoted. Quote the whole cell, and double the marks in it",
            );
        }
        cells.push(cell);
        let Some(next) = after.strip_prefix(',') else { return Ok(cells) };
        rest = next;
    }
}

/// Splits a text behind an opening quotation mark into the quoted text, where two marks mean one, and what follows the closing mark.
fn split_quoted(text: &str) -> Result<(Cow<'_, str>, &str), &'static str> {
    let mut cell = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let Some((part, after)) = rest.split_once('"') else {
            return Err("a quotation is not closed on its line, and no cell can have a line break in it");
        };
        if cell.is_empty() {
            cell = Cow::Borrowed(part)
        } else {
            cell.to_mut().push_str(part)
        }
        match after.strip_prefix('"') {
            Some(next) => {
                cell.to_mut().push('"');
                rest = next;
            }
            None => {
                let after = after.trim_start_matches([' ', '\t']);
                if after.is_empty() || after.starts_with(',') {
                    return Ok((cell, after));
                }
                return Err(
                    "something stands behind the end of a quotation. Quote the whole cell, and double the marks in it",
                );
            }
        }
    }
}
