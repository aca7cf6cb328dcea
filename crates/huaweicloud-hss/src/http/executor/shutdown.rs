//! Graceful shutdown of a run: requested by a person or a program, and observed by every queue.

use tokio_util::sync::CancellationToken;

/// Requests the shutdown of a run. Dropping it requests nothing.
///
/// ```no_run
/// # async fn example() {
/// use huaweicloud_hss::fleet::ShutdownHandle;
///
/// let (handle, shutdown) = ShutdownHandle::new();
/// tokio::spawn(async move {
///     // The first Ctrl-C stops gracefully, the second one immediately.
///     while tokio::signal::ctrl_c().await.is_ok() {
///         handle.request();
///     }
/// });
/// // Pass `&shutdown` to `execute_all`.
/// # shutdown.requested().await;
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ShutdownHandle(ShutdownSignal);

/// Reports whether a shutdown was requested. Clones report the same.
#[derive(Clone, Debug)]
pub struct ShutdownSignal {
    requested: CancellationToken,
    forced: CancellationToken,
}

impl ShutdownHandle {
    /// Creates a handle and its signal.
    #[must_use]
    pub fn new() -> (Self, ShutdownSignal) {
        let signal = ShutdownSignal::never();
        (Self(signal.clone()), signal)
    }

    /// Returns the signal.
    pub(crate) fn signal(&self) -> &ShutdownSignal {
        &self.0
    }

    /// Requests a shutdown: no further call is sent, and those in flight have 10 seconds to finish. A second request
    /// forces the shutdown: calls in flight are abandoned, and their outcome is unknown.
    pub fn request(&self) {
        if self.0.is_requested() {
            self.0.forced.cancel();
        }
        self.0.requested.cancel();
    }
}

impl ShutdownSignal {
    /// Returns a signal that is never triggered.
    #[must_use]
    pub fn never() -> Self {
        Self { requested: CancellationToken::new(), forced: CancellationToken::new() }
    }

    /// Returns the handle of a part of the run: it can be shut down alone, and is shut down with the run.
    pub(crate) fn child(&self) -> ShutdownHandle {
        ShutdownHandle(Self { requested: self.requested.child_token(), forced: self.forced.child_token() })
    }

    /// Returns whether a shutdown was requested.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.requested.is_cancelled()
    }

    /// Waits until a shutdown is requested.
    pub async fn requested(&self) {
        self.requested.cancelled().await;
    }

    /// Waits until a shutdown is requested a second time.
    pub async fn forced(&self) {
        self.forced.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_request_forces_the_shutdown() {
        let (handle, signal) = ShutdownHandle::new();
        assert!(!signal.is_requested());
        handle.request();
        assert!(signal.is_requested() && !signal.forced.is_cancelled());
        handle.request();
        assert!(signal.forced.is_cancelled());
    }

    #[test]
    fn dropping_the_handle_requests_nothing() {
        let (handle, signal) = ShutdownHandle::new();
        drop(handle);
        assert!(!signal.is_requested());
    }
}
