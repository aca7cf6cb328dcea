//! Owns the emulator's wall clock, which a test may set wrong, and how its time is read and written.

use time::{Date, Month, OffsetDateTime, Time};

/// The time of day as the emulator tells it. What a scan or token still has to live goes by tokio's clock instead.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WallClock {
    offset: time::Duration,
}

impl WallClock {
    /// A clock that is ahead of the machine's by so many seconds, or behind it when they are negative.
    pub(crate) fn ahead_by(seconds: i64) -> Self {
        Self { offset: time::Duration::seconds(seconds) }
    }

    /// The time it shows.
    pub(crate) fn now(self) -> OffsetDateTime {
        OffsetDateTime::now_utc().saturating_add(self.offset)
    }
}

/// As IAM writes a time in a body: `2017-06-03T02:19:49.000000Z`. Parts of a second are dropped.
pub(crate) fn iso(at: OffsetDateTime) -> String {
    let (date, time) = (at.date(), at.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000000Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// As a `Date` header writes it: `Fri, 03 Apr 2026 08:15:30 GMT`.
pub(crate) fn http_date(at: OffsetDateTime) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (date, time) = (at.date(), at.time());
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        DAYS[usize::from(date.weekday().number_days_from_monday())],
        date.day(),
        MONTHS[usize::from(u8::from(date.month())) - 1],
        date.year(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Reads an `X-Sdk-Date`: `20260403T081530Z`, and no other spelling.
pub(crate) fn read_sdk_date(text: &str) -> Option<OffsetDateTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if date.len() != 8 || time.len() != 6 || !all_digits(date) || !all_digits(time) {
        return None;
    }
    let two = |text: &str, at: usize| text.get(at..at + 2).and_then(|digits| digits.parse::<u8>().ok());
    let month = Month::try_from(two(date, 4)?).ok()?;
    let date = Date::from_calendar_date(date.get(..4)?.parse().ok()?, month, two(date, 6)?).ok()?;
    let time = Time::from_hms(two(time, 0)?, two(time, 2)?, two(time, 4)?).ok()?;
    Some(OffsetDateTime::new_utc(date, time))
}

#[cfg(test)]
mod tests {
    use super::{WallClock, http_date, iso, read_sdk_date};
    use time::OffsetDateTime;

    #[test]
    fn times_are_read_and_written() {
        let at = read_sdk_date("20260403T081530Z").unwrap();
        assert_eq!(at.unix_timestamp(), 1_775_204_130);
        assert_eq!(iso(at), "2026-04-03T08:15:30.000000Z");
        assert_eq!(http_date(at), "Fri, 03 Apr 2026 08:15:30 GMT");
        let leap = read_sdk_date("20240229T235959Z").unwrap();
        assert_eq!(http_date(leap), "Thu, 29 Feb 2024 23:59:59 GMT");
        assert_eq!(iso(leap + time::Duration::milliseconds(1999)), "2024-03-01T00:00:00.000000Z");
    }

    #[test]
    fn other_spellings_are_not_read() {
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
            "主60403T081530Z",
        ] {
            assert_eq!(read_sdk_date(text), None, "{text}");
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
            assert!(http_date(shown).ends_with("GMT") && iso(shown).ends_with('Z'));
        }
    }
}
