//! Splits one line of CSV into its cells.
//!
//! The `csv` crate, which writes the results, is too lenient for reading: it accepts stray quotation marks, and an unclosed quotation
//! mark swallows the lines that follow. A list of servers to scan must not be misread, and each error must name its line.

use std::borrow::Cow;

/// Returns the cells of a line. No cell of a list of targets contains a line break, so one line is one record. Input that CSV readers
/// interpret differently is an error.
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
                "quotation mark inside an unquoted cell. Quote the whole cell and double the quotation marks in it",
            );
        }
        cells.push(cell);
        let Some(next) = after.strip_prefix(',') else { return Ok(cells) };
        rest = next;
    }
}

/// Splits the text after an opening quotation mark into the quoted text, where two marks mean one, and the text after the closing mark.
fn split_quoted(text: &str) -> Result<(Cow<'_, str>, &str), &'static str> {
    let mut cell = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let Some((part, after)) = rest.split_once('"') else {
            return Err("unclosed quotation mark; a cell cannot contain a line break");
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
                    "text after a closing quotation mark. Quote the whole cell and double the quotation marks in it",
                );
            }
        }
    }
}
