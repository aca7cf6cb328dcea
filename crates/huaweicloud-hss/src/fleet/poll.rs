//! How often the status of a busy queue is read: after growing delays, and sooner once a scan of the same run has
//! ended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

/// How often to read whether a scan is pending: each delay is half as long again as the one before, with jitter.
///
/// Scans of one run tend to take equally long. Once the end of one was seen, the status of every queue is read first in
/// the middle of the time range in which that scan ended, and then after delays that grow from a quarter of the range.
/// The responses alone decide, because how long a scan takes is not documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollInterval {
    /// The first delay.
    pub initial: Duration,
    /// The longest delay.
    pub max: Duration,
}

impl Default for PollInterval {
    /// 1 second growing to 30 seconds.
    fn default() -> Self {
        Self { initial: Duration::from_secs(1), max: Duration::from_secs(30) }
    }
}

impl PollInterval {
    /// Returns the delay after this one.
    pub(super) fn grow(&self, delay: Duration) -> Duration {
        (delay + delay / 2).min(self.max)
    }

    /// Returns the delay with jitter: between three quarters and five quarters of it.
    pub(super) fn jitter(delay: Duration) -> Duration {
        delay.mul_f64(0.75 + fastrand::f64() / 2.0)
    }
}

/// How long a scan takes: at least as long as the queue was seen busy, and at most until it was seen free.
type Range = (Duration, Duration);

/// How long scans take as far as a run has seen, shared by all its queues.
#[derive(Clone, Debug)]
pub(super) struct ScanDuration(watch::Sender<Option<Range>>);

impl Default for ScanDuration {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

/// When the status of any queue at an endpoint may be read: one request at a time and, after one that found its queue
/// busy, not before the first pause. So many queues at once are not read more often than one.
#[derive(Clone, Debug, Default)]
pub(super) struct PollSchedule(Arc<StdMutex<HashMap<String, NextPoll>>>);

/// The earliest moment of the next poll at an endpoint.
type NextPoll = Arc<Mutex<Option<Instant>>>;

/// The turn to read a status. Dropped, it leaves the next turn as it was.
pub(super) struct PollTurn(OwnedMutexGuard<Option<Instant>>);

impl PollSchedule {
    /// Waits until a status may be read at an endpoint.
    pub(super) async fn turn(&self, endpoint: &str) -> PollTurn {
        let next = {
            let mut endpoints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(endpoints.entry(endpoint.to_owned()).or_default())
        };
        let next = next.lock_owned().await;
        if let Some(moment) = *next {
            sleep_until(moment).await;
        }
        PollTurn(next)
    }
}

impl PollTurn {
    /// Ends the turn. The next one may begin at once if the queue was free: others tend to be free as well.
    pub(super) fn end(mut self, was_free: bool, interval: &PollInterval) {
        *self.0 = (!was_free).then(|| Instant::now() + interval.initial.min(interval.max));
    }
}

/// When to read the status of one queue.
#[derive(Debug)]
pub(super) struct PollTimer {
    /// When the pending scan of this run was accepted, if there is one.
    accepted_at: Option<Instant>,
    /// How long after that the queue was last seen busy.
    busy: Duration,
    /// Whether the queue was seen busy since then.
    was_seen: bool,
    scan_duration: ScanDuration,
}

impl PollTimer {
    pub(super) fn new(scan_duration: ScanDuration) -> Self {
        Self { accepted_at: None, busy: Duration::ZERO, was_seen: false, scan_duration }
    }

    pub(super) fn scan_accepted(&mut self, now: Instant) {
        (self.accepted_at, self.busy, self.was_seen) = (Some(now), Duration::ZERO, false);
    }

    pub(super) fn queue_busy(&mut self, now: Instant) {
        if let Some(accepted_at) = self.accepted_at {
            (self.busy, self.was_seen) = (now - accepted_at, true);
        }
    }

