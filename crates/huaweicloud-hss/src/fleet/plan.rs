//! From any number of targets to calls that the service takes, in lanes. Pure: nothing is sent here.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::BuildHasher as _;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::api::limits::create_global_asset_scan_task as limits;
use crate::error::Error;
use crate::ids::{IdList, Packed};
use crate::limit::Bounds;
use crate::queue::Queue;
use crate::region::Region;
use crate::scan::Selector;

use super::account::CallRecord;

/// The calls of one queue, in the order in which they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuePlan {
    /// The region of the queue; none where there is only one.
    pub region: Option<Region>,
    /// The queue.
    pub queue: Queue,
    /// One selector a call, each within its documented limit.
    pub requests: Vec<Selector>,
    /// How many targets were given more than once; each is sent once only.
    pub duplicates: u64,
    /// Calls, by their number, whose outcome is known from an earlier run: they are not sent again.
    pub already_done: BTreeMap<usize, CallRecord>,
}

/// One thing to scan in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target<'a> {
    /// Every server.
    AllHosts,
    /// The server with this id.
    Host(&'a str),
    /// The server group with this id.
    ServerGroup(&'a str),
}

/// Targets of one queue, each kept once, in calls of as many ids as the page allows (200).
#[derive(Debug)]
pub struct TargetSet {
    all_hosts: u64,
    hosts: Distinct,
    groups: Distinct,
}

impl Default for TargetSet {
    fn default() -> Self {
        Self { all_hosts: 0, hosts: Distinct::new(limits::HOST_IDS), groups: Distinct::new(limits::SERVER_GROUP) }
    }
}

impl TargetSet {
    /// Adds a target.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an empty id.
    pub fn add(&mut self, target: Target<'_>) -> Result<(), Error> {
        match target {
            Target::AllHosts => {
                self.all_hosts += 1;
                Ok(())
            }
            Target::Host(id) => self.hosts.add(id),
            Target::ServerGroup(id) => self.groups.add(id),
        }
    }

    /// Whether there is no target.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all_hosts == 0 && self.hosts.len() == 0 && self.groups.len() == 0
    }

    /// Whether there is any target that is not a server with an id.
    #[must_use]
    pub fn has_non_host_targets(&self) -> bool {
        self.all_hosts > 0 || self.groups.len() > 0
    }

    /// Leaves out the servers whose ids are not to be kept, and tells how many that were.
    ///
    /// # Errors
    /// None that [`TargetSet::add`] did not give before.
    pub fn retain_hosts(&mut self, keep: impl Fn(&str) -> bool) -> Result<u64, Error> {
        let all = std::mem::replace(&mut self.hosts, Distinct::new(limits::HOST_IDS));
        self.hosts.duplicates = all.duplicates;
        all.ids().filter(|id| keep(id)).try_for_each(|id| self.hosts.add(id))?;
        Ok((all.len() - self.hosts.len()) as u64)
    }

    /// Takes in all targets of another set.
    fn extend(&mut self, other: &Self) -> Result<(), Error> {
        self.all_hosts += other.all_hosts;
        self.hosts.extend(&other.hosts)?;
        self.groups.extend(&other.groups)
    }

    /// The call for all hosts goes first, then hosts, then groups, each in the order given.
    fn into_lane(self, region: Option<Region>, queue: Queue) -> QueuePlan {
        let Self { all_hosts, hosts, groups } = self;
        let duplicates = all_hosts.saturating_sub(1) + hosts.duplicates + groups.duplicates;
        let mut calls = Vec::new();
        if all_hosts > 0 {
            calls.push(Selector::AllHosts);
        }
        calls.extend(hosts.into_calls().map(Selector::Hosts));
        calls.extend(groups.into_calls().map(Selector::ServerGroups));
        calls.shrink_to_fit();
        QueuePlan { region, queue, requests: calls, duplicates, already_done: BTreeMap::new() }
    }
}

/// Ids without repetition, already in the pieces in which they are sent.
///
/// What is known is kept as places in these pieces, five bytes an id, not as the texts a second time.
struct Distinct {
    limit: Bounds,
    /// How many ids a piece has.
    size: usize,
    full: Vec<IdList>,
    open: Packed,
    known: HashTable<u32>,
    hasher: DefaultHashBuilder,
    duplicates: u64,
}

impl Distinct {
    fn new(limit: Bounds) -> Self {
        let (full, open, known) = (Vec::new(), Packed::default(), HashTable::new());
        let size = usize::try_from(limit.max()).unwrap_or(usize::MAX).max(1);
        Self { limit, size, full, open, known, hasher: DefaultHashBuilder::default(), duplicates: 0 }
    }

    fn len(&self) -> usize {
        self.full.len() * self.size + self.open.len()
    }

