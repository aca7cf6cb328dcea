//! A rate: so many calls per period.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The units of a period, with the names that the gateway and people use for them.
const UNITS: [(Duration, &[&str]); 5] = [
    (Duration::from_millis(1), &["ms", "millisecond"]),
    (Duration::from_secs(1), &["s", "sec", "second"]),
    (Duration::from_secs(60), &["min", "m", "minute"]),
    (Duration::from_secs(60 * 60), &["h", "hour"]),
    (Duration::from_secs(24 * 60 * 60), &["d", "day"]),
];

/// A limit on calls: at most a number of calls in any period of a length.
///
/// It is written as `5/min`, `20/10s` or `200/s`; a number alone is calls per second, and may have a fraction.
///
/// ```
/// use std::time::Duration;
/// use huaweicloud_hss::RateLimit;
///
/// let limit: RateLimit = "5/min".parse()?;
/// assert_eq!(limit, RateLimit::new(5, Duration::from_secs(60)));
/// assert_eq!("0.5".parse::<RateLimit>()?, RateLimit::new(1, Duration::from_secs(2)));
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RateLimit {
    calls: u32,
    per: Duration,
}

impl RateLimit {
    /// Limits calls to `calls` in any period of length `per`. 0 calls count as 1, and a period is at least 1
    /// millisecond.
    #[must_use]
    pub const fn new(calls: u32, per: Duration) -> Self {
        let calls = if calls == 0 { 1 } else { calls };
        let per = if per.as_millis() == 0 { Duration::from_millis(1) } else { per };
        Self { calls, per }
    }

    /// Returns the number of calls.
    #[must_use]
    pub const fn calls(self) -> u32 {
        self.calls
    }

    /// Returns the length of the period.
    #[must_use]
    pub const fn per(self) -> Duration {
        self.per
    }

    /// Returns how long this many calls take at least: all but those of the last period have to wait for it to end.
    #[must_use]
    pub fn time_for(self, calls: u64) -> Duration {
        let periods = calls.div_ceil(u64::from(self.calls)).saturating_sub(1);
        self.per.saturating_mul(u32::try_from(periods).unwrap_or(u32::MAX))
    }

    /// Returns the limit for a number of calls per second.
    fn per_second(calls: f64) -> Option<Self> {
        let whole = calls.floor().max(1.0);
        let per = Duration::try_from_secs_f64(whole / calls).ok()?;
        (calls > 0.0 && whole <= f64::from(u32::MAX)).then(|| Self::new(whole as u32, per))
    }
}

impl FromStr for RateLimit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = match text.split_once('/') {
            None => text.trim().parse().ok().and_then(Self::per_second),
            Some((calls, per)) => {
                let calls = calls.trim().parse().ok().filter(|calls| *calls > 0);
                calls.zip(parse_period(per)).map(|(calls, per)| Self::new(calls, per))
            }
        };
        parsed.ok_or_else(|| {
            Error::invalid_input(format!("{text:?} is not a rate limit"))
                .with_help("Examples: 5/min, 20/10s, 200/s, or a number of calls per second.")
        })
    }
}

impl TryFrom<String> for RateLimit {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<RateLimit> for String {
    fn from(limit: RateLimit) -> Self {
        limit.to_string()
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.per.as_millis();
        let unit = UNITS.iter().rev().find(|(unit, _)| milliseconds.is_multiple_of(unit.as_millis()));
        let (unit, names) = unit.unwrap_or(&UNITS[0]);
        let name = names.first().unwrap_or(&"");
        match milliseconds / unit.as_millis() {
            1 => write!(f, "{}/{name}", self.calls),
            number => write!(f, "{}/{number}{name}", self.calls),
        }
    }
}

/// Parses a period such as `min`, `10s` or `5 minute`. A missing number is 1.
pub(super) fn parse_period(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let number: u32 = if number.is_empty() { 1 } else { number.parse().ok()? };
    let unit = unit.trim().to_ascii_lowercase();
    let (length, _) = UNITS
        .iter()
        .find(|(_, names)| names.contains(&&*unit) || unit.strip_suffix('s').is_some_and(|one| names.contains(&one)))?;
    length.checked_mul(number).filter(|period| !period.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_parsed_and_printed() {
        for (text, calls, milliseconds, printed) in [
            ("5/min", 5, 60_000, "5/min"),
            ("5/1 minute", 5, 60_000, "5/min"),
            ("20/10s", 20, 10_000, "20/10s"),
            ("200/s", 200, 1000, "200/s"),
            ("200/seconds", 200, 1000, "200/s"),
            ("200/5 minute", 200, 300_000, "200/5min"),
            ("10000/Day", 10_000, 86_400_000, "10000/d"),
            ("3/90s", 3, 90_000, "3/90s"),
            ("1/250ms", 1, 250, "1/250ms"),
            ("2", 2, 1000, "2/s"),
            ("2.5", 2, 800, "2/800ms"),
            ("0.5", 1, 2000, "1/2s"),
            ("0.01", 1, 100_000, "1/100s"),
        ] {
            let limit: RateLimit = text.parse().unwrap();
            assert_eq!(limit, RateLimit::new(calls, Duration::from_millis(milliseconds)), "{text}");
            assert_eq!(limit.to_string(), printed, "{text}");
            assert_eq!(printed.parse::<RateLimit>().unwrap(), limit, "{text}");
        }
        for text in ["", "0", "-1", "NaN", "inf", "x", "5/", "/s", "0/s", "5/0s", "5/-1s", "5/week", "5/1.5s", "1e-300"]
        {
            let error = text.parse::<RateLimit>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{text:?} is not a rate limit")), "{error}");
        }
    }

    #[test]
    fn the_first_period_needs_no_wait() {
        let limit = RateLimit::new(5, Duration::from_secs(60));
        for (calls, seconds) in [(0, 0), (1, 0), (5, 0), (6, 60), (40, 420)] {
            assert_eq!(limit.time_for(calls), Duration::from_secs(seconds), "{calls}");
        }
    }
}
