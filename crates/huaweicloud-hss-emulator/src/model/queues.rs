//! The scan queues: which project, enterprise project and category has a pending scan, and until when.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::{Duration, Instant};

/// Identifies a queue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct QueueKey {
    pub(crate) project_id: String,
    pub(crate) enterprise_project_id: String,
    pub(crate) category: String,
}

/// A scan that occupies its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PendingScan {
    pub(crate) queue: QueueKey,
    /// When it ends; `None` if the clock cannot represent that time.
    pub(crate) ends_at: Option<Instant>,
}

/// All queues. Each has at most one scan, and is free again when the scan ends.
pub(crate) struct Queues {
    scan_duration: Duration,
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    /// When the scan of a queue ends, as in [`PendingScan`].
    ends: HashMap<QueueKey, Option<Instant>>,
    /// Until when the status does not show the scan of a queue; `None` for as long as it is pending.
    hidden: HashMap<QueueKey, Option<Instant>>,
    /// At this many entries, those of ended scans are removed, so that memory depends on the number of pending scans.
    sweep_at: usize,
}

const SWEEP_MIN: usize = 1024;

impl Queues {
    pub(crate) fn new(scan_duration: Duration) -> Self {
        Self { scan_duration, pending: Mutex::new(Pending::default()) }
    }

    /// Returns how long a scan is pending.
    pub(crate) fn scan_duration(&self) -> Duration {
        self.scan_duration
    }

    /// Starts a scan; `None` when one is already pending in this queue.
    pub(crate) fn start(&self, queue: QueueKey, now: Instant) -> Option<PendingScan> {
        let ends_at = now.checked_add(self.scan_duration);
        let mut pending = self.lock();
        match pending.ends.entry(queue.clone()) {
            Entry::Occupied(entry) if is_pending(*entry.get(), now) => return None,
            Entry::Occupied(mut entry) => {
                entry.insert(ends_at);
            }
            Entry::Vacant(entry) => {
                entry.insert(ends_at);
            }
        }
        pending.hidden.remove(&queue);
        if pending.ends.len() >= pending.sweep_at.max(SWEEP_MIN) {
            let Pending { ends, hidden, sweep_at } = &mut *pending;
            ends.retain(|_, ends_at| is_pending(*ends_at, now));
            hidden.retain(|queue, _| ends.contains_key(queue));
            *sweep_at = ends.len() * 2;
        }
        Some(PendingScan { queue, ends_at })
    }

    /// Restores a scan of an earlier process.
    pub(crate) fn restore(&self, scan: PendingScan) {
        self.lock().ends.insert(scan.queue, scan.ends_at);
    }

    /// Hides the pending scan of a queue from its status until a time, or until it ends.
    pub(crate) fn hide(&self, queue: &QueueKey, until: Option<Instant>) {
        self.lock().hidden.insert(queue.clone(), until);
    }

    /// Whether the status of this queue shows a pending scan.
    pub(crate) fn is_busy(&self, queue: &QueueKey, now: Instant) -> bool {
        let pending = self.lock();
        let is_hidden = pending.hidden.get(queue).is_some_and(|until| is_pending(*until, now));
        !is_hidden && pending.ends.get(queue).is_some_and(|ends_at| is_pending(*ends_at, now))
    }

    /// Returns the pending scans, those that end first at the front.
    pub(crate) fn pending(&self, now: Instant) -> Vec<PendingScan> {
        let pending = self.lock();
        let busy = pending.ends.iter().filter(|(_, ends_at)| is_pending(**ends_at, now));
        let mut scans: Vec<_> =
            busy.map(|(queue, ends_at)| PendingScan { queue: queue.clone(), ends_at: *ends_at }).collect();
        scans.sort_by(|one, other| {
            (one.ends_at.is_none(), one.ends_at, &one.queue).cmp(&(
                other.ends_at.is_none(),
                other.ends_at,
                &other.queue,
            ))
        });
        scans
    }

    /// Empties all queues.
    pub(crate) fn clear(&self) {
        *self.lock() = Pending::default();
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        // No code panics between two changes under the lock, so the map is consistent even if poisoned.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_pending(ends_at: Option<Instant>, now: Instant) -> bool {
    ends_at.is_none_or(|end| now < end)
}

#[cfg(test)]
mod tests {
    use tokio::time::{Duration, Instant};

    use super::{QueueKey, Queues, SWEEP_MIN};

    fn queue(project_id: &str) -> QueueKey {
        QueueKey {
            project_id: project_id.to_owned(),
            enterprise_project_id: "0".to_owned(),
            category: "host".to_owned(),
        }
    }

    #[test]
    fn a_queue_is_busy_until_its_scan_ends() {
        let queues = Queues::new(Duration::from_secs(2));
        let start = Instant::now();
        assert!(!queues.is_busy(&queue("a"), start));
        assert!(queues.start(queue("a"), start).is_some());
        let last = start + Duration::from_nanos(1_999_999_999);
        assert!(queues.is_busy(&queue("a"), last));
        assert!(queues.start(queue("a"), last).is_none());
        assert!(!queues.is_busy(&queue("b"), last));
        let end = start + Duration::from_secs(2);
        assert!(!queues.is_busy(&queue("a"), end));
        assert!(queues.start(queue("a"), end).is_some());
        assert!(queues.is_busy(&queue("a"), end));
    }

    #[test]
    fn a_hidden_scan_still_occupies_its_queue() {
        let queues = Queues::new(Duration::from_secs(2));
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        assert!(queues.start(queue("a"), start).is_some());
        queues.hide(&queue("a"), Some(at(500)));
        assert!(!queues.is_busy(&queue("a"), at(499)) && queues.start(queue("a"), at(499)).is_none());
        assert!(queues.is_busy(&queue("a"), at(500)));
        queues.hide(&queue("a"), None);
        assert!(!queues.is_busy(&queue("a"), at(1999)));
        assert!(queues.start(queue("a"), at(2000)).is_some());
        assert!(queues.is_busy(&queue("a"), at(2000)), "the next scan is not hidden");
    }

    #[test]
    fn extreme_durations_work() {
        let now = Instant::now();
        let none = Queues::new(Duration::ZERO);
        assert!(none.start(queue("a"), now).is_some() && none.start(queue("a"), now).is_some());
        assert!(!none.is_busy(&queue("a"), now));
        let ever = Queues::new(Duration::MAX);
        assert!(ever.start(queue("a"), now).is_some());
        assert!(ever.is_busy(&queue("a"), now + Duration::from_secs(1 << 30)));
    }

    #[test]
    fn ended_scans_do_not_accumulate() {
        let queues = Queues::new(Duration::from_secs(1));
        let start = Instant::now();
        for number in 0..10 * SWEEP_MIN {
            let now = start + Duration::from_secs(number as u64);
            assert!(queues.start(queue(&number.to_string()), now).is_some());
        }
        assert!(queues.lock().ends.len() <= SWEEP_MIN);
    }
}
