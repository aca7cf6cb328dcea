//! Decides which request gets which fault, always the same for the same seed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::{Duration, Instant};

use crate::model::prng::SplitMix64;

use super::rule::{FaultAction, Trigger};
use super::rule_set::Faults;

/// The fault of one request.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct FaultDecision {
    pub(crate) delay: Duration,
    pub(crate) action: Option<FaultAction>,
    /// The rule of the action as it is written, for the request log.
    pub(crate) name: Option<String>,
    /// A random number for the action.
    pub(crate) chance: u64,
}

/// The current faults, and the counts of their rules.
#[derive(Debug, Default)]
pub(crate) struct FaultEngine(Mutex<EngineState>);

#[derive(Debug, Default)]
struct EngineState {
    faults: Faults,
    counters: Vec<RuleCounter>,
}

#[derive(Debug, Clone, Default)]
struct RuleCounter {
    requests: u64,
    /// The start of the current second of a throttle, and the requests in it.
    second: Option<(Instant, u64)>,
}

impl FaultEngine {
    /// Replaces the faults, and restarts their counts.
    pub(crate) fn set(&self, faults: Faults) {
        let counters = vec![RuleCounter::default(); faults.rules.len()];
        *self.lock() = EngineState { faults, counters };
    }

    /// Restarts the counts.
    pub(crate) fn restart(&self) {
        self.lock().counters.fill(RuleCounter::default());
    }

    /// Returns the current faults.
    pub(crate) fn get(&self) -> Faults {
        self.lock().faults.clone()
    }

    /// Whether there are any rules.
    pub(crate) fn has_rules(&self) -> bool {
        !self.lock().counters.is_empty()
    }

    /// Counts a request, and returns its fault.
    pub(crate) fn decide(&self, operation: Option<&str>, now: Instant) -> FaultDecision {
        let mut state = self.lock();
        let EngineState { faults, counters } = &mut *state;
        let mut decision = FaultDecision::default();
        for (number, (rule, counter)) in faults.rules.iter().zip(counters.iter_mut()).enumerate() {
            if rule.operation.is_some() && rule.operation.as_deref() != operation {
                continue;
            }
            counter.requests += 1;
            // Each rule and request has its own stream of numbers, so that rules do not affect each other.
            let stream = (number as u64) << 48 ^ counter.requests;
            let mut numbers = SplitMix64(faults.seed ^ stream.wrapping_mul(0xD605_BBB5_8C8A_BBFD));
            let applies = match &rule.trigger {
                Trigger::Always => true,
                Trigger::Probability(probability) => fraction(numbers.next()) < *probability,
                Trigger::Requests(ranges) => ranges.iter().any(|range| range.contains(&counter.requests)),
            };
            let is_due = match rule.action {
                FaultAction::Throttle { per_second, .. } => counter.exceeds(per_second, now),
                _ => true,
            };
            match &rule.action {
                FaultAction::Delay(distribution) if applies => {
                    let delay = distribution.sample(fraction(numbers.next()));
                    decision.delay = decision.delay.saturating_add(delay);
                }
                action if applies && is_due && decision.action.is_none() => {
                    decision.action = Some(action.clone());
                    decision.name = Some(rule.to_string());
                    decision.chance = numbers.next();
                }
                _ => {}
            }
        }
        decision
    }

    fn lock(&self) -> MutexGuard<'_, EngineState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RuleCounter {
    /// Counts a request of the current second, and returns whether it is above the limit.
    fn exceeds(&mut self, per_second: u64, now: Instant) -> bool {
        let (start, requests) = match self.second {
            Some((start, requests)) if now.saturating_duration_since(start) < Duration::from_secs(1) => {
                (start, requests + 1)
            }
            _ => (now, 1),
        };
        self.second = Some((start, requests));
        requests > per_second
    }
}

/// Maps a number to a fraction from 0 up to but not including 1.
fn fraction(number: u64) -> f64 {
    // An f64 represents integers of 53 bits exactly.
    (number >> 11) as f64 / (1_u64 << 53) as f64
}
