//! The arguments of `hss collect`.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use clap::{ArgGroup, Args};
use huaweicloud_hss::verify::CollectKind;

use crate::cli::common::QueueArgs;
use crate::cli::lists::ListArgs;
use crate::cli::value_parsers::duration;
use crate::exit;

/// Collect assets of single servers again
///
/// Makes each server collect the given kinds: one call for each server and kind. For servers that `hss verify` does not prove to be
/// scanned. The service does not document which servers it can refresh in this way; `hss coverage` shows which it cannot.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
#[command(group(ArgGroup::new("servers").required(true).args(["host", "from_verify"])))]
pub(crate) struct CollectArgs {
    /// Servers by id (repeatable)
    #[arg(long, value_name = "ID", num_args = 1.., help_heading = "Targets")]
    pub(crate) host: Vec<String>,

    /// Servers that are not proved to be scanned in FILE
    ///
    /// A result of `hss verify` or `hss scan --verify` in CSV. Servers that were scanned or are not covered are left out.
    #[arg(long, value_name = "FILE", help_heading = "Targets")]
    pub(crate) from_verify: Option<PathBuf>,

    /// Kinds to collect (repeatable) [default: all]
    ///
    /// web-app, web-service, web-framework, web-site, midware, database, kernel-module.
    #[arg(long, value_name = "KIND", num_args = 1.., value_parser = CollectKind::from_str, help_heading = "Targets")]
    pub(crate) kind: Vec<CollectKind>,

    /// Maximum number of servers
    ///
    /// With more, nothing is sent: a scan takes far fewer calls.
    #[arg(long, value_name = "N", default_value_t = 50, help_heading = "Targets")]
    pub(crate) max_hosts: usize,

    /// Wait until each collection has ended
    #[arg(long, help_heading = "Execution")]
    pub(crate) wait: bool,

    /// Maximum time to wait
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = duration, help_heading = "Execution")]
    pub(crate) wait_timeout: Duration,

    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}
