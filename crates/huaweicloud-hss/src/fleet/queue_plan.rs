//! The planned requests of one queue, and the hashes that identify a queue and a whole plan.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::types::queue::Queue;
use crate::types::region::Region;
use crate::types::selector::Selector;

use super::record::CallRecord;

/// The requests of one queue, in the order in which they are sent. [`PlanBuilder`](super::PlanBuilder) makes the plans
/// of many queues.
///
/// ```
/// use huaweicloud_hss::fleet::QueuePlan;
/// use huaweicloud_hss::{Queue, Selector};
///
/// let ids: Vec<String> = (0..450).map(|n| format!("host-{n}")).collect();
/// let plan = QueuePlan::new(Queue::new("p".parse()?), &Selector::Hosts(ids.into()))?;
/// assert_eq!((plan.requests.len(), plan.target_count()), (3, 450));
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuePlan {
    /// The region of the queue; `None` where there is only one.
    pub region: Option<Region>,
    /// The queue.
    pub queue: Queue,
    /// One selector per request, each within its documented limit.
    pub requests: Vec<Selector>,
    /// How many targets were given more than once; each is sent only once.
    pub duplicates: u64,
    /// Requests, by their index, whose outcome is known from an earlier run: they are not sent again.
    pub already_done: BTreeMap<usize, CallRecord>,
    /// Requests, by their index, that an earlier run may have sent, and that are sent again all the same.
    pub(super) maybe_sent: BTreeSet<usize>,
}

impl QueuePlan {
    /// Returns how many hosts and groups the plan covers; a request for all hosts counts as one.
    #[must_use]
    pub fn target_count(&self) -> u64 {
        self.requests.iter().map(Selector::target_count).sum()
    }

    /// Returns a hash of the queue alone, independent of its targets. It is the same on every machine and in every
    /// release.
    pub(super) fn queue_hash(&self) -> u64 {
        let mut hasher = Sha256::new();
        hash_queue(&mut hasher, self.region.as_ref(), &self.queue);
        hasher.finalize().iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
    }
}

/// Returns the hash that identifies plans: the same queues and targets in the same order have the same hash.
pub(super) fn plan_hash(plans: &[QueuePlan]) -> String {
    hash_requests(plans.iter().map(|plan| (plan.region.as_ref(), &plan.queue, &plan.requests)))
}

/// Returns the hash of plans, given by their parts.
pub(super) fn hash_requests<'a, S>(plans: impl Iterator<Item = (Option<&'a Region>, &'a Queue, S)>) -> String
where
    S: IntoIterator<Item = &'a Selector>,
{
    let mut hasher = Sha256::new();
    for (region, queue, requests) in plans {
        hash_queue(&mut hasher, region, queue);
        for selector in requests {
            hash_text(&mut hasher, selector.field());
            selector.ids().iter().for_each(|id| hash_text(&mut hasher, id));
        }
    }
    format!("{:x}", base16ct::HexDisplay(&hasher.finalize()))
}

/// Adds what makes two queues the same one. Journals and shards of earlier releases depend on it.
fn hash_queue(hasher: &mut Sha256, region: Option<&Region>, queue: &Queue) {
    hash_text(hasher, region.map_or("", Region::as_str));
    hash_text(hasher, queue.project_id.as_str());
    hash_text(hasher, queue.enterprise_project.as_str());
    hash_text(hasher, &queue.category.to_string());
}

/// Adds a text and its length, so that `ab`, `c` and `a`, `bc` differ.
fn hash_text(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{FleetOptions, ShutdownSignal};
    use crate::{Client, ScanRequest, Secret};

    #[test]
    fn a_queue_that_waits_takes_little_memory() {
        let token = Secret::new("t".to_owned());
        let client = Client::builder().with_endpoint("http://127.0.0.1:1").with_token(token).build().unwrap();
        let plan = QueuePlan::new(Queue::new("p".parse().unwrap()), &Selector::AllHosts).unwrap();
        let (options, shutdown) = (FleetOptions::default(), ShutdownSignal::never());
        let bytes = std::mem::size_of_val(&plan.execute(&client, &options, &shutdown, |_| {}));
        assert!(bytes <= 2304, "{bytes} bytes");
        // With each waiting call.
        let request = ScanRequest::all_hosts(Queue::new("p".parse().unwrap()));
        let bytes = std::mem::size_of_val(&client.controlled_scan(&request, None));
        assert!(bytes <= 1024, "{bytes} bytes");
    }
}
