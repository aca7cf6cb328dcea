//! Reads a journal: its entries one by one, and the progress from which a run resumes.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use crate::error::Error;

use super::super::queue_plan::{QueuePlan, plan_hash};
use super::entry::{CallDone, CallIndex, Entry};
use super::error::{invalid_line, io_error, journal_error};
use super::header;

/// Passes each entry to `take` with the number of its line, and returns how many bytes they have. An incomplete last
/// line, as a crash leaves it, is skipped.
pub(super) fn read_entries(
    path: &Path,
    file: &File,
    mut take: impl FnMut(u64, Entry) -> Result<(), Error>,
) -> Result<u64, Error> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut length, mut line) = (0, Vec::new());
    for number in 1_u64.. {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| io_error(path, "cannot be read", &error))?;
        if line.last() != Some(&b'\n') {
            break;
        }
        if number == 1 && header::version(&line).is_some_and(|version| version != header::VERSION) {
            let help = "Read it with that version, or start a new journal.";
            return Err(journal_error(path, "it was written by another version of this program").with_help(help));
        }
        let entry = serde_json::from_slice(&line).map_err(|_| invalid_line(path, number))?;
        if matches!(entry, Entry::Plan { .. }) != (number == 1) {
            return Err(invalid_line(path, number));
        }
        take(number, entry)?;
        length += read as u64;
    }
    // A journal without a complete first line is a prefix of one, or starts with one; any other file is not a journal.
    if length == 0 && !(line.starts_with(header::PREFIX) || header::PREFIX.starts_with(&line)) {
        return Err(invalid_line(path, 1));
    }
    Ok(length)
}

/// The progress that a journal records.
pub(super) struct Progress {
    /// What is known of each call: `None` if it was about to be sent.
    pub(super) calls: HashMap<CallIndex, Option<CallDone>>,
    /// How many bytes of the file are complete lines.
    pub(super) length: u64,
    /// Whether the plan is complete.
    pub(super) plan_is_complete: bool,
}

/// Reads the progress of a journal, and checks that it belongs to these plans.
pub(super) fn read_progress(path: &Path, file: &File, plans: &[QueuePlan]) -> Result<Progress, Error> {
    let mut known = HashMap::new();
    let (mut expected, mut seen) = (None, 0);
    let length = read_entries(path, file, |_, entry| {
        match entry {
            Entry::Plan { hash, queues, calls, .. } => {
                if hash != plan_hash(plans) {
                    let help = "Pass the same targets in the same order, or start a new journal.";
                    return Err(journal_error(path, "it belongs to a run with different targets").with_help(help));
                }
                expected = queues.checked_add(calls);
            }
            Entry::Queue(_) | Entry::Call(_) => seen += 1,
            Entry::Sending { queue, call, .. } => {
                known.insert(CallIndex { queue, call }, None);
            }
            Entry::Done(done) => {
                known.insert(done.index(), Some(*done));
            }
            Entry::Run { .. } | Entry::ScanEnd { .. } => {}
        }
        Ok(())
    })?;
    Ok(Progress { calls: known, length, plan_is_complete: expected == Some(seen) })
}
