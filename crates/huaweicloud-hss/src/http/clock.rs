//! The wall clock that requests are signed with, which tests can set.

use std::time::SystemTime;

/// Where the current time comes from.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// Always this time.
    #[cfg(test)]
    Fixed(SystemTime),
}

impl Clock {
    /// Returns the current time.
    #[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads the wall clock")]
    pub(crate) fn now(self) -> SystemTime {
        match self {
            Self::System => SystemTime::now(),
            #[cfg(test)]
            Self::Fixed(time) => time,
        }
    }
}
