//! `hss`: Huawei Cloud HSS asset scans from a shell, cron or CI. This file dispatches; each command has its own module.

mod cli;
mod commands;
mod connect;
mod exit;
mod logging;
mod output;
mod output_file;
mod progress;
mod render;
mod signals;
mod targets;

use clap::Parser as _;

use crate::cli::{AuthCommand, Cli, Command, ListCommand};
#[cfg(feature = "emulator")]
use crate::commands::emulator;
use crate::commands::{auth, doctor, hosts, projects, report, scan, status};
#[cfg(feature = "completions")]
use crate::commands::{completions, man};
use crate::exit::{CliError, ExitStatus};
use crate::signals::unless_interrupted;

fn main() -> ExitStatus {
    let cli = Cli::parse();
    logging::start(cli.verbose);
    match run(cli.command) {
        Ok(ExitStatus::Ok) if output::failed() => ExitStatus::Partial,
        Ok(status) => status,
        Err(error) => {
            output::message(&format!("error: {error}"));
            error.exit_status()
        }
    }
}

/// Runs a command on one thread. That is enough, because the program mostly waits for responses.
fn run(command: Command) -> Result<ExitStatus, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::usage(format!("cannot start the async runtime: {error}")))?;
    runtime.block_on(async {
        match command {
            // These two handle interruptions themselves: they have a result to report or a server to shut down.
            Command::Scan(args) => scan::run(args).await,
            #[cfg(feature = "emulator")]
            Command::Emulator(args) => emulator::run(args).await,
            #[cfg(not(feature = "emulator"))]
            Command::Emulator { .. } => Err(connect::emulator_missing()),
            Command::Report(args) => report::run(&args),
            #[cfg(feature = "completions")]
            Command::Completions(args) => Ok(completions::run(&args)),
            #[cfg(feature = "completions")]
            Command::Man(args) => man::run(&args),
            Command::Status(args) => unless_interrupted(status::run(args)).await,
            Command::Hosts(ListCommand::List(args)) => unless_interrupted(hosts::list_hosts(args)).await,
            Command::Groups(ListCommand::List(args)) => unless_interrupted(hosts::list_groups(args)).await,
            Command::Projects(ListCommand::List(args)) => unless_interrupted(projects::list_projects(args)).await,
            Command::EnterpriseProjects(ListCommand::List(args)) => {
                unless_interrupted(projects::list_enterprise_projects(args)).await
            }
            Command::Auth(AuthCommand::Whoami(args)) => unless_interrupted(auth::whoami(args)).await,
            Command::Doctor(args) => unless_interrupted(doctor::run(args)).await,
        }
    })
}
