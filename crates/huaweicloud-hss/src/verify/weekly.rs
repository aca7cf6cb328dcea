//! When the service may collect the weekly kinds by itself.

use std::time::{SystemTime, UNIX_EPOCH};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Monday 04:10, from the beginning of Monday.
const COLLECTION: u64 = 4 * HOUR + 10 * MINUTE;

/// How long the collection may take. Nothing is documented about it.
const DURATION: u64 = HOUR;

/// The time zones that are furthest ahead of UTC and behind it.
const AHEAD: u64 = 14 * HOUR;
const BEHIND: u64 = 12 * HOUR;

/// Returns whether an automatic collection may have set this time: on Mondays at 04:10 in any time zone, because none is
/// documented. That is from Sunday 14:10 to Monday 17:10 UTC.
pub(super) fn may_be_automatic(at: SystemTime) -> bool {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // 1970 began on a Thursday. In the week, Monday begins at 0.
    let in_week = (seconds + 3 * DAY) % WEEK;
    // The window begins before midnight UTC, at the end of the week before.
    let from_begin = (in_week + AHEAD - COLLECTION) % WEEK;
    from_begin <= AHEAD + BEHIND + DURATION
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_window_covers_monday_0410_in_every_time_zone() {
        // Monday, 2025-11-24 00:00 UTC.
        let monday = 1_763_942_400;
        for (hours, minutes, expected) in [
            (-10, 9, false),
            (-10, 10, true),
            (0, 0, true),
            (4, 10, true),
            (17, 10, true),
            (17, 11, false),
            (48, 0, false),
            (7 * 24 - 10, 10, true),
        ] {
            let seconds = monday + hours * 3600 + minutes * 60;
            let at = UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap());
            assert_eq!(may_be_automatic(at), expected, "{hours}:{minutes}");
        }
    }
}
