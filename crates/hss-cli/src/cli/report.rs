//! The arguments of `hss report`.

use std::path::PathBuf;

use clap::Args;

use crate::exit;

use super::common::OutputArgs;

/// Print the report of a run from its journal, even while the run continues
///
/// The exit code is that of the report: 0 when every host and group was accepted, 1 when not.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct ReportArgs {
    /// Journal of a run, as given to --journal of `hss scan`
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: PathBuf,

    /// Also write the report as one self-contained web page
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
