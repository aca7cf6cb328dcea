//! Times of many servers in little memory.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A time for each server of a verification, as milliseconds since 1970; 0 means none.
#[derive(Clone, Debug)]
pub(super) struct Times {
    by_host: Vec<u64>,
    /// Whether a server without a time certainly has none.
    pub(super) is_complete: bool,
}

impl Times {
    pub(super) fn new(hosts: usize) -> Self {
        Self { by_host: vec![0; hosts], is_complete: false }
    }

    /// Sets the time of a server, unless it has a newer one.
    pub(super) fn set(&mut self, host: usize, at: SystemTime) {
        if let Some(time) = self.by_host.get_mut(host) {
            *time = milliseconds(at).max(*time);
        }
    }

    pub(super) fn get(&self, host: usize) -> Option<SystemTime> {
        self.by_host.get(host).filter(|time| **time > 0).and_then(|time| moment(*time))
    }

    /// Returns the servers that have a time, with it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, u64)> {
        self.by_host.iter().copied().enumerate().filter(|(_, time)| *time > 0)
    }
}

/// Returns a time as milliseconds since 1970.
pub(super) fn milliseconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Returns the moment of a time in milliseconds; 0 means never.
pub(super) fn moment(milliseconds: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).filter(|_| milliseconds > 0)
}
