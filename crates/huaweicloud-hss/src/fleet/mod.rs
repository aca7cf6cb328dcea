//! Scans many hosts over many calls and queues, and reports the outcome of every one of them.
//!
//! A [`QueuePlan`] holds the requests of one queue. [`QueuePlan::execute`] sends them sequentially, waits while the
//! queue is busy, and returns a [`QueueReport`] in which every given host and group appears exactly once. A
//! [`PlanBuilder`] sorts the targets of any number of queues into plans, and [`execute_all`] executes them
//! concurrently. A [`Journal`] on disk lets a run resume.
//!
//! `examples/fleet.rs` is a run with progress and a graceful stop, `examples/journal.rs` one that can be resumed.

mod deduped_ids;
mod execute;
mod journal;
mod options;
mod plan;
mod poll;
mod queue_plan;
mod record;
mod report;
mod shard;

pub use crate::http::executor::shutdown::{ShutdownHandle, ShutdownSignal};
pub use execute::{Event, execute_all};
#[cfg(feature = "assets")]
pub(crate) use journal::{BaselineEntry, VerdictEntry};
pub use journal::{CallTimestamps, Journal, RunIdentity, RunReport};
pub use options::FleetOptions;
pub use plan::{PlanBuilder, Target, TargetSet};
pub use poll::PollInterval;
pub use queue_plan::QueuePlan;
pub use record::CallRecord;
pub use report::{QueueReport, ScanCompletion, Totals};
pub use shard::Shard;
