//! `hss`: Huawei Cloud HSS asset scans from a shell, cron or CI. This file dispatches; each command has its own.

mod cli;
mod commands;
mod connect;
mod exit;
mod logging;
mod output;
mod progress;
mod render;
mod signals;
mod targets;

use clap::Parser as _;

use crate::cli::{Arguments, Verb};
use crate::commands::{auth, doctor, emulator, hosts, projects, report, scan, status};
#[cfg(feature = "completions")]
use crate::commands::{completions, man};
use crate::exit::{Exit, Failure};
use crate::signals::unless_interrupted;

fn main() -> Exit {
    let arguments = Arguments::parse();
    logging::start(arguments.verbose);
    let result = run(arguments);
    match result {
        Ok(Exit::Ok) if output::was_lost() => Exit::Partial,
        Ok(exit) => exit,
        Err(failure) => {
            output::note(&format!("error: {failure}"));
            failure.exit()
        }
    }
}

/// One thread is enough: the work is waiting for answers.
fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("the program cannot be started: {error}")))?;
    runtime.block_on(async {
        match arguments.verb {
            // These two hear interruptions themselves: there is something to tell or to keep.
            Verb::Scan(arguments) => scan::run(arguments).await,
            Verb::Emulator(arguments) => emulator::run(arguments).await,
            Verb::Report(arguments) => report::run(&arguments),
            #[cfg(feature = "completions")]
            Verb::Completions(arguments) => Ok(completions::run(&arguments)),
            #[cfg(feature = "completions")]
            Verb::Man(arguments) => man::run(&arguments),
            Verb::Status(arguments) => unless_interrupted(status::run(arguments)).await,
            Verb::Hosts(arguments) => unless_interrupted(hosts::run(arguments)).await,
            Verb::Groups(arguments) => unless_interrupted(hosts::run_groups(arguments)).await,
            Verb::Projects(arguments) => unless_interrupted(projects::run(arguments)).await,
            Verb::EnterpriseProjects(arguments) => unless_interrupted(projects::run_enterprise(arguments)).await,
            Verb::Auth(arguments) => unless_interrupted(auth::run(arguments)).await,
            Verb::Doctor(arguments) => unless_interrupted(doctor::run(arguments)).await,
        }
    })
}
