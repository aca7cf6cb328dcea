//! The emulator's wall clock, which a test may offset, and the formats of its time.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The wall clock of the emulator. Scans and tokens end by tokio's clock instead, which a test may pause.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WallClock {
    offset: time::Duration,
}

impl WallClock {
    /// Returns a clock that is ahead of the machine's by this many seconds, or behind it when they are negative.
    pub(crate) fn ahead_by(seconds: i64) -> Self {
        Self { offset: time::Duration::seconds(seconds) }
    }

    /// Returns the time it shows, from 1970 to 9999: other years have no HTTP date.
    pub(crate) fn now(self) -> OffsetDateTime {
        OffsetDateTime::now_utc().saturating_add(self.offset).max(OffsetDateTime::UNIX_EPOCH)
    }
}

/// Formats a time as IAM does in a body: `2017-06-03T02:19:49.000000Z`. The fraction of a second is dropped.
pub(crate) fn iam_time(at: OffsetDateTime) -> String {
    let seconds = at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default();
    format!("{}.000000Z", seconds.trim_end_matches('Z'))
}

/// Formats a time as a `Date` header does: `Fri, 03 Apr 2026 08:15:30 GMT`.
pub(crate) fn http_date(at: OffsetDateTime) -> String {
    httpdate::fmt_http_date(at.into())
}

/// Parses an `X-Sdk-Date`: `20260403T081530Z`, and no other spelling.
pub(crate) fn parse_sdk_date(text: &str) -> Option<OffsetDateTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    if date.len() != 8 || time.len() != 6 {
        return None;
    }
    let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..)?);
    let (hour, minute, second) = (time.get(..2)?, time.get(2..4)?, time.get(4..)?);
    OffsetDateTime::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"), &Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::{WallClock, http_date, iam_time, parse_sdk_date};

    #[test]
    fn times_are_parsed_and_formatted() {
        let at = parse_sdk_date("20260403T081530Z").unwrap();
        assert_eq!(at.unix_timestamp(), 1_775_204_130);
        assert_eq!(iam_time(at), "2026-04-03T08:15:30.000000Z");
        assert_eq!(http_date(at), "Fri, 03 Apr 2026 08:15:30 GMT");
        let leap = parse_sdk_date("20240229T235959Z").unwrap();
        assert_eq!(http_date(leap), "Thu, 29 Feb 2024 23:59:59 GMT");
        assert_eq!(iam_time(leap + time::Duration::milliseconds(1999)), "2024-03-01T00:00:00.000000Z");
    }

    #[test]
    fn other_spellings_are_rejected() {
        for text in [
            "",
            "Z",
            "20260403T081530",
            "2026-04-03T08:15:30Z",
            "20260403t081530Z",
            "20260403T081530Z ",
            "20261303T081530Z",
            "20260230T081530Z",
            "20260403T241530Z",
            "20260403T08153Z",
            "20260403T08153+Z",
            "2026-403T081530Z",
            "20260403T0815.0Z",
            "主60403T081530Z",
        ] {
            assert_eq!(parse_sdk_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_clock_may_be_wrong_by_any_amount() {
        let right = OffsetDateTime::now_utc();
        let ahead = WallClock::ahead_by(3600).now() - right;
        assert!((3600..3660).contains(&ahead.whole_seconds()), "{ahead}");
        assert!(WallClock::ahead_by(-3600).now() < right);
        for extreme in [i64::MAX, i64::MIN] {
            let shown = WallClock::ahead_by(extreme).now();
            assert!(http_date(shown).ends_with("GMT") && iam_time(shown).ends_with('Z'));
        }
    }
}
