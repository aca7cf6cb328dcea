//! The workspace's own commands, `cargo xtask <command>`: this file parses the command line and prints what a command reports.

mod commands;
mod fetch;
mod outcome;
mod reference_pages;
mod releases;
mod spec_set;
#[cfg(test)]
mod test_support;
mod workspace;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{check, diff, drift, explain, freeze, generate, import, lint};
use crate::outcome::{Format, Outcome};
use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Commands for changing the spec", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the reviewed snapshots of the generated code from spec/*.yaml
    ///
    /// With --spec and --out, show instead what a client generated from another spec looks like. Lint findings in that spec are counted,
    /// but do not stop the generator.
    #[command(verbatim_doc_comment)]
    Gen {
        /// Spec to generate from instead of those in spec/
        #[arg(long, requires = "out", value_name = "FILE")]
        spec: Option<PathBuf>,
        /// File for the generated code
        #[arg(long, requires = "spec", value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Check that specs, snapshots, accepted reference pages and frozen releases match
    ///
    /// Exit codes: 0 they match; 1 they differ (which input changed, the difference, the command that fixes it); 2 unknown, for example
    /// because a spec cannot be read or breaks a rule.
    #[command(verbatim_doc_comment)]
    Check,
    /// Compare the vendor's reference page with the spec, and report each fact that differs
    ///
    /// Exit codes: 0 no drift; 1 drift; 2 the page is unreadable: empty, truncated, or not a reference page.
    #[command(verbatim_doc_comment)]
    Drift(drift::DriftArgs),
    /// Report what changed for callers since a release, and the version bump it needs
    ///
    /// Exit codes: 0 no breaking change, or all accepted; 1 breaking changes; 2 unknown.
    #[command(verbatim_doc_comment)]
    Diff(diff::DiffArgs),
    /// Report where a spec breaks a rule of the generator, and how to fix it
    ///
    /// Exit codes: 0 no problems; 1 problems found; 2 a spec cannot be read.
    #[command(verbatim_doc_comment)]
    Lint {
        /// Output format
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Explain a rule of `lint` or `diff`, or list all rules
    Explain {
        /// The rule's id
        id: Option<String>,
    },
    /// Draft an operation from a reference page that no spec has yet
    Import(import::ImportArgs),
    /// Freeze the specs of a release in spec/released/, to compare later ones with them
    Freeze {
        /// The version, as in each spec's `info.version`
        version: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let workspace = Workspace::here();
    let outcome = match cli.command {
        Command::Gen { spec: Some(spec), out: Some(out) } => generate::from_other_spec(&spec, &out),
        Command::Gen { .. } => generate::run(&workspace),
        Command::Check => check::run(&workspace),
        Command::Drift(args) => drift::run(&workspace, &args).unwrap_or_else(Outcome::error),
        Command::Diff(args) => diff::run(&workspace, &args).unwrap_or_else(Outcome::error),
        Command::Lint { format } => lint::run(&workspace, format),
        Command::Explain { id } => explain::run(id.as_deref()),
        Command::Import(args) => import::run(&workspace, &args).unwrap_or_else(Outcome::error),
        Command::Freeze { version } => freeze::run(&workspace, &version),
    };
    // A reader that closes the pipe early, as in `cargo xtask check | head`, does not change the status.
    let _ = std::io::stdout().lock().write_all(outcome.out.as_bytes());
    let _ = std::io::stderr().lock().write_all(outcome.err.as_bytes());
    outcome.status.into()
}
