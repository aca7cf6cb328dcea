//! Many hosts over many calls, and an account of every one of them.
//!
//! A [`QueuePlan`] holds the calls of one queue. [`QueuePlan::execute`] sends them one after the other, waits where the queue is busy, and
//! gives a [`QueueReport`] in which every host and group given stands exactly once. A [`PlanBuilder`] sorts targets of any number of
//! queues into lanes, and [`execute_all`] runs those side by side.

mod account;
mod journal;
mod lane;
mod plan;
mod polling;
mod run;
mod shard;

pub use crate::shutdown::{ShutdownHandle, ShutdownSignal};
pub use account::{CallRecord, QueueReport, ScanCompletion, Totals};
pub use journal::{CallTimestamps, Journal, RunReport};
pub use lane::{Event, FleetOptions};
pub use plan::{PlanBuilder, QueuePlan, Target, TargetSet};
pub use polling::PollInterval;
pub use run::execute_all;
pub use shard::Shard;
