//! When a call is tried again, and after which pause. Pure: the decision is made from what is known of the attempt.

use std::time::Duration;

use crate::error::{Error, ErrorKind};

/// The longest pause that a service's Retry-After can ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// How often a call is tried again.
///
/// Tried again are: a call that was not sent, one that was throttled (429) or met a service that is not available (503), and any
/// broken question (GET). A call that starts something and may have been sent is not, unless [`RetryPolicy::with_retry_ambiguous`] says so.
/// Each attempt is signed afresh. A pause is random between half and the whole of its length, which doubles each time; the
/// service's own Retry-After counts where it is longer, up to 60 seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
    retry_unknown: bool,
}

impl Default for RetryPolicy {
    /// 4 attempts, pauses from 200 milliseconds to 10 seconds.
    fn default() -> Self {
        Self {
            max_attempts: 4,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(10),
            retry_unknown: false,
        }
    }
}

impl RetryPolicy {
    /// Every call goes out once.
    pub fn none() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// How often a call goes out at most; 0 counts as 1.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The first pause, and the longest one.
    pub fn with_backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest.max(first);
        self
    }

    /// Also tries again what may have been sent: a scan may then be started twice.
    pub fn with_retry_ambiguous(mut self, retry: bool) -> Self {
        self.retry_unknown = retry;
        self
    }

    /// The pause before the next attempt, or `None` when there is to be none.
    ///
    /// `random` is between 0 and 1.
    pub(crate) fn pause(&self, error: &Error, attempts: u32, random: f64) -> Option<Duration> {
        let again = match error.kind() {
            ErrorKind::Unreachable | ErrorKind::Throttled | ErrorKind::Unavailable => true,
            ErrorKind::Ambiguous => self.retry_unknown,
            _ => false,
        };
        if !again || attempts >= self.max_attempts {
            return None;
        }
        let doubled = self.first_pause.saturating_mul(1 << attempts.saturating_sub(1).min(16));
        let pause = doubled.min(self.longest_pause).mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0);
        Some(pause.max(error.retry_after().unwrap_or_default().min(LONGEST_RETRY_AFTER)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_again_and_what_is_not() {
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
            assert_eq!(RetryPolicy::default().pause(&error, 1, 0.5).is_some(), by_default, "{kind:?}");
            assert_eq!(opted_in.pause(&error, 1, 0.5).is_some(), opted, "{kind:?} opted in");
            assert_eq!(opted_in.pause(&error, 4, 0.5), None, "{kind:?} at the last attempt");
            assert_eq!(RetryPolicy::none().pause(&error, 1, 0.5), None, "{kind:?} never");
        }
    }

    #[test]
    fn pauses_double_with_jitter_up_to_the_longest() {
        let retry = RetryPolicy::default().with_max_attempts(99);
        let error = Error::new(ErrorKind::Throttled, "x");
        let pauses: Vec<u128> = (1..9).map(|n| retry.pause(&error, n, 1.0).unwrap().as_millis()).collect();
        assert_eq!(pauses, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        assert_eq!(retry.pause(&error, 1, 0.0), Some(Duration::from_millis(100)));
        assert_eq!(retry.pause(&error, 98, 1.0), Some(Duration::from_secs(10)));
    }

    #[test]
    fn the_services_own_pause_counts_where_it_is_longer_and_is_capped() {
        let error =
            |seconds| Error::new(ErrorKind::Throttled, "x").with_retry_after(Some(Duration::from_secs(seconds)));
        assert_eq!(RetryPolicy::default().pause(&error(3), 1, 0.5), Some(Duration::from_secs(3)));
        assert_eq!(RetryPolicy::default().pause(&error(0), 1, 1.0), Some(Duration::from_millis(200)));
        assert_eq!(RetryPolicy::default().pause(&error(86_400), 1, 0.5), Some(Duration::from_secs(60)));
    }
}
