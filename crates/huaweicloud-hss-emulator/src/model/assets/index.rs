//! Finds the rows of a page without those before it: the number of rows is kept for blocks of hosts, not for hosts.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::catalogue::{Item, Selected, items};
use super::filter::RowFilter;
use super::kind::{AssetCategory, AssetKind};

/// A list, without its page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Query {
    pub(crate) kind: AssetKind,
    pub(crate) category: AssetCategory,
    /// The hosts of the enterprise project.
    pub(crate) hosts: Range<usize>,
    pub(crate) filter: RowFilter,
}

/// The number of hosts whose rows are counted together.
pub(super) const BLOCK: usize = 64;

/// How many rows a query has.
#[derive(Debug)]
pub(crate) struct RowIndex {
    pub(super) items: Selected,
    /// The number of rows up to the end of each block.
    block_ends: Vec<u64>,
    /// The number of rows of each item of the catalogue.
    counts: Vec<u64>,
}

impl RowIndex {
    /// Counts the rows of a query. `count` adds those of a host to the counts, and returns their number.
    pub(super) fn new(query: &Query, mut count: impl FnMut(usize, &Selected, &mut [u64]) -> u64) -> Self {
        let selected = query.filter.select(query.kind);
        let mut counts = vec![0; items(query.kind).len()];
        let (mut total, mut block_ends) = (0_u64, Vec::new());
        let mut from = query.hosts.start;
        while from < query.hosts.end {
            let to = from.saturating_add(BLOCK).min(query.hosts.end);
            total += (from..to).map(|index| count(index, &selected, &mut counts)).sum::<u64>();
            block_ends.push(total);
            from = to;
        }
        Self { items: selected, block_ends, counts }
    }

    /// Returns the number of rows.
    pub(crate) fn total(&self) -> u64 {
        self.block_ends.last().copied().unwrap_or_default()
    }

    /// Returns the block of the row at an offset, and the number of rows before that block.
    pub(super) fn block_of(&self, offset: u64) -> (usize, u64) {
        let block = self.block_ends.partition_point(|end| *end <= offset);
        let before = block.checked_sub(1).and_then(|at| self.block_ends.get(at)).copied().unwrap_or_default();
        (block, before)
    }

    /// Returns the items that some host has, with their number of rows. Items of one name are one.
    pub(crate) fn counts(&self) -> Vec<(&'static Item, u64)> {
        let mut found: Vec<(&'static Item, u64)> = Vec::new();
        for (position, item) in &self.items {
            let count = self.counts.get(*position).copied().unwrap_or_default();
            match found.iter_mut().find(|(known, _)| known.name == item.name) {
                Some((_, sum)) => *sum += count,
                None => found.push((item, count)),
            }
        }
        found.retain(|(_, count)| *count > 0);
        found
    }
}

/// The indexes of the last queries, so that the pages of a list are counted only once.
#[derive(Debug, Default)]
pub(crate) struct IndexCache(Mutex<Vec<(u64, Query, Arc<RowIndex>)>>);

/// How many indexes are kept. Of 100,000 hosts, each takes 13 kB.
const KEPT: usize = 32;

impl IndexCache {
    /// Returns the index of a query, and creates it if the generation of the hosts has none.
    pub(super) fn get(&self, generation: u64, query: &Query, create: impl FnOnce() -> RowIndex) -> Arc<RowIndex> {
        let position = |kept: &[(u64, Query, Arc<RowIndex>)]| {
            kept.iter().position(|(of, known, _)| *of == generation && known == query)
        };
        {
            let mut kept = self.lock();
            if let Some(at) = position(&kept) {
                // The last one used is the last one dropped.
                let found = kept.remove(at);
                let index = Arc::clone(&found.2);
                kept.push(found);
                return index;
            }
        }
        let index = Arc::new(create());
        let mut kept = self.lock();
        kept.retain(|(of, ..)| *of == generation);
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((generation, query.clone(), Arc::clone(&index)));
        index
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, Query, Arc<RowIndex>)>> {
        // No code panics between two changes under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
