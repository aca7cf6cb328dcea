//! How a fleet run is executed: waiting, polling, concurrency and the journal.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit, watch};

use super::journal::Journal;
use super::poll::{PollInterval, PollSchedule, ScanDuration};

/// How queue plans are executed. Plans that are executed with the same options, or clones of them, share their limits.
///
/// ```
/// use std::time::Duration;
/// use huaweicloud_hss::fleet::FleetOptions;
///
/// let options = FleetOptions::default()
///     .with_concurrency(16)
///     .with_wait(true)
///     .with_wait_timeout(Duration::from_secs(60 * 60));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FleetOptions {
    /// Whether to wait also for scans of other clients, and for the end of the run's own last scan.
    pub wait: bool,
    /// How long one call may wait for its queue, and the run for the end of its last scan.
    pub wait_timeout: Duration,
    /// After this moment no call starts: those that were not sent are reported as such, and those in flight finish.
    pub deadline: Option<Instant>,
    /// How long after its acceptance a scan may take to be reported as pending, 10 seconds by default. Until then, a free
    /// queue is no sign that the scan has ended.
    pub pending_grace: Duration,
    /// How often to poll the status of a busy queue.
    pub poll_interval: PollInterval,
    /// The journal in which each call is recorded before and after it is sent.
    pub journal: Option<Arc<Journal>>,
    pub(super) places: Places,
    pub(super) polls: PollSchedule,
    pub(super) scan_duration: ScanDuration,
}

impl FleetOptions {
    /// The default number of calls in flight.
    pub const DEFAULT_CONCURRENCY: usize = 8;

    /// Limits the calls in flight over all queues, at least 1. Waiting queues do not count.
    #[must_use]
    pub fn with_concurrency(mut self, calls: usize) -> Self {
        self.places = Places::new(calls);
        self
    }

    /// Sets whether to wait also for scans of other clients, and for the end of the run's own last scan.
    #[must_use]
    pub fn with_wait(mut self, wait: bool) -> Self {
        self.wait = wait;
        self
    }

    /// Sets how long one call may wait for its queue, and the run for the end of its last scan.
    #[must_use]
    pub fn with_wait_timeout(mut self, timeout: Duration) -> Self {
        self.wait_timeout = timeout;
        self
    }

    /// Sets the moment after which no call starts.
    #[must_use]
    pub fn with_deadline(mut self, deadline: impl Into<Option<Instant>>) -> Self {
        self.deadline = deadline.into();
        self
    }

    /// Sets how long after its acceptance a scan may take to be reported as pending.
    #[must_use]
    pub fn with_pending_grace(mut self, grace: Duration) -> Self {
        self.pending_grace = grace;
        self
    }

    /// Sets how often to poll the status of a busy queue.
    #[must_use]
    pub fn with_poll_interval(mut self, interval: PollInterval) -> Self {
        self.poll_interval = interval;
        self
    }

    /// Sets the journal in which each call is recorded before and after it is sent.
    #[must_use]
    pub fn with_journal(mut self, journal: impl Into<Arc<Journal>>) -> Self {
        self.journal = Some(journal.into());
        self
    }
}

/// The places of the calls in flight. When both wait, scans go before status requests, which only wait for them.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// How many there are.
    pub(super) count: usize,
    free: Arc<Semaphore>,
    waiting_scans: watch::Sender<usize>,
}

impl Places {
    fn new(calls: usize) -> Self {
        let count = calls.clamp(1, Semaphore::MAX_PERMITS);
        let free = Arc::new(Semaphore::new(count));
        Self { count, free, waiting_scans: watch::Sender::new(0) }
    }

    /// Waits for the place of a scan. The semaphore is never closed, so this always returns one.
    pub(super) async fn for_scan(&self) -> Option<SemaphorePermit<'_>> {
        let _waiting = WaitingScan::new(&self.waiting_scans);
        self.free.acquire().await.ok()
    }

    /// Waits for the place of a status request.
    pub(super) async fn for_status(&self) -> Option<SemaphorePermit<'_>> {
        let mut waiting_scans = self.waiting_scans.subscribe();
        loop {
            waiting_scans.wait_for(|scans| *scans == 0).await.ok()?;
            let place = self.free.acquire().await.ok()?;
            if *self.waiting_scans.borrow() == 0 {
                return Some(place);
            }
        }
    }
}

/// Counts a waiting scan.
struct WaitingScan<'a>(&'a watch::Sender<usize>);

impl<'a> WaitingScan<'a> {
    fn new(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|scans| *scans += 1);
        Self(count)
    }
}

impl Drop for WaitingScan<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|scans| *scans -= 1);
    }
}

impl Default for FleetOptions {
    /// Waits for the run's own scans only, at most 30 minutes; 8 calls in flight.
    fn default() -> Self {
        Self {
            wait: false,
            wait_timeout: Duration::from_secs(30 * 60),
            deadline: None,
            pending_grace: Duration::from_secs(10),
            poll_interval: PollInterval::default(),
            journal: None,
            places: Places::new(Self::DEFAULT_CONCURRENCY),
            polls: PollSchedule::default(),
            scan_duration: ScanDuration::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn scans_go_before_status_requests_when_both_wait() {
        let places = Places::new(1);
        let order = std::sync::Mutex::new(Vec::new());
        let taken = places.for_scan().await;
        let status = async {
            let _place = places.for_status().await;
            order.lock().unwrap().push("status");
        };
        let scan = |name| {
            let (places, order) = (&places, &order);
            async move {
                let _place = places.for_scan().await;
                order.lock().unwrap().push(name);
                tokio::task::yield_now().await;
            }
        };
        let free = async { drop(taken) };
        tokio::join!(status, scan("first"), scan("second"), free);
        assert_eq!(*order.lock().unwrap(), ["first", "second", "status"]);
    }
}
