//! Many hosts over many calls, and an account of every one of them.
//!
//! A [`QueuePlan`] holds the calls of one queue. [`QueuePlan::execute`] sends them one after the other, waits where the queue is busy, and
//! gives a [`QueueReport`] in which every host and group given stands exactly once. A [`PlanBuilder`] sorts targets of any number of
//! queues into lanes, and [`execute_all`] runs those side by side.

mod execute;
mod journal;
mod plan;
mod poll;
mod report;
mod run;
mod shard;

pub use crate::shutdown::{ShutdownHandle, ShutdownSignal};
pub use execute::{Event, FleetOptions};
pub use journal::{CallTimestamps, Journal, RunReport};
pub use plan::{PlanBuilder, QueuePlan, Target, TargetSet};
pub use poll::PollInterval;
pub use report::{CallRecord, QueueReport, ScanCompletion, Totals};
pub use run::execute_all;
pub use shard::Shard;
