//! One comparison, and how comparisons are written: as JSON and as a table.

use std::fmt::Write as _;
use std::io;

use serde::{Deserialize, Serialize};

/// One comparison. Of several runs the best counts, on both sides: other work on the machine only ever adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) bench: String,
    /// What it is compared with.
    pub(crate) competitor: String,
    /// Nothing if ours was not measured either.
    pub(crate) ours: Option<f64>,
    /// Nothing if the competitor was not there: no result is no win.
    pub(crate) theirs: Option<f64>,
    /// Ours to theirs.
    pub(crate) ratio: Option<f64>,
    pub(crate) unit: String,
    /// Over how many runs of each.
    pub(crate) n: usize,
    /// Why the competitor was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) skipped: Option<String>,
}

impl Row {
    pub(crate) fn new(bench: &str, competitor: &str, unit: &str, ours: &[f64], theirs: &[f64]) -> Self {
        let (best, their_best) = (best(ours), best(theirs));
        Self {
            bench: bench.to_owned(),
            competitor: competitor.to_owned(),
            ours: best,
            theirs: their_best,
            ratio: best.zip(their_best).map(|(ours, theirs)| ours / theirs),
            unit: unit.to_owned(),
            n: ours.len(),
            skipped: None,
        }
    }

    /// A comparison that could not be made, and why.
    pub(crate) fn skipped(bench: &str, competitor: &str, unit: &str, ours: &[f64], why: &str) -> Self {
        Self { skipped: Some(why.to_owned()), ..Self::new(bench, competitor, unit, ours, &[]) }
    }
}

fn best(runs: &[f64]) -> Option<f64> {
    runs.iter().copied().reduce(f64::min)
}

/// One array of objects.
pub(crate) fn json(rows: &[Row]) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(rows)?)
}

/// Columns for the eye; Markdown shows it too, as it stands.
pub(crate) fn table(rows: &[Row]) -> String {
    let cells: Vec<[String; 7]> = rows
        .iter()
        .map(|row| {
            let ratio = match (&row.skipped, row.ratio) {
                (Some(_), _) => "skipped".to_owned(),
                (None, ratio) => number(ratio),
            };
            let against = match &row.skipped {
                Some(why) => format!("{} ({why})", row.competitor),
                None => row.competitor.clone(),
            };
            [
                row.bench.clone(),
                against,
                number(row.ours),
                number(row.theirs),
                row.unit.clone(),
                ratio,
                row.n.to_string(),
            ]
        })
        .collect();
    let head = ["what", "against", "ours", "theirs", "unit", "ratio", "n"].map(str::to_owned);
    let rights = [false, false, true, true, false, true, true];
    let widths: [usize; 7] = std::array::from_fn(|column| {
        cells.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or(0).max(2)
    });
    let mut out = String::new();
    let mut line = |cells: &[String; 7]| {
        for ((cell, width), right) in cells.iter().zip(widths).zip(rights) {
            // Writing to a String cannot fail.
            let _ = if right { write!(out, "| {cell:>width$} ") } else { write!(out, "| {cell:<width$} ") };
        }
        out.push_str("|\n");
    };
    line(&head);
    line(&std::array::from_fn(|column| {
        let width = widths[column];
        if rights[column] { format!("{:->width$}", ":") } else { "-".repeat(width) }
    }));
    cells.iter().for_each(line);
    out
}

/// Four digits that count, without an exponent.
pub(crate) fn number(value: Option<f64>) -> String {
    let Some(value) = value else { return "-".to_owned() };
    let digits = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 + 1 };
    let decimals = usize::try_from(4 - digits).unwrap_or(0).min(6);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { grouped(&text) }
}

/// Thousands apart: `1,234,567`.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digit.is_ascii_digit() && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        vec![
            Row::new("a call", "reqwest by hand", "instructions", &[102_000.0, 101_000.0], &[100_000.0, 103_000.0]),
            Row::skipped("a call", "Python SDK", "us", &[41.5], "huaweicloudsdkhss is not installed"),
        ]
    }

    #[test]
    fn the_best_of_both_sides_counts_and_what_was_skipped_has_no_ratio() {
        insta::assert_snapshot!(table(&rows()), @"
        | what   | against                                         |    ours |  theirs | unit         |   ratio |  n |
        | ------ | ----------------------------------------------- | ------: | ------: | ------------ | ------: | -: |
        | a call | reqwest by hand                                 | 101,000 | 100,000 | instructions |    1.01 |  2 |
        | a call | Python SDK (huaweicloudsdkhss is not installed) |    41.5 |       - | us           | skipped |  1 |
        ");
    }

    #[test]
    fn json_has_the_documented_keys_and_reads_back() {
        let text = json(&rows()).unwrap();
        let keys: Vec<&str> =
            text.lines().filter_map(|line| line.trim().strip_prefix('"')?.split('"').next()).collect();
        assert_eq!(keys[..7], ["bench", "competitor", "ours", "theirs", "ratio", "unit", "n"]);
        assert_eq!(keys[7..], ["bench", "competitor", "ours", "theirs", "ratio", "unit", "n", "skipped"]);
        let skipped = &serde_json::from_str::<serde_json::Value>(&text).unwrap()[1];
        assert!(skipped["ratio"].is_null() && skipped["theirs"].is_null());
        assert_eq!(serde_json::from_str::<Vec<Row>>(&text).unwrap(), rows());
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (Some(0.0), "0"),
            (Some(0.000_123_4), "0.000123"),
            (Some(1.0), "1"),
            (Some(1.2345), "1.234"),
            (Some(123.456), "123.5"),
            (Some(1_234_567.8), "1,234,568"),
            (None, "-"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
