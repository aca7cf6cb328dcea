//! Explains a refused signature by the clock of this machine, if the response shows that it is wrong.

use std::time::{Duration, SystemTime};

use crate::error::{Error, ErrorKind};

/// The largest difference between the time of a signed request and its own that the gateway accepts: 15 minutes.
// See `docs/design/service-behaviour.md#clock-tolerance`.
pub const CLOCK_TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// Adds a note to a refused signature if this machine's clock, which shows `now`, differs too much from the service's.
pub(crate) fn add_clock_skew_hint(error: Error, now: SystemTime) -> Error {
    let Some(server_time) = error.server_time().filter(|_| error.kind() == ErrorKind::Credentials) else {
        return error;
    };
    let (skew, direction) = match now.duration_since(server_time) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if skew <= CLOCK_TOLERANCE {
        return error;
    }
    // Rounded up, so that just over 15 minutes do not read as 15.
    let minutes = skew.as_secs().div_ceil(60);
    error.with_clock_skew().with_note(format!(
        "This machine's clock is {minutes} minutes {direction} the service's, and the limit is 15: set the clock"
    ))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn a_clock_outside_the_tolerance_is_named() {
        let server_time = UNIX_EPOCH + Duration::from_secs(1_775_204_130);
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        for (kind, now, note) in [
            (ErrorKind::Credentials, server_time, None),
            (ErrorKind::Credentials, server_time + minutes(15), None),
            (ErrorKind::Credentials, server_time - minutes(15), None),
            (ErrorKind::Credentials, server_time + minutes(15) + Duration::from_secs(1), Some("16 minutes ahead of")),
            (ErrorKind::Credentials, server_time - minutes(60), Some("60 minutes behind")),
            (ErrorKind::Permission, server_time - minutes(60), None),
        ] {
            let error = Error::new(kind, "refused").with_server_time(Some(server_time));
            let text = add_clock_skew_hint(error, now).to_string();
            assert_eq!(text.contains("This machine's clock"), note.is_some(), "{text}");
            assert!(text.contains(note.unwrap_or_default()), "{text}");
        }
        let error = add_clock_skew_hint(Error::new(ErrorKind::Credentials, "refused"), UNIX_EPOCH);
        assert_eq!(error.to_string(), "refused", "the response has no Date");
    }
}
