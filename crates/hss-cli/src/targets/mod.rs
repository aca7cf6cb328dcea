//! Reads and validates ids and targets from flags, files and standard input. Each error names its line.

mod bounded_lines;
mod csv_record;
mod id;
mod parse;
mod queue_spec;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use huaweicloud_hss::fleet::{Target, TargetSet};

pub(crate) use queue_spec::QueueSpec;

use bounded_lines::BoundedLines;
use id::MAX_ID_BYTES;
use parse::TargetList;

use crate::cli::ScanArgs;
use crate::exit::CliError;

/// Reads the targets of each queue that the command line selects. Targets given by flags belong to the queue that the flags name.
pub(crate) fn read_all(args: &ScanArgs) -> Result<TargetList, CliError> {
    let standard_input = Some(Path::new("-"));
    let lists = [&args.targets, &args.hosts_from, &args.groups_from];
    if args.connection.token_file.as_deref() == standard_input
        && lists.iter().any(|path| path.as_deref() == standard_input)
    {
        return Err(CliError::usage(
            "the token and a list cannot both come from standard input. Put one of them in a file",
        ));
    }
    if let Some(path) = &args.targets {
        return open(path, |name, input| parse::parse(name, input));
    }
    let mut targets = TargetSet::default();
    if args.all_hosts {
        targets.add(Target::AllHosts)?;
    }
    for (from, target) in [(&args.hosts_from, HOST), (&args.groups_from, GROUP)] {
        if let Some(path) = from {
            open(path, |name, input| read_ids(name, input, |id| Ok(targets.add(target(id))?)))?;
        }
    }
    for (flag, ids, target) in [("--host", &args.host, HOST), ("--group", &args.group, GROUP)] {
        for given in ids {
            // As in a file, whitespace around an id is not part of it.
            let id = given.trim();
            let start: String = given.chars().take(64).collect();
            let more = if start.len() < given.len() { "…" } else { "" };
            id::validate(id).map_err(|reason| {
                CliError::usage(format!("{flag}: the id {start:?}{more} {reason}; nothing was sent"))
            })?;
            targets.add(target(id))?;
        }
    }
    Ok(vec![(QueueSpec::default(), targets)])
}

/// Makes a target of an id.
type MakeTarget = for<'a> fn(&'a str) -> Target<'a>;
const HOST: MakeTarget = |id| Target::Host(id);
const GROUP: MakeTarget = |id| Target::ServerGroup(id);

/// Opens a file, or standard input for `-`, and reads it.
fn open<T>(path: &Path, read: impl FnOnce(&str, &mut dyn BufRead) -> Result<T, CliError>) -> Result<T, CliError> {
    if path == Path::new("-") {
        return read("standard input", &mut io::stdin().lock());
    }
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| CliError::usage(format!("cannot open {name}: {error}")))?;
    read(&name, &mut BufReader::new(file))
}

/// Reads ids, one per line, and passes each to `add`.
fn read_ids(
    name: &str,
    mut input: impl BufRead,
    mut add: impl FnMut(&str) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut empty = true;
    let mut lines = BoundedLines::new(name, &mut input, MAX_ID_BYTES, "ids");
    while let Some((number, line)) = lines.next()? {
        let id = line.trim();
        id::validate(id)
            .map_err(|reason| CliError::usage(format!("{name}: line {number} {reason}; nothing was sent")))?;
        add(id)?;
        empty = false;
    }
    if empty {
        return Err(CliError::usage(format!("{name}: contains no ids; nothing was sent")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(input: &[u8]) -> Result<Vec<String>, String> {
        let mut ids = Vec::new();
        let read = read_ids("f", input, |id| {
            ids.push(id.to_owned());
            Ok(())
        });
        read.map(|()| ids).map_err(|error| error.to_string())
    }

    #[test]
    fn ids_are_read_one_per_line_with_any_line_ending() {
        let expected = Ok(vec!["a".to_owned(), "b c".to_owned(), "主机-1".to_owned()]);
        assert_eq!(ids("a\nb c\n主机-1\n".as_bytes()), expected);
        assert_eq!(ids("\u{feff}a\r\n\r\n# note\r\n  b c \r\n主机-1".as_bytes()), expected);
    }

    #[test]
    fn an_error_in_a_list_of_ids_names_its_line() {
        for (input, expected) in [
            (&b""[..], "f: contains no ids; nothing was sent"),
            (b"\n \n# only notes\n", "f: contains no ids; nothing was sent"),
            (b"a\n\xff\xfe\n", "f: line 2 is not valid UTF-8; nothing was sent. Expected a list of ids, one per line"),
            (b"a\nb\x00c\n", "f: line 2 contains a control character, so it is not an id; nothing was sent"),
        ] {
            assert_eq!(ids(input), Err(expected.to_owned()));
        }
        let long = ids(&[b'x'; MAX_ID_BYTES + 1]).unwrap_err();
        assert!(long.contains("line 1 is longer than 4096 bytes"), "{long}");
    }

    #[test]
    fn ids_from_flags_and_from_files_are_treated_alike() {
        use clap::Parser as _;
        let targets = |flag: &str, id: &str| {
            let parsed = crate::cli::Cli::parse_from(["hss", "scan", flag, id, "--emulator"]);
            let crate::cli::Command::Scan(args) = parsed.command else { panic!("this is hss scan") };
            read_all(&args)
        };
        for (flag, target) in [("--host", HOST), ("--group", GROUP)] {
            let mut expected = TargetSet::default();
            expected.add(target("a b")).unwrap();
            let [(_, read)] = <[_; 1]>::try_from(targets(flag, " a b\u{a0}").unwrap()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{expected:?}"));
            let error = targets(flag, &"x".repeat(MAX_ID_BYTES + 1)).unwrap_err().to_string();
            assert!(error.starts_with(flag) && error.len() < 200, "{error}");
            assert!(error.ends_with("is 4097 bytes long, more than the maximum of 4096; nothing was sent"), "{error}");
        }
        assert_eq!(ids(" a b\u{a0}\n".as_bytes()), Ok(vec!["a b".to_owned()]));
    }
}
