//! The limits in time of a call.

use std::time::{Duration, Instant};

use super::retry::RetryPolicy;

/// How long one call may take, and how often it is retried.
///
/// A call waits before it is sent: for credentials, and for its turn where the service limits calls. Without a timeout
/// and a deadline it waits as long as it takes.
///
/// ```
/// use std::time::{Duration, Instant};
/// use huaweicloud_hss::{CallOptions, RetryPolicy};
///
/// let quick = CallOptions::default().with_timeout(Duration::from_secs(20));
/// let patient = CallOptions::default()
///     .with_deadline(Instant::now() + Duration::from_secs(60 * 60))
///     .with_retry(RetryPolicy::default().with_time_limit(Duration::from_secs(300)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct CallOptions {
    pub(super) timeout: Option<Duration>,
    pub(in crate::http) deadline: Option<Instant>,
    pub(super) retry: Option<RetryPolicy>,
}

impl CallOptions {
    /// Sets the time limit for the whole call: all waits, attempts and delays.
    ///
    /// An attempt starts only if its own time limit
    /// ([`HttpConfig::with_attempt_timeout`](crate::HttpConfig::with_attempt_timeout)), or half of this one if that is
    /// shorter, is left. Otherwise the call ends as not sent, or with the error of its last attempt.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the moment after which no attempt starts. An attempt that has started may take its full time.
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets how the call is retried, instead of [`HttpConfig::with_retry`](crate::HttpConfig::with_retry).
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = Some(retry);
        self
    }
}
