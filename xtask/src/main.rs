//! The workspace's own commands: `cargo xtask <verb>`, a verb a file. This file holds the whole surface and no work.

mod check;
mod drift;
mod fetch;
mod format;
mod generate;
mod reference;
mod workspace;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// What a verb found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// All is in step: exit code 0.
    Fine,
    /// Something is out of step: exit code 1.
    Drift,
    /// It could not be told: exit code 2.
    Unknown,
}

impl Verdict {
    /// Of two verdicts the one that matters more: what cannot be told hides what is out of step.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Drift, _) | (_, Self::Drift) => Self::Drift,
            (Self::Fine, Self::Fine) => Self::Fine,
        }
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Fine => Self::SUCCESS,
            Verdict::Drift => Self::from(1),
            Verdict::Unknown => Self::from(2),
        }
    }
}

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Commands for people who change the spec", version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Writes the reviewed snapshots of the generated code from spec/*.yaml
    Gen,
    /// Tells whether spec, snapshots and build-time code are in step
    ///
    /// Exit codes: 0 in step; 1 out of step (which input moved, the difference, the command that mends it); 2 it could not be
    /// told, for example because the spec cannot be read or breaks a rule.
    #[command(verbatim_doc_comment)]
    Check,
    /// Holds a vendor page against the spec, and tells each fact that moved
    ///
    /// Exit codes: 0 in step; 1 drift; 2 the page is unreadable: empty, cut off, or no reference page.
    #[command(verbatim_doc_comment)]
    Drift(drift::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let workspace = Workspace::here();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let verdict = match arguments.verb {
        Verb::Gen => generate::run(&workspace, &mut out),
        Verb::Check => check::run(&workspace, &mut out),
        Verb::Drift(arguments) => drift::run(&workspace, &arguments, &mut out, &mut err),
    };
    // A reader that went away, as in `cargo xtask check | head`, does not change what was found.
    let _ = std::io::stdout().lock().write_all(&out);
    let _ = std::io::stderr().lock().write_all(&err);
    // Writing to memory does not fail.
    verdict.unwrap_or(Verdict::Unknown).into()
}
