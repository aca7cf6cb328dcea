//! Shutdown of a run: requested once by a person or a program, and seen by every queue.

use tokio_util::sync::CancellationToken;

/// Requests the shutdown of a run. Dropping it requests nothing.
#[derive(Debug)]
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

    /// Requests a shutdown: no further call is sent, and the one in flight may finish. A second request forces the
    /// shutdown: the response to the call in flight is not awaited either.
    pub fn request(&self) {
        if self.0.is_requested() {
            self.0.forced.cancel();
        }
        self.0.requested.cancel();
    }
}

impl ShutdownSignal {
    /// Returns a signal that nobody can trigger.
    #[must_use]
    pub fn never() -> Self {
        Self { requested: CancellationToken::new(), forced: CancellationToken::new() }
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
