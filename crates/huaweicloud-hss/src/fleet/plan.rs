//! From any number of ids to calls that the service takes. Pure: nothing is sent here.

use std::collections::HashSet;

use crate::error::Error;
use crate::queue::Queue;
use crate::scan::Selector;

/// The calls of one queue, in the order in which they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The queue.
    pub queue: Queue,
    /// One selector a call, each within its documented limit.
    pub calls: Vec<Selector>,
    /// How many ids were given more than once; each is sent once only.
    pub duplicates: u64,
}

impl Lane {
    /// Splits a selector of any length into calls of at most as many ids as the page allows (200), in the order given.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when there is no id at all, or an empty one.
    ///
    /// ```
    /// use huaweicloud_hss::fleet::Lane;
    /// use huaweicloud_hss::{ProjectId, Queue, Selector};
    ///
    /// let queue = Queue::new("p".parse::<ProjectId>()?);
    /// let ids = (0..201).map(|n| format!("host-{n}")).collect();
    /// let lane = Lane::new(queue, Selector::Hosts(ids))?;
    /// assert_eq!(lane.calls.iter().map(Selector::weight).collect::<Vec<_>>(), [200, 1]);
    /// # Ok::<(), huaweicloud_hss::Error>(())
    /// ```
    pub fn new(queue: Queue, selector: Selector) -> Result<Self, Error> {
        let Some(limit) = selector.limit() else { return Ok(Self { queue, calls: vec![selector], duplicates: 0 }) };
        let (ids, wrap): (_, fn(Vec<String>) -> Selector) = match selector {
            Selector::Hosts(ids) => (ids, Selector::Hosts),
            Selector::ServerGroups(ids) => (ids, Selector::ServerGroups),
            Selector::AllHosts => (Vec::new(), Selector::Hosts),
        };
        if ids.is_empty() {
            return Err(Error::invalid_input(format!("{} is empty: there is nothing to scan", limit.name())));
        }
        if ids.iter().any(String::is_empty) {
            return Err(Error::invalid_input(format!("{} has an empty id", limit.name())));
        }
        let given = ids.len();
        let unique: Vec<String> = {
            let mut seen = HashSet::with_capacity(given);
            let first: Vec<bool> = ids.iter().map(|id| seen.insert(id.as_str())).collect();
            ids.into_iter().zip(first).filter_map(|(id, first)| first.then_some(id)).collect()
        };
        let duplicates = (given - unique.len()) as u64;
        let size = usize::try_from(limit.max()).unwrap_or(usize::MAX).max(1);
        let mut calls = Vec::with_capacity(unique.len().div_ceil(size));
        let mut rest = unique.into_iter();
        loop {
            let ids: Vec<String> = rest.by_ref().take(size).collect();
            if ids.is_empty() {
                break;
            }
            calls.push(wrap(ids));
        }
        Ok(Self { queue, calls, duplicates })
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

    fn lane(ids: Vec<String>) -> Result<Lane, Error> {
        Lane::new(Queue::new("p".parse().unwrap()), Selector::Hosts(ids))
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

    proptest! {
        #[test]
        fn every_distinct_id_is_in_exactly_one_call(ids in proptest::collection::vec("[a-e]{1,4}", 1..700)) {
            let lane = lane(ids.clone()).unwrap();
            let mut planned: Vec<&String> = lane.calls.iter().flat_map(Selector::ids).collect();
            prop_assert_eq!(planned.len() as u64 + lane.duplicates, ids.len() as u64);
            prop_assert!(lane.calls.iter().all(|call| (1..=200).contains(&call.weight())));
            planned.sort();
            let mut distinct: Vec<&String> = ids.iter().collect();
            distinct.sort();
            distinct.dedup();
            prop_assert_eq!(planned, distinct);
        }
    }
}
