//! The header of a journal: its format version, and the whole plan.

use std::io::{self, Write};

use serde::{Deserialize, Serialize as _};

use crate::clock::Clock;

use super::super::queue_plan::{QueuePlan, plan_hash};
use super::entry::{CallEntry, Entry, QueueEntry, milliseconds};

/// The version of the journal's format.
pub(super) const VERSION: u32 = 2;

/// The first bytes of every journal.
pub(super) const PREFIX: &[u8] = b"{\"plan\":{\"version\":";

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

/// Writes the plan: an entry for the whole, and one for each queue and each call.
pub(super) fn write_plan_header(out: &mut impl Write, plans: &[QueuePlan]) -> io::Result<()> {
    let mut write = |entry: &Entry| -> io::Result<()> {
        entry.serialize(&mut serde_json::Serializer::new(&mut *out))?;
        out.write_all(b"\n")
    };
    let calls = plans.iter().map(|plan| plan.requests.len()).sum();
    let (queues, at_ms) = (plans.len(), milliseconds(Clock::System.now()));
    write(&Entry::Plan { version: VERSION, hash: plan_hash(plans), queues, calls, at_ms })?;
    for (number, plan) in plans.iter().enumerate() {
        write(&Entry::Queue(QueueEntry::new(number, plan)))?;
        for (call, selector) in plan.requests.iter().enumerate() {
            write(&Entry::Call(CallEntry::new(number, call, selector)))?;
        }
    }
    out.flush()
}
