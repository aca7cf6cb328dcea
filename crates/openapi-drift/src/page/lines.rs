//! Splits plain text and Markdown into lines and tables.

use super::block::{Block, Line, Table};
use super::labels;
use crate::text::plain;

/// Reads text that begins on a line of the page. A row with outer pipes, or with tabs below a header with tabs, keeps
/// its cells. Any other pipe only separates a cell's line from the next, which turns the loose form of Markdown into
/// the line layout.
pub(super) fn read(text: &str, first_line: u64) -> Vec<Block> {
    let mut blocks = Blocks::default();
    for (raw, number) in lines(text).zip(first_line..) {
        let trimmed = raw.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if trimmed.is_empty() {
            continue;
        }
        if is_rule(trimmed) {
            blocks.rule();
        } else if let Some(cells) = blocks.cells_between_tabs(trimmed) {
            blocks.row(cells.iter().map(|cell| cell_lines(cell, number)).collect(), number);
        } else if let Some(cell) = blocks.last_cell_between_tabs(trimmed) {
            cell.extend(cell_lines(trimmed, number));
        } else if let Some(cells) = row(trimmed, blocks.table.is_some()) {
            blocks.row(cells.iter().map(|cell| cell_lines(cell, number)).collect(), number);
        } else {
            blocks.end_of_table();
            if trimmed.contains('|') {
                for cell in split(trimmed) {
                    blocks.lines(&cell, number);
                }
            } else {
                blocks.lines(trimmed, number);
            }
        }
    }
    blocks.end_of_table();
    blocks.done
}

/// Lines that end in LF, CRLF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    // `\r\n` is one line end.
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

#[derive(Default)]
struct Blocks {
    done: Vec<Block>,
    table: Option<Table>,
    /// The number of columns of an open table whose cells are between tabs.
    tabs: Option<usize>,
}

impl Blocks {
    /// Returns the cells of a row with tabs.
    fn cells_between_tabs<'a>(&mut self, line: &'a str) -> Option<Vec<&'a str>> {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let columns = |cells: &[&str]| cells.iter().filter_map(|cell| labels::column(cell)).collect::<Vec<_>>();
        if cells.len() > 1
            && columns(&cells).first() == Some(&labels::Column::Name)
            && columns(&cells).len() == cells.len()
        {
            self.end_of_table();
            self.tabs = Some(cells.len());
        }
        self.tabs.filter(|columns| cells.len() == *columns).map(|_| cells)
    }

    /// Returns the cell to which a line without tabs belongs.
    fn last_cell_between_tabs(&mut self, line: &str) -> Option<&mut Vec<Line>> {
        let text = plain(line);
        let ends =
            labels::section(&text).is_some() || labels::caption(&text).is_some() || labels::status(&text).is_some();
        if ends {
            self.tabs = None;
        }
        self.tabs.and(self.table.as_mut()).filter(|table| table.rows.len() > 1)?.rows.last_mut()?.last_mut()
    }

    fn row(&mut self, cells: Vec<Vec<Line>>, line: u64) {
        self.table.get_or_insert_with(|| Table { line, rows: Vec::new() }).rows.push(cells);
    }

    /// A rule under a header. A later one begins the next table, whose header was read as a row.
    fn rule(&mut self) {
        if let Some(table) = &mut self.table
            && table.rows.len() > 1
            && let Some(header) = table.rows.pop()
        {
            let line = header.first().and_then(|cell| cell.first()).map_or(table.line, |line| line.number);
            self.end_of_table();
            self.table = Some(Table { line, rows: vec![header] });
        }
    }

    fn lines(&mut self, text: &str, number: u64) {
        self.done.extend(cell_lines(text, number).into_iter().map(Block::Line));
    }

    fn end_of_table(&mut self) {
        self.tabs = None;
        self.done.extend(self.table.take().map(Block::Table));
    }
}

/// Whether a line is only a rule, under a header or across the page.
fn is_rule(line: &str) -> bool {
    (line.contains("--") || (line.contains('-') && line.contains('|')))
        && line.chars().all(|c| matches!(c, '-' | '|' | ':' | ' ' | '\u{a0}' | '\t'))
}

/// Returns the cells of a row with outer pipes. Within a table the last pipe may be missing, as in a truncated file.
fn row(line: &str, in_table: bool) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|').filter(|inner| !inner.is_empty())?;
    match inner.strip_suffix('|').filter(|inner| !inner.ends_with('\\')) {
        Some(inner) => Some(split(inner)),
        None => in_table.then(|| split(inner)),
    }
}

