//! When the queues of a run start: one that only waits for its turn takes little memory.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::fleet::options::FleetOptions;
use crate::fleet::queue_plan::QueuePlan;

use super::event::Event;

/// How many queues start besides those whose calls are in flight, so that the next calls are ready.
const READY: usize = 16;

/// The queues that have started and not sent their calls, for each endpoint and client with limits of its own.
pub(super) struct Starts {
    at_a_time: usize,
    turns: HashMap<(String, usize), Arc<Semaphore>>,
}

impl Starts {
    pub(super) fn new(options: &FleetOptions) -> Self {
        Self {
            at_a_time: options.places.count.saturating_add(READY).min(Semaphore::MAX_PERMITS),
            turns: HashMap::new(),
        }
    }

    pub(super) fn turns(&mut self, endpoint: &str, limits_id: usize) -> Arc<Semaphore> {
        let new = || Arc::new(Semaphore::new(self.at_a_time));
        Arc::clone(self.turns.entry((endpoint.to_owned(), limits_id)).or_insert_with(new))
    }
}

/// The turn of a queue, until it has nothing to send for a while.
pub(super) struct Turn(Option<OwnedSemaphorePermit>);

impl Turn {
    /// Lets another queue start once this one waits for a scan, or has finished.
    pub(super) fn end_at(&mut self, event: &Event<'_>) {
        if matches!(event, Event::QueueBusy(_) | Event::AwaitingScanEnd | Event::QueueFinished) {
            self.0 = None;
        }
    }
}

/// Executes a plan once it is its turn.
pub(super) async fn in_turn<F: Future>(
    turns: Arc<Semaphore>,
    plan: QueuePlan,
    execute: impl FnOnce(QueuePlan, Turn) -> F,
) -> F::Output {
    // The semaphore is never closed.
    let turn = Turn(turns.acquire_owned().await.ok());
    // Boxed, so that a queue that waits does not hold the memory of its execution.
    Box::pin(execute(plan, turn)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Queue, Selector};

    #[test]
    fn a_queue_that_waits_for_its_turn_takes_little_memory() {
        let plan = QueuePlan::new(Queue::new("p".parse().unwrap()), &Selector::AllHosts).unwrap();
        let waiting = in_turn(Arc::new(Semaphore::new(1)), plan, |plan, turn| async move {
            // What an execution needs.
            let needed = [0_u8; 4096];
            tokio::task::yield_now().await;
            drop((plan, turn, needed));
        });
        let bytes = std::mem::size_of_val(&waiting);
        assert!(bytes <= 512, "{bytes} bytes");
    }

    #[tokio::test]
    async fn a_queue_that_waits_for_a_scan_lets_another_one_start() {
        let options = FleetOptions::default().with_concurrency(1);
        let turns = Starts::new(&options).turns("", 0);
        let mut held: Vec<Turn> = Vec::new();
        while let Ok(permit) = Arc::clone(&turns).try_acquire_owned() {
            held.push(Turn(Some(permit)));
        }
        assert_eq!(held.len(), 1 + READY);
        held[0].end_at(&Event::AwaitingScanEnd);
        assert!(Arc::clone(&turns).try_acquire_owned().is_ok());
    }
}