    /// Returns until when a free queue is no sign that an accepted scan has ended, if the scan was not seen pending: for a
    /// while after its acceptance, or until scans that were seen pending had not ended yet.
    pub(super) fn pending_until(&self, grace: Duration) -> Option<Instant> {
        let accepted_at = self.accepted_at.filter(|_| !self.was_seen)?;
        let shortest = self.scan_duration.0.borrow().map_or(grace, |(begin, _)| begin);
        accepted_at.checked_add(grace.min(shortest))
    }

    pub(super) fn queue_free(&mut self, now: Instant) {
        if let Some(accepted_at) = self.accepted_at.take() {
            let seen = (self.busy, now - accepted_at);
            // The first scan that teaches a duration was seen pending.
            self.scan_duration.0.send_if_modified(|range| {
                let teaches = range.is_some() || self.was_seen;
                if teaches {
                    *range = Some(narrowed(*range, seen));
                }
                teaches
            });
        }
    }

    /// Returns when to read the status first, if that is known, and the delay after it.
    pub(super) fn start(&self, interval: &PollInterval) -> (Option<Instant>, Duration) {
        match (self.accepted_at, *self.scan_duration.0.borrow()) {
            (Some(accepted_at), Some((begin, end))) => {
                let delay = ((end - begin) / 4).max(interval.initial / 20).min(interval.max);
                (Some(accepted_at + (begin + end) / 2), delay)
            }
            _ => (None, interval.initial),
        }
    }

