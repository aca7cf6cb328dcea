//! Counts the requests that a throttle lets pass.

use std::collections::{HashMap, VecDeque};

use tokio::time::{Duration, Instant};

use super::throttle::{Policy, Throttle};

/// A request, as far as limits depend on it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    /// Identifies the user: the same for all tokens of a user.
    pub(crate) user: String,
    /// The source address; empty without a socket.
    pub(crate) address: String,
}

/// The requests that a throttle let pass, for each group of requests that it counts together.
#[derive(Debug, Clone, Default)]
pub(super) struct Windows {
    groups: HashMap<Group, Window>,
    /// At this many groups, those without a recent request are removed, so that memory does not grow with every caller.
    sweep_at: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Group {
    operation: Option<String>,
    caller: String,
}

#[derive(Debug, Clone)]
enum Window {
    /// The start of the current period, and the requests in it.
    Fixed { start: Instant, requests: u64 },
    /// When the requests of the last period passed.
    Sliding(VecDeque<Instant>),
}

const SWEEP_MIN: usize = 1024;

impl Windows {
    /// Returns how many more requests of a group may pass now.
    pub(super) fn remaining(&self, throttle: &Throttle, operation: Option<&str>, caller: &Caller, now: Instant) -> u64 {
        let window = self.groups.get(&Group::of(throttle, operation, caller));
        let passed = window.map_or(0, |window| window.passed(throttle.limit.period(), now));
        throttle.limit.requests.saturating_sub(passed)
    }

    /// Counts a request that passes.
    pub(super) fn pass(&mut self, throttle: &Throttle, operation: Option<&str>, caller: &Caller, now: Instant) {
        let period = throttle.limit.period();
        if self.groups.len() >= self.sweep_at.max(SWEEP_MIN) {
            self.groups.retain(|_, window| window.passed(period, now) > 0);
            self.sweep_at = self.groups.len() * 2;
        }
        let new = || match throttle.is_sliding {
            true => Window::Sliding(VecDeque::new()),
            false => Window::Fixed { start: now, requests: 0 },
        };
        self.groups.entry(Group::of(throttle, operation, caller)).or_insert_with(new).pass(period, now);
    }
}

impl Group {
    fn of(throttle: &Throttle, operation: Option<&str>, caller: &Caller) -> Self {
        let caller = match throttle.policy {
            Policy::Api | Policy::ApiAllEnv => String::new(),
            Policy::User | Policy::App => caller.user.clone(),
            Policy::Ip => caller.address.clone(),
        };
        Self { operation: operation.map(str::to_owned), caller }
    }
}

impl Window {
    /// Returns the number of requests in the period that contains `now`.
    fn passed(&self, period: Duration, now: Instant) -> u64 {
        let is_recent = |at: Instant| now.saturating_duration_since(at) < period;
        match self {
            Self::Fixed { start, requests } => {
                if is_recent(*start) {
                    *requests
                } else {
                    0
                }
            }
            Self::Sliding(passed) => (passed.len() - passed.partition_point(|at| !is_recent(*at))) as u64,
        }
    }

    fn pass(&mut self, period: Duration, now: Instant) {
        let recent = self.passed(period, now);
        match self {
            Self::Fixed { requests, .. } if recent > 0 => *requests += 1,
            Self::Fixed { start, requests } => (*start, *requests) = (now, 1),
            Self::Sliding(passed) => {
                while passed.len() as u64 > recent {
                    passed.pop_front();
                }
                // Requests may be counted in another order than they arrived.
                let last = passed.back().copied().unwrap_or(now);
                passed.push_back(now.max(last));
            }
        }
    }
}
