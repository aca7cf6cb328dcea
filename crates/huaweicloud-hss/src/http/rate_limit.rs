//! Limits how many requests are sent per second, over all clients that share the limiter, and slows down after a 429.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The shortest interval between two requests after the first 429.
const MIN_SLOWED_INTERVAL: Duration = Duration::from_millis(50);

/// The longest interval that 429s can lead to.
const MAX_INTERVAL: Duration = Duration::from_secs(10);

/// A shared limit on requests per second. Requests are sent in the order in which they ask.
#[derive(Debug)]
pub(super) struct RateLimiter(Mutex<Schedule>);

/// The intervals between requests: a pure state machine, apart from the times it is given.
#[derive(Debug)]
struct Schedule {
    /// The interval that is configured.
    configured: Duration,
    /// The interval now.
    current: Duration,
    /// When the next request may be sent.
    next: Option<Instant>,
}

impl RateLimiter {
    /// Limits the requests per second; `None` for no limit.
    pub(super) fn new(per_second: Option<f64>) -> Self {
        let configured =
            per_second.map_or(Duration::ZERO, |per_second| Duration::from_secs_f64(1.0 / per_second.clamp(0.001, 1e6)));
        Self(Mutex::new(Schedule { configured, current: configured, next: None }))
    }

    /// Waits until this request may be sent.
    pub(super) async fn acquire(&self) {
        let slot =
            self.with(|schedule| if schedule.current.is_zero() { None } else { schedule.next_slot(Instant::now()) });
        if let Some(slot) = slot {
            sleep_until(slot).await;
        }
    }

    /// Slows down: the service reported too many requests.
    pub(super) fn throttled(&self) {
        self.with(Schedule::throttled);
    }

    /// Speeds up again: the service accepted a request.
    pub(super) fn succeeded(&self) {
        self.with(Schedule::succeeded);
    }

    fn with<T>(&self, change: impl FnOnce(&mut Schedule) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Schedule {
    /// Returns when the request that asks now may be sent, if it has to wait at all.
    fn next_slot(&mut self, now: Instant) -> Option<Instant> {
        let slot = self.next.filter(|next| *next > now).unwrap_or(now);
        self.next = Some(slot + self.current);
        (slot > now).then_some(slot)
    }

    /// Doubles the interval.
    fn throttled(&mut self) {
        self.current = (self.current * 2).clamp(MIN_SLOWED_INTERVAL, MAX_INTERVAL);
    }

    /// Shortens the interval by a twentieth, down to the configured one.
    fn succeeded(&mut self) {
        if self.current > self.configured {
            let shorter = self.current - self.current / 20;
            self.current =
                if shorter < MIN_SLOWED_INTERVAL / 4 { self.configured } else { shorter.max(self.configured) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(per_second: Option<f64>) -> Schedule {
        RateLimiter::new(per_second).0.into_inner().unwrap()
    }

    #[test]
    fn requests_are_sent_at_the_configured_interval() {
        let now = Instant::now();
        let mut schedule = schedule(Some(4.0));
        let waits: Vec<u128> =
            (0..4).map(|_| schedule.next_slot(now).map_or(0, |slot| (slot - now).as_millis())).collect();
        assert_eq!(waits, [0, 250, 500, 750]);
        // Unused time is not saved up.
        let later = now + Duration::from_secs(60);
        assert_eq!(schedule.next_slot(later), None);
        assert_eq!(schedule.next_slot(later), Some(later + Duration::from_millis(250)));
    }

    #[test]
    fn without_a_limit_no_request_waits_until_there_are_too_many() {
        let now = Instant::now();
        let mut schedule = schedule(None);
        assert_eq!((schedule.next_slot(now), schedule.next_slot(now)), (None, None));
        schedule.throttled();
        assert_eq!((schedule.next_slot(now), schedule.next_slot(now)), (None, Some(now + MIN_SLOWED_INTERVAL)));
    }

    #[test]
    fn each_429_doubles_the_interval_and_successes_shorten_it() {
        let mut schedule = schedule(Some(100.0));
        for _ in 0..20 {
            schedule.throttled();
        }
        assert_eq!(schedule.current, MAX_INTERVAL);
        let mut successes = 0;
        while schedule.current > schedule.configured {
            schedule.succeeded();
            successes += 1;
        }
        assert_eq!(schedule.current, Duration::from_millis(10));
        assert!((50..500).contains(&successes), "{successes}");
    }
}
