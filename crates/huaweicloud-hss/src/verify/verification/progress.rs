//! How far a verification is.

use std::time::Duration;

use tokio::time::Instant;

/// How far a verification is.
#[derive(Clone, Debug, Default)]
pub(super) struct Rounds {
    pub(super) end: Option<Instant>,
    /// When the next round begins, and the time after it.
    pub(super) next: Option<(Instant, Duration)>,
    pub(super) is_finished: bool,
}
