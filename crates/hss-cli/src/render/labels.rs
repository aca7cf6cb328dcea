//! Outcomes, numbers and times as text for people.

use std::fmt::{self, Display, Write as _};
use std::time::{Duration, SystemTime};

use huaweicloud_hss::CallOutcome;
use huaweicloud_hss::fleet::Totals;

/// Returns the name of an outcome.
pub(super) fn outcome_text(outcome: CallOutcome) -> String {
    outcome.as_str().replace('_', " ")
}

/// Returns the totals with the names of their outcomes, in a fixed order.
pub(crate) fn outcome_counts(totals: &Totals) -> [(&'static str, u64); 6] {
    let Totals { accepted, already_queued, refused, unrecognised, unknown, not_sent } = *totals;
    [
        ("accepted", accepted),
        ("already queued", already_queued),
        ("refused", refused),
        ("unrecognised", unrecognised),
        ("unknown", unknown),
        ("not sent", not_sent),
    ]
}

/// Returns a number with its noun, as in "1 call" and "1,000 calls".
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", Thousands(number))
}

/// A number with commas between the thousands.
pub(crate) struct Thousands(pub(crate) u64);

impl Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_char(',')?;
            }
            f.write_char(digit)?;
        }
        Ok(())
    }
}

/// Returns a time as RFC 3339, to the second.
pub(crate) fn rfc3339(at: SystemTime) -> String {
    humantime::format_rfc3339_seconds(at).to_string()
}

/// Returns a time for people, in UTC.
pub(super) fn timestamp(at: SystemTime) -> String {
    rfc3339(at).replace('T', " ").replace('Z', "")
}

/// Returns a duration for people: its two largest units.
pub(super) fn rounded(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match () {
        () if days > 0 => format!("{days}d {}h", hours % 24),
        () if hours > 0 => format!("{hours}h {}m", minutes % 60),
        () if minutes > 0 => format!("{minutes}m {}s", seconds % 60),
        () => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let numbers = [0, 999, 1000, 123_456, 1_000_000].map(|number| Thousands(number).to_string());
        assert_eq!(numbers, ["0", "999", "1,000", "123,456", "1,000,000"]);
        assert_eq!([1, 2].map(|number| counted(number, "call")), ["1 call", "2 calls"]);
    }

    #[test]
    fn a_duration_has_two_units() {
        let rounded = [0, 59, 61, 3600, 86_399, 900_000].map(|seconds| rounded(Duration::from_secs(seconds)));
        assert_eq!(rounded, ["0s", "59s", "1m 1s", "1h 0m", "23h 59m", "10d 10h"]);
    }
}
