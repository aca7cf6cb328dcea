//! Many lanes side by side, each in its own order.

use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;

use crate::client::Client;
use crate::queue::Queue;
use crate::region::Region;

use super::account::{CallRecord, Totals};
use super::lane::{Event, Followed, LaneReport, Options};
use super::plan::Lane;
use crate::stop::Stop;

/// What became of one of many lanes.
#[derive(Debug)]
#[non_exhaustive]
pub struct LaneResult {
    /// The region of the queue.
    pub region: Option<Region>,
    /// The queue.
    pub queue: Queue,
    /// How many targets were given more than once.
    pub duplicates: u64,
    /// The account.
    pub report: LaneReport,
}

impl LaneResult {
    /// A lane that was only planned: nothing of it was sent.
    #[must_use]
    pub fn not_run(lane: Lane) -> Self {
        let Lane { region, queue, calls, duplicates, .. } = lane;
        let records = calls.into_iter().map(|selector| CallRecord::not_sent(selector, "")).collect();
        Self { region, queue, duplicates, report: LaneReport { records, followed: Followed::No, stopped: false } }
    }
}

/// Runs lanes side by side, each with the client of its region, and gives their results in the order of the lanes.
///
/// All lanes go on together; [`Options::with_concurrency`] bounds the calls that are on their way. `tell` hears what happens in
/// which lane, in the order in which it happens.
pub async fn run_lanes(
    lanes: impl IntoIterator<Item = (Lane, Client)>,
    options: &Options,
    stop: &Stop,
    tell: impl FnMut(Option<&Region>, &Queue, Event<'_>),
) -> Vec<LaneResult> {
    let tell = &Mutex::new(tell);
    join_all(lanes.into_iter().enumerate().map(|(number, (lane, client))| async move {
        let (region, queue, duplicates) = (lane.region.clone(), lane.queue.clone(), lane.duplicates);
        let told = |event: Event<'_>| {
            let mut tell = tell.lock().unwrap_or_else(PoisonError::into_inner);
            tell(region.as_ref(), &queue, event);
        };
        let report = lane.run_numbered(number, &client, options, stop, told).await;
        LaneResult { region, queue, duplicates, report }
    }))
    .await
}

impl Totals {
    /// The sums over many lanes.
    #[must_use]
    pub fn of_lanes<'a>(results: impl IntoIterator<Item = &'a LaneResult>) -> Self {
        Self::of(results.into_iter().flat_map(|result| &result.report.records))
    }
}