    fn add(&mut self, id: &str) -> Result<(), Error> {
        let Self { limit, size, full, open, known, hasher, .. } = self;
        let size = *size;
        if id.is_empty() {
            return Err(Error::invalid_input(format!("{} has an empty id", limit.name())));
        }
        let next = u32::try_from(full.len() * size + open.len()).map_err(|_| {
            Error::invalid_input(format!("{} has more than {} ids in one queue", limit.name(), u32::MAX))
        })?;
        let at = |place: u32| {
            let place = place as usize;
            full.get(place / size).map_or_else(|| open.get(place % size), |piece| piece.get(place % size))
        };
        let hash = |place: &u32| hasher.hash_one(at(*place).unwrap_or_default());
        match known.entry(hasher.hash_one(id), |place| at(*place) == Some(id), hash) {
            Entry::Occupied(_) => self.duplicates += 1,
            Entry::Vacant(entry) => {
                entry.insert(next);
                open.push(id);
                if open.len() == size {
                    full.push(open.take());
                }
            }
        }
        Ok(())
    }

    fn extend(&mut self, other: &Self) -> Result<(), Error> {
        self.duplicates += other.duplicates;
        other.ids().try_for_each(|id| self.add(id))
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        let open = (0..self.open.len()).filter_map(|index| self.open.get(index));
        self.full.iter().flat_map(IdList::iter).chain(open)
    }

    fn into_calls(mut self) -> impl Iterator<Item = IdList> {
        let last = self.open.take();
        self.full.into_iter().chain((!last.is_empty()).then_some(last))
    }
}

impl fmt::Debug for Distinct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distinct")
            .field("ids", &self.len())
            .field("duplicates", &self.duplicates)
            .finish_non_exhaustive()
    }
}

/// Collects targets of any number of queues, and sorts them into lanes.
///
/// ```
/// use huaweicloud_hss::fleet::{PlanBuilder, Target};
/// use huaweicloud_hss::{ProjectId, Queue, Selector};
///
/// let mut planner = PlanBuilder::default();
/// for n in 0..201 {
///     let queue = Queue::new("p".parse::<ProjectId>()?);
///     planner.add(None, queue, Target::Host(&format!("host-{n}")))?;
/// }
/// let lanes = planner.build();
/// assert_eq!(lanes[0].requests.iter().map(Selector::weight).collect::<Vec<_>>(), [200, 1]);
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct PlanBuilder {
    lanes: Vec<(Option<Region>, Queue, TargetSet)>,
    places: HashMap<(Option<Region>, Queue), usize>,
    /// The lane of the target before: lists are mostly sorted by queue.
    last: usize,
}

impl PlanBuilder {
    /// Adds a target.
    ///
    /// # Errors
    /// As [`TargetSet::add`].
    pub fn add(&mut self, region: Option<Region>, queue: Queue, target: Target<'_>) -> Result<(), Error> {
        let same = self.lanes.get(self.last).is_some_and(|(of, lane, _)| *lane == queue && *of == region);
        if !same {
            self.last = self.place(region, queue);
        }
        self.lanes[self.last].2.add(target)
    }

    /// Adds all targets of a queue.
    ///
    /// # Errors
    /// As [`TargetSet::add`].
    pub fn extend(&mut self, region: Option<Region>, queue: Queue, targets: TargetSet) -> Result<(), Error> {
        let place = self.place(region, queue);
        let lane = &mut self.lanes[place].2;
        if lane.is_empty() {
            *lane = targets;
            return Ok(());
        }
        lane.extend(&targets)
    }

    /// The number of a lane, which is made where there is none yet.
    fn place(&mut self, region: Option<Region>, queue: Queue) -> usize {
        let next = self.lanes.len();
        let place = *self.places.entry((region.clone(), queue.clone())).or_insert(next);
        if place == next {
            self.lanes.push((region, queue, TargetSet::default()));
        }
        place
    }

    /// The lanes, in the order in which their queues came up first. In a lane the call for all hosts goes first, then hosts, then
    /// groups, each in the order given, split into calls of at most as many ids as the page allows (200).
    #[must_use]
    pub fn build(self) -> Vec<QueuePlan> {
        self.lanes.into_iter().map(|(region, queue, targets)| targets.into_lane(region, queue)).collect()
    }
}

impl QueuePlan {
    /// The lane of one queue for a selector of any length.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when there is no id at all, or an empty one.
    pub fn new(queue: Queue, selector: &Selector) -> Result<Self, Error> {
        if let Some(limit) = selector.limit().filter(|_| selector.ids().is_empty()) {
            return Err(Error::invalid_input(format!("{} is empty: there is nothing to scan", limit.name())));
        }
        let mut targets = TargetSet::default();
        match selector {
            Selector::AllHosts => targets.add(Target::AllHosts)?,
            Selector::Hosts(ids) => ids.iter().try_for_each(|id| targets.add(Target::Host(id)))?,
            Selector::ServerGroups(ids) => ids.iter().try_for_each(|id| targets.add(Target::ServerGroup(id)))?,
        }
        Ok(targets.into_lane(None, queue))
    }

