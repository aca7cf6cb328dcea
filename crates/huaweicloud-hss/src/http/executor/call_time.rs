//! How much time is left for a call: a pure state machine, apart from the times it is given.

use std::time::Duration;

use tokio::time::Instant;

use crate::http::call_options::CallOptions;
use crate::http::config::HttpConfig;

/// How long a service that was never reached is tried: its endpoint or a proxy is probably wrong.
const FIRST_CONTACT: Duration = Duration::from_secs(12);

/// The limits in time of one call.
#[derive(Debug)]
pub(super) struct CallTime {
    /// When the call has to end.
    end: Option<Instant>,
    /// After this moment no attempt starts.
    latest_start: Option<Instant>,
    attempt_timeout: Duration,
    /// The time for attempts and the delays between them.
    retry_limit: Duration,
    /// How much of it has to be left for another attempt.
    retry_floor: Duration,
    /// How much of it is used.
    used: Duration,
}

impl CallTime {
    pub(super) fn new(config: &HttpConfig, options: &CallOptions, now: Instant) -> Self {
        let retry_limit = options.retry.as_ref().unwrap_or(&config.retry).time_limit();
        let latest_of_timeout = options.timeout.and_then(|limit| now.checked_add(limit - config.attempt_floor(limit)));
        Self {
            end: options.timeout.and_then(|timeout| now.checked_add(timeout)),
            latest_start: options.deadline.map(Instant::from_std).into_iter().chain(latest_of_timeout).min(),
            attempt_timeout: config.attempt_timeout,
            retry_limit,
            retry_floor: config.attempt_floor(retry_limit),
            used: Duration::ZERO,
        }
    }

    pub(super) fn latest_start(&self) -> Option<Instant> {
        self.latest_start
    }

    /// Returns the time limit of an attempt that starts now.
    pub(super) fn attempt_limit(&self, now: Instant) -> Duration {
        let left = self.retry_limit.saturating_sub(self.used).max(self.retry_floor);
        let limit = self.attempt_timeout.min(left);
        self.end.map_or(limit, |end| limit.min(end - now)).max(Duration::from_millis(1))
    }

    /// Counts an attempt or a delay.
    pub(super) fn spend(&mut self, time: Duration) {
        self.used = self.used.saturating_add(time);
    }

    /// Returns whether another attempt may start after a delay. The service has been unreachable for a time, for this
    /// call or for others before it.
    pub(super) fn allows_retry(&self, now: Instant, delay: Duration, unreachable_for: Duration) -> bool {
        let used = self.used.max(unreachable_for);
        used.saturating_add(delay).saturating_add(self.retry_floor) <= self.retry_limit && self.may_start(now + delay)
    }

    /// Returns the delay before the next attempt to reach a service that no call has ever reached. The last one is made
    /// at the end of the time for that.
    pub(super) fn until_next_contact(&self, delay: Duration, unreachable_for: Duration) -> Option<Duration> {
        let left = FIRST_CONTACT.checked_sub(self.used.max(unreachable_for)).filter(|left| !left.is_zero())?;
        Some(delay.min(left))
    }

    /// Returns whether an attempt may start at this moment.
    pub(super) fn may_start(&self, moment: Instant) -> bool {
        self.latest_start.is_none_or(|latest| moment <= latest) && self.end.is_none_or(|end| moment < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::retry::RetryPolicy;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn an_attempt_starts_only_with_its_full_time_or_half_of_the_calls() {
        let config = HttpConfig::default().with_attempt_timeout(10 * SECOND);
        let now = Instant::now();
        for (timeout, latest, first_attempt) in
            [(30, 20_000, 10), (20, 10_000, 10), (10, 5000, 10), (1, 500, 1), (0, 0, 0)]
        {
            let time = CallTime::new(&config, &CallOptions::default().with_timeout(timeout * SECOND), now);
            let latest = now + Duration::from_millis(latest);
            assert_eq!(time.latest_start(), Some(latest), "{timeout}");
            assert_eq!(time.attempt_limit(now), (first_attempt * SECOND).max(Duration::from_millis(1)), "{timeout}");
            assert_eq!(time.may_start(latest), timeout > 0, "{timeout}");
            assert!(!time.may_start(latest + SECOND), "{timeout}");
        }
    }

    #[test]
    fn a_deadline_limits_the_start_only() {
        let now = Instant::now();
        let options = CallOptions::default().with_deadline((now + SECOND).into_std());
        let time = CallTime::new(&HttpConfig::default(), &options, now);
        assert_eq!((time.latest_start(), time.attempt_limit(now + SECOND)), (Some(now + SECOND), 60 * SECOND));
        let both = options.with_timeout(200 * SECOND);
        assert_eq!(CallTime::new(&HttpConfig::default(), &both, now).latest_start(), Some(now + SECOND));
    }

    #[test]
    fn retries_end_when_no_whole_attempt_is_left() {
        let retry = RetryPolicy::default().with_time_limit(30 * SECOND);
        let config = HttpConfig::default().with_attempt_timeout(10 * SECOND);
        let now = Instant::now();
        let mut time = CallTime::new(&config, &CallOptions::default().with_retry(retry), now);
        time.spend(15 * SECOND);
        assert!(time.allows_retry(now, 5 * SECOND, Duration::ZERO));
        assert!(!time.allows_retry(now, 6 * SECOND, Duration::ZERO));
        assert!(!time.allows_retry(now, Duration::ZERO, 21 * SECOND), "others could not reach it either");
        time.spend(10 * SECOND);
        assert_eq!(time.attempt_limit(now), 10 * SECOND, "an attempt after a 429 has its time");
    }
    #[test]
    fn a_service_that_was_never_reached_is_tried_for_12_seconds() {
        let mut time = CallTime::new(&HttpConfig::default(), &CallOptions::default(), Instant::now());
        assert_eq!(time.until_next_contact(SECOND, Duration::ZERO), Some(SECOND));
        assert_eq!(time.until_next_contact(6 * SECOND, 9 * SECOND), Some(3 * SECOND));
        assert_eq!(time.until_next_contact(SECOND, 12 * SECOND), None);
        time.spend(13 * SECOND);
        assert_eq!(time.until_next_contact(SECOND, Duration::ZERO), None);
    }
}
