//! A small strict parser for profile files: sections with `key = value` lines, borrowed from the text and not
//! interpreted.
//!
//! Crates such as rust-ini do not fit: they copy every value into strings that are not wiped, silently accept repeated
//! sections and keys, and interpret backslashes and quotation marks, on which the official SDKs differ.

use std::fmt;

/// One section, with its entries in the order of the file.
#[derive(Default)]
pub(super) struct Section<'a> {
    entries: Vec<(String, &'a str)>,
}

impl<'a> Section<'a> {
    /// Returns the value of a key, which is given in lower case: as written, without the whitespace around it.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| *value)
    }
}

/// What is wrong with a line. It does not contain the line, which may hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) line: usize,
    problem: &'static str,
}

impl std::error::Error for SyntaxError {}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

/// Parses the whole text and returns the section with this exact name, or `None` if there is no such section.
///
/// Comments are whole lines that begin with `#` or `;`. Keys are compared without regard to ASCII case and separated
/// from their value by the first `=` or `:`. A malformed line is an error in any section, and so is a repeated section
/// or key.
pub(super) fn section<'a>(text: &'a str, wanted: &str) -> Result<Option<Section<'a>>, SyntaxError> {
    let mut seen: Vec<&str> = Vec::new();
    let mut current: Option<Section<'a>> = None;
    let mut result = None;
    for (index, line) in text.lines().enumerate() {
        let fail = |problem| SyntaxError { line: index + 1, problem };
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let name = rest.strip_suffix(']').ok_or_else(|| fail("the section header has no closing bracket"))?.trim();
            if name.is_empty() {
                return Err(fail("the section has no name"));
            }
            if seen.contains(&name) {
                return Err(fail("duplicate section"));
            }
            if seen.last() == Some(&wanted) {
                result = current.take();
            }
            seen.push(name);
            current = Some(Section::default());
            continue;
        }
        let Some(section) = &mut current else {
            return Err(fail("expected a section such as [basic] before this line"));
        };
        let (key, value) = line.split_once(['=', ':']).ok_or_else(|| fail("expected key = value"))?;
        let key = key.trim().to_ascii_lowercase();
        if key.is_empty() {
            return Err(fail("missing key"));
        }
        if section.entries.iter().any(|(name, _)| *name == key) {
            return Err(fail("duplicate key"));
        }
        section.entries.push((key, value.trim()));
    }
    if seen.last() == Some(&wanted) {
        result = current;
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::section;

    fn value(text: &str, key: &str) -> Option<String> {
        section(text, "basic").unwrap().and_then(|s| s.get(key).map(str::to_owned))
    }

    #[test]
    fn values_are_taken_as_written() {
        let text = "# note\r\n; note\r\n[global]\nak = other\n[ basic ]\n  AK =  a#b;c  \nsk: x\\n\"y\"=z\nempty =\n[last]\nak = third";
        assert_eq!(value(text, "ak").as_deref(), Some("a#b;c"));
        assert_eq!(value(text, "sk").as_deref(), Some("x\\n\"y\"=z"));
        assert_eq!(value(text, "empty").as_deref(), Some(""));
        assert_eq!(value(text, "none"), None);
        assert_eq!(value("[basic]\nak = last", "ak").as_deref(), Some("last"));
        assert!(section("", "basic").unwrap().is_none());
        assert!(section("[Basic]\nak = a", "basic").unwrap().is_none());
    }

    #[test]
    fn an_error_names_the_malformed_line() {
        let table = [
            ("ak = a", "line 1: expected a section such as [basic] before this line"),
            ("[basic\nak = a", "line 1: the section header has no closing bracket"),
            ("\n[basic] x\n", "line 2: the section header has no closing bracket"),
            ("[basic]\n\nak a", "line 3: expected key = value"),
            ("[basic]\n= a", "line 2: missing key"),
            ("[basic]\nak=a\nAK=b", "line 3: duplicate key"),
            ("[basic]\n[x]\n[basic]", "line 3: duplicate section"),
            ("[]", "line 1: the section has no name"),
            ("[basic]\nak=a\n[other]\nbroken", "line 4: expected key = value"),
        ];
        for (text, expected) in table {
            assert_eq!(section(text, "basic").err().map(|e| e.to_string()).as_deref(), Some(expected), "{text:?}");
        }
    }
}
