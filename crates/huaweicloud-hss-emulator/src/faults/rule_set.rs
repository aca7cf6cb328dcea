//! A set of fault rules and the seed for chance, as a user writes them.

use std::fmt;
use std::str::FromStr;

use super::rule::{FaultError, Rule};

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
