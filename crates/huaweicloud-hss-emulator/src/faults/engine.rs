//! Decides which request gets which fault, always the same for the same seed.

use std::sync::{Mutex, PoisonError};

use tokio::time::{Duration, Instant};

use crate::model::prng::SplitMix64;

use super::rule::{Deed, When};
use super::rule_set::Faults;

/// What one call gets.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) deed: Option<Deed>,
    /// The rule of the deed as it was written, for the record of calls.
    pub(crate) name: Option<String>,
    /// For what the deed needs chance for.
    pub(crate) chance: u64,
}

/// The faults that are set, and how far their rules have counted.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<Run>);

#[derive(Debug, Default)]
struct Run {
    faults: Faults,
    counts: Vec<Count>,
}

#[derive(Debug, Clone, Default)]
struct Count {
    calls: u64,
    /// The second that is being counted for a throttle, and its calls.
    second: Option<(Instant, u64)>,
}

impl Running {
    /// Sets other faults, and begins to count anew.
    pub(crate) fn set(&self, faults: Faults) {
        let counts = vec![Count::default(); faults.rules.len()];
        *self.lock() = Run { faults, counts };
    }

    /// Begins to count anew.
    pub(crate) fn restart(&self) {
        let mut run = self.lock();
        run.counts.fill(Count::default());
    }

    /// The faults that are set.
    pub(crate) fn get(&self) -> Faults {
        self.lock().faults.clone()
    }

    /// Whether there is any rule at all.
    pub(crate) fn any(&self) -> bool {
        !self.lock().counts.is_empty()
    }

    /// Counts a call, and says what it gets.
    pub(crate) fn draw(&self, operation: Option<&str>, now: Instant) -> Plan {
        let mut run = self.lock();
        let Run { faults, counts } = &mut *run;
        let mut plan = Plan::default();
        for (number, (rule, count)) in faults.rules.iter().zip(counts.iter_mut()).enumerate() {
            if rule.operation.is_some() && rule.operation.as_deref() != operation {
                continue;
            }
            count.calls += 1;
            // A stream for each rule and call: what one rule draws does not move what another one draws.
            let stream = (number as u64) << 48 ^ count.calls;
            let mut numbers = SplitMix64(faults.seed ^ stream.wrapping_mul(0xD605_BBB5_8C8A_BBFD));
            let applies = match &rule.when {
                When::Always => true,
                When::Chance(chance) => fraction(numbers.next()) < *chance,
                When::Calls(ranges) => ranges.iter().any(|range| range.contains(&count.calls)),
            };
            let over = match rule.deed {
                Deed::Throttle { a_second, .. } => count.is_over(a_second, now),
                _ => true,
            };
            match &rule.deed {
                Deed::Delay(spread) if applies => {
                    plan.delay = plan.delay.saturating_add(spread.draw(fraction(numbers.next())));
                }
                deed if applies && over && plan.deed.is_none() => {
                    plan.deed = Some(deed.clone());
                    plan.name = Some(rule.to_string());
                    plan.chance = numbers.next();
                }
                _ => {}
            }
        }
        plan
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Run> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Count {
    /// Counts a call of the running second; whether it is above the limit.
    fn is_over(&mut self, limit: u64, now: Instant) -> bool {
        let (start, calls) = match self.second {
            Some((start, calls)) if now.saturating_duration_since(start) < Duration::from_secs(1) => (start, calls + 1),
            _ => (now, 1),
        };
        self.second = Some((start, calls));
        calls > limit
    }
}

/// A number as a part of the whole: from 0, below 1.
pub(crate) fn fraction(number: u64) -> f64 {
    // 53 bits are what a f64 holds exactly.
    (number >> 11) as f64 / (1_u64 << 53) as f64
}
