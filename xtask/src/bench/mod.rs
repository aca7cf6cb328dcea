//! `cargo xtask bench`: measures what is built here beside what it is to be compared with, and prints the ratios.

mod binary;
mod build;
mod call;
mod fleet;
mod growth;
mod machine;
mod plot;
pub(crate) mod process;
mod python;
mod record;
mod regen;
mod row;

use std::io::{self, Write};

use clap::ValueEnum;

use crate::Verdict;
use crate::workspace::Workspace;

pub(crate) use call::count;
#[cfg(test)]
pub(crate) use regen::made_spec;
use row::Row;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bench {
    /// One signed call, against the same by hand over reqwest and hyper, and the Python SDK
    Call,
    /// Size, start and memory of `hss`, against the bars and the Python SDK
    Binary,
    /// A cold build of a program that uses the client, against the same one on reqwest by hand
    Build,
    /// A fleet of 100,000 hosts against the ideal, and a million hosts against the bars for time and memory
    Fleet,
    /// Regeneration from specs of 1 to 1000 operations, against openapi-generator and openapi-to-rust
    Regen,
}

impl Bench {
    /// What the results are kept under in `docs/performance/`.
    fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Binary => "binary",
            Self::Build => "build",
            Self::Fleet => "fleet",
            Self::Regen => "regen",
        }
    }

    fn measure(self, workspace: &Workspace) -> io::Result<Vec<Row>> {
        match self {
            Self::Call => call::measure(workspace),
            Self::Binary => binary::measure(workspace),
            Self::Build => build::measure(workspace),
            Self::Fleet => fleet::measure(workspace),
            Self::Regen => regen::measure(workspace),
        }
    }
}

/// What to run, and where the results go.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to measure; everything when left out
    name: Option<Bench>,
    /// How to print the results
    #[arg(long, default_value = "table")]
    format: Format,
    /// Also keep the results in docs/performance/, and draw them anew there and in docs/performance.md
    #[arg(long)]
    record: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For the eye
    Table,
    /// One array of objects
    Json,
}

/// Runs one bench, or all.
pub(crate) fn run(
    workspace: &Workspace,
    arguments: &Arguments,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Verdict> {
    let benches = arguments.name.as_ref().map_or(Bench::value_variants(), std::slice::from_ref);
    let mut all = Vec::new();
    for bench in benches {
        let rows = match bench.measure(workspace) {
            Ok(rows) => rows,
            Err(error) => {
                writeln!(err, "{} could not be measured: {error}", bench.name())?;
                return Ok(Verdict::Unknown);
            }
        };
        if arguments.record {
            record::keep(workspace.root(), bench.name(), &rows)?;
        }
        all.extend(rows);
    }
    match arguments.format {
        Format::Json => writeln!(out, "{}", row::json(&all)?)?,
        Format::Table => write!(out, "{}", row::table(&all))?,
    }
    Ok(Verdict::Fine)
}
