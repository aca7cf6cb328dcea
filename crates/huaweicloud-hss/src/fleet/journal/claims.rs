//! Which plans of a journal are executed: each once, with the requests and at the endpoint that the journal has.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Error;

use super::super::queue_plan::QueuePlan;
use super::error::journal_error;

/// The plans of a journal by their queue.
#[derive(Debug)]
pub(super) struct Claims(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The number of each queue's plan.
    numbers: HashMap<u64, usize>,
    plans: Vec<Claim>,
}

/// The state of one plan.
#[derive(Debug)]
struct Claim {
    /// The hash of its requests and of which of them are done.
    requests: u64,
    is_claimed: bool,
    /// Whether a call was recorded as about to be sent, and its outcome was not.
    is_sending: bool,
}

impl Claims {
    /// Returns the claims of the plans of a journal.
    pub(super) fn new(path: &Path, plans: &[QueuePlan]) -> Result<Self, Error> {
        let mut numbers = HashMap::with_capacity(plans.len());
        let mut claims = Vec::with_capacity(plans.len());
        for (number, plan) in plans.iter().enumerate() {
            match numbers.entry(queue_hash(plan)) {
                Entry::Vacant(entry) => entry.insert(number),
                Entry::Occupied(_) => {
                    let what = format!("there are two plans for {}", plan.queue);
                    return Err(journal_error(path, &what).with_help("Merge them into one plan."));
                }
            };
            claims.push(Claim { requests: requests_hash(plan), is_claimed: false, is_sending: false });
        }
        Ok(Self(Mutex::new(State { numbers, plans: claims })))
    }

    /// Takes a plan for execution, and returns its number or why it must not be executed.
    pub(super) fn take(&self, plan: &QueuePlan) -> Result<usize, &'static str> {
        let mut state = self.state();
        let number = *state.numbers.get(&queue_hash(plan)).ok_or("not sent: the journal has no plan for this queue")?;
        let claim = state.plans.get_mut(number).ok_or("not sent: the journal has no plan for this queue")?;
        if claim.requests != requests_hash(plan) {
            return Err("not sent: the journal has another plan for this queue");
        }
        if std::mem::replace(&mut claim.is_claimed, true) {
            return Err("not sent: the plan of this queue was already executed with this journal");
        }
        Ok(number)
    }

    /// Sets whether a call of a queue is being sent, and returns whether one was.
    pub(super) fn set_sending(&self, number: usize, is_sending: bool) -> bool {
        let mut state = self.state();
        state.plans.get_mut(number).is_some_and(|claim| std::mem::replace(&mut claim.is_sending, is_sending))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn queue_hash(plan: &QueuePlan) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&plan.region, &plan.queue).hash(&mut hasher);
    hasher.finish()
}

fn requests_hash(plan: &QueuePlan) -> u64 {
    let mut hasher = DefaultHasher::new();
    plan.requests.hash(&mut hasher);
    plan.already_done.keys().for_each(|call| call.hash(&mut hasher));
    hasher.finish()
}
