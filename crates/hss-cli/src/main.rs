//! `hss`: Huawei Cloud HSS asset scans from a shell, cron or CI. This file dispatches; each verb has its own.

mod arguments;
mod auth;
mod connect;
mod doctor;
#[cfg_attr(not(feature = "emulator"), path = "no_emulator.rs")]
mod emulator;
mod exit;
mod hosts;
mod interrupts;
mod logging;
mod output;
mod progress;
mod projects;
mod render;
mod report;
mod scan;
mod status;
mod targets;

use clap::Parser as _;

use crate::arguments::{Arguments, Verb};
use crate::exit::{Exit, Failure};
use crate::interrupts::unless_interrupted;

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
