//! From any number of targets to calls that the service takes, in lanes. Pure: nothing is sent here.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::api::limits::create_global_asset_scan_task as limits;
use crate::error::Error;
use crate::limit::Limit;
use crate::queue::Queue;
use crate::region::Region;
use crate::scan::Selector;

use super::account::CallRecord;

/// The calls of one queue, in the order in which they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The region of the queue; none where there is only one.
    pub region: Option<Region>,
    /// The queue.
    pub queue: Queue,
    /// One selector a call, each within its documented limit.
    pub calls: Vec<Selector>,
    /// How many targets were given more than once; each is sent once only.
    pub duplicates: u64,
    /// Calls, by their number, whose outcome is known from an earlier run: they are not sent again.
    pub earlier: BTreeMap<usize, CallRecord>,
}

/// One thing to scan in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Every server.
    AllHosts,
    /// The server with this id.
    Host(String),
    /// The server group with this id.
    ServerGroup(String),
}

/// Collects targets of any number of queues, and sorts them into lanes.
///
/// ```
/// use huaweicloud_hss::fleet::{Planner, Target};
/// use huaweicloud_hss::{ProjectId, Queue, Selector};
///
/// let mut planner = Planner::default();
/// for n in 0..201 {
///     let queue = Queue::new("p".parse::<ProjectId>()?);
///     planner.add(None, queue, Target::Host(format!("host-{n}")))?;
/// }
/// let lanes = planner.finish();
/// assert_eq!(lanes[0].calls.iter().map(Selector::weight).collect::<Vec<_>>(), [200, 1]);
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Planner {
    lanes: Vec<Targets>,
    places: HashMap<(Option<Region>, Queue), usize>,
    /// The lane of the target before: lists are mostly sorted by queue.
    last: usize,
}

/// The targets of one lane.
#[derive(Debug)]
struct Targets {
    region: Option<Region>,
    queue: Queue,
    all_hosts: u64,
    hosts: Vec<String>,
    groups: Vec<String>,
}

impl Planner {
    /// Adds a target.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an empty id.
    pub fn add(&mut self, region: Option<Region>, queue: Queue, target: Target) -> Result<(), Error> {
        let empty = |limit: Limit| Error::invalid_input(format!("{} has an empty id", limit.name()));
        let lane = self.lane(region, queue);
        match target {
            Target::AllHosts => lane.all_hosts += 1,
            Target::Host(id) if id.is_empty() => return Err(empty(limits::HOST_IDS)),
            Target::Host(id) => lane.hosts.push(id),
            Target::ServerGroup(id) if id.is_empty() => return Err(empty(limits::SERVER_GROUP)),
            Target::ServerGroup(id) => lane.groups.push(id),
        }
        Ok(())
    }

    fn lane(&mut self, region: Option<Region>, queue: Queue) -> &mut Targets {
        let same = self.lanes.get(self.last).is_some_and(|lane| lane.queue == queue && lane.region == region);
        if !same {
            let next = self.lanes.len();
            let key = (region, queue);
            self.last = *self.places.entry(key.clone()).or_insert(next);
            if self.last == next {
                let (region, queue) = key;
                self.lanes.push(Targets { region, queue, all_hosts: 0, hosts: Vec::new(), groups: Vec::new() });
            }
        }
        &mut self.lanes[self.last]
    }

    /// The lanes, in the order in which their queues came up first. In a lane the call for all hosts goes first, then hosts, then
    /// groups, each in the order given, split into calls of at most as many ids as the page allows (200).
    #[must_use]
    pub fn finish(self) -> Vec<Lane> {
        self.lanes.into_iter().map(Targets::into_lane).collect()
    }
}

impl Targets {
    fn into_lane(self) -> Lane {
        let Self { region, queue, all_hosts, hosts, groups } = self;
        let mut calls = Vec::new();
        if all_hosts > 0 {
            calls.push(Selector::AllHosts);
        }
        let mut duplicates = all_hosts.saturating_sub(1);
        duplicates += split(hosts, limits::HOST_IDS, Selector::Hosts, &mut calls);
        duplicates += split(groups, limits::SERVER_GROUP, Selector::ServerGroups, &mut calls);
        Lane { region, queue, calls, duplicates, earlier: BTreeMap::new() }
    }
}

/// Drops what was given before, splits the rest into calls, and counts what was dropped.
fn split(ids: Vec<String>, limit: Limit, wrap: fn(Vec<String>) -> Selector, calls: &mut Vec<Selector>) -> u64 {
    let given = ids.len();
    let first: Vec<bool> = {
        let mut seen = HashSet::with_capacity(given);
        ids.iter().map(|id| seen.insert(id.as_str())).collect()
    };
    let mut unique = ids.into_iter().zip(first).filter_map(|(id, first)| first.then_some(id));
    let size = usize::try_from(limit.max()).unwrap_or(usize::MAX).max(1);
    let mut kept = 0;
    loop {
        let ids: Vec<String> = unique.by_ref().take(size).collect();
        if ids.is_empty() {
            return (given - kept) as u64;
        }
        kept += ids.len();
        calls.push(wrap(ids));
    }
}

