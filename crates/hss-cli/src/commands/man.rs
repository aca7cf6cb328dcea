//! `hss man`: the manual pages, one for each verb, made from the command line's definition.

use std::fs;
use std::io::{self, Write};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::{Cli, ManArgs};
use crate::exit::{self, CliError, ExitStatus};

/// What the pages say they are from.
const SOURCE: &str = concat!("hss ", env!("CARGO_PKG_VERSION"));

pub(crate) fn run(arguments: &ManArgs) -> Result<ExitStatus, CliError> {
    let folder = &arguments.folder;
    let failed = |error: io::Error| {
        CliError::new(ExitStatus::Partial, format!("{}: the pages cannot be written: {error}", folder.display()))
    };
    fs::create_dir_all(folder).map_err(failed)?;
    for (name, page) in pages().map_err(failed)? {
        fs::write(folder.join(name), page).map_err(failed)?;
    }
    Ok(ExitStatus::Ok)
}

/// Every page, by its file name.
fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    // `hss help` is no page of its own: it prints what the others say.
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    add(&command, &mut pages)?;
    Ok(pages)
}

fn add(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let man = Man::new(command.clone());
    pages.push((man.get_filename(), page(command, &man)?));
    command.get_subcommands().try_for_each(|verb| add(verb, pages))
}

fn page(command: &Command, man: &Man) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    title(command, &mut page)?;
    man.render_name_section(&mut page)?;
    // A line can only be broken at a blank, and the selectors of a scan have none between them.
    let synopsis = rendered(|page| man.render_synopsis_section(page))?;
    page.extend(synopsis.replace('|', "|\\:").bytes());
    man.render_description_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    // Above "Possible values" stand two breaks and an empty line, of which readers of pages take one and warn of the rest.
    let options = rendered(|page| man.render_options_section(page))?;
    page.extend(options.replace("\n.br\n\n.br\n", "\n.sp\n").bytes());
    if command.get_after_long_help().is_some() {
        exit_status(&mut page)?;
    }
    Ok(page)
}

fn rendered(section: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<String> {
    let mut text = Vec::new();
    section(&mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}

/// The first line. It has no date, so that the same version gives the same pages; left out, the other fields would move up.
fn title(command: &Command, page: &mut dyn Write) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_uppercase();
    writeln!(page, r#".TH "{name}" "1" "" "{SOURCE}" "User Commands""#)
}

/// The table of the long help, under the heading that manual pages have for it.
fn exit_status(page: &mut dyn Write) -> io::Result<()> {
    let mut roff = Roff::default();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in exit::TABLE.lines().filter_map(|line| line.trim().split_once("  ")) {
        roff.control("TP", []).text([bold(code)]).text([roman(meaning.trim())]);
    }
    roff.to_writer(page)
}
