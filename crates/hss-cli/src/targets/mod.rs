//! Reads and validates ids and targets from flags, files and standard input. Each error names its line.

mod bounded_lines;
mod collector;
mod csv_header;
mod csv_record;
mod json_list;
mod parse;
mod queue_spec;

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use huaweicloud_hss::fleet::{Target, TargetSet};

pub(crate) use queue_spec::QueueSpec;

use collector::{Collector, Only, Row, TargetList};

use crate::cli::{ConnectionArgs, TargetArgs};
use crate::exit::CliError;
use crate::output;

/// Reads the targets of each queue that the command line selects. Targets without a queue of their own belong to the queue that the
/// flags name.
pub(crate) fn read_all(args: &TargetArgs, connection: &ConnectionArgs) -> Result<TargetList, CliError> {
    let standard_input = Some(Path::new("-"));
    let lists = [&args.targets, &args.hosts_from, &args.groups_from];
    if connection.token_file.as_deref() == standard_input && lists.iter().any(|path| path.as_deref() == standard_input)
    {
        return Err(CliError::usage(
            "the token and a list cannot both come from standard input. Put one of them in a file",
        ));
    }
    if args.all_hosts {
        let mut targets = TargetSet::default();
        targets.add(Target::AllHosts)?;
        return Ok(vec![(QueueSpec::default(), targets)]);
    }
    let (hosts, groups) = (Only::Hosts("--hosts-from"), Only::Groups("--groups-from"));
    let targets = match (&args.targets, &args.hosts_from, &args.groups_from) {
        (Some(path), ..) => open(path, None)?,
        (_, Some(path), _) => open(path, Some(hosts))?,
        (.., Some(path)) => open(path, Some(groups))?,
        _ if !args.group.is_empty() => from_flag("--group", &args.group, Only::Groups("--group"))?,
        _ => from_flag("--host", &args.host, Only::Hosts("--host"))?,
    };
    if let Some(note) = targets.note() {
        output::message(&note);
    }
    let mut list = targets.into_list();
    if list.is_empty() {
        // The targets are found by their names later.
        list.push(Default::default());
    }
    Ok(list)
}

/// Validates the ids of a flag.
fn from_flag(flag: &str, ids: &[String], only: Only) -> Result<Collector, CliError> {
    let mut targets = Collector::new(Some(only));
    for id in ids {
        // As in a file, whitespace around an id is not part of it.
        let added = match id.trim() {
            "" => Err("the id is empty".to_owned()),
            id => targets.add(Row { id, ..Row::default() }),
        };
        added.map_err(|reason| CliError::usage(format!("{flag}: {reason}; nothing was sent")))?;
    }
    Ok(targets)
}

/// Opens a file, or standard input for `-`, and parses it.
fn open(path: &Path, only: Option<Only>) -> Result<Collector, CliError> {
    if path == Path::new("-") {
        return parse::parse("standard input", &mut io::stdin().lock(), only);
    }
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| CliError::usage(format!("cannot open {name}: {error}")))?;
    parse::parse(&name, &mut BufReader::new(file), only)
}

#[cfg(test)]
mod tests;