impl Lane {
    /// The lane of one queue for a selector of any length.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when there is no id at all, or an empty one.
    pub fn new(queue: Queue, selector: Selector) -> Result<Self, Error> {
        if let Some(limit) = selector.limit().filter(|_| selector.ids().is_empty()) {
            return Err(Error::invalid_input(format!("{} is empty: there is nothing to scan", limit.name())));
        }
        let mut targets = Targets { region: None, queue, all_hosts: 0, hosts: Vec::new(), groups: Vec::new() };
        if let Some(limit) = selector.limit().filter(|_| selector.ids().iter().any(String::is_empty)) {
            return Err(Error::invalid_input(format!("{} has an empty id", limit.name())));
        }
        match selector {
            Selector::AllHosts => targets.all_hosts = 1,
            Selector::Hosts(ids) => targets.hosts = ids,
            Selector::ServerGroups(ids) => targets.groups = ids,
        }
        Ok(targets.into_lane())
    }

    /// How many hosts and groups the lane accounts for.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.calls.iter().map(Selector::weight).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn queue(project: &str) -> Queue {
        Queue::new(project.parse().unwrap())
    }

    fn lane(ids: Vec<String>) -> Result<Lane, Error> {
        Lane::new(queue("p"), Selector::Hosts(ids))
    }

    #[test]
    fn calls_are_as_large_as_the_page_allows() {
        for (count, expected) in [(1, vec![1]), (200, vec![200]), (201, vec![200, 1]), (1000, vec![200; 5])] {
            let lane = lane((0..count).map(|n| n.to_string()).collect()).unwrap();
            assert_eq!(lane.calls.iter().map(Selector::weight).collect::<Vec<_>>(), expected, "{count} ids");
        }
    }

    #[test]
    fn nothing_to_scan_is_an_error() {
        assert_eq!(lane(vec![]).unwrap_err().to_string(), "host_ids is empty: there is nothing to scan");
        assert_eq!(lane(vec!["a".into(), String::new()]).unwrap_err().to_string(), "host_ids has an empty id");
    }

    #[test]
    fn targets_are_sorted_into_the_lanes_of_their_queues() {
        let mut planner = Planner::default();
        let host = |id: &str| Target::Host(id.to_owned());
        let north: Region = "cn-north-4".parse().unwrap();
        planner.add(None, queue("a"), host("1")).unwrap();
        planner.add(None, queue("b"), host("1")).unwrap();
        planner.add(Some(north.clone()), queue("a"), host("1")).unwrap();
        planner.add(None, queue("a"), Target::ServerGroup("1".to_owned())).unwrap();
        planner.add(None, queue("a"), Target::AllHosts).unwrap();
        planner.add(None, queue("a"), host("1")).unwrap();
        planner.add(None, queue("a"), Target::AllHosts).unwrap();
        let lanes = planner.finish();
        let one = || vec!["1".to_owned()];
        assert_eq!(lanes.len(), 3);
        assert_eq!(lanes[0].calls, [Selector::AllHosts, Selector::Hosts(one()), Selector::ServerGroups(one())]);
        assert_eq!(lanes[0].duplicates, 2);
        assert_eq!((&lanes[1].queue, &lanes[1].region), (&queue("b"), &None));
        assert_eq!((&lanes[2].queue, &lanes[2].region), (&queue("a"), &Some(north)));
    }

    proptest! {
        #[test]
        fn every_distinct_target_is_in_exactly_one_call(given in proptest::collection::vec(("[ab]", "[a-e]{1,3}", any::<bool>()), 1..700)) {
            let mut planner = Planner::default();
            for (project, id, host) in &given {
                let target = if *host { Target::Host(id.clone()) } else { Target::ServerGroup(id.clone()) };
                planner.add(None, queue(project), target).unwrap();
            }
            let lanes = planner.finish();
            let mut planned: Vec<(String, String, bool)> = Vec::new();
            for lane in &lanes {
                for call in &lane.calls {
                    prop_assert!((1..=200).contains(&call.weight()));
                    let host = matches!(call, Selector::Hosts(_));
                    planned.extend(call.ids().iter().map(|id| (lane.queue.project_id.to_string(), id.clone(), host)));
                }
            }
            let duplicates: u64 = lanes.iter().map(|lane| lane.duplicates).sum();
            prop_assert_eq!(planned.len() as u64 + duplicates, given.len() as u64);
            planned.sort();
            let mut distinct = given;
            distinct.sort();
            distinct.dedup();
            prop_assert_eq!(planned, distinct);
        }
    }
}
