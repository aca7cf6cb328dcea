//! A set of fault rules and their seed, in the syntax that users write.

use std::fmt;
use std::str::FromStr;

use super::rule::{FaultError, Rule};

/// Faults to inject: rules, one per line, and the seed of their random numbers.
///
/// A rule is `[OPERATION:]WHAT[@WHEN]`, followed by options. `OPERATION` is an operation id of the specs; without it
/// the rule is for every request. `WHEN` is a probability (`5%`) or the numbers of requests (`3`, `1,4-6`, `10-`),
/// counted for each rule separately; without it the rule is for every request. All delays that apply are added up; of
/// the other rules the first one applies.
///
/// | what | does |
/// | --- | --- |
/// | `delay=50ms`, `delay=10ms..2s`, `delay=~50ms` | delays the response: by this much, by a uniform distribution, or by an exponential distribution with this mean |
/// | `status=503` | responds with this status and does nothing else; options `code=APIGW.0613`, `retry-after=2` |
/// | `status-after=504` | executes the operation, then responds with this status; same options |
/// | `throttle=10` | 429 `APIGW.0308` for all requests above this many per second; option `retry-after=1` |
/// | `expire-token` | 401 `APIGW.0307`; all tokens issued so far are expired from then on |
/// | `reset`, `reset-after` | resets the connection before, or after, the operation is executed |
/// | `truncate` | executes the operation, sends half of the response, and closes the connection |
/// | `garbage` | executes the operation, and sends bytes that are not JSON |
/// | `html` | executes the operation, and sends an HTML page with status 200, as a proxy's log-in page |
///
/// A line `seed=7` sets the seed. Blank lines and lines that begin with `#` are skipped.
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
    pub(super) seed: u64,
    pub(super) rules: Vec<Rule>,
}

impl FromStr for Faults {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut faults = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix("seed=") {
                Some(seed) => {
                    faults.seed =
                        seed.trim().parse().map_err(|_| FaultError(format!("{line}: a seed must be a number")))?;
                }
                None => faults.rules.push(line.parse()?),
            }
        }
        Ok(faults)
    }
}

impl fmt::Display for Faults {
    /// Writes the faults in the format that can be parsed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed={}", self.seed)?;
        self.rules.iter().try_for_each(|rule| writeln!(f, "{rule}"))
    }
}

impl Faults {
    /// Sets the seed of the random numbers.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Appends the rules of others, and keeps the seed.
    pub fn merge(mut self, others: Self) -> Self {
        self.rules.extend(others.rules);
        self
    }

    /// Returns the first operation of a rule that is not known.
    pub(crate) fn unknown_operation(&self, known: impl Fn(&str) -> bool) -> Option<&str> {
        self.rules.iter().filter_map(|rule| rule.operation.as_deref()).find(|operation| !known(operation))
    }
}
