//! Sorts any number of targets into the plans of their queues. Nothing is sent here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::error::Error;
use crate::generated::hss::bounds::create_global_asset_scan_task as bounds;
use crate::types::queue::Queue;
use crate::types::region::Region;
use crate::types::selector::Selector;

use super::deduped_ids::DedupedIds;
use super::queue_plan::QueuePlan;

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

/// Targets of one queue, each kept once, in requests of as many ids as the service allows (200).
#[derive(Clone, Debug)]
pub struct TargetSet {
    all_hosts: u64,
    hosts: DedupedIds,
    groups: DedupedIds,
}

impl Default for TargetSet {
    fn default() -> Self {
        let (hosts, groups) = (DedupedIds::new(bounds::HOST_IDS), DedupedIds::new(bounds::SERVER_GROUP));
        Self { all_hosts: 0, hosts, groups }
    }
}

impl TargetSet {
    /// Adds a target.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an id with an [`IdProblem`](crate::IdProblem).
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

    /// Returns whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all_hosts == 0 && self.hosts.len() == 0 && self.groups.len() == 0
    }

    /// Returns whether any target is not a single server.
    #[must_use]
    pub fn has_non_host_targets(&self) -> bool {
        self.all_hosts > 0 || self.groups.len() > 0
    }

    /// Removes the servers for whose ids `keep` returns false, and returns how many that were.
    ///
    /// # Errors
    /// None that [`TargetSet::add`] did not return before.
    pub fn retain_hosts(&mut self, keep: impl Fn(&str) -> bool) -> Result<u64, Error> {
        let all = std::mem::replace(&mut self.hosts, DedupedIds::new(bounds::HOST_IDS));
        self.hosts.duplicates = all.duplicates;
        all.ids().filter(|id| keep(id)).try_for_each(|id| self.hosts.add(id))?;
        Ok((all.len() - self.hosts.len()) as u64)
    }

    /// Adds all targets of another set.
    fn extend(&mut self, other: &Self) -> Result<(), Error> {
        self.all_hosts += other.all_hosts;
        self.hosts.extend(&other.hosts)?;
        self.groups.extend(&other.groups)
    }

    /// Returns the plan: the request for all hosts first, then hosts, then groups, each in the order given.
    fn into_plan(self, region: Option<Region>, queue: Queue) -> QueuePlan {
        let Self { all_hosts, hosts, groups } = self;
        let duplicates = all_hosts.saturating_sub(1) + hosts.duplicates + groups.duplicates;
        let mut requests = Vec::new();
        if all_hosts > 0 {
            requests.push(Selector::AllHosts);
        }
        requests.extend(hosts.into_chunks().map(Selector::Hosts));
        requests.extend(groups.into_chunks().map(Selector::ServerGroups));
        requests.shrink_to_fit();
        let (already_done, maybe_sent) = (BTreeMap::new(), BTreeSet::new());
        QueuePlan { region, queue, requests, duplicates, already_done, maybe_sent }
    }
}

/// Collects targets of any number of queues, and sorts them into one plan per queue.
///
/// ```
/// use huaweicloud_hss::fleet::{PlanBuilder, Target};
/// use huaweicloud_hss::{ProjectId, Queue, Selector};
///
/// let mut builder = PlanBuilder::default();
/// for n in 0..201 {
///     let queue = Queue::new("p".parse::<ProjectId>()?);
///     builder.add(None, queue, Target::Host(&format!("host-{n}")))?;
/// }
/// let plans = builder.build();
/// assert_eq!(plans[0].requests.iter().map(Selector::target_count).collect::<Vec<_>>(), [200, 1]);
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct PlanBuilder {
    queues: Vec<(Option<Region>, Queue, TargetSet)>,
    indices: HashMap<(Option<Region>, Queue), usize>,
    /// The queue of the previous target: lists are mostly sorted by queue.
    last: usize,
}

impl PlanBuilder {
    /// Adds a target.
    ///
    /// # Errors
    /// As [`TargetSet::add`].
    pub fn add(&mut self, region: Option<Region>, queue: Queue, target: Target<'_>) -> Result<(), Error> {
        let is_last = |(last_region, last_queue, _): &(_, _, _)| *last_queue == queue && *last_region == region;
        if !self.queues.get(self.last).is_some_and(is_last) {
            self.last = self.index(region, queue);
        }
        self.queues[self.last].2.add(target)
    }

    /// Adds all targets of a queue.
    ///
    /// # Errors
    /// As [`TargetSet::add`].
    pub fn extend(&mut self, region: Option<Region>, queue: Queue, targets: TargetSet) -> Result<(), Error> {
        let index = self.index(region, queue);
        let known = &mut self.queues[index].2;
        if known.is_empty() {
            *known = targets;
            return Ok(());
        }
        known.extend(&targets)
    }

    /// Returns the index of a queue, which is added if it is new.
    fn index(&mut self, region: Option<Region>, queue: Queue) -> usize {
        let next = self.queues.len();
        let index = *self.indices.entry((region.clone(), queue.clone())).or_insert(next);
        if index == next {
            self.queues.push((region, queue, TargetSet::default()));
        }
        index
    }

    /// Returns the plans, in the order in which their queues were first named. In a plan the request for all hosts
    /// comes first, then hosts, then groups, each in the order given, split into requests of at most as many ids as the
    /// service allows (200).
    #[must_use]
    pub fn build(self) -> Vec<QueuePlan> {
        self.queues.into_iter().map(|(region, queue, targets)| targets.into_plan(region, queue)).collect()
    }
}

