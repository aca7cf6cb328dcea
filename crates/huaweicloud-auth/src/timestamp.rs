//! The two time formats of the service: X-Sdk-Date, and the RFC 3339 text of an expiry.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Writes a moment as X-Sdk-Date does: UTC, `YYYYMMDDTHHMMSSZ`, without its fraction of a second
/// (`docs/design/service-behaviour.md#signing`). `None` outside the years 0 to 9999.
pub(crate) fn sdk_date(moment: SystemTime) -> Option<String> {
    let seconds = match moment.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).ok()?,
        Err(before) => {
            // Rounded towards the past, like moments after the epoch.
            let before = before.duration();
            let whole = i64::try_from(before.as_secs()).ok()?;
            -whole - i64::from(before.subsec_nanos() > 0)
        }
    };
    let utc = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let year = u32::try_from(utc.year()).ok().filter(|year| *year <= 9999)?;
    let (month, day) = (u8::from(utc.month()), utc.day());
    Some(format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", utc.hour(), utc.minute(), utc.second()))
}

/// Parses an expiry as IAM and the server metadata write it, RFC 3339 such as `2017-06-03T02:19:49.000000Z`
/// (`docs/design/service-behaviour.md#tokens`).
///
/// `None` when the text is something else, or a moment that [`SystemTime`] cannot represent.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<SystemTime> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let nanos = moment.unix_timestamp_nanos();
    let distance = nanos.unsigned_abs();
    let whole = u64::try_from(distance / 1_000_000_000).ok()?;
    let fraction = u32::try_from(distance % 1_000_000_000).ok()?;
    let distance = Duration::new(whole, fraction);
    if nanos < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
}

#[cfg(test)]
mod tests {
    use super::{parse_rfc3339, sdk_date};
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn sdk_date_is_utc_without_fraction() {
        let table = [
            (0, 0, "19700101T000000Z"),
            (1_775_204_130, 999_999_999, "20260403T081530Z"),
            (951_782_399, 0, "20000228T235959Z"),
            (951_782_400, 0, "20000229T000000Z"),
            (253_402_300_799, 0, "99991231T235959Z"),
        ];
        for (seconds, nanos, expected) in table {
            let moment = UNIX_EPOCH + Duration::new(seconds, nanos);
            assert_eq!(sdk_date(moment).unwrap(), expected);
        }
        assert_eq!(sdk_date(UNIX_EPOCH - Duration::new(0, 1)).unwrap(), "19691231T235959Z");
        assert_eq!(sdk_date(UNIX_EPOCH - Duration::new(1, 0)).unwrap(), "19691231T235959Z");
        assert_eq!(sdk_date(UNIX_EPOCH - Duration::from_secs(62_167_219_200)).unwrap(), "00000101T000000Z");
    }

    #[test]
    fn a_year_beyond_9999_or_before_0_is_refused() {
        assert!(sdk_date(UNIX_EPOCH + Duration::from_secs(253_402_300_800)).is_none());
        assert!(sdk_date(UNIX_EPOCH + Duration::from_secs(i64::MAX as u64)).is_none());
        assert!(sdk_date(UNIX_EPOCH - Duration::from_secs(62_167_219_201)).is_none());
    }

    #[test]
    fn an_expiry_is_parsed() {
        let at = UNIX_EPOCH + Duration::new(1_496_456_389, 0);
        assert_eq!(parse_rfc3339("2017-06-03T02:19:49.000000Z"), Some(at));
        assert_eq!(parse_rfc3339("2017-06-03T04:19:49+02:00"), Some(at));
        assert_eq!(parse_rfc3339("1969-12-31T23:59:59.5Z"), Some(UNIX_EPOCH - Duration::from_millis(500)));
        for bad in ["", "2017-06-03", "2017-06-03T02:19:49", "2017-02-30T00:00:00Z", "soon"] {
            assert_eq!(parse_rfc3339(bad), None, "{bad}");
        }
    }
}
