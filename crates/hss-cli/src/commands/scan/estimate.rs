//! Estimates, for a dry run, how many calls a scan makes and how long they take at the documented limits.

use std::collections::HashMap;
use std::time::Duration;

use huaweicloud_hss::api::bounds::create_global_asset_scan_task::CALLS_PER_MINUTE;
use huaweicloud_hss::fleet::QueuePlan;
use huaweicloud_hss::verify::{Verification, VerifyOptions};
use huaweicloud_hss::{RateLimit, Region, Selector};

use crate::commands::proof::look_up::LookUp;
use crate::connect::Connection;
use crate::exit::CliError;
use crate::output;
use crate::render::Thousands;

/// The documented limit: for each user and operation, in each region.
fn documented_limit() -> Option<RateLimit> {
    let calls = CALLS_PER_MINUTE.iter().map(|(_, calls)| *calls).min()?;
    Some(RateLimit::new(calls, Duration::from_secs(60)))
}

/// Calls of each region, which has limits of its own.
#[derive(Default)]
struct Calls<'a>(HashMap<Option<&'a Region>, u64>);

impl<'a> Calls<'a> {
    fn add(&mut self, region: Option<&'a Region>, calls: u64) {
        *self.0.entry(region).or_default() += calls;
    }

    fn count(&self) -> u64 {
        self.0.values().sum()
    }

    fn time(&self, limit: RateLimit) -> Duration {
        self.0.values().map(|calls| limit.time_for(*calls)).max().unwrap_or_default()
    }
}

fn time_text(time: Duration) -> String {
    if time.is_zero() { "less than a minute".to_owned() } else { humantime::format_duration(time).to_string() }
}

/// Prints the calls that look up targets and start scans.
pub(super) fn print_scans(plans: &[QueuePlan], look_up: LookUp) {
    let Some(limit) = documented_limit() else { return };
    let mut scans = Calls::default();
    for plan in plans {
        scans.add(plan.region.as_ref(), plan.requests.len() as u64);
    }
    let lists = [("ListHostStatus", look_up.host_calls), ("ListHostGroups", look_up.group_calls)];
    let lists = lists.into_iter().filter(|(_, calls)| *calls > 0);
    let time = lists.clone().map(|(_, calls)| limit.time_for(calls)).sum::<Duration>() + scans.time(limit);
    let operations = lists.chain([("CreateGlobalAssetScanTask", scans.count())]);
    let operations: Vec<String> =
        operations.map(|(operation, calls)| format!("{operation} {}", Thousands(calls))).collect();
    output::message(&format!(
        "calls: {}. At the documented limit of {} per minute for each operation, they take {}",
        operations.join(", "),
        limit.calls(),
        time_text(time),
    ));
}

/// Prints the calls that verify the scans. Makes about ten calls for each queue.
pub(super) async fn print_verification(
    connection: &Connection,
    plans: &[QueuePlan],
    options: &VerifyOptions,
) -> Result<(), CliError> {
    let Some(limit) = documented_limit() else { return Ok(()) };
    let (mut before, mut after) = (Calls::default(), Calls::default());
    for plan in plans {
        let region = plan.region.as_ref();
        // The number of servers of a group is not known.
        let are_single = plan.requests.iter().all(|selector| matches!(selector, Selector::Hosts(_)));
        let servers = are_single.then(|| plan.target_count());
        let estimate = Verification::estimate(connection.client(region)?, plan.queue.clone(), servers).await?;
        before.add(region, estimate.host_calls + estimate.list_calls);
        after.add(region, estimate.list_calls);
    }
    output::message(&format!(
        "calls that verify the scans: about {} before them ({}), and {} after them ({}) each time that the lists are read. For single \
         servers, at most {} for each queue ({})",
        Thousands(before.count()),
        time_text(before.time(limit)),
        Thousands(after.count()),
        time_text(after.time(limit)),
        Thousands(options.max_status_calls),
        time_text(limit.time_for(options.max_status_calls)),
    ));
    Ok(())
}
