//! A saved reference page: its layout is told from its text, and the facts of its tables are read with the line of each.
//!
//! Three front ends give the same blocks, lines and tables: plain text and Markdown ([`lines`]) and HTML ([`html`]). One reader
//! ([`tables`]) finds the method, the path and the parameter tables among them; [`cell`] reads a description.

mod block;
mod cell;
mod error;
mod html;
mod labels;
mod lines;
mod range;
mod tables;
mod types;

pub use error::{PageError, PageErrorKind};

use crate::facts::OperationFacts;

/// Reads the facts of a saved reference page, whatever its layout and edition.
///
/// # Errors
/// The page is empty, no reference page, cut off, or has a table that cannot be understood.
pub fn read_page(text: &str) -> Result<OperationFacts, PageError> {
    let blocks = if html::is_html(text) { html::read(text) } else { lines::read(text) };
    tables::read(&blocks)
}

/// The operationId that a page's title or file name gives away, such as `CreateGlobalAssetScanTask.txt`.
#[must_use]
pub fn operation_from_file_name(text: &str) -> Option<&str> {
    let word = |c: char| !c.is_ascii_alphanumeric();
    text.split(word).find(|part| {
        let humps = part.chars().filter(char::is_ascii_uppercase).count();
        humps >= 2
            && part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.contains(|c: char| c.is_ascii_lowercase())
    })
}
