//! A clock for emulators that is never near the weekly collection.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY: u64 = 24 * 60 * 60;

/// Returns how many seconds to add to the clock so that it shows a Wednesday.
pub fn offset_to_wednesday() -> i64 {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / DAY;
    // 1970 began on a Thursday: 0 is a Monday.
    let weekday = (days + 3) % 7;
    i64::try_from((2 + 7 - weekday) % 7 * DAY).unwrap()
}
