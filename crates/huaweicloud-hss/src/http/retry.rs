//! Decides whether a call is retried, and after which delay: a pure function of the error and the number of attempts.

use std::time::Duration;

use super::rate_limit::MAX_RETRY_AFTER;
use crate::error::{Error, ErrorKind};

/// How long, and after which delays, a call is retried.
///
/// Calls are retried if they were not sent, were throttled (429) or found the service unavailable (503), and a GET also
/// if it failed on the way. A call that starts something and may have taken effect is not retried, unless
/// [`RetryPolicy::with_retry_ambiguous`] allows it. Each attempt is signed again. The delay doubles with each attempt,
/// and up to half of it is subtracted at random. The service's Retry-After is used if it is longer, up to 60 seconds.
///
/// An endpoint that was never reached is tried for at most 12 seconds.
///
/// A throttled call waits for its turn instead, which does not count towards the time limit: only the timeout and the
/// deadline of the call ([`CallOptions`](crate::CallOptions)) end that.
///
/// ```
/// use std::time::Duration;
/// use huaweicloud_hss::RetryPolicy;
///
/// let patient =
///     RetryPolicy::default().with_max_attempts(8).with_backoff(Duration::from_secs(1), Duration::from_secs(60));
/// let once = RetryPolicy::none();
/// assert_ne!(patient, once);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    time_limit: Duration,
    max_attempts: u32,
    min_delay: Duration,
    max_delay: Duration,
    retry_ambiguous: bool,
}

impl Default for RetryPolicy {
    /// Retries for 2 minutes, with delays of 200 milliseconds to 10 seconds.
    fn default() -> Self {
        Self {
            time_limit: Duration::from_secs(120),
            max_attempts: u32::MAX,
            min_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(10),
            retry_ambiguous: false,
        }
    }
}

impl RetryPolicy {
    /// Sends each call once.
    pub fn none() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// Sets the time limit for all attempts of a call with the delays between them, 2 minutes by default.
    ///
    /// A retry starts only if the time limit of an attempt, or half of this one if that is shorter, is left.
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Sets the maximum number of attempts per call, unlimited by default; 0 counts as 1.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets the first and the longest delay, 200 milliseconds and 10 seconds by default.
    pub fn with_backoff(mut self, min: Duration, max: Duration) -> Self {
        self.min_delay = min;
        self.max_delay = max.max(min);
        self
    }

    /// Sets whether calls that may have taken effect are retried too: a scan may then be started twice.
    pub fn with_retry_ambiguous(mut self, retry: bool) -> Self {
        self.retry_ambiguous = retry;
        self
    }

    /// Returns the time limit for all attempts.
    pub(super) fn time_limit(&self) -> Duration {
        self.time_limit
    }

    /// Returns the delay before the next attempt, or `None` if the call is not retried. `random` is between 0 and 1.
    pub(super) fn delay(&self, error: &Error, attempts: u32, random: f64) -> Option<Duration> {
        let is_retryable = match error.kind() {
            ErrorKind::Ambiguous => self.retry_ambiguous,
            _ => error.is_transient(),
        };
        if !is_retryable || attempts >= self.max_attempts {
            return None;
        }
        if error.kind() == ErrorKind::Throttled {
            // The rate limiter delays all calls that share the limit.
            return Some(Duration::ZERO);
        }
        let backoff = self.min_delay.saturating_mul(1 << attempts.saturating_sub(1).min(16));
        let delay = backoff.min(self.max_delay).mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0);
        Some(delay.max(error.retry_after().unwrap_or_default().min(MAX_RETRY_AFTER)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_are_retried_and_errors_that_are_not() {
        let opted_in = RetryPolicy::default().with_retry_ambiguous(true);
        for (kind, by_default, opted) in [
            (ErrorKind::Unreachable, true, true),
            (ErrorKind::Throttled, true, true),
            (ErrorKind::Unavailable, true, true),
            (ErrorKind::Ambiguous, false, true),
            (ErrorKind::InvalidInput, false, false),
            (ErrorKind::Config, false, false),
            (ErrorKind::Cancelled, false, false),
            (ErrorKind::Credentials, false, false),
            (ErrorKind::Permission, false, false),
            (ErrorKind::Refused, false, false),
            (ErrorKind::InvalidResponse, false, false),
        ] {
            let error = Error::new(kind, "x");
            assert_eq!(RetryPolicy::default().delay(&error, 1, 0.5).is_some(), by_default, "{kind:?}");
            assert_eq!(opted_in.delay(&error, 1, 0.5).is_some(), opted, "{kind:?} opted in");
            let four = opted_in.clone().with_max_attempts(4);
            assert_eq!(four.delay(&error, 4, 0.5), None, "{kind:?} at the last attempt");
            assert_eq!(RetryPolicy::none().delay(&error, 1, 0.5), None, "{kind:?} without retries");
        }
    }

    #[test]
    fn delays_double_with_jitter_up_to_the_longest() {
        let policy = RetryPolicy::default();
        let error = Error::new(ErrorKind::Unavailable, "x");
        let delays: Vec<u128> = (1..9).map(|n| policy.delay(&error, n, 1.0).unwrap().as_millis()).collect();
        assert_eq!(delays, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        assert_eq!(policy.delay(&error, 1, 0.0), Some(Duration::from_millis(100)));
        assert_eq!(policy.delay(&error, 98, 1.0), Some(Duration::from_secs(10)));
    }

    #[test]
    fn retry_after_is_used_if_it_is_longer_and_is_capped() {
        let error =
            |seconds| Error::new(ErrorKind::Unavailable, "x").with_retry_after(Some(Duration::from_secs(seconds)));
        assert_eq!(RetryPolicy::default().delay(&error(3), 1, 0.5), Some(Duration::from_secs(3)));
        assert_eq!(RetryPolicy::default().delay(&error(0), 1, 1.0), Some(Duration::from_millis(200)));
        assert_eq!(RetryPolicy::default().delay(&error(86_400), 1, 0.5), Some(Duration::from_secs(60)));
    }

    #[test]
    fn the_rate_limiter_delays_throttled_calls() {
        let error = Error::new(ErrorKind::Throttled, "x").with_retry_after(Some(Duration::from_secs(3)));
        assert_eq!(RetryPolicy::default().delay(&error, 1000, 0.5), Some(Duration::ZERO));
    }

    #[test]
    fn permanent_failures_are_not_retried() {
        let error = Error::new(ErrorKind::Unreachable, "the certificate is not trusted").permanent();
        assert_eq!(RetryPolicy::default().with_retry_ambiguous(true).delay(&error, 1, 0.5), None);
    }
}
