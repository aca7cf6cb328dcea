//! Reads the times of a witness on all servers of a queue, 200 servers a call.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::assets::{AssetFilter, AssetKind};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::types::queue::{Category, Queue};

use super::witness::Witness;

/// How many servers a call reads.
pub(super) const HOSTS_PER_CALL: u64 = 200;

/// How many calls may read lists, in addition to those for one list of all servers.
const MORE_CALLS: u64 = 100;

/// How many witnesses are read at most to find one for each server.
const MAX_WITNESSES: usize = 12;

/// How many lists in a row may bring nothing new.
const MAX_IDLE: usize = 2;

/// How many more calls may read lists. Large fleets have many lists with hundreds of pages, of which each proves little that
/// the ones before did not.
#[derive(Debug)]
pub(super) struct CallBudget {
    left: u64,
}

impl CallBudget {
    /// Returns the budget for one list of this number of servers, and some shorter ones.
    pub(super) fn of(hosts: u64) -> Self {
        let mut budget = Self { left: MORE_CALLS };
        budget.add_list_of(hosts);
        budget
    }

    /// Adds the calls of another list of this number of servers.
    pub(super) fn add_list_of(&mut self, hosts: u64) {
        self.left += hosts.div_ceil(HOSTS_PER_CALL);
    }

    pub(super) fn spend(&mut self, calls: u64) {
        self.left = self.left.saturating_sub(calls);
    }
}

/// How a list was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListRead {
    /// Whether the list was complete: one that is cut still proves something about the servers in it.
    pub(super) is_complete: bool,
    /// The number of calls.
    pub(super) calls: u64,
}

/// Names that may be read, those that the most servers have first.
#[derive(Debug)]
pub(super) struct Candidates {
    names: std::vec::IntoIter<(u64, Witness)>,
    /// How many servers had no witness before the last list.
    missing: u64,
    idle: usize,
    left: usize,
    /// The number of calls that counted them.
    pub(super) calls: u64,
}

impl Candidates {
    fn new(names: Vec<(u64, Witness)>, calls: u64) -> Self {
        Self { names: names.into_iter(), missing: u64::MAX, idle: 0, left: MAX_WITNESSES, calls }
    }

    /// Returns what to read next for this number of servers without a witness, and the number of calls. `None` if there
    /// are none, if the last lists brought nothing, or if each list would cost more calls than are left, or than one for
    /// each server.
    pub(super) fn next(&mut self, missing: u64, budget: &CallBudget) -> Option<(u64, Witness)> {
        self.idle = if missing < self.missing { 0 } else { self.idle + 1 };
        self.missing = missing;
        self.left = self.left.checked_sub(1)?;
        if missing == 0 || self.idle >= MAX_IDLE {
            return None;
        }
        let most = missing.min(budget.left);
        let mut lists = self.names.by_ref().map(|(count, witness)| (count.div_ceil(HOSTS_PER_CALL), witness));
        lists.find(|(calls, _)| *calls <= most)
    }
}

/// Where the inventory is read.
#[derive(Clone, Debug)]
pub(super) struct Inventory {
    pub(super) client: Client,
    pub(super) queue: Queue,
}

impl Inventory {
    /// Returns whether a kind is listed in this queue.
    fn lists(&self, kind: AssetKind) -> bool {
        self.queue.category == Category::Host || kind.is_in_containers()
    }

    /// Reads the newest time of a witness on each server, in no order; a server may come more than once.
    pub(super) async fn times(
        &self,
        witness: &Witness,
        mut on_time: impl FnMut(&str, SystemTime),
    ) -> Result<ListRead, Error> {
        let filter = AssetFilter::default().with_name(&*witness.name);
        let mut pages = self.client.assets(self.queue.clone(), witness.kind, filter);
        let mut calls = 0;
        loop {
            calls += 1;
            match pages.next_page().await {
                Ok(Some(page)) => {
                    // The service may take the name for a part of one.
                    for asset in page.iter().filter(|asset| asset.name.as_deref() == Some(&*witness.name)) {
                        if let (Some(id), Some(at)) = (&asset.host_id, asset.seen_at) {
                            on_time(id, at);
                        }
                    }
                }
                Ok(None) => return Ok(ListRead { is_complete: true, calls }),
                Err(error) if is_flaw(&error) => {
                    tracing::warn!(%witness, %error, "the list of a witness is incomplete");
                    return Ok(ListRead { is_complete: false, calls });
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns the names of these kinds. A kind that cannot be counted is left out.
    pub(super) async fn common(&self, kinds: &[AssetKind]) -> Result<Candidates, Error> {
        let mut common = Vec::new();
        let mut calls = 0;
        for kind in kinds.iter().copied().filter(|kind| self.lists(*kind)) {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            let mut pages = self.client.asset_counts(self.queue.clone(), kind);
            loop {
                calls += 1;
                match pages.next_page().await {
                    Ok(Some(page)) => {
                        for count in page {
                            if let Some(name) = count.name.filter(|name| is_name(name)) {
                                *counts.entry(name).or_default() += count.count;
                            }
                        }
                    }
                    Ok(None) => break,
                    Err(error) if is_flaw(&error) => {
                        tracing::warn!(%kind, %error, "the counts of a kind are incomplete");
                        break;
                    }
                    Err(error) => return Err(error),
                }
            }
            common.extend(counts.into_iter().map(|(name, count)| (count, Witness::new(kind, &name))));
        }
        // The sort is stable, so that two runs read the same names.
        common.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        Ok(Candidates::new(common, calls))
    }
}

/// Returns whether an error means that a list is incomplete or not available, so that others may still be read.
fn is_flaw(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidResponse | ErrorKind::Refused)
}

/// Returns whether a list can be filtered by a name.
fn is_name(name: &str) -> bool {
    (1..=256).contains(&name.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(counts: &[u64]) -> Candidates {
        let name = |count: &u64| (*count, Witness::new(AssetKind::KernelModules, &count.to_string()));
        Candidates::new(counts.iter().map(name).collect(), 1)
    }

    const LARGE: CallBudget = CallBudget { left: 10_000 };

    #[test]
    fn names_are_read_until_every_server_has_a_witness() {
        let mut next = candidates(&[900, 500, 300]);
        assert_eq!(&*next.next(1000, &LARGE).unwrap().1.name, "900");
        assert_eq!(&*next.next(100, &LARGE).unwrap().1.name, "500");
        assert_eq!(next.next(0, &LARGE), None);
    }

    #[test]
    fn lists_that_bring_nothing_end_the_search() {
        let mut next = candidates(&[900, 800, 700, 600]);
        assert!([1000, 900, 900].map(|missing| next.next(missing, &LARGE).is_some()).iter().all(|found| *found));
        assert_eq!(next.next(900, &LARGE), None);
    }

    #[test]
    fn a_list_that_costs_more_calls_than_there_are_servers_is_not_read() {
        assert_eq!(candidates(&[100_000]).next(499, &LARGE), None);
        assert!(candidates(&[100_000]).next(500, &LARGE).is_some());
    }

    #[test]
    fn a_shorter_list_is_read_if_the_longest_costs_too_many_calls() {
        let budget = CallBudget::of(10_000);
        assert_eq!(budget.left, 150);
        assert_eq!(&*candidates(&[40_000, 30_000, 20_000]).next(5_000, &budget).unwrap().1.name, "30000");
    }
}
