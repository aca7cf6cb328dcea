//! The clock by which scans, tokens, locks and rate limits end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::{Duration, Instant};

/// Tokio's clock, which a test may pause, plus the time by which it was moved forward. Clones are the same clock.
///
/// The dates of signatures and responses are by the wall clock instead, which clients share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    advanced_millis: Arc<AtomicU64>,
}

impl Clock {
    pub(crate) fn now(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.advanced()).unwrap_or(now)
    }

    /// Moves the clock forward, in whole milliseconds.
    pub(crate) fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let add = |advanced: u64| Some(advanced.saturating_add(millis));
        // The closure always returns a value, so this cannot fail.
        let _ = self.advanced_millis.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Returns by how much it was moved forward.
    pub(crate) fn advanced(&self) -> Duration {
        Duration::from_millis(self.advanced_millis.load(Ordering::Relaxed))
    }

    /// Returns the time of tokio's clock at which this clock shows `at`.
    pub(crate) fn on_tokio_clock(&self, at: Instant) -> Instant {
        at.checked_sub(self.advanced()).unwrap_or(at)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Duration, Instant};

    use super::Clock;

    #[tokio::test(start_paused = true)]
    async fn it_moves_with_tokios_clock_and_forward() {
        let clock = Clock::default();
        let start = Instant::now();
        assert_eq!(clock.now(), start);
        clock.clone().advance(Duration::from_secs(60));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(clock.now() - start, Duration::from_secs(61));
        assert_eq!(clock.on_tokio_clock(clock.now()), Instant::now());
        for _ in 0..2 {
            clock.advance(Duration::MAX);
        }
        assert!(clock.now() >= Instant::now());
    }
}
