//! When a kind of asset of a host was last collected: from the schedule, and from the orders.

use std::ops::Range;

use super::fault::HostFault;
use super::kind::{AssetCategory, AssetKind};
use super::orders::{HostOrder, OrderedBy};
use super::truth::{CollectStatus, CollectionCause, LastCollection};

/// Everything that the times of a host depend on.
pub(crate) struct HostTimes {
    /// The periods in which it is collected.
    pub(crate) covered: Vec<Range<i64>>,
    pub(crate) orders: Vec<HostOrder>,
    /// Spreads the automatic collections of hosts.
    pub(crate) chance: u64,
    pub(crate) now: i64,
}

impl HostTimes {
    /// Whether it has ever been collected. Only then it has rows.
    pub(crate) fn is_known(&self) -> bool {
        self.covered.first().is_some_and(|period| period.start <= self.now)
    }

    fn is_covered(&self, at: i64) -> bool {
        self.covered.iter().any(|period| period.contains(&at))
    }

    /// Returns the last collection of a kind; `None` if there was none.
    pub(crate) fn last(&self, category: AssetCategory, kind: AssetKind) -> Option<LastCollection> {
        let (scheduled, cause) = self.scheduled(kind)?;
        let mut last = LastCollection { at: scheduled, cause, listed_at: scheduled };
        for order in self.orders.iter().filter(|order| order.is_about(category, kind)) {
            let at = order.done();
            if at > self.now || !self.collects(order) {
                continue;
            }
            if at > last.at {
                last.cause = match order.by {
                    OrderedBy::Scan => CollectionCause::Scan,
                    OrderedBy::Manual => CollectionCause::Manual,
                };
                last.at = at;
            }
            if order.fault != Some(HostFault::KeepTimes) {
                last.listed_at = last.listed_at.max(at);
            }
        }
        Some(last)
    }

    /// Returns the last automatic collection of a kind.
    fn scheduled(&self, kind: AssetKind) -> Option<(i64, CollectionCause)> {
        let first = self.covered.first().filter(|_| self.is_known())?.start;
        let latest = self.covered.iter().rev().filter(|period| period.start <= self.now).find_map(|period| {
            let tick = kind.last_scheduled(self.chance, self.now.min(period.end.saturating_sub(1)));
            (tick > period.start).then_some((tick, CollectionCause::Schedule))
        });
        Some(latest.unwrap_or((first, CollectionCause::First)))
    }

    /// Whether an order collects the host.
    fn collects(&self, order: &HostOrder) -> bool {
        let is_prevented = matches!(order.fault, Some(HostFault::Skip | HostFault::Fail | HostFault::Hang));
        !is_prevented && self.is_covered(order.ends)
    }

    /// Returns the state of the last ordered collection of a kind on the server itself.
    pub(crate) fn status(&self, kind: AssetKind) -> (CollectStatus, Option<i64>) {
        let shown = |order: &&HostOrder| {
            let is_hidden = matches!(order.fault, Some(HostFault::Skip | HostFault::KeepStatus));
            // A scan passes over hosts that are not covered.
            let is_passed_over = order.by == OrderedBy::Scan && !self.is_covered(order.ends.min(self.now));
            order.is_about(AssetCategory::Host, kind) && !is_hidden && !is_passed_over
        };
        let orders = || self.orders.iter().filter(shown);
        let ended = |order: &&HostOrder| order.done() <= self.now && self.collects(order);
        let scanned_at = orders().filter(ended).map(HostOrder::done).max();
        let Some(last) = orders().max_by_key(|order| (order.ordered, order.ends)) else {
            return (CollectStatus::NeverScanned, None);
        };
        let status = match &last.fault {
            _ if self.now < last.done() => CollectStatus::Scanning,
            Some(HostFault::Hang) => CollectStatus::LongScanning,
            Some(HostFault::Fail) => CollectStatus::Failed,
            _ if !self.is_covered(last.ends) => CollectStatus::Failed,
            _ => CollectStatus::Scanned,
        };
        (status, scanned_at)
    }
}