    /// Waits until a moment, or, when a scan of another queue ends meanwhile, until this scan has taken as long as that
    /// one.
    pub(super) async fn wait_until(&self, mut moment: Instant) {
        let mut scan_duration = self.scan_duration.0.subscribe();
        while let Ok(Ok(())) = timeout_at(moment, scan_duration.changed()).await {
            let range = *scan_duration.borrow_and_update();
            if let (Some(accepted_at), Some((_, end))) = (self.accepted_at, range) {
                moment = moment.min(accepted_at + end);
            }
        }
    }
}

/// Returns the part of a range that agrees with another scan, or that scan's own range if they do not overlap.
fn narrowed(range: Option<Range>, (busy, free): Range) -> Range {
    match range {
        Some((begin, end)) if begin < free && busy < end => (begin.max(busy), end.min(free)),
        _ => (busy.min(free), free),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how long after its end each scan of one queue is seen to have ended.
    fn delays(scan: Duration, scans: usize) -> Vec<Duration> {
        let interval = PollInterval::default();
        let mut timer = PollTimer::new(ScanDuration::default());
        let mut now = Instant::now();
        let mut delays = Vec::new();
        for _ in 0..scans {
            let accepted_at = now;
            timer.scan_accepted(now);
            let (first, mut delay) = timer.start(&interval);
            now = first.unwrap_or(now).max(now);
            while now - accepted_at < scan {
                timer.queue_busy(now);
                now += delay;
                delay = interval.grow(delay);
            }
            timer.queue_free(now);
            delays.push(now - accepted_at - scan);
        }
        delays
    }

    #[test]
    fn delays_grow_to_the_longest() {
        let interval = PollInterval::default();
        let mut delay = interval.initial;
        for _ in 0..9 {
            delay = interval.grow(delay);
        }
        assert_eq!(delay, interval.max);
        assert!((0..100).all(|_| (750..=1250).contains(&PollInterval::jitter(interval.initial).as_millis())));
    }

    #[test]
    fn later_waits_end_shortly_after_the_scan() {
        for millis in [0, 30, 200, 700, 2000, 2500, 10_000, 45_000, 600_000] {
            let scan = Duration::from_millis(millis);
            let delays = delays(scan, 12);
            let late: Duration = delays[6..].iter().sum();
            assert!(late / 6 <= (scan / 20).max(Duration::from_millis(60)), "a scan of {scan:?}: {delays:?}");
        }
    }

    #[test]
    fn a_scan_outside_the_known_range_replaces_it() {
        let interval = PollInterval::default();
        let mut timer = PollTimer::new(ScanDuration::default());
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        for (busy, free, first, delay_ms) in [
            (8, 12, 10, 1000),
            // Narrower.
            (9, 11, 10, 500),
            // Shorter, so the old lower bound no longer holds; then longer, so the old upper bound does not.
            (0, 4, 2, 1000),
            (30, 40, 35, 2500),
        ] {
            timer.scan_accepted(begin);
            timer.queue_busy(after(busy));
            timer.queue_free(after(free));
            timer.scan_accepted(begin);
            let expected = (Some(after(first)), Duration::from_millis(delay_ms));
            assert_eq!(timer.start(&interval), expected, "{busy} to {free} seconds");
        }
    }

    #[test]
    fn a_queue_that_this_run_did_not_fill_is_read_at_once() {
        let interval = PollInterval::default();
        let scan_duration = ScanDuration(watch::Sender::new(Some((Duration::ZERO, Duration::from_secs(60)))));
        assert_eq!(PollTimer::new(scan_duration).start(&interval), (None, interval.initial));
    }

    #[test]
    fn a_free_queue_is_a_sign_only_when_the_scan_had_time_to_be_seen() {
        let begin = Instant::now();
        let after = |seconds| Some(begin + Duration::from_secs(seconds));
        let grace = Duration::from_secs(10);
        let mut timer = PollTimer::new(ScanDuration::default());
        assert_eq!(timer.pending_until(grace), None, "no scan was accepted");
        timer.scan_accepted(begin);
        assert_eq!(timer.pending_until(grace), after(10));
        timer.queue_busy(begin + Duration::from_secs(2));
        assert_eq!(timer.pending_until(grace), None, "the scan was seen");
        timer.queue_free(begin + Duration::from_secs(4));
        timer.scan_accepted(begin);
        assert_eq!(timer.pending_until(grace), after(2), "another scan was pending for as long");
    }

    #[test]
    fn any_interval_is_within_its_bounds() {
        let interval = PollInterval { initial: Duration::from_secs(60), max: Duration::from_secs(1) };
        let range = (Duration::ZERO, Duration::from_secs(100));
        let mut timer = PollTimer::new(ScanDuration(watch::Sender::new(Some(range))));
        timer.scan_accepted(Instant::now());
        assert_eq!(timer.start(&interval).1, interval.max);
    }

    #[tokio::test(start_paused = true)]
    async fn a_scan_that_ended_shortens_the_wait_of_other_queues() {
        let scan_duration = ScanDuration::default();
        let (mut one, mut other) = (PollTimer::new(scan_duration.clone()), PollTimer::new(scan_duration));
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        one.scan_accepted(begin);
        other.scan_accepted(after(1));
        let waiting = async {
            other.wait_until(after(60)).await;
            Instant::now()
        };
        let ending = async {
            sleep_until(after(5)).await;
            one.queue_busy(after(4));
            one.queue_free(after(5));
        };
        let (woken, ()) = tokio::join!(waiting, ending);
        assert_eq!(woken, after(6), "as long after its own acceptance");
        other.queue_free(woken);
        other.wait_until(after(60)).await;
        assert_eq!(Instant::now(), after(60), "without a scan of its own");
    }

    #[tokio::test(start_paused = true)]
    async fn many_busy_queues_are_not_read_more_often_than_one() {
        let (schedule, interval) = (PollSchedule::default(), PollInterval::default());
        let begin = Instant::now();
        let read = |was_free| {
            let (schedule, interval) = (schedule.clone(), &interval);
            async move {
                schedule.turn("a").await.end(was_free, interval);
                begin.elapsed().as_secs()
            }
        };
        // One that gives up leaves nothing behind.
        drop(schedule.turn("a").await);
        let times = tokio::join!(read(false), read(false), read(true), read(true), read(false), read(false));
        assert_eq!(times, (0, 1, 2, 2, 2, 3));
        schedule.turn("b").await.end(false, &interval);
        assert_eq!(begin.elapsed().as_secs(), 3, "another endpoint");
    }
}
