//! A set of fault rules and their seed, in the syntax that users write.

use std::fmt;
use std::str::FromStr;

use super::rule::{FaultError, Rule, Scope};

/// Faults to inject: rules, one per line, and the seed of their random numbers.
///
/// A rule is `[OPERATION:]WHAT[@WHEN]`, followed by options. `OPERATION` is an operation id of the specs; without it
/// the rule is for every request. `WHEN` is a probability (`5%`) or the numbers of requests (`3`, `1,4-6`, `10-`),
/// counted for each rule separately; without it the rule is for every request. All delays that apply are added up. Then
/// the throttles apply, then all rules about hosts, and of the other rules the first one.
///
/// | what | does |
/// | --- | --- |
/// | `delay=50ms`, `delay=10ms..2s`, `delay=~50ms` | delays the response: by this much, by a uniform distribution, or by an exponential distribution with this mean |
/// | `status=503` | responds with this status and does nothing else; options `code=APIGW.0613`, `retry-after=2`, `body=TEXT` |
/// | `status-after=504` | executes the operation, then responds with this status; same options |
/// | `throttle=5/min` | 429 for all requests above this many per period; see below |
/// | `expire-token` | 401 `APIGW.0307`; all tokens issued so far are expired from then on |
/// | `reset`, `reset-after` | resets the connection before, or after, the operation is executed |
/// | `close`, `close-after` | closes the connection without a response before, or after, the operation is executed |
/// | `close-idle=50ms` | closes the connection without notice when it has been idle for this long after the response |
/// | `truncate` | executes the operation, sends half of the response, and closes the connection |
/// | `garbage` | executes the operation, and sends bytes that are not JSON |
/// | `html` | executes the operation, and sends an HTML page with status 200, as a proxy's log-in page |
/// | `empty-list`, `null-list`, `no-list` | the list of a page is empty, `null` or missing; the total stays |
/// | `repeat-page` | responds with the first page, whichever was requested |
/// | `total=0` | a page has this total |
/// | `ignore-filter` | lists as if the request had no filters |
/// | `processed=0` | the text of an accepted scan has this number of tasks |
/// | `cut-list=10000` | the list ends after this number of rows, and its total is not higher |
/// | `skip-hosts` | hosts are not collected, and nothing shows it; options `share=5%`, `hosts=ID,ID`; see below |
/// | `late-hosts=5m` | hosts are collected this long after the scan has ended; same options |
/// | `fail-hosts`, `hang-hosts` | the collection of hosts fails, or does not end in time; same options |
/// | `keep-times` | hosts are collected, but the times of their rows stay; same options |
/// | `keep-status` | hosts are collected, but the status of their collection stays; same options |
/// | `exist-after=500ms`, `exist-never` | the status shows an accepted scan only after this time, or never; option `selector=host_ids` |
///
/// The option `body=` takes the rest of the line. `$FIELDS` in it are the fields of the operation's own response:
/// `status-after=200 body={$FIELDS,"code":0}`.
///
/// The rules about hosts are for requests that order a collection: `CreateGlobalAssetScanTask` and
/// `RunHostAssetManualCollect`. A host has the first fault that names it (`hosts=`) and whose `share=` includes it; without
/// these options, every host has it.
///
/// A throttle lets a number of requests pass: `10` in a second, `5/min`, `20/10s`, `100/hour`, `1000/2d`. Requests that
/// it refuses are not counted. `*:throttle=5/min` is a limit for each operation; without an operation, it is one limit
/// for all requests together. Of several throttles, each must let a request pass. The options are:
///
/// | option | meaning |
/// | --- | --- |
/// | `policy=user` | counts the requests of each user (an access key, or a user with any number of tokens); `ip`: of each source address; `api`, `api-allenv`: all together; `app`: as `user` |
/// | `window=sliding` | the limit is for any period of this length; default `fixed`: a period begins with the first request after the last one |
/// | `retry-after=1`, `code=APIGW.0308` | of the response; default: no `Retry-After`, code `APIGW.0308` for HSS and `APIG.0308` for other services |
/// | `no-time` | the message of the response does not state the period |
/// | `no-debug` | requests with `X-Apig-Mode: debug` get no header such as `X-Apig-RateLimit-user` |
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

    /// Whether it has no rules.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns the first operation of a rule that is not known.
    pub(crate) fn unknown_operation(&self, known: impl Fn(&str) -> bool) -> Option<&str> {
        let mut named = self.rules.iter().filter_map(|rule| match &rule.scope {
            Scope::One(operation) => Some(operation.as_str()),
            Scope::All | Scope::Each => None,
        });
        named.find(|operation| !known(operation))
    }
}
