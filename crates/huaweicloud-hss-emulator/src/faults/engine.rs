//! Decides which request gets which fault, always the same for the same seed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::{Duration, Instant};

use crate::model::assets::fault::HostFaultRule;
use crate::model::prng::SplitMix64;

use super::change::Change;
use super::rule::{FaultAction, Rule, Scope, Trigger};
use super::rule_set::Faults;
use super::throttle::{Policy, Throttle};
use super::windows::{Caller, Windows};

/// A request, as far as faults depend on it.
#[derive(Debug, Clone)]
pub(crate) struct Arrival<'r> {
    pub(crate) operation: Option<&'r str>,
    pub(crate) caller: Caller,
    /// Whether it asks for the state of the limits.
    pub(crate) wants_limits: bool,
    pub(crate) at: Instant,
}

/// The fault of one request.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct FaultDecision {
    pub(crate) delay: Duration,
    pub(crate) action: Option<FaultAction>,
    /// The faults of single hosts, if the request orders a collection.
    pub(crate) host_faults: Vec<HostFaultRule>,
    /// The rules of the action and of the hosts as they are written, for the request log.
    pub(crate) name: Option<String>,
    /// A random number for the action.
    pub(crate) chance: u64,
    /// The state of the limits, if the request asks for it.
    pub(crate) limits: Vec<(Policy, String)>,
}

impl FaultDecision {
    fn add_name(&mut self, rule: &Rule) {
        self.name = Some(self.name.take().map_or_else(|| rule.to_string(), |name| format!("{name}; {rule}")));
    }
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
    /// The requests that a throttle let pass.
    windows: Windows,
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
    pub(crate) fn decide(&self, arrival: &Arrival<'_>) -> FaultDecision {
        let mut state = self.lock();
        let mut decision = state.throttle(arrival);
        let EngineState { faults, counters } = &mut *state;
        for (number, (rule, counter)) in faults.rules.iter().zip(counters.iter_mut()).enumerate() {
            if !rule.scope.includes(arrival.operation) {
                continue;
            }
            counter.requests += 1;
            // Each rule and request has its own stream of numbers, so that rules do not affect each other.
            let stream = (number as u64) << 48 ^ counter.requests;
            let mut numbers = SplitMix64(faults.seed ^ stream.wrapping_mul(0xD605_BBB5_8C8A_BBFD));
            let applies = match &rule.trigger {
                Trigger::Always => true,
                Trigger::Probability(probability) => numbers.next_fraction() < *probability,
                Trigger::Requests(ranges) => ranges.iter().any(|range| range.contains(&counter.requests)),
            };
            match &rule.action {
                FaultAction::Delay(distribution) if applies => {
                    let delay = distribution.sample(numbers.next_fraction());
                    decision.delay = decision.delay.saturating_add(delay);
                }
                FaultAction::Throttle(_) => {}
                FaultAction::Change(Change::Hosts(fault)) if applies => {
                    decision.host_faults.push(HostFaultRule { chance: numbers.next(), ..fault.clone() });
                    decision.add_name(rule);
                }
                action if applies && decision.action.is_none() => {
                    decision.action = Some(action.clone());
                    decision.add_name(rule);
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

impl EngineState {
    /// Applies the throttles. Only a request that all of them let pass is counted, so that each counts exactly the
    /// requests that passed.
    fn throttle(&mut self, arrival: &Arrival<'_>) -> FaultDecision {
        let Arrival { caller, at, .. } = arrival;
        let mut limits: Vec<(&Rule, &Throttle, Option<&str>, &mut Windows)> = Vec::new();
        for (rule, counter) in self.faults.rules.iter().zip(&mut self.counters) {
            if let FaultAction::Throttle(throttle) = &rule.action
                && rule.scope.includes(arrival.operation)
            {
                let operation = arrival.operation.filter(|_| rule.scope == Scope::Each);
                limits.push((rule, throttle, operation, &mut counter.windows));
            }
        }
        let mut decision = FaultDecision::default();
        let exceeded = limits
            .iter()
            .find(|(_, throttle, operation, windows)| windows.remaining(throttle, *operation, caller, *at) == 0);
        match exceeded {
            Some((rule, throttle, ..)) => {
                decision.action = Some(FaultAction::Throttle((*throttle).clone()));
                decision.name = Some(rule.to_string());
            }
            None => {
                for (_, throttle, operation, windows) in &mut limits {
                    windows.pass(throttle, *operation, caller, *at);
                }
            }
        }
        if arrival.wants_limits {
            let mut states: Vec<(Policy, u64, String)> = limits
                .iter()
                .filter(|(_, throttle, ..)| throttle.has_debug_header)
                .map(|(_, throttle, operation, windows)| {
                    let remaining = windows.remaining(throttle, *operation, caller, *at);
                    (throttle.policy, remaining, throttle.state(remaining))
                })
                .collect();
            // There is one header for each policy, so of several limits it has the one that is exceeded first.
            states.sort();
            states.dedup_by_key(|(policy, ..)| *policy);
            decision.limits = states.into_iter().map(|(policy, _, state)| (policy, state)).collect();
        }
        decision
    }
}
