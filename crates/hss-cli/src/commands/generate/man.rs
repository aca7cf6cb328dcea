//! `hss man`: writes the manual pages, one per command, generated from the definition of the command line.

use std::fs;
use std::io::{self, Write};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::{Cli, ManArgs};
use crate::exit::{self, CliError, ExitStatus};

/// The program and version that the pages name as their source.
const SOURCE: &str = concat!("hss ", env!("CARGO_PKG_VERSION"));

pub(crate) fn run(args: &ManArgs) -> Result<ExitStatus, CliError> {
    let folder = &args.folder;
    let failed = |error: io::Error| {
        CliError::new(ExitStatus::Partial, format!("cannot write manual pages to {}: {error}", folder.display()))
    };
    fs::create_dir_all(folder).map_err(failed)?;
    for (name, page) in pages().map_err(failed)? {
        fs::write(folder.join(name), page).map_err(failed)?;
    }
    Ok(ExitStatus::Ok)
}

/// Returns every page with its file name.
fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    // `hss help` gets no page: it only prints the help of the others.
    let mut command = with_possible_values(Cli::command().disable_help_subcommand(true));
    command.build();
    let mut pages = Vec::new();
    add_pages(&command, &mut pages)?;
    Ok(pages)
}

/// Lists the values of flags as manual pages do. The help has them in its text, whose line breaks a page would not keep.
fn with_possible_values(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let hidden = arg.is_hide_possible_values_set();
        if hidden { arg.hide_possible_values(false).long_help(None) } else { arg }
    });
    command.mut_subcommands(with_possible_values)
}

fn add_pages(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let man = Man::new(command.clone());
    pages.push((man.get_filename(), page(command, &man)?));
    command.get_subcommands().try_for_each(|subcommand| add_pages(subcommand, pages))
}

fn page(command: &Command, man: &Man) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    title(command, &mut page)?;
    man.render_name_section(&mut page)?;
    // Lines break only at blanks, and the selectors of a scan are not separated by blanks.
    let synopsis = render(|page| man.render_synopsis_section(page))?;
    page.extend(synopsis.replace('|', "|\\:").bytes());
    man.render_description_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    // clap_mangen writes two breaks and an empty line before "Possible values". Page readers use one and warn about the rest.
    let options = render(|page| man.render_options_section(page))?;
    page.extend(options.replace("\n.br\n\n.br\n", "\n.sp\n").bytes());
    if command.get_after_long_help().is_some() {
        exit_status(&mut page)?;
    }
    Ok(page)
}

fn render(section: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<String> {
    let mut text = Vec::new();
    section(&mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}

/// Writes the first line. Its date is empty, so that a version always gives the same pages; without the field, the others would move.
fn title(command: &Command, page: &mut dyn Write) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_uppercase();
    writeln!(page, r#".TH "{name}" "1" "" "{SOURCE}" "User Commands""#)
}

/// Writes the table of exit codes under the heading that manual pages use for it.
fn exit_status(page: &mut dyn Write) -> io::Result<()> {
    let mut roff = Roff::default();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in exit::TABLE.lines().filter_map(|line| line.trim().split_once("  ")) {
        roff.control("TP", []).text([bold(code)]).text([roman(meaning.trim())]);
    }
    roff.to_writer(page)
}
