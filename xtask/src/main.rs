//! The workspace's own commands: `cargo xtask <verb>`, a verb a file. This file holds the whole surface and no work.

mod check;
mod diff;
mod drift;
mod explain;
mod fetch;
mod format;
mod freeze;
mod generate;
mod import;
mod lint;
mod reference;
mod released;
#[cfg(test)]
mod test_page;
mod workspace;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::format::Format;
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
    ///
    /// With --spec and --out it shows instead how a client comes out of another spec, before that has its place in spec/. What the
    /// lints find there is counted and no obstacle.
    #[command(verbatim_doc_comment)]
    Gen {
        /// Another spec
        #[arg(long, requires = "out", value_name = "FILE")]
        spec: Option<PathBuf>,
        /// Where its code goes
        #[arg(long, requires = "spec", value_name = "FILE")]
        out: Option<PathBuf>,
    },
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
    /// Tells what changed for callers since a release, and the version step it needs
    ///
    /// Exit codes: 0 nothing that breaks, or all of it accepted; 1 breaking; 2 it could not be told.
    #[command(verbatim_doc_comment)]
    Diff(diff::Arguments),
    /// Tells where a spec breaks a rule of the generator, and the way out
    ///
    /// Exit codes: 0 none; 1 some; 2 a spec cannot be read.
    #[command(verbatim_doc_comment)]
    Lint {
        /// How problems are written
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Says what a rule of lint or diff is there for; lists them all without one
    Explain {
        /// The rule's id
        id: Option<String>,
    },
    /// Drafts an operation from a page that no spec has yet
    Import(import::Arguments),
    /// Keeps the specs of a release in spec/released/, for later ones to be compared with
    Freeze {
        /// The version, as in each spec's `info.version`
        version: String,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let workspace = Workspace::here();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let verdict = match arguments.verb {
        Verb::Gen { spec: Some(spec), out: Some(to) } => generate::other(&spec, &to, &mut out, &mut err),
        Verb::Gen { .. } => generate::run(&workspace, &mut out),
        Verb::Check => check::run(&workspace, &mut out),
        Verb::Drift(arguments) => drift::run(&workspace, &arguments, &mut out, &mut err),
        Verb::Diff(arguments) => diff::run(&workspace, &arguments, &mut out, &mut err),
        Verb::Lint { format } => lint::run(&workspace, format, &mut out, &mut err),
        Verb::Explain { id } => explain::run(id.as_deref(), &mut out, &mut err),
        Verb::Import(arguments) => import::run(&workspace, &arguments, &mut out, &mut err),
        Verb::Freeze { version } => freeze::run(&workspace, &version, &mut out, &mut err),
    };
    // A reader that went away, as in `cargo xtask check | head`, does not change what was found.
    let _ = std::io::stdout().lock().write_all(&out);
    let _ = std::io::stderr().lock().write_all(&err);
    // Writing to memory does not fail.
    verdict.unwrap_or(Verdict::Unknown).into()
}
