//! The arguments of the commands that read the inventory.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, Subcommand, ValueEnum};
use glob::Pattern;
use huaweicloud_hss::assets::{AssetKind, VersionRange};

use crate::exit;

use super::common::{ListFormat, QueueArgs};
use super::lists::{ListArgs, ServiceArgs};
use super::value_parsers::{id, pattern, since};

/// The commands of `hss assets`.
#[derive(Subcommand)]
pub(crate) enum AssetsCommand {
    List(Box<AssetsListArgs>),
    Diff(AssetsDiffArgs),
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

    /// Only accounts with the rights of root
    #[arg(long, help_heading = "Filters")]
    pub(crate) root: bool,

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

    /// How to read: list (default) or export
    ///
    /// list:   page by page
    /// export: as a file that the service writes, which needs few calls for any number of assets. The rows have no ids of servers,
    ///         and a file is kept in memory. Its format is not documented: anything but CSV is an error.
    #[arg(long, value_name = "WAY", default_value = "list", hide_default_value = true, hide_possible_values = true)]
    #[arg(verbatim_doc_comment, help_heading = "Execution")]
    pub(crate) via: Via,

    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// How assets are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Via {
    /// Page by page
    #[default]
    List,
    /// As a file that the service exports
    Export,
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

/// Compare two saved lists
///
/// Prints what was added, removed and changed. Times, ids of processes, and the names and addresses of servers are no
/// changes, and rows that are alike count as one. The exit code is 0, whatever changed, but see --fail-on.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct AssetsDiffArgs {
    /// Older list, written by `hss assets list -o jsonl`
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,

    /// Newer list
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,

    /// Exit with 1 if these changed, separated by commas
    ///
    /// new-root-account: an account with the rights of root that was not there, or had not had them
    /// new-port:         an open port with a new number, protocol or address
    /// new-software:     software with a new name or in one more version
    #[arg(long, value_name = "CONDITION", value_delimiter = ',', hide_possible_values = true, verbatim_doc_comment)]
    pub(crate) fail_on: Vec<Condition>,

    /// Format: table (default), json, jsonl, csv, markdown
    #[arg(short = 'o', long = "output", value_name = "FORMAT", default_value = "table")]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    pub(crate) format: ListFormat,
}

/// Write a software bill of materials (CycloneDX 1.6)
///
/// Prints one JSON document with the software and packages of all servers, or of one. Package URLs are exact for npm and
/// Python packages. For software, they follow from the operating system of the server and are marked as best effort. The
/// same inventory makes the same document; its time is that of the newest row, or SOURCE_DATE_EPOCH.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct SbomArgs {
    /// Read a saved list, not the service
    ///
    /// Written by `hss assets list software packages -o jsonl`. Other kinds are skipped.
    #[arg(long, value_name = "FILE", conflicts_with = "emulator")]
    pub(crate) from: Option<PathBuf>,

    /// Servers of the saved list, for package URLs
    ///
    /// Written by `hss hosts list -o jsonl`.
    #[arg(long, value_name = "FILE", requires = "from")]
    pub(crate) hosts: Option<PathBuf>,

    /// Only the server with this id
    #[arg(long, value_name = "ID", value_parser = id)]
    pub(crate) host: Option<String>,

    /// Write one document for each server to a folder
    ///
    /// The names of the files are the ids of the servers. Files with these names are replaced.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) per_host: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) queue: QueueArgs,

    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

/// A change that fails a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Condition {
    /// An account that has the rights of root now
    #[value(name = "new-root-account")]
    RootAccount,
    /// An open port
    #[value(name = "new-port")]
    Port,
    /// Software
    #[value(name = "new-software")]
    Software,
}

impl Condition {
    /// Returns what it counts.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::RootAccount => "new root account",
            Self::Port => "new open port",
            Self::Software => "new row of software",
        }
    }
}
