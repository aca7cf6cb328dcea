//! Owns the scan queues: which project, enterprise project and category has a scan pending, and until when.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::{Duration, Instant};

/// What a queue belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Lane {
    pub(crate) project_id: String,
    pub(crate) enterprise_project_id: String,
    pub(crate) category: String,
}

/// All queues. Each holds at most one scan, and empties itself when the scan's time is over.
pub(crate) struct Queues {
    scan_duration: Duration,
    pending: Mutex<Pending>,
}

struct Pending {
    /// When the scan of a lane ends; `None` when that lies beyond what the clock can count.
    ends: HashMap<Lane, Option<Instant>>,
    /// Ended scans are swept out when there are this many entries, so that memory follows the pending ones.
    sweep_at: usize,
}

const SWEEP_MIN: usize = 1024;

impl Queues {
    pub(crate) fn new(scan_duration: Duration) -> Self {
        Self { scan_duration, pending: Mutex::new(Pending { ends: HashMap::new(), sweep_at: SWEEP_MIN }) }
    }

    /// Starts a scan; `false` when one is already pending in this lane.
    pub(crate) fn start(&self, lane: Lane, now: Instant) -> bool {
        let ends = self.ends(now);
        let mut pending = self.lock();
        match pending.ends.entry(lane) {
            Entry::Occupied(entry) if is_pending(*entry.get(), now) => return false,
            Entry::Occupied(mut entry) => {
                entry.insert(ends);
            }
            Entry::Vacant(entry) => {
                entry.insert(ends);
            }
        }
        if pending.ends.len() >= pending.sweep_at {
            pending.ends.retain(|_, ends| is_pending(*ends, now));
            pending.sweep_at = SWEEP_MIN.max(pending.ends.len() * 2);
        }
        true
    }

    /// When a scan that starts now ends; `None` when that lies beyond what the clock can count.
    pub(crate) fn ends(&self, now: Instant) -> Option<Instant> {
        now.checked_add(self.scan_duration)
    }

    /// Takes up a scan of an earlier run.
    pub(crate) fn restore(&self, lane: Lane, ends: Option<Instant>) {
        self.lock().ends.insert(lane, ends);
    }

    /// Whether a scan is pending in this lane.
    pub(crate) fn is_busy(&self, lane: &Lane, now: Instant) -> bool {
        self.lock().ends.get(lane).is_some_and(|ends| is_pending(*ends, now))
    }

    /// The scans that are pending, those that end first at the front.
    pub(crate) fn pending(&self, now: Instant) -> Vec<(Lane, Option<Instant>)> {
        let pending = self.lock();
        let busy = pending.ends.iter().filter(|(_, ends)| is_pending(**ends, now));
        let mut all: Vec<_> = busy.map(|(lane, ends)| (lane.clone(), *ends)).collect();
        all.sort_by(|(lane, ends), (other_lane, other_ends)| {
            (ends.is_none(), ends, lane).cmp(&(other_ends.is_none(), other_ends, other_lane))
        });
        all
    }

    /// Empties all queues.
    pub(crate) fn clear(&self) {
        self.lock().ends.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        // No code panics while it holds the lock half-way through a change, so a poisoned map is a whole one.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_pending(ends: Option<Instant>, now: Instant) -> bool {
    ends.is_none_or(|ends| now < ends)
}

#[cfg(test)]
mod tests {
    use super::{Lane, Queues, SWEEP_MIN};
    use tokio::time::{Duration, Instant};

    fn lane(project_id: &str) -> Lane {
        Lane { project_id: project_id.to_owned(), enterprise_project_id: "0".to_owned(), category: "host".to_owned() }
    }

    #[test]
    fn a_lane_is_busy_until_its_scan_ends() {
        let queues = Queues::new(Duration::from_secs(2));
        let start = Instant::now();
        assert!(!queues.is_busy(&lane("a"), start));
        assert!(queues.start(lane("a"), start));
        let last = start + Duration::from_nanos(1_999_999_999);
        assert!(queues.is_busy(&lane("a"), last));
        assert!(!queues.start(lane("a"), last));
        assert!(!queues.is_busy(&lane("b"), last));
        let end = start + Duration::from_secs(2);
        assert!(!queues.is_busy(&lane("a"), end));
        assert!(queues.start(lane("a"), end));
        assert!(queues.is_busy(&lane("a"), end));
    }

    #[test]
    fn extreme_durations_work() {
        let now = Instant::now();
        let none = Queues::new(Duration::ZERO);
        assert!(none.start(lane("a"), now) && none.start(lane("a"), now) && !none.is_busy(&lane("a"), now));
        let ever = Queues::new(Duration::MAX);
        assert!(ever.start(lane("a"), now));
        assert!(ever.is_busy(&lane("a"), now + Duration::from_secs(1 << 30)));
    }

    #[test]
    fn ended_scans_do_not_pile_up() {
        let queues = Queues::new(Duration::from_secs(1));
        let start = Instant::now();
        for number in 0..10 * SWEEP_MIN {
            let now = start + Duration::from_secs(number as u64);
            assert!(queues.start(lane(&number.to_string()), now));
        }
        assert!(queues.lock().ends.len() <= SWEEP_MIN);
    }
}
