//! Lets calls wait for their turn, in the order in which they ask.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::pace::{CallEnd, Pace, Turn};
use super::rate::RateLimit;

/// Limits the calls that share one pace.
#[derive(Debug)]
pub(in crate::http) struct RateLimiter {
    pace: Mutex<Pace>,
    /// Held by the call that is next. A call that gives up leaves nothing behind.
    head: tokio::sync::Mutex<()>,
    /// Wakes the call that is next.
    changed: Notify,
}

/// The permit to send one call. Dropped before the call is sent, it counts as not used.
#[derive(Debug)]
pub(in crate::http) struct Permit {
    limiter: Arc<RateLimiter>,
    call: u64,
    asks_for_limits: bool,
    /// What to report when it is dropped.
    end: Option<CallEnd>,
}

impl RateLimiter {
    pub(super) fn new(configured: Option<RateLimit>) -> Self {
        Self { pace: Mutex::new(Pace::new(configured)), head: tokio::sync::Mutex::default(), changed: Notify::new() }
    }

    /// Waits until a call may be sent, and then for `admit`. Returns `None` if it certainly may not be sent by
    /// `latest`.
    pub(in crate::http) async fn acquire<T, E, F>(
        self: &Arc<Self>,
        latest: Option<Instant>,
        admit: impl Fn() -> F,
    ) -> Result<Option<(Permit, T)>, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let _head = self.head.lock().await;
        loop {
            match self.with(|pace| pace.turn(Instant::now())) {
                Turn::At(moment) if latest.is_some_and(|latest| latest < moment) => return Ok(None),
                Turn::At(moment) => tokio::select! {
                    () = sleep_until(moment) => {}
                    () = self.changed.notified() => {}
                },
                Turn::AfterResponse => self.changed.notified().await,
                Turn::Now => {
                    let admitted = admit().await?;
                    // There may have been a 429 meanwhile.
                    if let Some(permit) = self.start() {
                        return Ok(Some((permit, admitted)));
                    }
                }
            }
        }
    }

    fn start(self: &Arc<Self>) -> Option<Permit> {
        self.with(|pace| {
            let asks_for_limits = pace.asks_for_limits();
            (pace.turn(Instant::now()) == Turn::Now).then(|| Permit {
                limiter: Arc::clone(self),
                call: pace.start(),
                asks_for_limits,
                end: Some(CallEnd::NotSent),
            })
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Pace) -> T) -> T {
        change(&mut self.pace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Permit {
    /// Returns whether the call should ask the gateway for its limits.
    pub(in crate::http) fn asks_for_limits(&self) -> bool {
        self.asks_for_limits
    }

    /// Notes that the call is being sent: from now on it counts, even if nobody waits for its response.
    pub(in crate::http) fn sending(&mut self) {
        self.end = Some(CallEnd::NoResponse);
    }

    /// Reports how the call ended. Returns for how long no call has arrived at the service.
    pub(in crate::http) fn end(mut self, end: CallEnd) -> Duration {
        self.end = None;
        self.report(end)
    }

    fn report(&self, end: CallEnd) -> Duration {
        let unreachable_for = self.limiter.with(|pace| pace.end(self.call, end, Instant::now()));
        self.limiter.changed.notify_one();
        unreachable_for
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            self.report(end);
        }
    }
}
