//! Reads text line by line with a maximum line length, so that binary or endless input does not fill the memory.

use std::io::{BufRead, Read as _};

use crate::exit::CliError;

/// The lines of a file or of standard input.
pub(super) struct BoundedLines<'a> {
    name: &'a str,
    input: &'a mut dyn BufRead,
    /// Maximum length of a line in bytes, including its line break.
    max_bytes: usize,
    /// What the input should list, for the error.
    expected: &'static str,
    number: u64,
    line: Vec<u8>,
}

impl<'a> BoundedLines<'a> {
    pub(super) fn new(name: &'a str, input: &'a mut dyn BufRead, max_bytes: usize, expected: &'static str) -> Self {
        Self { name, input, max_bytes, expected, number: 0, line: Vec::new() }
    }

    /// Returns the next line that is neither blank nor a comment, without its line break, and its number.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &str)>, CliError> {
        loop {
            self.line.clear();
            let length = (&mut *self.input)
                .take(self.max_bytes as u64 + 1)
                .read_until(b'\n', &mut self.line)
                .map_err(|error| CliError::usage(format!("cannot read {}: {error}", self.name)))?;
            if length == 0 {
                return Ok(None);
            }
            self.number += 1;
            if length > self.max_bytes {
                return Err(self.error(&format!("is longer than {} bytes", self.max_bytes)));
            }
            let Ok(text) = std::str::from_utf8(&self.line) else { return Err(self.error("is not valid UTF-8")) };
            let bom = if self.number == 1 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            if !matches!(text[bom..].trim_start().chars().next(), None | Some('#')) {
                // Converted again, because the borrow checker does not let a loop return an earlier borrow.
                let text = std::str::from_utf8(&self.line[bom..]).unwrap_or_default();
                return Ok(Some((self.number, text.trim_end_matches(['\r', '\n']))));
            }
        }
    }

    fn error(&self, reason: &str) -> CliError {
        let Self { name, number, expected, .. } = self;
        CliError::usage(format!(
            "{name}: line {number} {reason}; nothing was sent. Expected a list of {expected}, one per line"
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, empty, repeat};

    use super::*;

    fn read(mut input: impl BufRead, max_bytes: usize) -> Result<Vec<(u64, String)>, String> {
        let mut lines = BoundedLines::new("f", &mut input, max_bytes, "things");
        let mut all = Vec::new();
        while let Some((number, line)) = lines.next().map_err(|error| error.to_string())? {
            all.push((number, line.to_owned()));
        }
        Ok(all)
    }

    #[test]
    fn blank_lines_and_comments_are_counted_but_not_returned() {
        let text = "\u{feff}# note\r\n\r\n a \r\n\u{a0}\n  # b\nc#d";
        assert_eq!(read(text.as_bytes(), 20), Ok(vec![(3, " a ".to_owned()), (6, "c#d".to_owned())]));
        assert_eq!(read(empty(), 20), Ok(Vec::new()));
    }

    #[test]
    fn reading_stops_at_the_maximum_length() {
        let error = read(BufReader::new(repeat(b'0')), 64 * 1024).unwrap_err();
        assert_eq!(
            error,
            "f: line 1 is longer than 65536 bytes; nothing was sent. Expected a list of things, one per line"
        );
        assert!(read(&b"123456789\n"[..], 10).is_ok());
        assert!(read(&b"1234567890\n"[..], 10).unwrap_err().contains("line 1 is longer than 10 bytes"));
    }
}
