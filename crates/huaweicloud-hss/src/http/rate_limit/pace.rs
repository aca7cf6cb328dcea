//! When the next call may be sent: a pure state machine, apart from the times it is given.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::rate::RateLimit;
use super::reported::ReportedLimit;

/// How many calls are remembered at least, so that they count towards a limit that is learnt later.
const MIN_LOG: usize = 1024;

/// How many calls are remembered at most.
const MAX_LOG: usize = 100_000;

/// How many limits are kept. The gateway has five policies.
const MAX_LIMITS: usize = 8;

/// The delay before the first probe after a 429.
const MIN_PROBE_DELAY: Duration = Duration::from_millis(200);

/// The longest delay between two probes, unless the service asks for a longer one.
const MAX_PROBE_DELAY: Duration = Duration::from_secs(2);

/// The longest delay that a service's Retry-After can ask for.
pub(in crate::http) const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// The pace of the calls that share their limits.
///
/// A limit is an exact window: a call counts from when it is sent until a period after its response, so neither a fixed
/// nor a sliding window at the gateway is exceeded. A 429 that no window explains blocks all calls: one probe at a time
/// is sent, until one is not refused. At first and after a block, the number of calls in flight grows with the
/// responses, so that few calls are refused if there is a limit.
#[derive(Debug, Default)]
pub(super) struct Pace {
    limits: Vec<Limit>,
    /// The calls in flight.
    in_flight: u32,
    /// Those of them that were sent after the last slow-down.
    in_flight_since: u32,
    /// When the response to each recent call arrived, in order. Probes that were refused do not count.
    log: VecDeque<Instant>,
    /// The number of the next call.
    next: u64,
    /// The first call after the last slow-down. A 429 for an earlier one is an echo of the same burst.
    since: u64,
    /// The responses since the last slow-down. Every second one allows one more call in flight.
    responses: u32,
    block: Option<Block>,
    /// Since when no call has arrived at the service.
    unreachable_since: Option<Instant>,
}

/// A limit and what is known about its current period.
#[derive(Debug)]
struct Limit {
    policy: String,
    rate: RateLimit,
    /// How many calls of others count towards it, and until when.
    others: Option<(u32, Instant)>,
    /// When its period ends, if a 429 showed that it is full.
    full_until: Option<Instant>,
}

/// No call is sent but probes.
#[derive(Debug)]
struct Block {
    since: Instant,
    /// When the next probe may be sent.
    until: Instant,
    delay: Duration,
}

/// Whether a call may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// At once.
    Now,
    /// Not before this moment.
    At(Instant),
    /// Not before a call in flight has ended.
    AfterResponse,
}

/// How a call ended.
#[derive(Debug)]
pub(in crate::http) enum CallEnd {
    /// It was not sent.
    NotSent,
    /// It did not reach the service.
    NotArrived,
    /// It may have arrived, but its response did not, or nobody waits for it any more.
    NoResponse,
    /// The gateway accepted it, and may have reported limits.
    Response(Vec<ReportedLimit>),
    /// It was refused with a 429, which may report limits and a delay.
    Throttled(Vec<ReportedLimit>, Option<Duration>),
}

impl Pace {
    /// Starts with the limit that is configured, if any.
    pub(super) fn new(configured: Option<RateLimit>) -> Self {
        let configured = configured.map(|rate| Limit::new("configured".to_owned(), rate));
        Self { limits: configured.into_iter().collect(), ..Self::default() }
    }

    /// Returns whether the gateway should be asked for its limits: until there was a response.
    pub(super) fn asks_for_limits(&self) -> bool {
        self.limits.is_empty() && self.log.is_empty()
    }

    /// Returns whether a call may be sent.
    pub(super) fn turn(&self, now: Instant) -> Turn {
        let base = match &self.block {
            Some(_) if self.in_flight_since > 0 => Turn::AfterResponse,
            Some(block) if now < block.until => Turn::At(block.until),
            None if self.in_flight_since > self.responses / 2 => Turn::AfterResponse,
            Some(_) | None => Turn::Now,
        };
        self.limits.iter().map(|limit| self.turn_within(limit, now)).fold(base, Ord::max)
    }

    fn turn_within(&self, limit: &Limit, now: Instant) -> Turn {
        if let Some(full_until) = limit.full_until.filter(|full_until| now < *full_until) {
            return Turn::At(full_until);
        }
        let (others, others_until) = limit.others.filter(|(_, until)| now < *until).unwrap_or((0, now));
        let free = limit.rate.calls().saturating_sub(others).saturating_sub(self.in_flight) as usize;
        let Some(last_counted) = free.checked_sub(1) else {
            // Calls of others leave the window too.
            return if others > 0 && self.in_flight == 0 { Turn::At(others_until) } else { Turn::AfterResponse };
        };
        // The call that has to leave the window, so that one more fits.
        match self.log.iter().rev().nth(last_counted).map(|response| *response + limit.rate.per()) {
            Some(leaves) if now < leaves => Turn::At(leaves),
            _ => Turn::Now,
        }
    }

    /// Starts a call and returns its number.
    pub(super) fn start(&mut self) -> u64 {
        self.in_flight += 1;
        self.in_flight_since += 1;
        self.next += 1;
        self.next - 1
    }

