//! The arguments of `hss scan`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use glob::Pattern;
use huaweicloud_hss::fleet::{FleetOptions, Shard};

use crate::exit;

use super::common::{ConnectionArgs, OutputArgs, QueueArgs};
use super::value_parsers::{concurrency, duration, pattern};

/// Start an asset scan of all servers, of some, or of server groups
///
/// More than 200 ids are split into sequential calls of at most 200. When the service answers "already in the task queue", it has
/// not taken the call: if this run started the pending scan, it waits for the scan and sends the call again; with --wait, it also
/// waits for scans that others started.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
#[command(group(ArgGroup::new("selector").required(true).args(["all_hosts", "host", "hosts_from", "host_name", "group", "groups_from", "group_name", "targets"])))]
pub(crate) struct ScanArgs {
    /// Scan every server of the project and enterprise project
    #[arg(long, help_heading = "Targets")]
    pub(crate) all_hosts: bool,

    /// Scan the server with this id; repeatable
    #[arg(long, value_name = "ID", num_args = 1.., help_heading = "Targets")]
    pub(crate) host: Vec<String>,

    /// Scan the servers whose ids are in this file, one per line (- is standard input; blank lines and lines starting with # are
    /// ignored)
    #[arg(long, value_name = "FILE", help_heading = "Targets")]
    pub(crate) hosts_from: Option<PathBuf>,

    /// Scan the servers whose names match this pattern (*, ? and [...] as in a shell); repeatable
    #[arg(long, value_name = "PATTERN", num_args = 1.., value_parser = pattern, help_heading = "Targets")]
    pub(crate) host_name: Vec<Pattern>,

    /// Scan the server group with this id; repeatable
    #[arg(long, value_name = "ID", num_args = 1.., help_heading = "Targets")]
    pub(crate) group: Vec<String>,

    /// Scan the server groups whose ids are in this file, as with --hosts-from
    #[arg(long, value_name = "FILE", help_heading = "Targets")]
    pub(crate) groups_from: Option<PathBuf>,

    /// Scan the server groups whose names match this pattern, as with --host-name
    #[arg(long, value_name = "PATTERN", num_args = 1.., value_parser = pattern, help_heading = "Targets")]
    pub(crate) group_name: Vec<Pattern>,

    /// Scan the targets in this file, in any number of projects and regions: CSV with the header
    /// region,project_id,enterprise_project_id,category,selector,id or JSON lines with these keys (- is standard input; an empty cell
    /// means the default; selector is all_hosts, host or server_group)
    #[arg(long, value_name = "FILE", help_heading = "Targets")]
    pub(crate) targets: Option<PathBuf>,

    /// Leave out servers whose agent is not online, and report how many; for servers given by id or by name
    #[arg(long, conflicts_with_all = ["all_hosts", "group", "groups_from", "group_name"], help_heading = "Targets")]
    pub(crate) only_online: bool,

    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    /// Use the built-in emulator instead of the service; nothing leaves this machine
    #[arg(long, conflicts_with_all = ["endpoint", "region", "iam_endpoint", "token_file"], help_heading = "Connection")]
    #[cfg_attr(not(feature = "emulator"), arg(hide = true))]
    pub(crate) emulator: bool,

    /// Wait for scans that others started, and wait until the scan has ended
    #[arg(long, help_heading = "Execution")]
    pub(crate) wait: bool,

    /// Maximum time to wait until the queue accepts a call, and for the scan to end
    #[arg(long, help_heading = "Execution", value_name = "DURATION", default_value = "30m", value_parser = duration)]
    pub(crate) wait_timeout: Duration,

    /// Record each call in this file before and after it is sent (JSON lines, readable only by its owner)
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run", help_heading = "Execution")]
    pub(crate) journal: Option<PathBuf>,

    /// Resume from the journal; accepted calls are skipped, and calls that may have taken effect are only resent with
    /// --retry-ambiguous
    #[arg(long, requires = "journal", help_heading = "Execution")]
    pub(crate) resume: bool,

    /// Only process shard I of N, from 0/N to N-1/N; a queue is always in the same shard
    #[arg(long, value_name = "I/N", help_heading = "Execution")]
    pub(crate) shard: Option<Shard>,

    /// Maximum number of concurrent calls; the calls of one queue are always sequential
    #[arg(long, value_name = "N", default_value_t = FleetOptions::DEFAULT_CONCURRENCY, value_parser = concurrency, help_heading = "Execution")]
    pub(crate) concurrency: usize,

    /// Show the calls that would be sent, and send nothing
    #[arg(long, help_heading = "Execution")]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
