//! Owns one rule of the faults: how it is written, and what its words mean.

use http::StatusCode;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use tokio::time::Duration;

/// Why faults could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultError(pub(crate) String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

/// One fault, and when it happens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    pub(crate) operation: Option<String>,
    pub(crate) deed: Deed,
    pub(crate) when: When,
    /// As it was written.
    text: String,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Deed {
    Delay(Spread),
    Status { refusal: Refused, after_work: bool },
    Throttle { a_second: u64, retry_after: Option<u64> },
    ExpireToken,
    Reset { after_work: bool },
    Truncate,
    Garbage,
    Html,
}

/// An answer of the gateway or the service that a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) retry_after: Option<u64>,
}

/// Which of the calls a rule counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum When {
    Always,
    Chance(f64),
    Calls(Vec<RangeInclusive<u64>>),
}

/// How long delays are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spread {
    Even { from: Duration, to: Duration },
    Exponential { mean: Duration },
}

impl Spread {
    /// The delay at a number from 0 to 1.
    pub(crate) fn draw(self, at: f64) -> Duration {
        match self {
            Self::Even { from, to } => from.saturating_add(to.saturating_sub(from).mul_f64(at)),
            // Cut at about 37 times the mean, where the numbers end.
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
        let wrong = |why: &str| FaultError(format!("the fault {text:?} cannot be read: {why}"));
        let mut words = text.split_ascii_whitespace();
        let first = words.next().ok_or_else(|| wrong("it is empty"))?;
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
                    retry_after = Some(value.parse().map_err(|_| wrong("retry-after is a number of seconds"))?);
                }
                _ => return Err(wrong("the options are code=CODE and retry-after=SECONDS")),
            }
        }
        if (code.is_some() || retry_after.is_some()) && !matches!(name, "status" | "status-after" | "throttle") {
            return Err(wrong("only status, status-after and throttle have options"));
        }
        let deed = match (name, value) {
            ("delay", Some(value)) => {
                Deed::Delay(spread(value).ok_or_else(|| wrong("a delay is 50ms, 10ms..2s or ~50ms"))?)
            }
            ("status" | "status-after", Some(value)) => {
                let number = value.parse().ok().filter(|status| (200..600).contains(status));
                let status = number.and_then(|status| StatusCode::from_u16(status).ok());
                let status = status.ok_or_else(|| wrong("a status is a number from 200 to 599"))?;
                let code = code.unwrap_or_else(|| usual_code(status).to_owned());
                Deed::Status { refusal: Refused { status, code, retry_after }, after_work: name == "status-after" }
            }
            ("throttle", Some(value)) => {
                let a_second = value.parse().map_err(|_| wrong("a throttle is a number of calls a second"))?;
                if code.is_some() || when.is_some() {
                    return Err(wrong("a throttle takes neither a code nor a time"));
                }
                Deed::Throttle { a_second, retry_after }
            }
            ("expire-token", None) => Deed::ExpireToken,
            ("reset", None) => Deed::Reset { after_work: false },
            ("reset-after", None) => Deed::Reset { after_work: true },
            ("truncate", None) => Deed::Truncate,
            ("garbage", None) => Deed::Garbage,
            ("html", None) => Deed::Html,
            _ => {
                return Err(wrong(
                    "it is one of delay=…, status=…, status-after=…, throttle=…, expire-token, reset, reset-after, truncate, \
                     garbage, html",
                ));
            }
        };
        let when = match when {
            None => When::Always,
            Some(when) => self::when(when)
                .ok_or_else(|| wrong("the time is a chance such as 5%, or calls such as 3 or 1,4-6,10-"))?,
        };
        Ok(Self { operation, deed, when, text: text.to_owned() })
    }
}

/// The code that the gateway, or HSS, uses with a status (facts, section 3).
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

fn when(text: &str) -> Option<When> {
    if let Some(percent) = text.strip_suffix('%') {
        let percent: f64 = percent.parse().ok()?;
        return (0.0..=100.0).contains(&percent).then_some(When::Chance(percent / 100.0));
    }
    let range = |part: &str| {
        let (from, to) = match part.split_once('-') {
            Some((from, "")) => (from.parse().ok()?, u64::MAX),
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None => (part.parse().ok()?, part.parse().ok()?),
        };
        (from >= 1 && from <= to).then_some(from..=to)
    };
    text.split(',').map(range).collect::<Option<_>>().map(When::Calls)
}

fn spread(text: &str) -> Option<Spread> {
    if let Some(mean) = text.strip_prefix('~') {
        return Some(Spread::Exponential { mean: duration(mean)? });
    }
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (duration(from)?, duration(to)?);
    (from <= to).then_some(Spread::Even { from, to })
}

/// A number with its unit. At most a day, so that no sum of delays is beyond what a clock can count.
fn duration(text: &str) -> Option<Duration> {
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
    use super::{Rule, Spread};
    use crate::faults::Faults;
    use tokio::time::Duration;

    #[test]
    fn rules_are_read_and_written_alike() {
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
    fn what_cannot_be_read_is_told_with_the_reason() {
        for (text, part) in [
            ("delay", "it is one of"),
            ("delay=5", "a delay is"),
            ("delay=2s..1s", "a delay is"),
            ("delay=25h", "a delay is"),
            ("delay=99999999999999999999m", "a delay is"),
            ("status=199", "from 200 to 599"),
            ("status=600", "from 200 to 599"),
            ("status=70000", "from 200 to 599"),
            ("throttle=ten", "calls a second"),
            ("throttle=1@3", "neither"),
            ("throttle=1 code=X", "neither"),
            ("reset=1", "it is one of"),
            ("explode", "it is one of"),
            (":", "it is one of"),
            ("reset@", "the time is"),
            ("reset@0", "the time is"),
            ("reset@5-3", "the time is"),
            ("reset@101%", "the time is"),
            ("reset@NaN%", "the time is"),
            ("reset code=X", "have options"),
            ("status=503 retry-after=soon", "number of seconds"),
            ("status=503 colour=red", "the options are"),
            ("status=503 code=", "the options are"),
            ("seed=x", "a seed is"),
        ] {
            let error = text.parse::<Faults>().unwrap_err().to_string();
            assert!(error.contains(part) && error.contains(text.split(' ').next().unwrap()), "{text}: {error}");
        }
    }

    #[test]
    fn delays_are_spread_as_they_say() {
        let even = Spread::Even { from: Duration::from_millis(10), to: Duration::from_millis(30) };
        assert_eq!((even.draw(0.0), even.draw(0.5)), (Duration::from_millis(10), Duration::from_millis(20)));
        let mean = Duration::from_millis(100);
        let many: Duration =
            (0..10_000).map(|step| Spread::Exponential { mean }.draw((f64::from(step) + 0.5) / 10_000.0)).sum();
        assert!((many / 10_000).abs_diff(mean) < Duration::from_millis(1), "{many:?}");
    }
}
