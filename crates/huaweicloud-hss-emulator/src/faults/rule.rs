//! One fault rule: its syntax, and what it does.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use http::StatusCode;
use tokio::time::Duration;

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
    pub(crate) operation: Option<String>,
    pub(crate) action: FaultAction,
    pub(crate) trigger: Trigger,
    /// The rule as it is written.
    text: String,
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FaultAction {
    Delay(DelayDistribution),
    Status { response: FaultResponse, after_work: bool },
    Throttle { per_second: u64, retry_after: Option<u64> },
    ExpireToken,
    Reset { after_work: bool },
    Truncate,
    Garbage,
    Html,
}

/// The error response of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FaultResponse {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) retry_after: Option<u64>,
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

impl FromStr for Rule {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let error = |why: &str| FaultError(format!("invalid fault {text:?}: {why}"));
        let mut words = text.split_ascii_whitespace();
        let first = words.next().ok_or_else(|| error("it is empty"))?;
        let (operation, rest) = match first.split_once(':') {
            Some((operation, rest)) => (Some(operation.to_owned()), rest),
            None => (None, first),
        };
        let (what, when) = rest.split_once('@').map_or((rest, None), |(what, when)| (what, Some(when)));
        let (name, value) = what.split_once('=').map_or((what, None), |(name, value)| (name, Some(value)));
        let (mut code, mut retry_after) = (None, None);
        for word in words {
            match word.split_once('=') {
                Some(("code", value)) if !value.is_empty() => code = Some(value.to_owned()),
                Some(("retry-after", value)) => {
                    retry_after = Some(value.parse().map_err(|_| error("retry-after must be a number of seconds"))?);
                }
                _ => return Err(error("the options are code=CODE and retry-after=SECONDS")),
            }
        }
        if (code.is_some() || retry_after.is_some()) && !matches!(name, "status" | "status-after" | "throttle") {
            return Err(error("only status, status-after and throttle have options"));
        }
        let action = match (name, value) {
            ("delay", Some(value)) => FaultAction::Delay(
                parse_delay(value).ok_or_else(|| error("a delay must have the form 50ms, 10ms..2s or ~50ms"))?,
            ),
            ("status" | "status-after", Some(value)) => {
                let number = value.parse().ok().filter(|status| (200..600).contains(status));
                let status = number.and_then(|status| StatusCode::from_u16(status).ok());
                let status = status.ok_or_else(|| error("a status must be a number from 200 to 599"))?;
                let code = code.unwrap_or_else(|| usual_code(status).to_owned());
                FaultAction::Status {
                    response: FaultResponse { status, code, retry_after },
                    after_work: name == "status-after",
                }
            }
            ("throttle", Some(value)) => {
                let per_second =
                    value.parse().map_err(|_| error("a throttle must be a number of requests per second"))?;
                if code.is_some() || when.is_some() {
                    return Err(error("a throttle has neither a code nor @WHEN"));
                }
                FaultAction::Throttle { per_second, retry_after }
            }
            ("expire-token", None) => FaultAction::ExpireToken,
            ("reset", None) => FaultAction::Reset { after_work: false },
            ("reset-after", None) => FaultAction::Reset { after_work: true },
            ("truncate", None) => FaultAction::Truncate,
            ("garbage", None) => FaultAction::Garbage,
            ("html", None) => FaultAction::Html,
            _ => {
                return Err(error(
                    "use one of delay=…, status=…, status-after=…, throttle=…, expire-token, reset, reset-after, truncate, \
                     garbage, html",
                ));
            }
        };
        let trigger = match when {
            None => Trigger::Always,
            Some(when) => parse_trigger(when).ok_or_else(|| {
                error("@WHEN must be a probability such as 5%, or request numbers such as 3 or 1,4-6,10-")
            })?,
        };
        Ok(Self { operation, action, trigger, text: text.to_owned() })
    }
}

/// Returns the code that the gateway or HSS uses with a status: see `docs/design/service-behaviour.md#errors`.
fn usual_code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "HSS.0001",
        401 => "APIGW.0301",
        403 => "APIGW.0302",
        404 | 405 => "APIGW.0101",
        429 => "APIGW.0308",
        502 => "APIGW.0610",
        503 => "APIGW.0613",
        500 => "APIGW.0601",
        _ => "APIGW.0201",
    }
}