/// Splits a line at its pipes, except after a backslash.
fn split(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in line.chars() {
        match (c, cells.last_mut()) {
            ('|', Some(cell)) if escaped => {
                cell.pop();
                cell.push('|');
            }
            ('|', _) => cells.push(String::new()),
            (_, Some(cell)) => cell.push(c),
            (_, None) => {}
        }
        escaped = c == '\\' && !escaped;
    }
    cells
}

/// Splits a cell into lines: at `<br>`, and around a label in bold text.
fn cell_lines(cell: &str, number: u64) -> Vec<Line> {
    let mut out = Vec::new();
    for part in breaks(cell) {
        if !part.contains("**") {
            push(&mut out, part, number);
            continue;
        }
        // Every second piece is between two pairs of stars.
        let mut open = String::new();
        for (index, piece) in part.split("**").enumerate() {
            // After the dash of a list entry, it is a value.
            let is_value = open.trim_end().ends_with(['-', '•', '*']);
            if index % 2 == 1 && !is_value && labels::part(&plain(piece)).is_some() {
                push(&mut out, &open, number);
                push(&mut out, piece, number);
                open.clear();
            } else {
                open.push_str(piece);
            }
        }
        push(&mut out, &open, number);
    }
    out
}

fn push(out: &mut Vec<Line>, text: &str, number: u64) {
    let text = plain(text);
    // The rest of `**Label**: text` begins with the colon.
    let text = text.trim_start_matches([':', '：', ' ']);
    if !text.is_empty() {
        out.push(Line { text: text.to_owned(), number });
    }
}

/// Splits a text at its `<br>`, `<br/>`, `<br />`, `<p>` and list tags, in any case.
fn breaks(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('<')).map(|offset| at + offset) {
        let tag = text.get(open + 1..).unwrap_or_default();
        let name_end = tag.find(|c: char| !c.is_ascii_alphabetic() && c != '/').unwrap_or(tag.len());
        let name = tag.get(..name_end).unwrap_or_default().trim_matches('/');
        let breaks = ["br", "p", "ul", "ol", "li"].iter().any(|known| name.eq_ignore_ascii_case(known));
        match tag.get(name_end..).filter(|_| breaks).and_then(|rest| rest.find('>')) {
            Some(close) if close <= 4 => {
                parts.extend(text.get(start..open));
                at = open + 1 + name_end + close + 1;
                start = at;
            }
            _ => at = open + 1,
        }
    }
    parts.extend(text.get(start..));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut out = String::new();
        for block in read(text, 1) {
            match block {
                Block::Line(line) => out += &format!("{} {}\n", line.number, line.text),
                Block::Table(table) => {
                    for row in table.rows {
                        let cells: Vec<String> = row
                            .iter()
                            .map(|cell| cell.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("/"))
                            .collect();
                        out += &format!("[{}]\n", cells.join("|"));
                    }
                }
            }
        }
        out
    }

    #[test]
    fn rows_keep_their_cells_and_everything_else_becomes_lines() {
        assert_eq!(
            shown("a\r\n\r\n| P | Q |\r\n|---|:-:|\r\n| x<br>y | **Range** 1<br/>**Default Value:** z |\r\nb"),
            "1 a\n[P|Q]\n[x/y|Range/1/Default Value:/z]\n6 b\n"
        );
        assert_eq!(shown("P |\nQ\n---|---\na |\nb\n|\nc | d |"), "1 P\n2 Q\n4 a\n5 b\n7 c\n7 d\n");
        assert_eq!(shown("| a \\| b | c |"), "[a | b|c]\n");
        assert_eq!(
            shown("| A | B |\n|---|---|\n| 1 | 2 |\n| C | D |\n|---|---|\n| 3 | 4 |"),
            "[A|B]\n[1|2]\n[C|D]\n[3|4]\n"
        );
        assert_eq!(
            shown("a\tb\nName\tType\tDescription\nx\tString\tWords\nRange\n1\ny\tLong\tMore\nTable 2 Host\nb\tc"),
            "1 a b\n[Name|Type|Description]\n[x|String|Words/Range/1]\n[y|Long|More]\n7 Table 2 Host\n8 b c\n"
        );
    }
}
