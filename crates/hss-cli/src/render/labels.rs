//! The words for outcomes.

use huaweicloud_hss::CallOutcome;
use huaweicloud_hss::fleet::Totals;

/// Returns an outcome as people write it.
pub(super) fn outcome_text(outcome: CallOutcome) -> String {
    outcome.as_str().replace('_', " ")
}

/// Returns the totals with their names, in a fixed order.
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