    /// How many hosts and groups the lane accounts for.
    #[must_use]
    pub fn target_count(&self) -> u64 {
        self.requests.iter().map(Selector::weight).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn queue(project: &str) -> Queue {
        Queue::new(project.parse().unwrap())
    }

    fn lane(ids: Vec<String>) -> Result<QueuePlan, Error> {
        QueuePlan::new(queue("p"), &Selector::Hosts(ids.into()))
    }

    #[test]
    fn calls_are_as_large_as_the_page_allows() {
        for (count, expected) in [(1, vec![1]), (200, vec![200]), (201, vec![200, 1]), (1000, vec![200; 5])] {
            let lane = lane((0..count).map(|n| n.to_string()).collect()).unwrap();
            assert_eq!(lane.requests.iter().map(Selector::weight).collect::<Vec<_>>(), expected, "{count} ids");
        }
    }

    #[test]
    fn nothing_to_scan_is_an_error() {
        assert_eq!(lane(vec![]).unwrap_err().to_string(), "host_ids is empty: there is nothing to scan");
        assert_eq!(lane(vec!["a".into(), String::new()]).unwrap_err().to_string(), "host_ids has an empty id");
    }

    #[test]
    fn targets_are_sorted_into_the_lanes_of_their_queues() {
        let mut planner = PlanBuilder::default();
        let north: Region = "cn-north-4".parse().unwrap();
        planner.add(None, queue("a"), Target::Host("1")).unwrap();
        planner.add(None, queue("b"), Target::Host("1")).unwrap();
        planner.add(Some(north.clone()), queue("a"), Target::Host("1")).unwrap();
        planner.add(None, queue("a"), Target::ServerGroup("1")).unwrap();
        planner.add(None, queue("a"), Target::AllHosts).unwrap();
        planner.add(None, queue("a"), Target::Host("1")).unwrap();
        planner.add(None, queue("a"), Target::AllHosts).unwrap();
        let lanes = planner.build();
        let one = || IdList::from_iter(["1"]);
        assert_eq!(lanes.len(), 3);
        assert_eq!(lanes[0].requests, [Selector::AllHosts, Selector::Hosts(one()), Selector::ServerGroups(one())]);
        assert_eq!(lanes[0].duplicates, 2);
        assert_eq!((&lanes[1].queue, &lanes[1].region), (&queue("b"), &None));
        assert_eq!((&lanes[2].queue, &lanes[2].region), (&queue("a"), &Some(north)));
    }

    #[test]
    fn sets_of_the_same_queue_become_one_lane() {
        let mut planner = PlanBuilder::default();
        for ids in [0..300, 250..450] {
            let mut targets = TargetSet::default();
            ids.for_each(|n| targets.add(Target::Host(&n.to_string())).unwrap());
            planner.extend(None, queue("a"), targets).unwrap();
        }
        let [lane] = &planner.build()[..] else { panic!("more than one lane") };
        assert_eq!(lane.requests.iter().map(Selector::weight).collect::<Vec<_>>(), [200, 200, 50]);
        assert_eq!(lane.duplicates, 50);
    }

    #[test]
    fn the_default_enterprise_project_is_one_queue_whether_it_is_named_or_not() {
        let mut planner = PlanBuilder::default();
        let named = queue("a").with_enterprise_project("0".parse().unwrap());
        planner.add(None, named, Target::Host("h")).unwrap();
        planner.add(None, queue("a"), Target::Host("h")).unwrap();
        let [lane] = &planner.build()[..] else { panic!("more than one lane") };
        assert_eq!((lane.target_count(), lane.duplicates), (1, 1));
    }

    #[test]
    fn hosts_that_are_left_out_are_counted() {
        let mut targets = TargetSet::default();
        for n in (0..450).chain(0..10) {
            targets.add(Target::Host(&n.to_string())).unwrap();
        }
        assert!(!targets.has_non_host_targets());
        assert_eq!(targets.retain_hosts(|id| id.len() < 3).unwrap(), 350);
        let lane = targets.into_lane(None, queue("a"));
        assert_eq!((lane.target_count(), lane.duplicates), (100, 10));
    }

    proptest! {
        #[test]
        fn every_distinct_target_is_in_exactly_one_call(given in proptest::collection::vec(("[ab]", "[a-e]{1,3}", any::<bool>()), 1..700)) {
            let mut planner = PlanBuilder::default();
            for (project, id, host) in &given {
                let target = if *host { Target::Host(id) } else { Target::ServerGroup(id) };
                planner.add(None, queue(project), target).unwrap();
            }
            let lanes = planner.build();
            let mut planned: Vec<(String, String, bool)> = Vec::new();
            for lane in &lanes {
                for call in &lane.requests {
                    prop_assert!((1..=200).contains(&call.weight()));
                    let host = matches!(call, Selector::Hosts(_));
                    planned.extend(call.ids().iter().map(|id| (lane.queue.project_id.to_string(), id.to_owned(), host)));
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
