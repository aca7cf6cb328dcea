//! The header of a list in CSV, and how its rows are read.

use crate::render::{GROUP_COLUMNS, HOST_COLUMNS, RESULT_COLUMNS, TARGET_COLUMNS, unguarded};

use super::collector::{Collector, Row};
use super::csv_record;

/// The columns of a CSV list.
pub(super) struct CsvHeader {
    /// Number of columns.
    length: usize,
    /// Position of each of [`TARGET_COLUMNS`].
    positions: [Option<usize>; 6],
    /// The selector of a row that names none.
    selector: &'static str,
}

impl CsvHeader {
    /// Returns whether a line is a header rather than a row of ids. A single id is no header.
    pub(super) fn is_header(line: &str) -> bool {
        line.contains(',') && csv_record::split(line).is_ok_and(|cells| cells.iter().any(|cell| is_known(cell.trim())))
    }

    pub(super) fn parse(line: &str) -> Result<Self, String> {
        if line.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("sep=")) {
            return Err("is a note for Excel; remove the line".to_owned());
        }
        let cells = csv_record::split(line).map_err(|reason| format!("is not valid CSV: {reason}"))?;
        let mut names: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
        // Spreadsheets write the cells of empty columns.
        while names.last() == Some(&"") {
            names.pop();
        }
        if let Some(unknown) = names.iter().find(|column| !is_known(column)) {
            let separator = [(';', "semicolons"), ('\t', "tabs")].into_iter().find(|(c, _)| unknown.contains(*c));
            if let Some((_, separator)) = separator {
                return Err(format!("has {separator} between its columns; save the list with commas"));
            }
            let unknown: String = unknown.chars().take(64).collect();
            return Err(format!("has the unknown column {unknown:?}; the columns are {}", TARGET_COLUMNS.join(",")));
        }
        let length = names.len();
        let position = |column: &str| names.iter().position(|name| *name == column);
        let mut positions = TARGET_COLUMNS.map(position);
        let selector = if names.iter().any(|name| *name == "host_id" || is_only_in(name, &HOST_COLUMNS)) {
            "host"
        } else if names.iter().any(|name| *name == "group_id" || is_only_in(name, &GROUP_COLUMNS)) {
            "server_group"
        } else {
            ""
        };
        if let [.., selector @ None, id @ None] = &mut positions {
            *id = position("host_id").or(position("group_id"));
            if id.is_none() && selector.is_none() {
                return Err("has no column id".to_owned());
            }
        }
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("has the column {:?} twice", pair[0]));
        }
        Ok(Self { length, positions, selector })
    }

    pub(super) fn parse_row(&self, line: &str, targets: &mut Collector) -> Result<(), String> {
        let cells = csv_record::split(line)?;
        let surplus = cells.get(self.length..);
        if surplus.is_none_or(|surplus| surplus.iter().any(|cell| !cell.trim().is_empty())) {
            return Err(format!("expected {} cells as in the header, found {}", self.length, cells.len()));
        }
        let cell = |position: Option<usize>| {
            position.and_then(|position| cells.get(position)).map_or("", |cell| unguarded(cell.trim()))
        };
        let [region, project, enterprise_project, category, selector, id] = self.positions.map(cell);
        let selector = if selector.is_empty() { self.selector } else { selector };
        targets.add(Row { queue: [region, project, enterprise_project, category], selector, id })
    }
}

/// Returns whether a column is one of those that this program prints.
fn is_known(column: &str) -> bool {
    TARGET_COLUMNS.contains(&column)
        || RESULT_COLUMNS.contains(&column)
        || HOST_COLUMNS.contains(&column)
        || GROUP_COLUMNS.contains(&column)
        || ["host_id", "group_id"].contains(&column)
}

/// Returns whether a column belongs to this list of `hss`, and to no other.
fn is_only_in(column: &str, columns: &[&str]) -> bool {
    columns.contains(&column) && !(HOST_COLUMNS.contains(&column) && GROUP_COLUMNS.contains(&column))
}
