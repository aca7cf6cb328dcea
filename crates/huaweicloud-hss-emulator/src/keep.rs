//! Owns what it takes to keep the emulator's state beyond its end; where it is kept is `store`'s business.

use crate::calls::RecordedRequest;
use crate::queues::Lane;
use std::error::Error;
use tokio::time::Instant;

/// A queue that was filled, and until when; `None` when that lies beyond what the clock can count.
pub(crate) type Filled = (Lane, Option<Instant>);

/// Why something could not be kept.
pub(crate) type KeepError = Box<dyn Error + Send + Sync>;

/// Keeps what happened.
pub(crate) trait Keeper: Send + Sync {
    /// Keeps a call and the queue it filled, both or neither.
    fn call(&self, call: &RecordedRequest, filled: Option<Filled>) -> Result<(), KeepError>;

    /// Keeps that tokens with a lower number are expired.
    fn tokens_ended_below(&self, number: u64) -> Result<(), KeepError>;

    /// Every call kept, as JSON lines.
    fn lines(&self) -> Result<String, KeepError>;

    /// Forgets queues and calls.
    fn clear(&self) -> Result<(), KeepError>;
}

/// What is still known of an earlier run.
#[derive(Default)]
pub(crate) struct Earlier {
    /// How many calls there were.
    pub(crate) answered: u64,
    /// The last of them.
    pub(crate) calls: Vec<RecordedRequest>,
    pub(crate) queues: Vec<Filled>,
}
