//! Reads a saved reference page: detects its layout, and parses the facts of its tables with their lines.
//!
//! The front ends for plain text and Markdown ([`lines`]) and for HTML ([`html`]) produce the same blocks: lines and tables. One reader
//! ([`tables`]) finds the method, the path and the parameter tables in them; [`cell`] parses a description.

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

/// Reads the facts of a saved reference page: plain text, Markdown or HTML, English or Chinese.
///
/// # Errors
/// The page is empty, not a reference page, truncated, or has an ambiguous table.
pub fn read_page(text: &str) -> Result<OperationFacts, PageError> {
    let blocks = if html::is_html(text) { html::read(text) } else { lines::read(text) };
    tables::read(&blocks)
}

/// Returns the operationId in a file name or title, such as `CreateGlobalAssetScanTask.txt`.
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
