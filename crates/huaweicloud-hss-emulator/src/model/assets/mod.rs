//! The asset inventory: what hosts and their containers have, and when it was last collected.
//!
//! Rows and automatic collections are derived from the seed; only what differs from that is stored.

pub(crate) mod catalogue;
pub(crate) mod coverage;
pub(crate) mod fault;
pub(crate) mod filter;
pub(crate) mod index;
pub(crate) mod kind;
pub(crate) mod orders;
pub(crate) mod rows;
mod times;
pub(crate) mod truth;

use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

use crate::model::host_details::HostDetails;
use crate::model::inventory::Inventory;

use self::coverage::{BEFORE_ALL, HostAttributes, HostChanges, gap};
use self::filter::RowFilter;
use self::index::{BLOCK, IndexCache, Query, RowIndex};
use self::kind::{AssetCategory, AssetKind};
use self::orders::{Order, OrderBook};
use self::rows::{Row, chance_of, for_each_row, has_containers};
use self::times::HostTimes;
use self::truth::{AssetTruth, CollectStatus, HostTruth, LastCollection};

/// The assets of all hosts.
#[derive(Debug)]
pub(crate) struct Assets {
    inventory: Arc<Inventory>,
    /// The same moment on the emulator's clock, and in milliseconds since 1970.
    origin: (Instant, i64),
    changes: HostChanges,
    orders: OrderBook,
    indexes: IndexCache,
    /// The indexes of all hosts, by their ids.
    by_id: OnceLock<Vec<usize>>,
}

/// A page of rows, and the number of rows on all pages.
pub(crate) struct RowPage<'i> {
    pub(crate) total: u64,
    pub(crate) rows: Vec<Row<'i>>,
}

/// A time without end, as of a scan that takes for ever.
const NEVER: i64 = i64::MAX;

impl Assets {
    pub(crate) fn new(inventory: Arc<Inventory>, origin: (Instant, i64)) -> Self {
        Self {
            inventory,
            origin,
            changes: HostChanges::default(),
            orders: OrderBook::default(),
            indexes: IndexCache::default(),
            by_id: OnceLock::new(),
        }
    }

    /// Returns a time of the emulator's clock in milliseconds since 1970; [`NEVER`] for `None`.
    pub(crate) fn millis(&self, at: Option<Instant>) -> i64 {
        let (instant, millis) = self.origin;
        let Some(at) = at else { return NEVER };
        let since = i64::try_from(at.saturating_duration_since(instant).as_millis()).unwrap_or(NEVER);
        millis.saturating_add(since)
    }

    /// Returns the index of a host in the inventory.
    pub(crate) fn index_of(&self, host_id: &str) -> Option<usize> {
        let hosts = self.inventory.hosts();
        let id = |index: usize| hosts.get(index).map_or("", |host| host.id());
        let by_id = self.by_id.get_or_init(|| {
            let mut indexes: Vec<usize> = (0..hosts.len()).collect();
            indexes.sort_unstable_by_key(|index| id(*index));
            indexes
        });
        by_id.binary_search_by_key(&host_id, |index| id(*index)).ok().and_then(|at| by_id.get(at)).copied()
    }

    /// Returns the index of a host for which attributes can be set.
    pub(crate) fn checked_index(&self, host_id: &str, attributes: &HostAttributes) -> Result<usize, String> {
        attributes.check()?;
        self.index_of(host_id).ok_or_else(|| format!("the inventory has no host with the id {host_id:?}"))
    }

    /// Returns the details of a host.
    pub(crate) fn details(&self, index: usize) -> Option<HostDetails> {
        self.changes.details(&self.inventory, index)
    }

    /// Sets attributes of a host from a time on; from the start for `None`.
    pub(crate) fn set_attributes(&self, index: usize, at: Option<i64>, attributes: HostAttributes) {
        self.changes.set(index, at.unwrap_or(BEFORE_ALL), attributes);
    }

    /// Records an order.
    pub(crate) fn add_order(&self, order: &Order, now: i64) {
        let id = |index: usize| self.inventory.hosts().get(index).map(|host| host.id().to_owned());
        let is_covered =
            |index, at| self.changes.covered(&self.inventory, index).iter().any(|period| period.contains(&at));
        self.orders.add(order, now, id, |from, to| self.changes.is_any_between(from, to), is_covered);
    }

