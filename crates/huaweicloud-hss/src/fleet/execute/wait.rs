//! How long a run waits for a queue, and how that ends.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;

/// How a wait for a free queue ended.
pub(super) enum WaitResult {
    Free,
    /// The accepted scan was never reported as pending, so there is no sign that it has ended.
    NotSeenPending,
    TimedOut,
    Cancelled,
    Failed(Error),
}

/// Returns the moment after a wait. At most a century, because the clock cannot represent every moment.
pub(super) fn from_now(wait: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    Instant::now() + wait.min(CENTURY)
}
