//! Many hosts over many calls, and an account of every one of them.
//!
//! A [`Lane`] holds the calls of one queue. [`Lane::run`] sends them one after the other, waits where the queue is busy, and
//! gives a [`LaneReport`] in which every host and group given stands exactly once.

mod account;
mod lane;
mod plan;
mod stop;

pub use account::{CallRecord, Totals};
pub use lane::{Event, Followed, LaneReport, Options, Polling};
pub use plan::Lane;
pub use stop::{Stop, StopHandle};
