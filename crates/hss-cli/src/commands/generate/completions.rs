//! `hss completions`: prints a shell completion script, generated from the definition of the command line.

use clap::{Command, CommandFactory as _, ValueHint};

use crate::cli::{Cli, CompletionsArgs};
use crate::exit::ExitStatus;
use crate::output;

pub(crate) fn run(args: &CompletionsArgs) -> ExitStatus {
    let mut script = Vec::new();
    let mut command = without_files_for_ids(Cli::command());
    clap_complete::generate(args.shell, &mut command, "hss", &mut script);
    output::print_with(|out| out.write_all(&script));
    ExitStatus::Ok
}

/// Marks values without a hint as something other than files. Otherwise, shells offer file names for ids, names and addresses.
fn without_files_for_ids(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let unknown = arg.get_action().takes_values() && arg.get_value_hint() == ValueHint::Unknown;
        if unknown { arg.value_hint(ValueHint::Other) } else { arg }
    });
    command.mut_subcommands(without_files_for_ids)
}
