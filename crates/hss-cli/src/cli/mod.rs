//! The command line as clap parses it. Snapshot tests compare its help.

#![allow(
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "these doc comments are help texts, not Markdown"
)]

mod assets;
mod auth;
mod common;
#[cfg(feature = "emulator")]
mod emulator;
#[cfg(feature = "completions")]
mod generate;
mod lists;
mod proof;
mod report;
mod scan;
mod targets;
mod value_parsers;

use clap::{ArgAction, Parser, Subcommand};

use crate::exit;

pub(crate) use assets::{AssetsCommand, AssetsDiffArgs, AssetsListArgs, Condition, Kinds, SbomArgs, Via};
pub(crate) use auth::{AuthCommand, WhoamiArgs};
pub(crate) use common::{
    CategoryName, ConnectionArgs, ListFormat, OutputArgs, OutputFormat, ProjectArgs, QueueArgs, QueueCommandArgs,
};
#[cfg(feature = "emulator")]
pub(crate) use emulator::EmulatorArgs;
#[cfg(feature = "completions")]
pub(crate) use generate::{CompletionsArgs, ManArgs};
pub(crate) use lists::{
    EnterpriseProjectsListArgs, GroupsListArgs, HostsListArgs, ListArgs, ListCommand, ProjectsListArgs, ServiceArgs,
};
pub(crate) use proof::{CollectArgs, CoverageArgs, VerifyArgs};
pub(crate) use report::ReportArgs;
pub(crate) use scan::ScanArgs;
pub(crate) use targets::TargetArgs;
pub(crate) use value_parsers::{enterprise_project, validate_id};

/// Start and track Huawei Cloud HSS asset scans, with an outcome for every host
///
/// Results go to standard output, everything else to standard error.
#[derive(Parser)]
#[command(name = "hss", bin_name = "hss", version, after_long_help = exit::TABLE)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Verbose logging to stderr (-vv for more)
    // Clap numbers commands and flags together: without a fixed number, adding a command would move this flag in every help text.
    #[arg(short, long, action = ArgAction::Count, global = true, display_order = 100)]
    pub(crate) verbose: u8,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Scan(ScanArgs),

    /// Show whether a scan is pending
    ///
    /// The service reports this for one project, enterprise project and category. It reports neither progress nor results: when the
    /// value changes from true to false, the scan has ended.
    #[command(after_long_help = exit::TABLE)]
    Status(QueueCommandArgs),

    Report(ReportArgs),

    Coverage(CoverageArgs),

    Verify(VerifyArgs),

    Collect(CollectArgs),

    /// List servers and their ids
    #[command(subcommand)]
    Hosts(ListCommand<HostsListArgs>),

    /// List server groups and their ids
    #[command(subcommand)]
    Groups(ListCommand<GroupsListArgs>),

    /// List projects and their ids
    #[command(subcommand)]
    Projects(ListCommand<ProjectsListArgs>),

    /// List enterprise projects and their ids
    #[command(subcommand)]
    EnterpriseProjects(ListCommand<EnterpriseProjectsListArgs>),

    /// Read the inventory: what the last collections found
    #[command(subcommand)]
    Assets(AssetsCommand),

    Sbom(Box<SbomArgs>),

    /// Inspect the credentials in use
    #[command(subcommand)]
    Auth(AuthCommand),

    /// Check everything a scan needs, step by step
    ///
    /// Checks region, endpoint, connection and TLS, clock, credentials, project and permission, in this order. Reports the first step
    /// that fails and how to fix it. Changes nothing: it checks the permission by reading the scan status.
    #[command(after_long_help = exit::TABLE)]
    Doctor(QueueCommandArgs),

    #[cfg(feature = "emulator")]
    Emulator(EmulatorArgs),

    /// Run an emulator of the service (not part of this build)
    // Hidden, and accepts any arguments, so that the error can name the reason.
    #[cfg(not(feature = "emulator"))]
    #[command(hide = true, disable_help_flag = true)]
    Emulator {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        _any: Vec<std::ffi::OsString>,
    },

    #[cfg(feature = "completions")]
    Completions(CompletionsArgs),

    #[cfg(feature = "completions")]
    Man(ManArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    fn scan(args: &[&str]) -> ScanArgs {
        let args = ["hss", "scan", "--all-hosts"].iter().chain(args);
        let Ok(Cli { command: Command::Scan(scan), .. }) = Cli::try_parse_from(args) else {
            panic!("this is a scan");
        };
        scan
    }

    #[test]
    fn old_names_of_flags_still_work() {
        for flag in ["--rate-limit", "--rate"] {
            assert_eq!(scan(&[flag, "2"]).connection.rate_limit, "2/s".parse().ok(), "{flag}");
        }
        for flag in ["--retry-ambiguous", "--retry-unknown"] {
            assert!(scan(&[flag]).connection.retry_ambiguous, "{flag}");
        }
    }

    #[test]
    #[cfg(feature = "emulator")]
    fn old_names_of_emulator_flags_still_work() {
        for flag in ["--accept-any-token", "--any-token"] {
            let Ok(Cli { command: Command::Emulator(emulator), .. }) = Cli::try_parse_from(["hss", "emulator", flag])
            else {
                panic!("this starts the emulator");
            };
            assert!(emulator.accept_any_token, "{flag}");
        }
    }

    #[test]
    fn old_names_of_flags_are_hidden() {
        let mut command = Cli::command();
        command.build();
        for command in command.get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            for old in ["--rate ", "--retry-unknown", "--any-token"] {
                assert!(!help.contains(old), "{old} in {help}");
            }
        }
    }
}