    /// Forgets all orders and changes, except the attributes that the builder set.
    pub(crate) fn reset(&self) {
        self.orders.clear();
        self.changes.reset();
    }

    fn times(&self, index: usize, now: i64) -> HostTimes {
        let id = self.inventory.hosts().get(index).map_or("", |host| host.id());
        HostTimes {
            covered: self.changes.covered(&self.inventory, index),
            orders: self.orders.of_host(index, id),
            chance: chance_of(&self.inventory, index),
            now,
        }
    }

    /// Returns the last collection of a kind; `None` if there was none.
    pub(crate) fn last_collection(
        &self,
        index: usize,
        (kind, category): (AssetKind, AssetCategory),
        now: i64,
    ) -> Option<LastCollection> {
        self.times(index, now).last(category, kind)
    }

    /// Returns the state of the last ordered collection of a kind, and when data was last collected by one.
    pub(crate) fn collect_status(&self, index: usize, kind: AssetKind, now: i64) -> (CollectStatus, Option<i64>) {
        self.times(index, now).status(kind)
    }

    /// Returns the number of rows of a query. It is counted once, and kept for the next pages.
    pub(crate) fn index(&self, query: &Query) -> Arc<RowIndex> {
        self.indexes.get(self.changes.generation(), query, || {
            let wanted = (query.kind, query.category);
            RowIndex::new(query, |index, items, counts| {
                let mut rows = 0;
                if self.has_rows(index) {
                    for_each_row(&self.inventory, index, wanted, (items, &query.filter), |position, _| {
                        rows += 1;
                        if let Some(count) = counts.get_mut(position) {
                            *count += 1;
                        }
                    });
                }
                rows
            })
        })
    }

    /// Whether a host was ever collected.
    fn has_rows(&self, index: usize) -> bool {
        !self.changes.covered(&self.inventory, index).is_empty()
    }

    /// Returns a page of the rows of a query.
    pub(crate) fn page(&self, mut query: Query, offset: u64, limit: usize) -> RowPage<'_> {
        // The rows of one host need no index of all hosts.
        if let Some(id) = query.filter.host_id() {
            let host = self.index_of(id).filter(|index| query.hosts.contains(index));
            query.hosts = host.map_or(0..0, |index| index..index + 1);
        }
        let found = self.index(&query);
        let (block, mut before) = found.block_of(offset);
        let mut rows = Vec::new();
        let first = block.saturating_mul(BLOCK).saturating_add(query.hosts.start);
        for index in first..query.hosts.end {
            if rows.len() >= limit {
                break;
            }
            if self.has_rows(index) {
                let wanted = (query.kind, query.category);
                for_each_row(&self.inventory, index, wanted, (&found.items, &query.filter), |_, row| {
                    if before >= offset && rows.len() < limit {
                        rows.push(row);
                    }
                    before += 1;
                });
            }
        }
        RowPage { total: found.total(), rows }
    }

    /// Returns the truth about a host.
    pub(crate) fn truth(&self, index: usize, now: i64) -> Option<HostTruth> {
        let host = self.inventory.hosts().get(index)?;
        let details = self.details(index)?;
        let times = self.times(index, now);
        let mut assets = Vec::new();
        for category in AssetCategory::ALL {
            if category == AssetCategory::Container && !has_containers(&details) {
                continue;
            }
            let has = |kind: &AssetKind| category == AssetCategory::Host || !kind.is_only_on_hosts();
            for kind in AssetKind::ALL.into_iter().filter(has) {
                let filter = RowFilter::default();
                let mut rows = 0;
                if times.is_known() {
                    let wanted = (kind, category);
                    for_each_row(&self.inventory, index, wanted, (&filter.select(kind), &filter), |_, _| rows += 1);
                }
                let has_status = category == AssetCategory::Host && kind.is_weekly();
                assets.push(AssetTruth {
                    kind,
                    category,
                    rows,
                    last: times.last(category, kind),
                    scan_status: has_status.then(|| times.status(kind).0),
                });
            }
        }
        Some(HostTruth { host_id: host.id().to_owned(), not_coverable: gap(&details), assets })
    }
}

#[cfg(test)]
mod tests;