    /// Ends the call with this number. Returns for how long no call has arrived at the service.
    pub(super) fn end(&mut self, call: u64, end: CallEnd, now: Instant) -> Duration {
        self.in_flight = self.in_flight.saturating_sub(1);
        let is_echo = call < self.since;
        if !is_echo {
            self.in_flight_since = self.in_flight_since.saturating_sub(1);
        }
        match end {
            CallEnd::NotSent => {}
            CallEnd::NotArrived => self.unreachable_since = self.unreachable_since.or(Some(now)),
            _ => self.unreachable_since = None,
        }
        match end {
            CallEnd::NotSent => {}
            CallEnd::NotArrived => self.delay_probe(now),
            CallEnd::NoResponse => {
                self.record(now);
                self.delay_probe(now);
            }
            CallEnd::Response(reported) => {
                self.record(now);
                for reported in reported {
                    self.learn(reported, now);
                }
                if !is_echo {
                    self.block = None;
                    self.responses = self.responses.saturating_add(1);
                }
            }
            CallEnd::Throttled(reported, retry_after) => {
                let mut is_news = false;
                for reported in reported {
                    is_news |= self.learn_full(reported, now);
                }
                if !is_echo {
                    self.slow_down(is_news, retry_after, now);
                }
                if self.block.is_none() {
                    // A gateway may count refused calls. They leave the window soon after those that filled it.
                    self.record(now);
                }
            }
        }
        self.unreachable_since.map_or(Duration::ZERO, |since| now - since)
    }

    /// Reacts to the first 429 of a burst.
    fn slow_down(&mut self, limit_is_new: bool, retry_after: Option<Duration>, now: Instant) {
        self.since = self.next;
        self.in_flight_since = 0;
        let wait = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
        if limit_is_new && self.block.is_none() {
            // The limit explains the refusal, and its window is known.
            for limit in &mut self.limits {
                limit.full_until = limit.full_until.max((!wait.is_zero()).then(|| now + wait));
            }
            return;
        }
        self.responses = 0;
        let longest = self.limits.iter().map(|limit| limit.rate.per()).max().unwrap_or_default();
        let (since, delay) = match &self.block {
            None => (now, MIN_PROBE_DELAY),
            // The probes themselves may keep a window full that counts refused calls: leave it alone for a period.
            Some(block) if !longest.is_zero() && now - block.since >= longest => (now + longest, longest),
            Some(block) => (block.since, (block.delay + block.delay / 2).clamp(MIN_PROBE_DELAY, MAX_PROBE_DELAY)),
        };
        self.block = Some(Block { since, until: now + delay.max(wait), delay: delay.min(MAX_PROBE_DELAY) });
    }

    /// After a probe without a response, the next one waits too.
    fn delay_probe(&mut self, now: Instant) {
        if let Some(block) = &mut self.block {
            block.until = block.until.max(now + block.delay);
        }
    }

    /// Counts a call towards the limits from now on.
    fn record(&mut self, now: Instant) {
        let largest = self.limits.iter().map(|limit| limit.rate.calls() as usize).max().unwrap_or(0);
        while self.log.len() >= largest.clamp(MIN_LOG, MAX_LOG) {
            self.log.pop_front();
        }
        self.log.push_back(now);
    }

    /// Learns a limit from the headers of a response.
    fn learn(&mut self, reported: ReportedLimit, now: Instant) {
        let (per, remaining) = (reported.limit.per(), reported.remaining);
        let own = self.in_flight.saturating_add(self.recent_calls(per, now));
        let Some((limit, _)) = self.limit(reported) else { return };
        let others = remaining.map_or(0, |remaining| limit.rate.calls().saturating_sub(remaining).saturating_sub(own));
        limit.others = (others > 0).then(|| (others, now + per));
    }

    /// Learns from a 429 that the window of a limit is full. Returns whether that explains the 429: the limit was not
    /// known, and there are calls that have to leave its window.
    fn learn_full(&mut self, reported: ReportedLimit, now: Instant) -> bool {
        let per = reported.limit.per();
        let oldest = self.recent_calls(per, now).checked_sub(1);
        let oldest = oldest.and_then(|oldest| self.log.iter().rev().nth(oldest as usize)).copied();
        match (self.limit(reported), oldest) {
            (Some((limit, true)), Some(oldest)) => {
                limit.full_until = Some(oldest + per);
                true
            }
            _ => false,
        }
    }

    /// Returns the limit with the policy of a reported one, and whether it is new or has changed; `None` if there are
    /// too many.
    fn limit(&mut self, reported: ReportedLimit) -> Option<(&mut Limit, bool)> {
        let ReportedLimit { policy, limit: rate, .. } = reported;
        let Some(known) = self.limits.iter().position(|limit| limit.policy == policy) else {
            if self.limits.len() < MAX_LIMITS {
                self.limits.push(Limit::new(policy, rate));
                return self.limits.last_mut().map(|limit| (limit, true));
            }
            return None;
        };
        let limit = self.limits.get_mut(known)?;
        let has_changed = limit.rate != rate;
        limit.rate = rate;
        Some((limit, has_changed))
    }

    /// Returns how many calls with a response count towards a window of this length.
    fn recent_calls(&self, per: Duration, now: Instant) -> u32 {
        let recent = self.log.iter().rev().take_while(|response| now < **response + per).count();
        u32::try_from(recent).unwrap_or(u32::MAX)
    }
}

impl Limit {
    fn new(policy: String, rate: RateLimit) -> Self {
        Self { policy, rate, others: None, full_until: None }
    }
}
