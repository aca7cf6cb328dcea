//! The arguments that select servers and server groups.

use std::path::PathBuf;

use clap::Args;
use glob::Pattern;

use super::value_parsers::pattern;

/// The flags of [`TargetArgs`], of which a command takes one.
pub(super) const SELECTORS: [&str; 8] =
    ["all_hosts", "host", "hosts_from", "host_name", "group", "groups_from", "group_name", "targets"];

/// Selects servers and server groups.
#[derive(Args)]
#[command(next_help_heading = "Targets")]
pub(crate) struct TargetArgs {
    /// All servers of the project
    ///
    /// With --enterprise-project, all servers of that enterprise project.
    #[arg(long)]
    pub(crate) all_hosts: bool,

    /// Servers by id (repeatable)
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub(crate) host: Vec<String>,

    /// The servers whose ids are in FILE
    ///
    /// One id per line; blank lines and lines starting with # are ignored. Also reads the CSV, JSON and JSON Lines that `hss hosts list`
    /// and `hss scan` print. Use - for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) hosts_from: Option<PathBuf>,

    /// Servers whose names match (repeatable)
    ///
    /// *, ? and [...] work as in a shell. A pattern that matches nothing is an error.
    #[arg(long, value_name = "PATTERN", num_args = 1.., value_parser = pattern)]
    pub(crate) host_name: Vec<Pattern>,

    /// Server groups by id (repeatable)
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub(crate) group: Vec<String>,

    /// The groups whose ids are in FILE
    ///
    /// The formats are those of --hosts-from, and what `hss groups list` prints.
    #[arg(long, value_name = "FILE")]
    pub(crate) groups_from: Option<PathBuf>,

    /// Groups whose names match (repeatable)
    ///
    /// Patterns work as with --host-name.
    #[arg(long, value_name = "PATTERN", num_args = 1.., value_parser = pattern)]
    pub(crate) group_name: Vec<Pattern>,

    /// A list of targets (CSV or JSON lines)
    ///
    /// The targets can be in any number of projects and regions. CSV has the header
    /// region,project_id,enterprise_project_id,category,selector,id; JSON lines have these keys. Missing or empty values are taken
    /// from the command line. The selector is all_hosts, host (the default) or server_group. Use - for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) targets: Option<PathBuf>,
}

impl TargetArgs {
    /// Returns whether any flag selects something.
    pub(crate) fn is_given(&self) -> bool {
        let Self { all_hosts, host, hosts_from, host_name, group, groups_from, group_name, targets } = self;
        *all_hosts
            || [hosts_from, groups_from, targets].iter().any(|file| file.is_some())
            || [host, group].iter().any(|ids| !ids.is_empty())
            || [host_name, group_name].iter().any(|patterns| !patterns.is_empty())
    }
}
