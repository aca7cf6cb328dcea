//! Reads text line by line with a maximum line length, so that binary or endless input does not fill the memory.

use std::io::{BufRead, Cursor, Read as _};

use crate::exit::CliError;

/// Maximum length of a line in bytes, including its line break: enough for an id, a queue and the columns of a result.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// The lines of a file or of standard input.
pub(super) struct BoundedLines<'a> {
    name: &'a str,
    input: &'a mut dyn BufRead,
    /// What the input should list, for the error.
    expected: &'static str,
    number: u64,
    /// The current line. A line that is too long is cut off.
    line: Vec<u8>,
}

impl<'a> BoundedLines<'a> {
    pub(super) fn new(name: &'a str, input: &'a mut dyn BufRead, expected: &'static str) -> Self {
        Self { name, input, expected, number: 0, line: Vec::new() }
    }

    /// Reads up to the next line with content; returns false at the end. Blank lines, comments, and lines that consist of commas, as
    /// spreadsheets write them for empty rows, have none.
    pub(super) fn advance(&mut self) -> Result<bool, CliError> {
        loop {
            self.line.clear();
            let length = (&mut *self.input)
                .take(MAX_LINE_BYTES as u64 + 1)
                .read_until(b'\n', &mut self.line)
                .map_err(|error| CliError::usage(format!("cannot read {}: {error}", self.name)))?;
            if length == 0 {
                return Ok(false);
            }
            self.number += 1;
            if self.number == 1 {
                if self.line.starts_with(b"\xff\xfe") || self.line.starts_with(b"\xfe\xff") {
                    return Err(self.error("is UTF-16, not UTF-8"));
                }
                if self.line.starts_with("\u{feff}".as_bytes()) {
                    self.line.drain(.."\u{feff}".len());
                }
            }
            // Lines that are too long or not UTF-8 are errors, whatever they contain.
            let text = std::str::from_utf8(&self.line).ok().filter(|_| length <= MAX_LINE_BYTES);
            let is_blank = |text: &str| text.chars().all(|c| c == ',' || c.is_whitespace());
            if !text.is_some_and(|text| is_blank(text) || text.trim_start().starts_with('#')) {
                return Ok(true);
            }
        }
    }

    /// Returns whether the current line is the begin of JSON.
    pub(super) fn is_json(&self) -> bool {
        matches!(self.line.trim_ascii_start(), [b'{' | b'[', ..])
    }

    /// Returns the number of the current line.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Returns the current line without its line break.
    pub(super) fn text(&self) -> Result<&str, CliError> {
        if self.line.len() > MAX_LINE_BYTES {
            return Err(self.error(&format!("is longer than {MAX_LINE_BYTES} bytes")));
        }
        if self.line.contains(&0) {
            return Err(self.error("contains NUL bytes, as UTF-16 and binary files do"));
        }
        let Ok(text) = std::str::from_utf8(&self.line) else { return Err(self.error("is not valid UTF-8")) };
        Ok(text.trim_end_matches(['\r', '\n']))
    }

    /// Returns the input from the current line on.
    pub(super) fn into_input(self) -> impl BufRead {
        Cursor::new(self.line).chain(self.input)
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

    fn read(mut input: impl BufRead) -> Result<Vec<(u64, String)>, String> {
        let mut lines = BoundedLines::new("f", &mut input, "things");
        let mut all = Vec::new();
        while lines.advance().map_err(|error| error.to_string())? {
            all.push((lines.number(), lines.text().map_err(|error| error.to_string())?.to_owned()));
        }
        Ok(all)
    }

    #[test]
    fn lines_without_content_are_counted_but_not_returned() {
        let text = "\u{feff}# note\r\n\r\n a \r\n\u{a0}\n  # b\n,,,\r\nc#d";
        assert_eq!(read(text.as_bytes()), Ok(vec![(3, " a ".to_owned()), (7, "c#d".to_owned())]));
        assert_eq!(read(empty()), Ok(Vec::new()));
    }

    #[test]
    fn reading_stops_at_the_maximum_length() {
        for byte in [b'0', b' ', b'#', 0xff] {
            let error = read(BufReader::new(repeat(byte))).map(|_| ());
            let reason = "is longer than 65536 bytes; nothing was sent. Expected a list of things, one per line";
            assert_eq!(error, Err(format!("f: line 1 {reason}")), "{byte}");
        }
        let line = |length| [vec![b'1'; length], vec![b'\n']].concat();
        assert!(read(&line(MAX_LINE_BYTES - 1)[..]).is_ok());
        assert!(read(&line(MAX_LINE_BYTES)[..]).is_err());
    }

    #[test]
    fn text_that_is_not_utf_8_is_named() {
        let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        for (input, reason) in [
            (utf_16("\u{feff}h1\n"), "line 1 is UTF-16, not UTF-8"),
            (utf_16("h1\n"), "line 1 contains NUL bytes, as UTF-16 and binary files do"),
            (b"h1\n\xe4\n".to_vec(), "line 2 is not valid UTF-8"),
        ] {
            let expected = format!("f: {reason}; nothing was sent. Expected a list of things, one per line");
            assert_eq!(read(&input[..]), Err(expected));
        }
    }
}
