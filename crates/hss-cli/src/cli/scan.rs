//! The arguments of `hss scan`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use huaweicloud_hss::fleet::{FleetOptions, Shard};

use crate::exit;

use super::common::{ConnectionArgs, MetricsArgs, OutputArgs, QueueArgs};
use super::proof::VerifyOptionArgs;
use super::targets::{SELECTORS, TargetArgs};
use super::value_parsers::{concurrency, duration};

/// Start an asset scan of servers or server groups
///
/// One call takes at most 200 ids; more are split into several calls. A queue (project, enterprise project and category) runs one
/// scan at a time: while it is pending, the service accepts no other call for the queue. hss waits for the scans that this run
/// started, and then sends the next call; with --wait, it also waits for scans that others started.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
#[command(override_usage = "hss scan [OPTIONS] <--all-hosts|--host <ID>...|--targets <FILE>|...>")]
#[command(group(ArgGroup::new("selector").required(true).args(SELECTORS)))]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,

    /// Skip servers whose agent is not online
    ///
    /// For servers given by id or by name. The result shows how many were skipped.
    #[arg(long, conflicts_with_all = ["all_hosts", "group", "groups_from", "group_name"], help_heading = "Targets")]
    pub(crate) only_online: bool,

    /// Skip servers that a scan cannot refresh
    ///
    /// For servers given by id or by name: those without a working agent, protection or an edition with asset fingerprints, as `hss
    /// coverage` shows them. The result shows how many were skipped.
    #[arg(long, conflicts_with_all = ["all_hosts", "group", "groups_from", "group_name", "only_online"], help_heading = "Targets")]
    pub(crate) only_coverable: bool,

    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Use the built-in emulator of the service
    ///
    /// No account or credentials are needed, and nothing leaves this machine.
    #[arg(long, conflicts_with_all = ["endpoint", "region", "iam_endpoint", "token_file"], help_heading = "Connection")]
    #[cfg_attr(not(feature = "emulator"), arg(hide = true))]
    pub(crate) emulator: bool,

    /// Wait until the scan has ended
    ///
    /// If others started a scan in the same queue, also waits for its end before sending a call. A scan that the service does not report
    /// as pending within 10 seconds after it accepted it is not seen to end: the exit code is then 1.
    #[arg(long, help_heading = "Execution")]
    pub(crate) wait: bool,

    /// Maximum time to wait
    ///
    /// Limits each wait: for a busy queue to accept a call, and for the end of the scan.
    #[arg(long, help_heading = "Execution", value_name = "DURATION", default_value = "30m", value_parser = duration)]
    pub(crate) wait_timeout: Duration,

    /// Record every call in FILE, for --resume
    ///
    /// Each call is recorded before it is sent, and again with its outcome. The file contains JSON lines, and only its owner can read
    /// it. `hss report FILE` prints the report of the run.
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run", help_heading = "Execution")]
    pub(crate) journal: Option<PathBuf>,

    /// Resume the run recorded in --journal
    ///
    /// Starts the run if there is no journal yet. Accepted calls are skipped. Calls that may have taken effect are resent only with
    /// --retry-ambiguous. Servers by name and --only-online are those of the journal.
    #[arg(long, requires = "journal", help_heading = "Execution")]
    pub(crate) resume: bool,

    /// Process only shard I of N (0/N to N-1/N)
    ///
    /// A queue is always in the same shard, so that N machines or pods can share one list of targets.
    #[arg(long, value_name = "I/N", help_heading = "Execution")]
    pub(crate) shard: Option<Shard>,

    /// Maximum concurrent calls
    ///
    /// The calls of one queue are always sequential.
    #[arg(long, value_name = "N", default_value_t = FleetOptions::DEFAULT_CONCURRENCY, value_parser = concurrency, help_heading = "Execution")]
    pub(crate) concurrency: usize,

    /// Find out which servers were really scanned
    ///
    /// Reads the times of the servers' assets before the scan and after its end, like `hss verify`, and adds a verdict for each server
    /// to the result. Implies --wait. The exit code is 5 if not every server that a scan can refresh is proved to be scanned. CSV has
    /// the verdicts only.
    #[arg(long, help_heading = "Verification")]
    pub(crate) verify: bool,

    #[command(flatten)]
    pub(crate) verify_options: VerifyOptionArgs,

    /// Print the planned calls and start no scan
    ///
    /// Also prints how long the calls take at the documented limits. Names, --only-online, --only-coverable and --verify need calls that
    /// read; without them, nothing is sent.
    #[arg(long, help_heading = "Execution", conflicts_with = "metrics")]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) metrics: MetricsArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
