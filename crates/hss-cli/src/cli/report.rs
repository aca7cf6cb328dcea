//! The arguments of `hss report`.

use std::path::PathBuf;

use clap::Args;

use crate::exit;

use super::common::OutputArgs;

/// Print the report of a run from its journal
///
/// Also works while the run continues. The exit code is 0 if every host and group was accepted, else 1.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct ReportArgs {
    /// Journal written by `hss scan --journal`
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: PathBuf,

    /// Also write the report as a self-contained HTML file
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
