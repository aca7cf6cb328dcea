//! Reads a saved reference page: detects its layout, and parses the facts of its tables with their lines.
//!
//! The front ends for plain text and Markdown ([`lines`]) and for HTML ([`html`]) produce the same blocks: lines and
//! tables. One reader ([`tables`]) finds the method, the path and the parameter tables in them, [`cell`] parses a
//! description, and [`objects`] puts the tables of objects in their places. What is not understood is an error or a
//! reported difference, never a guess.

mod block;
mod cell;
mod error;
mod html;
mod labels;
mod lines;
mod objects;
mod tables;
mod types;

pub use error::{PageError, PageErrorKind};

use self::block::Block;
use crate::facts::OperationFacts;

/// Reads the facts of a saved reference page: plain text, Markdown or HTML, English or Chinese.
///
/// # Errors
/// The page is empty, not a reference page, truncated, or has an ambiguous table.
pub fn read_page(text: &str) -> Result<OperationFacts, PageError> {
    let blocks = blocks(text);
    if blocks.is_empty() {
        return Err(PageError::new(PageErrorKind::Empty, 0, "the page is empty"));
    }
    let ends = |line: &str| ["+--", "+=="].iter().any(|rule| line.starts_with(rule)) && line.ends_with('+');
    tables::read(&blocks).map_err(|error| match text.lines().position(|line| ends(line.trim())) {
        Some(at) => {
            let message = "this is reStructuredText: save the page as text, Markdown or HTML";
            PageError::new(PageErrorKind::NotAReference, at as u64 + 1, message)
        }
        None => error,
    })
}

fn blocks(text: &str) -> Vec<Block> {
    if html::is_page(text) {
        return html::read(text, 1);
    }
    // Markdown, in which tables may be written in HTML.
    let (mut blocks, mut rest, mut line) = (Vec::new(), text, 1);
    let ends_of_line = |text: &str| text.matches('\n').count() as u64;
    while let Some(table) = html::table(rest) {
        blocks.extend(lines::read(&rest[..table.start], line));
        line += ends_of_line(&rest[..table.start]);
        blocks.extend(html::read(&rest[table.clone()], line));
        line += ends_of_line(&rest[table.clone()]);
        rest = &rest[table.end..];
    }
    blocks.extend(lines::read(rest, line));
    blocks
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
