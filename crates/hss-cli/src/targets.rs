//! Ids and targets from flags, files and standard input, each checked and named by its line.

mod list;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use huaweicloud_hss::fleet::{Target, TargetSet};

pub(crate) use list::{PartialQueue, TargetList};

use crate::arguments::ScanArguments;
use crate::exit::Failure;

/// The longest line that can be an id, in bytes. No document states a length; the vendor's own definitions say 64 characters.
const LONGEST_LINE: usize = 4096;

/// What the command line selects, with the targets of each queue; those of flags are of the queue that the flags name.
pub(crate) fn read_all(arguments: &ScanArguments) -> Result<TargetList, Failure> {
    if let Some(path) = &arguments.targets {
        return open(path, |name, input| list::read(name, input));
    }
    let mut targets = TargetSet::default();
    if arguments.all_hosts {
        targets.add(Target::AllHosts)?;
    }
    for (from, target) in [(&arguments.hosts_from, HOST), (&arguments.groups_from, GROUP)] {
        if let Some(path) = from {
            open(path, |name, input| read(name, input, |id| Ok(targets.add(target(id))?)))?;
        }
    }
    for (flag, ids, target) in [("--host", &arguments.host, HOST), ("--group", &arguments.group, GROUP)] {
        for id in ids {
            check(id).map_err(|why| Failure::usage(format!("{flag} {id:?} {why}")))?;
            targets.add(target(id))?;
        }
    }
    Ok(vec![(PartialQueue::default(), targets)])
}

/// What an id stands for.
type MakeTarget = for<'a> fn(&'a str) -> Target<'a>;
const HOST: MakeTarget = |id| Target::Host(id);
const GROUP: MakeTarget = |id| Target::ServerGroup(id);

/// Opens a file, or standard input for `-`, and reads it.
fn open<T>(path: &Path, read: impl FnOnce(&str, &mut dyn BufRead) -> Result<T, Failure>) -> Result<T, Failure> {
    if path == Path::new("-") {
        return read("standard input", &mut io::stdin().lock());
    }
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| Failure::usage(format!("{name}: cannot be opened: {error}")))?;
    read(&name, &mut BufReader::new(file))
}

/// Reads ids, one a line, and gives each to `take`.
fn read(name: &str, mut input: impl BufRead, mut take: impl FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut empty = true;
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let length = (&mut input)
            .take(LONGEST_LINE as u64 + 1)
            .read_until(b'\n', &mut line)
            .map_err(|error| Failure::usage(format!("{name}: cannot be read: {error}")))?;
        if length == 0 {
            break;
        }
        let wrong = |why: &str| Failure::usage(format!("{name}: line {number} {why}; nothing was sent"));
        if length > LONGEST_LINE {
            return Err(wrong(&format!("is longer than {LONGEST_LINE} bytes: this is not a list of ids, one a line")));
        }
        let text = std::str::from_utf8(&line).map_err(|_| wrong("is not UTF-8 text: this is not a list of ids"))?;
        let text = if number == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        let id = text.trim();
        if id.is_empty() || id.starts_with('#') {
            continue;
        }
        check(id).map_err(wrong)?;
        take(id)?;
        empty = false;
    }
    if empty {
        return Err(Failure::usage(format!("{name}: holds no id, so there is nothing to scan; nothing was sent")));
    }
    Ok(())
}

/// The page sets no alphabet, so an id is sent as it is; but a control character is never part of one.
fn check(id: &str) -> Result<(), &'static str> {
    if id.is_empty() {
        return Err("is empty");
    }
    if id.contains(char::is_control) { Err("has a control character in it: this is not an id") } else { Ok(()) }
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
            (b"a\n\xff\xfe\n", "f: line 2 is not UTF-8 text: this is not a list of ids; nothing was sent"),
            (b"a\nb\x00c\n", "f: line 2 has a control character in it: this is not an id; nothing was sent"),
        ] {
            assert_eq!(ids(input), Err(expected.to_owned()));
        }
        let long = ids(&[b'x'; LONGEST_LINE + 1]).unwrap_err();
        assert!(long.contains("line 1 is longer than 4096 bytes"), "{long}");
    }

    #[test]
    fn an_endless_line_is_not_read_to_its_end() {
        let failure = read("zeros", BufReader::new(io::repeat(b'0')), |_| Ok(())).unwrap_err();
        assert!(failure.to_string().contains("longer than"), "{failure}");
    }
}
