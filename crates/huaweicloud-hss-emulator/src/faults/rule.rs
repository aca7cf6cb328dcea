//! One fault rule: which requests it applies to, and what it does.

use std::fmt;
use std::ops::RangeInclusive;

use http::StatusCode;
use tokio::time::Duration;

use super::change::Change;
use super::throttle::Throttle;

/// The reason why faults could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultError(pub(crate) String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

/// One fault, and when it applies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    pub(super) scope: Scope,
    pub(super) action: FaultAction,
    pub(super) trigger: Trigger,
    /// The rule as it is written.
    pub(super) text: String,
}

/// The requests that a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every request.
    All,
    /// The requests of every operation, each operation counted by itself.
    Each,
    /// The requests of one operation.
    One(String),
}

impl Scope {
    pub(super) fn includes(&self, operation: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Each => operation.is_some(),
            Self::One(id) => operation == Some(id),
        }
    }
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FaultAction {
    Delay(DelayDistribution),
    Respond { response: FaultResponse, after_work: bool },
    Throttle(Throttle),
    ExpireToken,
    Disconnect { reset: bool, after_work: bool },
    CloseIdle(Duration),
    Truncate,
    Garbage,
    Html,
    Change(Change),
}

/// The response of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FaultResponse {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) retry_after: Option<u64>,
    /// The body, in place of one with the code. `$FIELDS` in it are the fields of the operation's own response.
    pub(crate) body: Option<String>,
}

/// When a rule applies to the requests that it counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trigger {
    Always,
    Probability(f64),
    Requests(Vec<RangeInclusive<u64>>),
}

/// The distribution of delays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DelayDistribution {
    Uniform { from: Duration, to: Duration },
    Exponential { mean: Duration },
}

impl DelayDistribution {
    /// Returns the delay for a number from 0 to 1.
    pub(crate) fn sample(self, at: f64) -> Duration {
        match self {
            Self::Uniform { from, to } => from.saturating_add(to.saturating_sub(from).mul_f64(at)),
            // The largest number below 1 gives about 37 times the mean.
            Self::Exponential { mean } => mean.mul_f64((1.0 - at).ln().abs()),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Duration;

    use super::DelayDistribution;

    #[test]
    fn delays_are_distributed_as_written() {
        let uniform = DelayDistribution::Uniform { from: Duration::from_millis(10), to: Duration::from_millis(30) };
        assert_eq!((uniform.sample(0.0), uniform.sample(0.5)), (Duration::from_millis(10), Duration::from_millis(20)));
        let mean = Duration::from_millis(100);
        let many: Duration = (0..10_000)
            .map(|step| DelayDistribution::Exponential { mean }.sample((f64::from(step) + 0.5) / 10_000.0))
            .sum();
        assert!((many / 10_000).abs_diff(mean) < Duration::from_millis(1), "{many:?}");
    }
}
