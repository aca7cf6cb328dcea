//! The events of a run.

use crate::error::Error;
use crate::fleet::record::CallRecord;
use crate::types::selector::Selector;

/// What happens while a queue's plan is executed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A call has its final outcome.
    CallFinished(&'a CallRecord),
    /// A call found the queue busy, and is sent again when the queue is free.
    QueueBusy(&'a Selector),
    /// All calls are finished; the queue's scan is tracked to its end.
    AwaitingScanEnd,
    /// The plan is finished.
    QueueFinished,
    /// Reading the status failed; it is retried.
    StatusPollFailed(&'a Error),
}
