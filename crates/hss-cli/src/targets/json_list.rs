//! Reads targets from JSON: rows of a list of targets, rows that `hss hosts list` and `hss groups list` print, and reports of `hss scan`,
//! as JSON lines, in an array, or in the array `calls` of a report.
//!
//! The rows are handled one by one: an array may have millions of them, on one line.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};

use huaweicloud_hss::IdList;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::exit::CliError;
use crate::render::{RESULT_COLUMNS, TARGET_COLUMNS};

use super::collector::{Collector, Row};

/// Maximum length of a row in bytes: a server group may list the ids of 400,000 servers.
const MAX_ROW_BYTES: usize = 16 * 1024 * 1024;

/// Reads all rows of an input whose first line has this number.
pub(super) fn read(name: &str, first_line: u64, input: impl BufRead, targets: &mut Collector) -> Result<(), CliError> {
    let budget = Cell::new(MAX_ROW_BYTES);
    let mut json = serde_json::Deserializer::from_reader(JsonText::new(input, &budget));
    loop {
        let result = match json.end() {
            Ok(()) => return Ok(()),
            // There is more, and this is not consumed.
            Err(error) if error.is_syntax() => {
                Rows { targets, budget: &budget, is_element: false }.deserialize(&mut json)
            }
            Err(error) => Err(error),
        };
        result.map_err(|error| {
            // The parser counts from the first line with content.
            let line = first_line + error.line().saturating_sub(1) as u64;
            let text = error.to_string();
            let text = text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]);
            CliError::usage(format!("{name}: line {line}: {text}; nothing was sent"))
        })?;
    }
}

/// The text of a list without its comments, up to the maximum length of a row.
struct JsonText<'a, R> {
    input: R,
    budget: &'a Cell<usize>,
    part: Vec<u8>,
    position: usize,
    line: LineState,
}

/// What the current line contains so far.
#[derive(Clone, Copy)]
enum LineState {
    Whitespace,
    Content,
    Comment,
}

impl<'a, R: BufRead> JsonText<'a, R> {
    fn new(input: R, budget: &'a Cell<usize>) -> Self {
        Self { input, budget, part: Vec::new(), position: 0, line: LineState::Whitespace }
    }

    /// Reads the next part; returns false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        let chunk = self.input.fill_buf()?;
        let length = chunk.len();
        self.part.clear();
        self.position = 0;
        for byte in chunk {
            self.line = match (self.line, byte) {
                (_, b'\n') => LineState::Whitespace,
                (LineState::Whitespace, b'#') => LineState::Comment,
                (LineState::Whitespace, byte) if !byte.is_ascii_whitespace() => LineState::Content,
                (state, _) => state,
            };
            if !matches!(self.line, LineState::Comment) {
                self.part.push(*byte);
            }
        }
        self.input.consume(length);
        Ok(length > 0)
    }
}

impl<R: BufRead> Read for JsonText<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position == self.part.len() {
            if !self.fill()? {
                return Ok(0);
            }
        }
        let length = (&self.part[self.position..]).read(buffer)?;
        self.position += length;
        let left = self.budget.get().checked_sub(length);
        let too_long = || io::Error::other(format!("a row is longer than {MAX_ROW_BYTES} bytes"));
        self.budget.set(left.ok_or_else(too_long)?);
        Ok(length)
    }
}

/// Adds the targets of a row, of an array of rows, or of a report.
struct Rows<'a> {
    targets: &'a mut Collector,
    budget: &'a Cell<usize>,
    /// Whether this is an element of an array.
    is_element: bool,
}

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an object such as {\"host_id\":\"…\"}; put plain ids on lines of their own, for example with jq -r",
        )
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let Self { targets, budget, is_element } = self;
        if is_element {
            return Err(A::Error::custom("an array inside an array"));
        }
        while rows.next_element_seed(Rows { targets: &mut *targets, budget, is_element: true })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { targets, budget, is_element } = self;
        let mut row = JsonRow::default();
        while let Some(key) = map.next_key::<String>()? {
            if key == "ids" {
                row.ids = map.next_value::<Option<IdList>>()?;
            } else if key == "calls" && !is_element {
                row.is_summary = true;
                map.next_value_seed(Rows { targets: &mut *targets, budget, is_element: false })?;
            } else if let Some(cell) = row.cell(&key) {
                let value = map.next_value::<Option<String>>()?.unwrap_or_default();
                if cell.replace(value).is_some() {
                    return Err(A::Error::custom(format_args!("the key {key:?} appears twice")));
                }
            } else {
                map.next_value::<IgnoredAny>()?;
                row.note_key(key);
            }
        }
        budget.set(MAX_ROW_BYTES);
        row.add_to(targets).map_err(A::Error::custom)
    }
}

/// One object. A missing key means the same as an empty value.
#[derive(Debug, Default)]
struct JsonRow {
    /// The values in the order of [`TARGET_COLUMNS`].
    cells: [Option<String>; 6],
    host_id: Option<String>,
    group_id: Option<String>,
    /// The ids of a call of a report.
    ids: Option<IdList>,
    is_host: bool,
    is_group: bool,
    /// Whether this is the summary of a report, which has no target of its own.
    is_summary: bool,
    unknown: Option<String>,
}

impl JsonRow {
    /// Returns where the value of a key belongs, if it is needed.
    fn cell(&mut self, key: &str) -> Option<&mut Option<String>> {
        match key {
            "host_id" => {
                self.is_host = true;
                Some(&mut self.host_id)
            }
            "group_id" => {
                self.is_group = true;
                Some(&mut self.group_id)
            }
            _ => TARGET_COLUMNS.iter().position(|column| *column == key).map(|index| &mut self.cells[index]),
        }
    }

    /// Notes a key whose value is not needed.
    fn note_key(&mut self, key: String) {
        match key.as_str() {
            "host_name" | "agent_status" => self.is_host = true,
            "group_name" => self.is_group = true,
            "totals" => self.is_summary = true,
            key if RESULT_COLUMNS.contains(&key) => {}
            _ => {
                self.unknown.get_or_insert(key);
            }
        }
    }

    fn add_to(self, targets: &mut Collector) -> Result<(), String> {
        let text = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        let [region, project, enterprise_project, category, selector, id] = &self.cells.each_ref().map(text);
        let row = Row { queue: [region, project, enterprise_project, category], selector, id };
        if self.is_host || self.is_group {
            if !id.is_empty() || self.ids.is_some() {
                return Err("an object with host_id or group_id has no other ids".to_owned());
            }
            // The queue of these is that of the flags: lists of servers and groups do not name it.
            let (selector, id) = if self.is_host { ("host", &self.host_id) } else { ("server_group", &self.group_id) };
            return targets.add(Row { selector, id: &text(id), ..Row::default() });
        }
        match (self.ids, self.unknown) {
            (Some(ids), _) if ids.is_empty() && selector != "all_hosts" => Err("ids is empty".to_owned()),
            (Some(ids), _) if ids.is_empty() => targets.add(row),
            (Some(ids), _) => ids.iter().try_for_each(|id| targets.add(Row { id: id.trim(), ..row })),
            (None, _) if self.is_summary => Ok(()),
            (None, Some(key)) => Err(format!("unknown key {key:?}; the keys are {}", TARGET_COLUMNS.join(", "))),
            (None, None) => targets.add(row),
        }
    }
}
