//! Ids and targets from flags, files and standard input, each checked and named by its line.

mod bounded_lines;
mod parse;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use huaweicloud_hss::fleet::{Target, TargetSet};

pub(crate) use parse::{QueueSpec, TargetList};

use bounded_lines::Lines;

use crate::cli::ScanArgs;
use crate::exit::CliError;

/// The longest id, and the longest line that can be one, in bytes. No document states a length; the vendor's own definitions say 64 characters.
const LONGEST_LINE: usize = 4096;

/// What the command line selects, with the targets of each queue; those of flags are of the queue that the flags name.
pub(crate) fn read_all(args: &ScanArgs) -> Result<TargetList, CliError> {
    if let Some(path) = &args.targets {
        return open(path, |name, input| parse::read(name, input));
    }
    let mut targets = TargetSet::default();
    if args.all_hosts {
        targets.add(Target::AllHosts)?;
    }
    for (from, target) in [(&args.hosts_from, HOST), (&args.groups_from, GROUP)] {
        if let Some(path) = from {
            open(path, |name, input| read(name, input, |id| Ok(targets.add(target(id))?)))?;
        }
    }
    for (flag, ids, target) in [("--host", &args.host, HOST), ("--group", &args.group, GROUP)] {
        for given in ids {
            // As in a file: what stands around an id is never part of it.
            let id = given.trim();
            let shown: String = given.chars().take(64).collect();
            check(id).map_err(|why| CliError::usage(format!("{flag} {shown:?} {why}; nothing was sent")))?;
            targets.add(target(id))?;
        }
    }
    Ok(vec![(QueueSpec::default(), targets)])
}

/// What an id stands for.
type MakeTarget = for<'a> fn(&'a str) -> Target<'a>;
const HOST: MakeTarget = |id| Target::Host(id);
const GROUP: MakeTarget = |id| Target::ServerGroup(id);

/// Opens a file, or standard input for `-`, and reads it.
fn open<T>(path: &Path, read: impl FnOnce(&str, &mut dyn BufRead) -> Result<T, CliError>) -> Result<T, CliError> {
    if path == Path::new("-") {
        return read("standard input", &mut io::stdin().lock());
    }
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| CliError::usage(format!("{name}: cannot be opened: {error}")))?;
    read(&name, &mut BufReader::new(file))
}

/// Reads ids, one a line, and gives each to `take`.
fn read(
    name: &str,
    mut input: impl BufRead,
    mut take: impl FnMut(&str) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut empty = true;
    let mut lines = Lines::new(name, &mut input, LONGEST_LINE, "ids, one a line");
    while let Some((number, line)) = lines.next()? {
        let id = line.trim();
        check(id).map_err(|why| CliError::usage(format!("{name}: line {number} {why}; nothing was sent")))?;
        take(id)?;
        empty = false;
    }
    if empty {
        return Err(CliError::usage(format!("{name}: holds no id, so there is nothing to scan; nothing was sent")));
    }
    Ok(())
}

/// The page sets no alphabet, so an id is sent as it is, but for blanks around it; and a control character is never part of one.
fn check(id: &str) -> Result<(), String> {
    if id.is_empty() {
        return Err("is empty".to_owned());
    }
    if id.len() > LONGEST_LINE {
        return Err(format!("has {} bytes, but an id takes {LONGEST_LINE} at most", id.len()));
    }
    if id.contains(char::is_control) {
        return Err("has a control character in it: this is not an id".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(input: &[u8]) -> Result<Vec<String>, String> {
        let mut ids = Vec::new();
        let taken = read("f", input, |id| {
            ids.push(id.to_owned());
            Ok(())
        });
        taken.map(|()| ids).map_err(|failure| failure.to_string())
    }

    #[test]
    fn one_id_a_line_whatever_the_line_ends() {
        let expected = Ok(vec!["a".to_owned(), "b c".to_owned(), "主机-1".to_owned()]);
        assert_eq!(ids("a\nb c\n主机-1\n".as_bytes()), expected);
        assert_eq!(ids("\u{feff}a\r\n\r\n# note\r\n  b c \r\n主机-1".as_bytes()), expected);
    }

    #[test]
    fn what_is_no_list_of_ids_is_named_by_its_line() {
        for (input, expected) in [
            (&b""[..], "f: holds no id, so there is nothing to scan; nothing was sent"),
            (b"\n \n# only notes\n", "f: holds no id, so there is nothing to scan; nothing was sent"),
            (b"a\n\xff\xfe\n", "f: line 2 is not UTF-8 text: this is not a list of ids, one a line; nothing was sent"),
            (b"a\nb\x00c\n", "f: line 2 has a control character in it: this is not an id; nothing was sent"),
        ] {
            assert_eq!(ids(input), Err(expected.to_owned()));
        }
        let long = ids(&[b'x'; LONGEST_LINE + 1]).unwrap_err();
        assert!(long.contains("line 1 is longer than 4096 bytes"), "{long}");
    }

    #[test]
    fn ids_of_flags_and_of_files_are_taken_alike() {
        use clap::Parser as _;
        let arguments = |flag: &str, id: &str| {
            let parsed = crate::cli::Cli::parse_from(["hss", "scan", flag, id, "--emulator"]);
            let crate::cli::Command::Scan(arguments) = parsed.command else { panic!("this is hss scan") };
            read_all(&arguments)
        };
        for (flag, target) in [("--host", HOST), ("--group", GROUP)] {
            let mut expected = TargetSet::default();
            expected.add(target("a b")).unwrap();
            let [(_, targets)] = <[_; 1]>::try_from(arguments(flag, " a b\u{a0}").unwrap()).unwrap();
            assert_eq!(format!("{targets:?}"), format!("{expected:?}"));
            let failure = arguments(flag, &"x".repeat(LONGEST_LINE + 1)).unwrap_err().to_string();
            assert!(failure.starts_with(flag) && failure.len() < 200, "{failure}");
            assert!(failure.ends_with("has 4097 bytes, but an id takes 4096 at most; nothing was sent"), "{failure}");
        }
        assert_eq!(ids(" a b\u{a0}\n".as_bytes()), Ok(vec!["a b".to_owned()]));
    }
}
