//! What `--record` keeps in `docs/`: the results as JSON, a plot of them, and their table in `docs/performance.md`.
//!
//! The page's prose is written by hand; what stands between a `<!-- bench NAME -->` and its `<!-- end -->` is not.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::row::{self, Row};
use super::{growth, machine, plot};

/// The results of one bench, as they are kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    machine: String,
    /// Year, month and day, in UTC.
    date: String,
    rows: Vec<Row>,
}

/// Keeps the results of a bench, and draws them.
pub(super) fn keep(root: &Path, name: &str, rows: &[Row]) -> io::Result<()> {
    let kept = Kept { machine: machine::describe(), date: today(), rows: rows.to_vec() };
    let folder = root.join("docs/performance");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("{name}.json")), serde_json::to_string_pretty(&kept)? + "\n")?;
    fs::write(folder.join(format!("{name}.svg")), plot::ratios(name, &kept.rows))?;
    if let Some(lines) = growth::lines(name, &kept.rows) {
        fs::write(folder.join(format!("{name}-growth.svg")), lines)?;
    }
    let page = root.join("docs/performance.md");
    let text = fs::read_to_string(&page)?;
    let text = with_section(&text, name, &section(name, &kept))
        .ok_or_else(|| io::Error::other(format!("docs/performance.md has no `<!-- bench {name} -->`")))?;
    fs::write(page, text)
}

/// What stands on the page for a bench.
fn section(name: &str, kept: &Kept) -> String {
    let Kept { machine, date, rows } = kept;
    let growth = growth::lines(name, rows).map_or_else(String::new, |_| {
        format!("![Seconds of bench {name} by size: lower is better](performance/{name}-growth.svg)\n\n")
    });
    format!(
        "\n{}\n![Ratios of bench {name}: shorter is better, the line is level](performance/{name}.svg)\n\n{growth}Measured on {date}: {machine}.\n\n",
        row::table(rows)
    )
}

/// The page with another text between the marks of a bench; nothing if it has no such marks.
fn with_section(page: &str, name: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(&format!("<!-- bench {name} -->\n"))?;
    let (_, after) = rest.split_once("<!-- end -->")?;
    Some(format!("{before}<!-- bench {name} -->\n{text}<!-- end -->{after}"))
}

fn today() -> String {
    let now = time::OffsetDateTime::now_utc();
    format!("{:04}-{:02}-{:02}", now.year(), u8::from(now.month()), now.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn only_what_is_between_the_marks_of_a_bench_is_replaced() {
        let page = "a\n<!-- bench x -->\nold\n<!-- end -->\nb\n<!-- bench y -->\nkeep\n<!-- end -->\n";
        let expected = "a\n<!-- bench x -->\nnew\n<!-- end -->\nb\n<!-- bench y -->\nkeep\n<!-- end -->\n";
        assert_eq!(with_section(page, "x", "new\n").unwrap(), expected);
        assert_eq!(with_section(page, "z", "new\n"), None);
    }

    /// No figure on the page is written by hand.
    #[test]
    fn the_page_shows_the_kept_results() {
        let root = Workspace::here().root().to_owned();
        let page = fs::read_to_string(root.join("docs/performance.md")).unwrap();
        let mut seen = 0;
        for file in fs::read_dir(root.join("docs/performance")).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let name = path.file_stem().unwrap().to_str().unwrap();
            let kept: Kept = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            assert_eq!(with_section(&page, name, &section(name, &kept)).unwrap(), page, "{name}");
            assert_eq!(fs::read_to_string(path.with_extension("svg")).unwrap(), plot::ratios(name, &kept.rows));
            let lines = fs::read_to_string(path.with_file_name(format!("{name}-growth.svg"))).ok();
            assert_eq!(lines, growth::lines(name, &kept.rows));
            seen += 1;
        }
        assert_eq!(page.matches("<!-- bench ").count(), seen, "each bench on the page has results");
    }
}
