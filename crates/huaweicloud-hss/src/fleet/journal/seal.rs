//! The checksum at the end of each line: it covers the line and all lines before it, so that damaged, foreign, missing
//! and moved lines are noticed.

use sha2::{Digest as _, Sha256};

/// What stands before the checksum, in place of the closing brace of an entry.
const BEFORE: &[u8] = b",\"checksum\":\"";
/// What follows it.
const AFTER: &[u8] = b"\"}";
/// The number of hexadecimal digits of a checksum.
const DIGITS: usize = 16;

/// Adds and checks the checksums of one journal, line by line.
#[derive(Clone, Debug)]
pub(super) enum Seal {
    /// The lines have checksums. This is the one of the previous line.
    Chained([u8; DIGITS]),
    /// The lines have none, as in version 2.
    None,
}

impl Seal {
    /// Returns the seal of a new journal.
    pub(super) fn new() -> Self {
        Self::Chained([b'0'; DIGITS])
    }

    /// Appends an entry to `lines`, as a line with its checksum and line end.
    pub(super) fn seal(&mut self, entry: &[u8], lines: &mut Vec<u8>) {
        match (self, entry.strip_suffix(b"}")) {
            (Self::Chained(previous), Some(start)) => {
                *previous = checksum(previous, start);
                for part in [start, BEFORE, previous, AFTER] {
                    lines.extend_from_slice(part);
                }
            }
            _ => lines.extend_from_slice(entry),
        }
        lines.push(b'\n');
    }

    /// Checks a line without its line end, and leaves the entry in it. Returns whether the line is intact.
    pub(super) fn open(&mut self, line: &mut Vec<u8>) -> bool {
        let Self::Chained(previous) = self else { return true };
        let sealed = line.strip_suffix(AFTER).and_then(|rest| rest.split_last_chunk::<DIGITS>());
        let Some((start, found)) = sealed.and_then(|(rest, found)| Some((rest.strip_suffix(BEFORE)?, *found))) else {
            return false;
        };
        *previous = checksum(previous, start);
        let (is_intact, length) = (found == *previous, start.len());
        line.truncate(length);
        line.push(b'}');
        is_intact
    }
}

fn checksum(previous: &[u8; DIGITS], start: &[u8]) -> [u8; DIGITS] {
    let hash = Sha256::new().chain_update(previous).chain_update(start).finalize();
    let mut digits = [b'0'; DIGITS];
    // The buffer has two digits for each byte, so this cannot fail.
    let _ = base16ct::lower::encode(&hash[..DIGITS / 2], &mut digits);
    digits
}
