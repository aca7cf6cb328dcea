//! How many calls a second go out, over all lanes together; slower after the service said that there are too many.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The shortest distance between two calls after the first "too many".
const FIRST_STEP: Duration = Duration::from_millis(50);

/// The longest distance that "too many" can lead to.
const LONGEST: Duration = Duration::from_secs(10);

/// A shared rate: at most so many calls a second, in the order in which they ask.
#[derive(Debug)]
pub(crate) struct Rate(Mutex<Pace>);

/// Distances between calls. Pure but for the moments that it is given.
#[derive(Debug)]
struct Pace {
    /// The distance that was asked for.
    wanted: Duration,
    /// The distance now.
    current: Duration,
    /// When the next call may go out.
    next: Option<Instant>,
}

impl Rate {
    /// So many calls a second; none for as many as there are.
    pub(crate) fn new(calls_a_second: Option<f64>) -> Self {
        let wanted =
            calls_a_second.map_or(Duration::ZERO, |calls| Duration::from_secs_f64(1.0 / calls.clamp(0.001, 1e6)));
        Self(Mutex::new(Pace { wanted, current: wanted, next: None }))
    }

    /// Waits for this call's turn.
    pub(crate) async fn turn(&self) {
        let slot = self.with(|pace| if pace.current.is_zero() { None } else { pace.slot(Instant::now()) });
        if let Some(slot) = slot {
            sleep_until(slot).await;
        }
    }

    /// The service said that there are too many calls.
    pub(crate) fn throttled(&self) {
        self.with(Pace::throttled);
    }

    /// The service took a call.
    pub(crate) fn answered(&self) {
        self.with(Pace::answered);
    }

    fn with<T>(&self, change: impl FnOnce(&mut Pace) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Pace {
    /// When the call that asks now may go out, if it has to wait at all.
    fn slot(&mut self, now: Instant) -> Option<Instant> {
        let slot = self.next.filter(|next| *next > now).unwrap_or(now);
        self.next = Some(slot + self.current);
        (slot > now).then_some(slot)
    }

    /// Twice as far apart.
    fn throttled(&mut self) {
        self.current = (self.current * 2).clamp(FIRST_STEP, LONGEST);
    }

    /// A twentieth closer, until the distance is the one asked for again.
    fn answered(&mut self) {
        if self.current > self.wanted {
            let closer = self.current - self.current / 20;
            self.current = if closer < FIRST_STEP / 4 { self.wanted } else { closer.max(self.wanted) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(calls_a_second: Option<f64>) -> Pace {
        Rate::new(calls_a_second).0.into_inner().unwrap()
    }

    #[test]
    fn calls_are_as_far_apart_as_asked() {
        let now = Instant::now();
        let mut pace = pace(Some(4.0));
        let waits: Vec<u128> = (0..4).map(|_| pace.slot(now).map_or(0, |slot| (slot - now).as_millis())).collect();
        assert_eq!(waits, [0, 250, 500, 750]);
        // Time that nobody used is not saved up.
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.slot(later), None);
        assert_eq!(pace.slot(later), Some(later + Duration::from_millis(250)));
    }

    #[test]
    fn without_a_rate_nobody_waits_until_there_are_too_many() {
        let now = Instant::now();
        let mut pace = pace(None);
        assert_eq!((pace.slot(now), pace.slot(now)), (None, None));
        pace.throttled();
        assert_eq!((pace.slot(now), pace.slot(now)), (None, Some(now + FIRST_STEP)));
    }

    #[test]
    fn too_many_doubles_the_distance_and_answers_bring_it_back() {
        let mut pace = pace(Some(100.0));
        for _ in 0..20 {
            pace.throttled();
        }
        assert_eq!(pace.current, LONGEST);
        let mut answers = 0;
        while pace.current > pace.wanted {
            pace.answered();
            answers += 1;
        }
        assert_eq!(pace.current, Duration::from_millis(10));
        assert!((50..500).contains(&answers), "{answers}");
    }
}
