//! The arguments of the commands that read the inventory.

use std::time::SystemTime;

use clap::{Args, Subcommand};
use glob::Pattern;
use huaweicloud_hss::assets::{AssetKind, VersionRange};

use crate::exit;

use super::common::QueueArgs;
use super::lists::ListArgs;
use super::value_parsers::{id, pattern, since};

/// The commands of `hss assets`.
#[derive(Subcommand)]
pub(crate) enum AssetsCommand {
    List(Box<AssetsListArgs>),
}

/// List what the last collections found
///
/// Prints one row for each asset. Where the service has a filter, it applies it; the rest is filtered as pages arrive.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct AssetsListArgs {
    /// Kinds to list, or all
    ///
    /// accounts, software, ports, processes, auto-start, packages, kernel-modules, web-frameworks, websites, web-services,
    /// web-apps, databases. With all, kinds that cannot match a filter are left out.
    #[arg(value_name = "KIND", required = true, value_parser = kinds)]
    pub(crate) kinds: Vec<Kinds>,

    /// Only assets whose names match
    ///
    /// *, ? and [...] work as in a shell. The name of a process is its path. Ports have no names.
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Filters")]
    pub(crate) name: Option<Pattern>,

    /// Only versions in this range, such as '<2.17'
    ///
    /// Comparisons with <, <=, =, >= and >, and commas between them: '>=2.0,<2.17'. Versions are compared part by part:
    /// 1.9 < 1.10, 1.0 = 1.0.0, 1.0-rc1 < 1.0 < 1.0k < 1.0.1. An asset without a version is in no range.
    #[arg(long, value_name = "RANGE", help_heading = "Filters")]
    pub(crate) version: Option<VersionRange>,

    /// Only this port number
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Filters")]
    pub(crate) port: Option<u16>,

    /// Only the server with this id
    ///
    /// Processes have no id of their server.
    #[arg(long, value_name = "ID", value_parser = id, help_heading = "Filters")]
    pub(crate) host: Option<String>,

    /// Only servers whose names match
    #[arg(long, value_name = "PATTERN", value_parser = pattern, help_heading = "Filters")]
    pub(crate) host_name: Option<Pattern>,

    /// Only assets that a collection found since then
    ///
    /// A duration before now, such as 7d, or a date or time in UTC, such as 2026-11-01 or 2026-11-01T08:00:00Z. Ports and
    /// processes have no times.
    #[arg(long, value_name = "TIME", value_parser = since, help_heading = "Filters")]
    pub(crate) since: Option<SystemTime>,

    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// Every kind, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kinds {
    All,
    One(AssetKind),
}

fn kinds(text: &str) -> Result<Kinds, String> {
    match text {
        "all" => Ok(Kinds::All),
        name => name.parse().map(Kinds::One).map_err(|error: huaweicloud_hss::Error| format!("{error}, or `all`")),
    }
}
