//! The wall clock.

use std::time::SystemTime;

/// Returns the current time.
#[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads the wall clock")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
