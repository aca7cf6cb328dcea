//! Owns the faults that are put into answers on purpose: which call gets which, always the same for the same seed.

use crate::fleet::Numbers;
use crate::rule::{Deed, Rule, When};
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use tokio::time::{Duration, Instant};

/// What goes wrong on purpose, and when: rules, one a line, and the seed that chance is made from.
///
/// A rule is `[OPERATION:]WHAT[@WHEN]`, followed by options. `OPERATION` is an operation id of the specs; without it the rule is for
/// every call. `WHEN` is a chance (`5%`) or the numbers of calls (`3`, `1,4-6`, `10-`), counted for each rule by itself; without it
/// every call is meant. Every `delay` that applies is added up; of the others the first one wins.
///
/// | what | does |
/// | --- | --- |
/// | `delay=50ms`, `delay=10ms..2s`, `delay=~50ms` | answers later: by so much, evenly spread, or exponentially spread around a mean |
/// | `status=503` | refuses with this status and does nothing; options `code=APIGW.0613`, `retry-after=2` |
/// | `status-after=504` | does the work, then answers like this; same options |
/// | `throttle=10` | 429 `APIGW.0308` for all calls above so many a second; option `retry-after=1` |
/// | `expire-token` | 401 `APIGW.0307`; all tokens given out so far are expired from then on |
/// | `reset`, `reset-after` | resets the connection before, or after, the work was done |
/// | `truncate` | does the work, sends half of the answer, and ends the connection |
/// | `garbage` | does the work, and sends bytes in place of JSON |
/// | `html` | does the work, and sends a page of HTML with status 200, as a proxy's log-in page would |
///
/// A line `seed=7` sets the seed, blank lines and lines that begin with `#` are skipped.
///
/// ```
/// use huaweicloud_hss_emulator::Faults;
///
/// let faults: Faults = "seed=7\nCreateGlobalAssetScanTask:reset-after@5%\nstatus=503@2,4-6 retry-after=1".parse()?;
/// assert!("status=9000".parse::<Faults>().is_err());
/// # Ok::<(), huaweicloud_hss_emulator::FaultError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Faults {
    seed: u64,
    rules: Vec<Rule>,
}

/// Why faults could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultError(pub(crate) String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

impl FromStr for Faults {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut faults = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix("seed=") {
                Some(seed) => {
                    faults.seed = seed.trim().parse().map_err(|_| FaultError(format!("{line}: a seed is a number")))?;
                }
                None => faults.rules.push(line.parse()?),
            }
        }
        Ok(faults)
    }
}

impl fmt::Display for Faults {
    /// Writes the faults as they can be read again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed={}", self.seed)?;
        self.rules.iter().try_for_each(|rule| writeln!(f, "{rule}"))
    }
}

impl Faults {
    /// Sets the seed that chance is made from.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Adds the rules of others behind these; the seed stays.
    pub fn merge(mut self, others: Self) -> Self {
        self.rules.extend(others.rules);
        self
    }

    /// The first operation that a rule names and `known` does not.
    pub(crate) fn unknown_operation(&self, known: impl Fn(&str) -> bool) -> Option<&str> {
        self.rules.iter().filter_map(|rule| rule.operation.as_deref()).find(|operation| !known(operation))
    }
}

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
            let mut numbers = Numbers(faults.seed ^ stream.wrapping_mul(0xD605_BBB5_8C8A_BBFD));
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

#[cfg(test)]
mod tests;
