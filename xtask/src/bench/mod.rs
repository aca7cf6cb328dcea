//! `cargo xtask bench`: measures the release build beside what it is to be compared with, and prints the ratios.

mod fleet;
mod process;

use std::io::{self, Write};

use clap::ValueEnum;
use serde::Serialize;

use crate::Verdict;
use crate::workspace::Workspace;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bench {
    /// A fleet of 100,000 hosts against the ideal, and a million hosts against the bars for time and memory
    Fleet,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For the eye
    Table,
    /// One array of objects
    Json,
}

/// One comparison.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    bench: &'static str,
    competitor: &'static str,
    ours: f64,
    theirs: f64,
    ratio: f64,
    unit: &'static str,
    /// Over how many runs; of several the best counts, for other work on the machine only ever adds.
    n: usize,
}

impl Row {
    fn new(bench: &'static str, competitor: &'static str, unit: &'static str, ours: &[f64], theirs: f64) -> Self {
        let best = ours.iter().copied().fold(f64::INFINITY, f64::min);
        Self { bench, competitor, ours: best, theirs, ratio: best / theirs, unit, n: ours.len() }
    }
}

/// Runs one bench, or all.
pub(crate) fn run(
    workspace: &Workspace,
    bench: Option<Bench>,
    format: Format,
    out: &mut dyn Write,
) -> io::Result<Verdict> {
    let measured = match bench {
        None | Some(Bench::Fleet) => fleet::measure(workspace),
    };
    let rows = match measured {
        Ok(rows) => rows,
        Err(error) => {
            writeln!(out, "could not measure: {error}")?;
            return Ok(Verdict::Unknown);
        }
    };
    match format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?,
        Format::Table => {
            writeln!(
                out,
                "{:<28} {:>12} {:>12} {:>7}  {:<4} {:>2}  against",
                "bench", "ours", "theirs", "ratio", "unit", "n"
            )?;
            for Row { bench, competitor, ours, theirs, ratio, unit, n } in &rows {
                writeln!(out, "{bench:<28} {ours:>12.3} {theirs:>12.3} {ratio:>7.3}  {unit:<4} {n:>2}  {competitor}")?;
            }
        }
    }
    Ok(Verdict::Fine)
}
