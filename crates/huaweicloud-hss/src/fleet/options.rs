//! How a fleet run is executed: waiting, polling, concurrency and the journal.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::journal::Journal;
use super::poll::{PollInterval, ScanDuration};

/// How queue plans are executed. Plans that are executed with the same options, or clones of them, share their limits.
///
/// ```
/// use std::time::Duration;
/// use huaweicloud_hss::fleet::FleetOptions;
///
/// let mut options = FleetOptions::default().with_concurrency(16);
/// options.wait = true;
/// options.wait_timeout = Duration::from_secs(60 * 60);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FleetOptions {
    /// Whether to wait also for scans of other clients, and for the end of the run's own last scan.
    pub wait: bool,
    /// How long one call may wait for its queue, and the run for the end of its last scan.
    pub wait_timeout: Duration,
    /// How long after its acceptance a scan may take to be reported as pending, 10 seconds by default. Until then, a free
    /// queue is no sign that the scan has ended.
    pub pending_grace: Duration,
    /// How often to poll the status of a busy queue.
    pub poll_interval: PollInterval,
    /// The journal in which each call is recorded before and after it is sent.
    pub journal: Option<Arc<Journal>>,
    /// Limits the calls in flight, status requests included.
    permits: Arc<Semaphore>,
    pub(super) scan_duration: ScanDuration,
}

impl FleetOptions {
    /// The default number of calls in flight.
    pub const DEFAULT_CONCURRENCY: usize = 8;

    /// Limits the calls in flight over all queues, at least 1. Waiting queues do not count.
    #[must_use]
    pub fn with_concurrency(mut self, calls: usize) -> Self {
        self.permits = Arc::new(Semaphore::new(calls.clamp(1, Semaphore::MAX_PERMITS)));
        self
    }

    /// Waits for a permit to send one call. The semaphore is never closed, so this always returns one.
    pub(super) async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        self.permits.acquire().await.ok()
    }
}

impl Default for FleetOptions {
    /// Waits for the run's own scans only, at most 30 minutes; 8 calls in flight.
    fn default() -> Self {
        Self {
            wait: false,
            wait_timeout: Duration::from_secs(30 * 60),
            pending_grace: Duration::from_secs(10),
            poll_interval: PollInterval::default(),
            journal: None,
            permits: Arc::new(Semaphore::new(Self::DEFAULT_CONCURRENCY)),
            scan_duration: ScanDuration::default(),
        }
    }
}
