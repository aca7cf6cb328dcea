//! How often a lane asks whether its queue is free: at first by a fixed growth, later by what it saw of its own scans.

use std::time::Duration;

use tokio::time::Instant;

/// How often to ask whether a scan is pending: each pause half as long again as the one before, with jitter.
///
/// A lane that has waited for a scan of its own before asks first in the middle of the span in which that one ended, and then in
/// steps of a quarter of it: the service's answers alone decide, but nobody is asked in vain for long. No document says how long a
/// queue stays busy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polling {
    /// The first pause.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Polling {
    /// 1 second growing to 30 seconds.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(30) }
    }
}

impl Polling {
    /// The pause after this one.
    pub(super) fn grow(&self, pause: Duration) -> Duration {
        (pause + pause / 2).min(self.longest)
    }

    /// The pause with jitter: between three quarters and five quarters of it.
    pub(super) fn jitter(pause: Duration) -> Duration {
        pause.mul_f64(0.75 + fastrand::f64() / 2.0)
    }
}

/// What a lane saw of how long its queue stays busy behind an accepted call.
#[derive(Debug, Default)]
pub(super) struct Seen {
    accepted: Option<Instant>,
    /// How long after that the queue was last seen busy.
    busy: Duration,
    /// In which span after the acceptance an earlier scan ended.
    span: Option<(Duration, Duration)>,
}

impl Seen {
    /// A call was accepted.
    pub(super) fn accepted(&mut self, now: Instant) {
        (self.accepted, self.busy) = (Some(now), Duration::ZERO);
    }

    /// The queue is busy.
    pub(super) fn busy(&mut self, now: Instant) {
        if let Some(accepted) = self.accepted {
            self.busy = now - accepted;
        }
    }

    /// The queue is free.
    pub(super) fn free(&mut self, now: Instant) {
        let Some(accepted) = self.accepted.take() else { return };
        let end = now - accepted;
        let begin = self.span.map_or(Duration::ZERO, |(begin, _)| begin).max(self.busy);
        // What an earlier scan taught does not hold when this one ended sooner.
        self.span = Some((if begin < end { begin } else { self.busy.min(end) }, end));
    }

    /// When to ask first, where that is known, and the first pause after that.
    pub(super) fn plan(&self, polling: &Polling) -> (Option<Instant>, Duration) {
        match (self.accepted, self.span) {
            (Some(accepted), Some((begin, end))) => {
                let step = ((end - begin) / 4).clamp(polling.first / 20, polling.longest);
                (Some(accepted + (begin + end) / 2), step)
            }
            _ => (None, polling.first),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays waits for scans that take `busy`, answered at once, and gives the delay after the end of each.
    fn delays(busy: Duration, scans: usize) -> Vec<Duration> {
        let polling = Polling::default();
        let mut seen = Seen::default();
        let mut now = Instant::now();
        let mut delays = Vec::new();
        for _ in 0..scans {
            let accepted = now;
            seen.accepted(now);
            let (first, mut pause) = seen.plan(&polling);
            now = first.unwrap_or(now).max(now);
            while now - accepted < busy {
                seen.busy(now);
                now += pause;
                pause = polling.grow(pause);
            }
            seen.free(now);
            delays.push(now - accepted - busy);
        }
        delays
    }

    #[test]
    fn later_waits_end_shortly_after_the_scan() {
        for millis in [0, 30, 200, 700, 2000, 2500, 10_000, 45_000, 600_000] {
            let busy = Duration::from_millis(millis);
            let delays = delays(busy, 12);
            let late: Duration = delays[6..].iter().sum();
            assert!(late / 6 <= (busy / 20).max(Duration::from_millis(60)), "busy for {busy:?}: {delays:?}");
        }
    }

    #[test]
    fn a_scan_that_ends_sooner_or_later_than_the_one_before_is_followed() {
        let polling = Polling::default();
        let mut seen = Seen::default();
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        seen.accepted(begin);
        seen.busy(after(8));
        seen.free(after(12));
        seen.accepted(begin);
        assert_eq!(seen.plan(&polling), (Some(after(10)), Duration::from_secs(1)));
        // Sooner: the old begin of the span is forgotten.
        seen.free(after(4));
        seen.accepted(begin);
        assert_eq!(seen.plan(&polling), (Some(after(2)), Duration::from_secs(1)));
        // Later.
        seen.busy(after(30));
        seen.free(after(40));
        seen.accepted(begin);
        assert_eq!(seen.plan(&polling), (Some(after(35)), Duration::from_millis(2500)));
    }
}
