//! Outcomes and numbers as text for people.

use std::fmt::{self, Display, Write as _};

use huaweicloud_hss::CallOutcome;
use huaweicloud_hss::fleet::Totals;

/// Returns the name of an outcome.
pub(super) fn outcome_text(outcome: CallOutcome) -> String {
    outcome.as_str().replace('_', " ")
}

/// Returns the totals with the names of their outcomes, in a fixed order.
pub(super) fn outcome_counts(totals: &Totals) -> [(&'static str, u64); 6] {
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
pub(super) struct Thousands(pub(super) u64);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let numbers = [0, 999, 1000, 123_456, 1_000_000].map(|number| Thousands(number).to_string());
        assert_eq!(numbers, ["0", "999", "1,000", "123,456", "1,000,000"]);
        assert_eq!([1, 2].map(|number| counted(number, "call")), ["1 call", "2 calls"]);
    }
}
