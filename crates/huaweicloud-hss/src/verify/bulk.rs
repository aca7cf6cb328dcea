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

/// How many witnesses are read at most to find one for each server.
const MAX_WITNESSES: usize = 12;

/// How many lists in a row may bring nothing new.
const MAX_IDLE: usize = 2;

/// Names that may be read, those that the most servers have first.
#[derive(Debug)]
pub(super) struct Candidates {
    names: std::vec::IntoIter<(u64, Witness)>,
    /// How many servers had no witness before the last list.
    missing: u64,
    idle: usize,
    left: usize,
}

impl Candidates {
    fn new(names: Vec<(u64, Witness)>) -> Self {
        Self { names: names.into_iter(), missing: u64::MAX, idle: 0, left: MAX_WITNESSES }
    }

    /// Returns what to read next for this number of servers without a witness. `None` if there are none, if the last
    /// lists brought nothing, or if the list would cost more calls than one for each server.
    pub(super) fn next(&mut self, missing: u64) -> Option<Witness> {
        self.idle = if missing < self.missing { 0 } else { self.idle + 1 };
        self.missing = missing;
        self.left = self.left.checked_sub(1)?;
        if missing == 0 || self.idle >= MAX_IDLE {
            return None;
        }
        let (count, witness) = self.names.next()?;
        (count.div_ceil(HOSTS_PER_CALL) <= missing).then_some(witness)
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

    /// Reads the newest time of a witness on each server, in no order; a server may come more than once. Returns whether
    /// the list was complete: one that is cut still proves something about the servers in it.
    pub(super) async fn times(
        &self,
        witness: &Witness,
        mut on_time: impl FnMut(&str, SystemTime),
    ) -> Result<bool, Error> {
        let filter = AssetFilter::default().with_name(&*witness.name);
        let mut pages = self.client.assets(self.queue.clone(), witness.kind, filter);
        loop {
            match pages.next_page().await {
                Ok(Some(page)) => {
                    // The service may take the name for a part of one.
                    for asset in page.iter().filter(|asset| asset.name.as_deref() == Some(&*witness.name)) {
                        if let (Some(id), Some(at)) = (&asset.host_id, asset.seen_at) {
                            on_time(id, at);
                        }
                    }
                }
                Ok(None) => return Ok(true),
                Err(error) if is_flaw(&error) => {
                    tracing::warn!(%witness, %error, "the list of a witness is incomplete");
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns the names of these kinds. A kind that cannot be counted is left out.
    pub(super) async fn common(&self, kinds: &[AssetKind]) -> Result<Candidates, Error> {
        let mut common = Vec::new();
        for kind in kinds.iter().copied().filter(|kind| self.lists(*kind)) {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            let mut pages = self.client.asset_counts(self.queue.clone(), kind);
            loop {
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
        Ok(Candidates::new(common))
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
        Candidates::new(counts.iter().map(name).collect())
    }

    #[test]
    fn names_are_read_until_every_server_has_a_witness() {
        let mut next = candidates(&[900, 500, 300]);
        assert_eq!(&*next.next(1000).unwrap().name, "900");
        assert_eq!(&*next.next(100).unwrap().name, "500");
        assert_eq!(next.next(0), None);
    }

    #[test]
    fn lists_that_bring_nothing_end_the_search() {
        let mut next = candidates(&[900, 800, 700, 600]);
        assert!([1000, 900, 900].map(|missing| next.next(missing).is_some()).iter().all(|found| *found));
        assert_eq!(next.next(900), None);
    }

    #[test]
    fn a_list_that_costs_more_calls_than_there_are_servers_is_not_read() {
        assert_eq!(candidates(&[100_000]).next(499), None);
        assert!(candidates(&[100_000]).next(500).is_some());
    }
}
