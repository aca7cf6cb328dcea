//! Many lanes side by side, each in its own order.

use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;

use crate::client::Client;
use crate::queue::Queue;
use crate::region::Region;

use super::account::QueueReport;
use super::lane::{Event, FleetOptions};
use super::plan::QueuePlan;
use crate::shutdown::ShutdownSignal;

/// Runs lanes side by side, each with the client of its region, and gives their results in the order of the lanes.
///
/// All lanes go on together; [`FleetOptions::with_concurrency`] bounds the calls that are on their way. `tell` hears what happens in
/// which lane, in the order in which it happens.
pub async fn execute_all(
    lanes: impl IntoIterator<Item = (QueuePlan, Client)>,
    options: &FleetOptions,
    stop: &ShutdownSignal,
    tell: impl FnMut(Option<&Region>, &Queue, Event<'_>),
) -> Vec<QueueReport> {
    let tell = &Mutex::new(tell);
    join_all(lanes.into_iter().enumerate().map(|(number, (lane, client))| async move {
        let (region, queue) = (lane.region.clone(), lane.queue.clone());
        let told = |event: Event<'_>| {
            let mut tell = tell.lock().unwrap_or_else(PoisonError::into_inner);
            tell(region.as_ref(), &queue, event);
        };
        lane.execute_numbered(number, &client, options, stop, told).await
    }))
    .await
}