fn parse_trigger(text: &str) -> Option<Trigger> {
    if let Some(percent) = text.strip_suffix('%') {
        let percent: f64 = percent.parse().ok()?;
        return (0.0..=100.0).contains(&percent).then_some(Trigger::Probability(percent / 100.0));
    }
    let range = |part: &str| {
        let (from, to) = match part.split_once('-') {
            Some((from, "")) => (from.parse().ok()?, u64::MAX),
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None => (part.parse().ok()?, part.parse().ok()?),
        };
        (from >= 1 && from <= to).then_some(from..=to)
    };
    text.split(',').map(range).collect::<Option<_>>().map(Trigger::Requests)
}

fn parse_delay(text: &str) -> Option<DelayDistribution> {
    if let Some(mean) = text.strip_prefix('~') {
        return Some(DelayDistribution::Exponential { mean: parse_duration(mean)? });
    }
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (parse_duration(from)?, parse_duration(to)?);
    (from <= to).then_some(DelayDistribution::Uniform { from, to })
}

/// Parses a number with its unit. It is at most a day, so that the clock can represent the sum of delays.
fn parse_duration(text: &str) -> Option<Duration> {
    let at = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(at);
    let number: u64 = number.parse().ok()?;
    let millis = match unit {
        "ms" => number,
        "s" => number.checked_mul(1000)?,
        "m" => number.checked_mul(60_000)?,
        _ => return None,
    };
    (millis <= 86_400_000).then_some(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use tokio::time::Duration;

    use crate::faults::Faults;

    use super::{DelayDistribution, Rule};

    #[test]
    fn rules_are_parsed_and_written_alike() {
        for text in [
            "delay=50ms",
            "delay=10ms..2s@5%",
            "delay=~1m",
            "ListHostStatus:status=503@3 code=APIGW.0201 retry-after=2",
            "status-after=504@1,4-6,10-",
            "throttle=10 retry-after=1",
            "CreateGlobalAssetScanTask:reset-after@0.5%",
            "reset@100%",
            "expire-token@1",
            "truncate",
            "garbage",
            "html",
        ] {
            let rule: Rule = text.parse().unwrap();
            assert_eq!(rule.to_string(), text);
            let faults: Faults = format!("# a comment\n\n seed=7\n  {text} \n").parse().unwrap();
            assert_eq!(faults.to_string(), format!("seed=7\n{text}\n"));
            assert_eq!(faults.to_string().parse::<Faults>().unwrap(), faults);
        }
    }

    #[test]
    fn invalid_rules_are_reported_with_the_reason() {
        for (text, part) in [
            ("delay", "use one of"),
            ("delay=5", "a delay must"),
            ("delay=2s..1s", "a delay must"),
            ("delay=25h", "a delay must"),
            ("delay=99999999999999999999m", "a delay must"),
            ("status=199", "from 200 to 599"),
            ("status=600", "from 200 to 599"),
            ("status=70000", "from 200 to 599"),
            ("throttle=ten", "requests per second"),
            ("throttle=1@3", "neither"),
            ("throttle=1 code=X", "neither"),
            ("reset=1", "use one of"),
            ("explode", "use one of"),
            (":", "use one of"),
            ("reset@", "@WHEN must be"),
            ("reset@0", "@WHEN must be"),
            ("reset@5-3", "@WHEN must be"),
            ("reset@101%", "@WHEN must be"),
            ("reset@NaN%", "@WHEN must be"),
            ("reset code=X", "have options"),
            ("status=503 retry-after=soon", "number of seconds"),
            ("status=503 colour=red", "the options are"),
            ("status=503 code=", "the options are"),
            ("seed=x", "a seed must be"),
        ] {
            let error = text.parse::<Faults>().unwrap_err().to_string();
            assert!(error.contains(part) && error.contains(text.split(' ').next().unwrap()), "{text}: {error}");
        }
    }

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
