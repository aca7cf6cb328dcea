//! Many hosts over many calls, and an account of every one of them.
//!
//! A [`Lane`] holds the calls of one queue. [`Lane::run`] sends them one after the other, waits where the queue is busy, and
//! gives a [`LaneReport`] in which every host and group given stands exactly once. A [`Planner`] sorts targets of any number of
//! queues into lanes, and [`run_lanes`] runs those side by side.

mod account;
mod journal;
mod lane;
mod plan;
mod run;
mod stop;

pub use account::{CallRecord, Totals};
pub use journal::Journal;
pub use lane::{Event, Followed, LaneReport, Options, Polling};
pub use plan::{Lane, Planner, Target};
pub use run::{LaneResult, run_lanes};
pub use stop::{Stop, StopHandle};