impl QueuePlan {
    /// Returns the plan of one queue for a selector of any length.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the selector has no ids, or one with an
    /// [`IdProblem`](crate::IdProblem).
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
        Ok(targets.into_plan(None, queue))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::types::id_list::IdList;

    fn queue(project: &str) -> Queue {
        Queue::new(project.parse().unwrap())
    }

    fn plan(ids: Vec<String>) -> Result<QueuePlan, Error> {
        QueuePlan::new(queue("p"), &Selector::Hosts(ids.into()))
    }

    #[test]
    fn requests_are_as_large_as_the_service_allows() {
        for (count, expected) in [(1, vec![1]), (200, vec![200]), (201, vec![200, 1]), (1000, vec![200; 5])] {
            let plan = plan((0..count).map(|n| n.to_string()).collect()).unwrap();
            assert_eq!(plan.requests.iter().map(Selector::target_count).collect::<Vec<_>>(), expected, "{count} ids");
        }
    }

    #[test]
    fn nothing_to_scan_is_an_error() {
        assert_eq!(plan(vec![]).unwrap_err().to_string(), "host_ids is empty: there is nothing to scan");
        assert_eq!(plan(vec!["a".into(), String::new()]).unwrap_err().to_string(), "host_ids contains an empty id");
    }

    #[test]
    fn targets_are_sorted_into_the_plans_of_their_queues() {
        let mut builder = PlanBuilder::default();
        let north: Region = "cn-north-4".parse().unwrap();
        builder.add(None, queue("a"), Target::Host("1")).unwrap();
        builder.add(None, queue("b"), Target::Host("1")).unwrap();
        builder.add(Some(north.clone()), queue("a"), Target::Host("1")).unwrap();
        builder.add(None, queue("a"), Target::ServerGroup("1")).unwrap();
        builder.add(None, queue("a"), Target::AllHosts).unwrap();
        builder.add(None, queue("a"), Target::Host("1")).unwrap();
        builder.add(None, queue("a"), Target::AllHosts).unwrap();
        let plans = builder.build();
        let one = || IdList::from_iter(["1"]);
        assert_eq!(plans.len(), 3);
        assert_eq!(plans[0].requests, [Selector::AllHosts, Selector::Hosts(one()), Selector::ServerGroups(one())]);
        assert_eq!(plans[0].duplicates, 2);
        assert_eq!((&plans[1].queue, &plans[1].region), (&queue("b"), &None));
        assert_eq!((&plans[2].queue, &plans[2].region), (&queue("a"), &Some(north)));
    }

    #[test]
    fn sets_of_the_same_queue_become_one_plan() {
        let mut builder = PlanBuilder::default();
        for ids in [0..300, 250..450] {
            let mut targets = TargetSet::default();
            ids.for_each(|n| targets.add(Target::Host(&n.to_string())).unwrap());
            builder.extend(None, queue("a"), targets).unwrap();
        }
        let [plan] = &builder.build()[..] else { panic!("more than one plan") };
        assert_eq!(plan.requests.iter().map(Selector::target_count).collect::<Vec<_>>(), [200, 200, 50]);
        assert_eq!(plan.duplicates, 50);
    }

    #[test]
    fn the_default_enterprise_project_is_one_queue_whether_it_is_named_or_not() {
        let mut builder = PlanBuilder::default();
        let named = queue("a").with_enterprise_project("0".parse().unwrap());
        builder.add(None, named, Target::Host("h")).unwrap();
        builder.add(None, queue("a"), Target::Host("h")).unwrap();
        let [plan] = &builder.build()[..] else { panic!("more than one plan") };
        assert_eq!((plan.target_count(), plan.duplicates), (1, 1));
    }

    #[test]
    fn removed_hosts_are_counted() {
        let mut targets = TargetSet::default();
        for n in (0..450).chain(0..10) {
            targets.add(Target::Host(&n.to_string())).unwrap();
        }
        assert!(!targets.has_non_host_targets());
        assert_eq!(targets.retain_hosts(|id| id.len() < 3).unwrap(), 350);
        let plan = targets.into_plan(None, queue("a"));
        assert_eq!((plan.target_count(), plan.duplicates), (100, 10));
    }

    proptest! {
        #[test]
        fn every_distinct_target_is_in_exactly_one_request(given in proptest::collection::vec(("[ab]", "[a-e]{1,3}", any::<bool>()), 1..700)) {
            let mut builder = PlanBuilder::default();
            for (project, id, host) in &given {
                let target = if *host { Target::Host(id) } else { Target::ServerGroup(id) };
                builder.add(None, queue(project), target).unwrap();
            }
            let plans = builder.build();
            let mut planned: Vec<(String, String, bool)> = Vec::new();
            for plan in &plans {
                for request in &plan.requests {
                    prop_assert!((1..=200).contains(&request.target_count()));
                    let host = matches!(request, Selector::Hosts(_));
                    planned.extend(request.ids().iter().map(|id| (plan.queue.project_id.to_string(), id.to_owned(), host)));
                }
            }
            let duplicates: u64 = plans.iter().map(|plan| plan.duplicates).sum();
            prop_assert_eq!(planned.len() as u64 + duplicates, given.len() as u64);
            planned.sort();
            let mut distinct = given;
            distinct.sort();
            distinct.dedup();
            prop_assert_eq!(planned, distinct);
        }
    }
}
