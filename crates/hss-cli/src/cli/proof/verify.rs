//! The arguments of `hss verify`, and those that `hss scan --verify` shares with it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{ArgGroup, Args};
use huaweicloud_hss::verify::VerifyOptions;

use crate::cli::common::{MetricsArgs, QueueArgs};
use crate::cli::lists::ListArgs;
use crate::cli::targets::{SELECTORS, TargetArgs};
use crate::cli::value_parsers::{duration, since};
use crate::exit;

/// Show which servers were really scanned
///
/// Reads when the assets of each server were last collected, in few calls for all servers, and prints one verdict for each: scanned,
/// refreshed (the data is new, but may have been collected without a scan), stale, failed, timed_out, not_covered (a scan cannot
/// refresh it) or no_witness. Times from Sunday 14:10 to Monday 17:10 UTC prove no scan: the service collects everything on Mondays
/// at 04:10, in a time zone that is not documented. For a run of `hss scan --journal`, or for a selection (all servers by default)
/// since a time.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
#[command(override_usage = "hss verify [OPTIONS] <JOURNAL|--since <TIME>>")]
#[command(group(ArgGroup::new("selector").args(SELECTORS).conflicts_with("journal")))]
#[command(group(ArgGroup::new("order").required(true).args(["journal", "since"])))]
pub(crate) struct VerifyArgs {
    /// Journal written by `hss scan --journal`
    ///
    /// With --verify, it has times from before the scan, which prove more. The verdicts are added to it.
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: Option<PathBuf>,

    /// When the scan was started
    ///
    /// A date or time in UTC such as 2026-11-01T08:00:00Z, or a duration before now such as 2h.
    #[arg(long, value_name = "TIME", value_parser = since, help_heading = "Verification")]
    pub(crate) since: Option<SystemTime>,

    #[command(flatten)]
    pub(crate) options: VerifyOptionArgs,

    /// Also write the verdicts as a self-contained HTML file
    #[arg(long, value_name = "FILE", help_heading = "Verification")]
    pub(crate) html: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) metrics: MetricsArgs,

    #[command(flatten)]
    pub(crate) targets: TargetArgs,

    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// How a verification is made.
#[derive(Args)]
#[command(next_help_heading = "Verification")]
pub(crate) struct VerifyOptionArgs {
    /// Read again until all is proved, at most this long
    ///
    /// Times may appear some minutes after the end of a scan. The pause between two rounds grows from 30 seconds to 10 minutes.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) within: Option<Duration>,

    /// Maximum calls for single servers [default: 100]
    ///
    /// For servers about which the lists prove nothing. Each call is for one server.
    #[arg(long, value_name = "N")]
    pub(crate) max_status_calls: Option<u64>,
}

impl VerifyOptionArgs {
    pub(crate) fn options(&self) -> VerifyOptions {
        let mut options = VerifyOptions::default();
        options.within = self.within.unwrap_or_default();
        options.max_status_calls = self.max_status_calls.unwrap_or(VerifyOptions::DEFAULT_STATUS_CALLS);
        options
    }
}
