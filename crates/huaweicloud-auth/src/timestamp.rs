//! The two time formats the service speaks: X-Sdk-Date, and the RFC 3339 text of an expiry.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment as X-Sdk-Date writes it: UTC, `YYYYMMDDTHHMMSSZ` (facts, section 4).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SdkDate([u8; 16]);

impl SdkDate {
    /// Writes the moment, without its fraction of a second; `None` outside the years 0 to 9999.
    #[must_use]
    pub fn new(moment: SystemTime) -> Option<Self> {
        let seconds = match moment.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).ok()?,
            Err(before) => {
                // Rounded towards the past, as for moments after the epoch.
                let before = before.duration();
                let whole = i64::try_from(before.as_secs()).ok()?;
                -whole - i64::from(before.subsec_nanos() > 0)
            }
        };
        let utc = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        let year = u32::try_from(utc.year()).ok().filter(|year| *year <= 9999)?;
        let mut text = *b"00000000T000000Z";
        let (date, rest) = text.split_at_mut(8);
        put_digits(&mut date[..4], year);
        put_digits(&mut date[4..6], u32::from(u8::from(utc.month())));
        put_digits(&mut date[6..], u32::from(utc.day()));
        put_digits(&mut rest[1..3], u32::from(utc.hour()));
        put_digits(&mut rest[3..5], u32::from(utc.minute()));
        put_digits(&mut rest[5..7], u32::from(utc.second()));
        Some(Self(text))
    }

    /// The sixteen characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits and letters are ever put in, so the fallback is not reached.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for SdkDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SdkDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn put_digits(place: &mut [u8], mut number: u32) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Reads an expiry as IAM and the ECS metadata write it, RFC 3339 such as `2017-06-03T02:19:49.000000Z` (facts, section 6).
///
/// `None` when the text is something else, or a moment the system cannot represent.
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
    use super::{SdkDate, parse_rfc3339};
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
            assert_eq!(SdkDate::new(moment).unwrap().as_str(), expected);
        }
        assert_eq!(SdkDate::new(UNIX_EPOCH - Duration::new(0, 1)).unwrap().as_str(), "19691231T235959Z");
        assert_eq!(SdkDate::new(UNIX_EPOCH - Duration::new(1, 0)).unwrap().as_str(), "19691231T235959Z");
        assert_eq!(
            SdkDate::new(UNIX_EPOCH - Duration::from_secs(62_167_219_200)).unwrap().as_str(),
            "00000101T000000Z"
        );
    }

    #[test]
    fn moments_it_cannot_write_are_refused() {
        assert!(SdkDate::new(UNIX_EPOCH + Duration::from_secs(253_402_300_800)).is_none());
        assert!(SdkDate::new(UNIX_EPOCH + Duration::from_secs(i64::MAX as u64)).is_none());
        assert!(SdkDate::new(UNIX_EPOCH - Duration::from_secs(62_167_219_201)).is_none());
    }

    #[test]
    fn an_expiry_is_read() {
        let at = UNIX_EPOCH + Duration::new(1_496_456_389, 0);
        assert_eq!(parse_rfc3339("2017-06-03T02:19:49.000000Z"), Some(at));
        assert_eq!(parse_rfc3339("2017-06-03T04:19:49+02:00"), Some(at));
        assert_eq!(parse_rfc3339("1969-12-31T23:59:59.5Z"), Some(UNIX_EPOCH - Duration::from_millis(500)));
        for bad in ["", "2017-06-03", "2017-06-03T02:19:49", "2017-02-30T00:00:00Z", "soon"] {
            assert_eq!(parse_rfc3339(bad), None, "{bad}");
        }
    }
}
