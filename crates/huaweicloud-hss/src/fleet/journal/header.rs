//! The header of a journal: its format version, and the whole plan.

use std::io::{self, Write};

use serde::Deserialize;

use crate::http::clock::Clock;

use super::super::queue_plan::{QueuePlan, plan_hash};
use super::entry::{CallEntry, Entry, PlanEntry, QueueEntry, milliseconds};
use super::identity::RunIdentity;
use super::seal::Seal;

/// The version of the journal's format.
pub(super) const VERSION: u32 = 3;

/// The version whose lines have no checksums, and which does not know its service.
pub(super) const WITHOUT_CHECKSUMS: u32 = 2;

/// The first bytes of every journal.
pub(super) const PREFIX: &[u8] = b"{\"plan\":{\"version\":";

/// The longest line. A call of 200 ids that are as long as a plan allows (4,096 bytes) is shorter, even if each byte is
/// escaped.
pub(super) const MAX_LINE_BYTES: usize = 8 << 20;

/// Returns the version in a first line, whatever else the line contains.
pub(super) fn version(line: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct First {
        plan: Plan,
    }
    #[derive(Deserialize)]
    struct Plan {
        version: u32,
    }
    serde_json::from_slice(line).ok().map(|First { plan: Plan { version } }| version)
}

/// Writes the plan: an entry for the whole, and one for each queue and each call. Returns how many bytes that are.
pub(super) fn write_plan_header(
    out: &mut impl Write,
    seal: &mut Seal,
    plans: &[QueuePlan],
    identity: &RunIdentity,
) -> io::Result<u64> {
    let (mut entry_json, mut line, mut length) = (Vec::new(), Vec::new(), 0);
    let mut write = |entry: &Entry| -> io::Result<()> {
        entry_json.clear();
        line.clear();
        serde_json::to_writer(&mut entry_json, entry)?;
        seal.seal(&entry_json, &mut line);
        if line.len() > MAX_LINE_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the ids of a call are too long"));
        }
        length += line.len() as u64;
        out.write_all(&line)
    };
    write(&Entry::Plan(Box::new(PlanEntry {
        version: VERSION,
        hash: plan_hash(plans),
        queues: plans.len(),
        calls: plans.iter().map(|plan| plan.requests.len()).sum(),
        at_ms: milliseconds(Clock::System.now()),
        identity: Some(identity.clone()),
    })))?;
    for (number, plan) in plans.iter().enumerate() {
        write(&Entry::Queue(QueueEntry::new(number, plan)))?;
        for (call, selector) in plan.requests.iter().enumerate() {
            write(&Entry::Call(CallEntry::new(number, call, selector)))?;
        }
    }
    out.flush()?;
    Ok(length)
}
