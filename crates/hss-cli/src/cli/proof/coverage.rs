//! The arguments of `hss coverage`.

use std::time::Duration;

use clap::{ArgGroup, Args};

use crate::cli::common::{MetricsArgs, QueueArgs};
use crate::cli::lists::ListArgs;
use crate::cli::targets::{SELECTORS, TargetArgs};
use crate::cli::value_parsers::duration;
use crate::exit;

/// Show which servers a scan can refresh
///
/// Also shows how old their data is. Each server is in one class: coverable, or the reason why a scan cannot refresh it: no_agent,
/// offline, protection_off, interrupted, degraded, no_fingerprints (its edition has none), or unknown. Servers without data come
/// first, then those with the oldest. Without a selection, shows all servers of the project. Starts no scan.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
#[command(group(ArgGroup::new("selector").args(SELECTORS)))]
pub(crate) struct CoverageArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,

    /// List only servers whose data is older
    ///
    /// Or that have none. The counts are always those of all selected servers.
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Filters")]
    pub(crate) older_than: Option<Duration>,

    /// Fail if more than N servers have older data
    ///
    /// The exit code is then 1.
    #[arg(long, value_name = "N", requires = "older_than", help_heading = "Filters")]
    pub(crate) fail_over: Option<u64>,

    #[command(flatten)]
    pub(crate) metrics: MetricsArgs,

    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}
