//! Many hosts over many calls, and an account of every one of them.
//!
//! A [`Lane`] holds the calls of one queue. [`Lane::run`] sends them one after the other, waits where the queue is busy, and
//! gives a [`LaneReport`] in which every host and group given stands exactly once. A [`Planner`] sorts targets of any number of
//! queues into lanes, and [`run_lanes`] runs those side by side.

mod account;
mod journal;
mod lane;
mod plan;
mod polling;
mod run;
mod shard;

pub use crate::stop::{Stop, StopHandle};
pub use account::{CallRecord, Totals};
pub use journal::{CallTimes, Journal, RunReport};
pub use lane::{Event, Followed, LaneReport, Options};
pub use plan::{Lane, Planner, Target, TargetSet};
pub use polling::Polling;
pub use run::{LaneResult, run_lanes};
pub use shard::Shard;
