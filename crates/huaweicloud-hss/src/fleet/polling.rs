//! How often a lane asks whether its queue is free: at first by a fixed growth, later by what it saw of its own scans.

use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// How often to ask whether a scan is pending: each pause half as long again as the one before, with jitter.
///
/// A lane that has waited for a scan of its own before, or whose neighbours have, asks first in the middle of the span in which
/// those ended, and then in steps of a quarter of it: the service's answers alone decide, but nobody is asked in vain for long. No
/// document says how long a queue stays busy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollInterval {
    /// The first pause.
    pub initial: Duration,
    /// The longest pause.
    pub max: Duration,
}

impl Default for PollInterval {
    /// 1 second growing to 30 seconds.
    fn default() -> Self {
        Self { initial: Duration::from_secs(1), max: Duration::from_secs(30) }
    }
}

impl PollInterval {
    /// The pause after this one.
    pub(super) fn grow(&self, pause: Duration) -> Duration {
        (pause + pause / 2).min(self.max)
    }

    /// The pause with jitter: between three quarters and five quarters of it.
    pub(super) fn jitter(pause: Duration) -> Duration {
        pause.mul_f64(0.75 + fastrand::f64() / 2.0)
    }
}

/// In which span after its acceptance a scan ended: the queue was busy still at its begin, and free at its end.
type Span = (Duration, Duration);

/// What all lanes of a run saw together: most scans of a fleet take about as long as their neighbours'.
#[derive(Clone, Debug)]
pub(super) struct Shared(watch::Sender<Option<Span>>);

impl Default for Shared {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

/// What a lane saw of how long its queue stays busy behind an accepted call.
#[derive(Debug)]
pub(super) struct Seen {
    accepted: Option<Instant>,
    /// How long after that the queue was last seen busy.
    busy: Duration,
    /// In which span the lane's own scans end.
    span: Option<Span>,
    shared: Shared,
}

impl Seen {
    pub(super) fn new(shared: Shared) -> Self {
        Self { accepted: None, busy: Duration::ZERO, span: None, shared }
    }

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
        let own = (self.busy, now - accepted);
        self.span = Some(narrowed(self.span, own));
        self.shared.0.send_modify(|span| *span = Some(narrowed(*span, own)));
    }

    /// When to ask first, where that is known, and the first pause after that.
    pub(super) fn plan(&self, polling: &PollInterval) -> (Option<Instant>, Duration) {
        match (self.accepted, self.span.or(*self.shared.0.borrow())) {
            (Some(accepted), Some((begin, end))) => {
                let step = ((end - begin) / 4).clamp(polling.initial / 20, polling.max);
                (Some(accepted + (begin + end) / 2), step)
            }
            _ => (None, polling.initial),
        }
    }

    /// Waits until a moment. A lane that knows nothing of its own yet waits no longer than until the end that it hears of meanwhile.
    pub(super) async fn wait_until(&self, moment: Instant) {
        let mut others = self.shared.0.subscribe();
        let earlier = async {
            let (Some(accepted), None) = (self.accepted, self.span) else { return pending().await };
            loop {
                // The other end is held here, so it is never gone.
                if others.changed().await.is_err() {
                    return pending().await;
                }
                let heard = *others.borrow_and_update();
                if let Some((_, end)) = heard {
                    return sleep_until(accepted + end).await;
                }
            }
        };
        tokio::select! {
            () = sleep_until(moment) => {}
            () = earlier => {}
        }
    }
}

/// What is known after one more scan. What was known before does not hold when this one ended sooner, or later.
fn narrowed(before: Option<Span>, (busy, free): Span) -> Span {
    match before {
        Some((begin, end)) if begin < free && busy < end => (begin.max(busy), end.min(free)),
        _ => (busy.min(free), free),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays waits for scans that take `busy`, answered at once, and gives the delay after the end of each.
    fn delays(busy: Duration, scans: usize) -> Vec<Duration> {
        let polling = PollInterval::default();
        let mut seen = Seen::new(Shared::default());
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
        let polling = PollInterval::default();
        let mut seen = Seen::new(Shared::default());
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        for (busy, free, first, pause_ms) in [
            (8, 12, 10, 1000),
            // Narrower.
            (9, 11, 10, 500),
            // Sooner, so that the old begin is forgotten; then later, so that the old end is.
            (0, 4, 2, 1000),
            (30, 40, 35, 2500),
        ] {
            seen.accepted(begin);
            seen.busy(after(busy));
            seen.free(after(free));
            seen.accepted(begin);
            assert_eq!(seen.plan(&polling), (Some(after(first)), Duration::from_millis(pause_ms)), "{busy}..{free}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_that_knows_nothing_hears_of_its_neighbours() {
        let shared = Shared::default();
        let (mut one, mut other) = (Seen::new(shared.clone()), Seen::new(shared));
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        one.accepted(begin);
        other.accepted(after(1));
        let hears = async {
            other.wait_until(after(60)).await;
            Instant::now()
        };
        let tells = async {
            sleep_until(after(5)).await;
            one.free(after(5));
        };
        let (heard, ()) = tokio::join!(hears, tells);
        assert_eq!(heard - begin, Duration::from_secs(6), "as long after its own acceptance");
        // One that knows its own sleeps as long as it meant to.
        other.free(heard);
        other.accepted(heard);
        let (slept, ()) = tokio::join!(
            async {
                other.wait_until(after(60)).await;
                Instant::now()
            },
            async {
                one.accepted(heard);
                one.free(after(7));
            }
        );
        assert_eq!(slept, after(60));
    }
}
