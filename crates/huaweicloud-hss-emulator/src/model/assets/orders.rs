//! The collections that were ordered: scans of many hosts, and collections of one. They are stored only as long as they
//! may differ from what is known without them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::fault::{HostFault, HostFaults};
use super::kind::{AssetCategory, AssetKind};

/// What ordered a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderedBy {
    Scan,
    Manual,
}

/// A collection of some hosts, as it is stored in a state file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) by: OrderedBy,
    pub(crate) category: AssetCategory,
    /// The only kind that is collected; `None` for every kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<AssetKind>,
    pub(crate) targets: Targets,
    pub(crate) ordered_millis: i64,
    pub(crate) ends_millis: i64,
    #[serde(default, skip_serializing_if = "HostFaults::is_empty")]
    pub(crate) faults: HostFaults,
}

/// The hosts of an order, by their index in the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Targets {
    All(Range<usize>),
    Hosts(Vec<usize>),
}

/// The part of an order that is about one host.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostOrder {
    pub(crate) by: OrderedBy,
    pub(crate) category: AssetCategory,
    pub(crate) kind: Option<AssetKind>,
    pub(crate) ordered: i64,
    pub(crate) ends: i64,
    pub(crate) fault: Option<HostFault>,
}

impl Order {
    /// Returns when the data of the last host is there.
    fn last_done(&self) -> i64 {
        let late = self.faults.0.iter().map(|rule| match rule.fault {
            HostFault::Late(millis) => millis,
            _ => 0,
        });
        self.ends_millis.saturating_add_unsigned(late.max().unwrap_or_default())
    }
}

impl HostOrder {
    fn of(order: &Order, index: usize, host_id: &str) -> Self {
        let Order { by, category, kind, ordered_millis, ends_millis, ref faults, .. } = *order;
        let fault = faults.of_host(index, host_id).cloned();
        Self { by, category, kind, ordered: ordered_millis, ends: ends_millis, fault }
    }

    pub(crate) fn is_about(&self, category: AssetCategory, kind: AssetKind) -> bool {
        self.category == category && self.kind.is_none_or(|own| own == kind)
    }

    /// Returns when the data is there.
    pub(crate) fn done(&self) -> i64 {
        match self.fault {
            Some(HostFault::Late(millis)) => self.ends.saturating_add_unsigned(millis),
            _ => self.ends,
        }
    }
}

/// All orders that still matter.
#[derive(Debug, Default)]
pub(crate) struct OrderBook(Mutex<Orders>);

#[derive(Debug, Default)]
struct Orders {
    /// Scans of all hosts of an enterprise project, in the order in which they were accepted.
    all: Vec<Arc<Order>>,
    by_host: HashMap<usize, Vec<HostOrder>>,
}

/// At most this many scans of all hosts, and orders of one host, are stored. Only faults and changes of hosts make more
/// than a few necessary; the oldest are dropped.
const MAX_STORED: usize = 512;

impl OrderBook {
    /// Adds an order, and drops those that it makes obsolete. `may_differ` returns whether hosts may have changed between
    /// two times, and `is_covered` whether a host is collected at a time.
    pub(crate) fn add(
        &self,
        order: &Order,
        now: i64,
        host_id: impl Fn(usize) -> Option<String>,
        may_differ: impl Fn(i64, i64) -> bool,
        is_covered: impl Fn(usize, i64) -> bool,
    ) {
        let mut orders = self.lock();
        match &order.targets {
            Targets::All(_) => {
                orders.all.push(Arc::new(order.clone()));
                drop_obsolete_scans(&mut orders.all, now, may_differ);
            }
            Targets::Hosts(indexes) => {
                for index in indexes {
                    let Some(id) = host_id(*index) else { continue };
                    let of_host = orders.by_host.entry(*index).or_default();
                    drop_obsolete(of_host, now, |at| is_covered(*index, at));
                    of_host.push(HostOrder::of(order, *index, &id));
                }
            }
        }
    }

    /// Returns the orders about a host.
    pub(crate) fn of_host(&self, index: usize, host_id: &str) -> Vec<HostOrder> {
        let orders = self.lock();
        let includes = |order: &&Arc<Order>| matches!(&order.targets, Targets::All(range) if range.contains(&index));
        let of_all = orders.all.iter().filter(includes).map(|order| HostOrder::of(order, index, host_id));
        of_all.chain(orders.by_host.get(&index).into_iter().flatten().cloned()).collect()
    }

    /// Forgets all orders.
    pub(crate) fn clear(&self) {
        *self.lock() = Orders::default();
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        let orders = self.lock();
        orders.all.len() + orders.by_host.values().map(Vec::len).sum::<usize>()
    }

    fn lock(&self) -> MutexGuard<'_, Orders> {
        // No code panics between two changes under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops the scans after which another one collected the same hosts.
fn drop_obsolete_scans(all: &mut Vec<Arc<Order>>, now: i64, may_differ: impl Fn(i64, i64) -> bool) {
    let ended: Vec<Arc<Order>> =
        all.iter().filter(|order| order.ends_millis <= now && order.faults.is_empty()).cloned().collect();
    all.retain(|order| {
        !ended.iter().any(|later| {
            (order.ordered_millis, order.ends_millis) < (later.ordered_millis, later.ends_millis)
                && order.last_done() <= later.ends_millis
                && order.category == later.category
                && includes(&later.targets, &order.targets)
                && !may_differ(order.ends_millis, later.ends_millis)
        })
    });
    // Of scans at the same moment, the last one is enough.
    all.dedup_by(|later, earlier| {
        let is_same = (later.ordered_millis, later.ends_millis, later.category, &later.targets, &later.faults)
            == (earlier.ordered_millis, earlier.ends_millis, earlier.category, &earlier.targets, &earlier.faults);
        is_same && later.faults.is_empty()
    });
    let excess = all.len().saturating_sub(MAX_STORED);
    all.drain(..excess);
}

fn includes(outer: &Targets, inner: &Targets) -> bool {
    match (outer, inner) {
        (Targets::All(outer), Targets::All(inner)) => outer.start <= inner.start && inner.end <= outer.end,
        _ => false,
    }
}

/// Drops the orders of a host after which another one collected the same.
fn drop_obsolete(of_host: &mut Vec<HostOrder>, now: i64, is_covered: impl Fn(i64) -> bool) {
    let complete: Vec<HostOrder> = of_host
        .iter()
        .filter(|order| order.ends <= now && order.fault.is_none() && is_covered(order.ends))
        .cloned()
        .collect();
    of_host.retain(|order| {
        // A scan passes over a host that is not covered, without a trace.
        let has_no_effect = order.ends <= now && order.by == OrderedBy::Scan && !is_covered(order.ends);
        let is_obsolete = complete.iter().any(|later| {
            (order.ordered, order.done()) < (later.ordered, later.ends)
                && order.done() <= later.ends
                && order.category == later.category
                && (later.kind.is_none() || later.kind == order.kind)
        });
        !has_no_effect && !is_obsolete
    });
    let excess = of_host.len().saturating_sub(MAX_STORED);
    of_host.drain(..excess);
}
