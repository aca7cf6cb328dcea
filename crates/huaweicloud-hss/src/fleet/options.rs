//! How a fleet run is executed: waiting, polling, concurrency and the journal.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::journal::Journal;
use super::poll::{PollInterval, ScanDuration};

/// How queue plans are executed. Plans that are executed with the same options, or clones of them, share their limits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FleetOptions {
    /// Also wait for a queue that somebody else filled, and track the run's own scan to its end.
    pub wait: bool,
    /// The longest wait of one call for its queue, and for the end of the last scan.
    pub wait_timeout: Duration,
    /// How often to poll the status of a busy queue.
    pub poll_interval: PollInterval,
    /// Where each call is recorded before and after it is sent.
    pub journal: Option<Arc<Journal>>,
    /// Limits the calls in flight, status requests included.
    permits: Arc<Semaphore>,
    pub(super) scan_duration: ScanDuration,
}

impl FleetOptions {
    /// The default number of calls in flight.
    pub const DEFAULT_CONCURRENCY: usize = 8;

    /// Limits the calls in flight, over all queues. A queue that waits takes no part of it.
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
            poll_interval: PollInterval::default(),
            journal: None,
            permits: Arc::new(Semaphore::new(Self::DEFAULT_CONCURRENCY)),
            scan_duration: ScanDuration::default(),
        }
    }
}
