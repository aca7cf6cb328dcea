//! `hss`: Huawei Cloud HSS asset scans from a shell, cron or CI. This file dispatches; each command has its own module.

mod cli;
mod commands;
mod connect;
mod exit;
mod logging;
mod metrics;
mod output;
mod progress;
mod render;
mod signals;
mod targets;

use std::borrow::Cow;
use std::io::{self, Write as _};

use clap::Parser as _;
use huaweicloud_hss::printable;

use crate::cli::{AssetsCommand, AuthCommand, Cli, Command, ListCommand};
#[cfg(feature = "emulator")]
use crate::commands::emulator;
#[cfg(feature = "completions")]
use crate::commands::generate::{completions, man};
use crate::commands::proof::{collect, coverage, verify};
use crate::commands::{assets, auth, doctor, hosts, projects, report, scan, status};
use crate::exit::{CliError, ExitStatus};
use crate::metrics::recorded;
use crate::signals::unless_interrupted;

fn main() -> ExitStatus {
    disable_core_dumps();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return print_usage(&error),
    };
    logging::start(cli.verbose);
    let status = run(cli.command).unwrap_or_else(|error| {
        output::message(&format!("error: {error}"));
        error.exit_status()
    });
    output::flush();
    match status {
        _ if output::given_up() => ExitStatus::Interrupted,
        ExitStatus::Ok if output::failed() => ExitStatus::Partial,
        status => status,
    }
}

/// Prints a help text, the version, or what is wrong with the arguments.
fn print_usage(error: &clap::Error) -> ExitStatus {
    if error.use_stderr() {
        // An argument may come from elsewhere too, and the text repeats it.
        if std::env::args_os().all(|argument| matches!(printable(&argument.to_string_lossy()), Cow::Borrowed(_))) {
            let _ = error.print();
        } else {
            error.render().to_string().lines().for_each(output::message);
        }
        return ExitStatus::Usage;
    }
    match error.print().and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            output::message(&format!("error: cannot write the text: {error}"));
            ExitStatus::Partial
        }
        _ => ExitStatus::Ok,
    }
}

/// Prevents core dumps, for example after Ctrl-\\: they would have the credentials.
fn disable_core_dumps() {
    // Unlike 0, a limit of 1 byte also applies where a program reads core dumps from a pipe (core(5)).
    #[cfg(unix)]
    if let Ok((_, hard)) = rlimit::Resource::CORE.get() {
        let _ = rlimit::Resource::CORE.set(hard.min(1), hard);
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
            // These handle interruptions themselves: they have a result to report or a server to shut down.
            Command::Scan(args) => {
                let (metrics, journal) = (args.metrics.file.clone(), args.journal.clone());
                let work = async |metrics: &mut _| scan::run(args, metrics).await;
                recorded(metrics.as_deref(), journal.as_deref(), "scan", work).await
            }
            #[cfg(feature = "emulator")]
            Command::Emulator(args) => emulator::run(args).await,
            #[cfg(not(feature = "emulator"))]
            Command::Emulator { .. } => Err(connect::emulator_missing()),
            Command::Verify(args) => {
                let (metrics, journal) = (args.metrics.file.clone(), args.journal.clone());
                let work = async |metrics: &mut _| verify::run(args, metrics).await;
                recorded(metrics.as_deref(), journal.as_deref(), "verify", work).await
            }
            Command::Report(args) => report::run(&args),
            #[cfg(feature = "completions")]
            Command::Completions(args) => Ok(completions::run(&args)),
            #[cfg(feature = "completions")]
            Command::Man(args) => man::run(&args),
            Command::Collect(args) => unless_interrupted(collect::run(args)).await,
            Command::Coverage(args) => {
                let metrics = args.metrics.file.clone();
                let work = async |metrics: &mut _| unless_interrupted(coverage::run(args, metrics)).await;
                recorded(metrics.as_deref(), None, "coverage", work).await
            }
            Command::Status(args) => unless_interrupted(status::run(args)).await,
            Command::Hosts(ListCommand::List(args)) => unless_interrupted(hosts::list_hosts(args)).await,
            Command::Groups(ListCommand::List(args)) => unless_interrupted(hosts::list_groups(args)).await,
            Command::Projects(ListCommand::List(args)) => unless_interrupted(projects::list_projects(args)).await,
            Command::EnterpriseProjects(ListCommand::List(args)) => {
                unless_interrupted(projects::list_enterprise_projects(args)).await
            }
            Command::Assets(AssetsCommand::List(args)) => unless_interrupted(assets::list(*args)).await,
            Command::Assets(AssetsCommand::Diff(args)) => assets::diff(args).await,
            Command::Sbom(args) => unless_interrupted(assets::sbom(*args)).await,
            Command::Auth(AuthCommand::Whoami(args)) => unless_interrupted(auth::whoami(args)).await,
            Command::Doctor(args) => unless_interrupted(doctor::run(args)).await,
        }
    })
}
