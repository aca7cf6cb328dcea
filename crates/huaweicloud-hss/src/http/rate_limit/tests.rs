//! Runs against simulated gateways, with paused time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use super::limiter::RateLimiter;
use super::pace::CallEnd;
use super::rate::RateLimit;
use super::reported::ReportedLimit;

/// How a gateway counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    /// Periods follow each other.
    Fixed,
    /// The last period counts at any moment.
    Sliding,
    /// As `Sliding`, and refused calls count as well.
    SlidingWithRefused,
}

/// A gateway that accepts so many calls per period.
struct Gateway {
    limit: RateLimit,
    window: Window,
    /// Whether a 429 reports the limit.
    reports: bool,
    latency: Duration,
    begin: Instant,
    /// The calls that count, the oldest first.
    counted: RefCell<VecDeque<Instant>>,
    refused: RefCell<u32>,
}

impl Gateway {
    fn new(calls: u32, per_ms: u64, window: Window) -> Self {
        Self {
            limit: RateLimit::new(calls, Duration::from_millis(per_ms)),
            window,
            reports: true,
            latency: Duration::from_millis(20),
            begin: Instant::now(),
            counted: RefCell::default(),
            refused: RefCell::default(),
        }
    }

    /// Takes a call and returns its end.
    async fn call(&self) -> CallEnd {
        sleep(self.latency / 2).await;
        let now = Instant::now();
        let accepted = {
            let mut counted = self.counted.borrow_mut();
            let period = |moment: Instant| (moment - self.begin).as_nanos() / self.limit.per().as_nanos();
            counted.retain(|before| match self.window {
                Window::Fixed => period(*before) == period(now),
                Window::Sliding | Window::SlidingWithRefused => now < *before + self.limit.per(),
            });
            let accepted = counted.len() < self.limit.calls() as usize;
            if accepted || self.window == Window::SlidingWithRefused {
                counted.push_back(now);
            }
            accepted
        };
        sleep(self.latency / 2).await;
        if accepted {
            return CallEnd::Response(Vec::new());
        }
        *self.refused.borrow_mut() += 1;
        let reported = ReportedLimit { policy: "user".to_owned(), limit: self.limit, remaining: None };
        CallEnd::Throttled(if self.reports { vec![reported] } else { Vec::new() }, None)
    }

    /// Makes calls, so many at a time, until each is accepted. Returns how long that took and how many were refused.
    async fn run(&self, limiter: &Arc<RateLimiter>, calls: usize, concurrency: usize) -> (Duration, u32) {
        let places = Semaphore::new(concurrency);
        join_all((0..calls).map(|_| self.until_accepted(limiter, &places))).await;
        (self.begin.elapsed(), *self.refused.borrow())
    }

    async fn until_accepted(&self, limiter: &Arc<RateLimiter>, places: &Semaphore) {
        loop {
            let acquired = limiter.acquire(None, || async { places.acquire().await }).await;
            let (mut permit, _place) = acquired.unwrap().unwrap();
            permit.sending();
            let end = self.call().await;
            let accepted = matches!(end, CallEnd::Response(_));
            permit.end(end);
            if accepted {
                return;
            }
        }
    }
}

fn limiter() -> Arc<RateLimiter> {
    Arc::new(RateLimiter::new(None))
}

#[tokio::test(start_paused = true)]
async fn runs_take_about_as_long_as_the_limit_requires_and_few_calls_are_refused() {
    for window in [Window::Fixed, Window::Sliding, Window::SlidingWithRefused] {
        for (calls_per, per_ms, calls, concurrency, longest, max_refused) in [
            (5, 60_000, 40, 8, 1.1, 3),
            (5, 3000, 40, 8, 1.1, 3),
            (20, 10_000, 60, 8, 1.15, 8),
            (200, 1000, 4000, 64, 1.15, 64),
        ] {
            let gateway = Gateway::new(calls_per, per_ms, window);
            let (time, refused) = gateway.run(&limiter(), calls, concurrency).await;
            let ideal = gateway.limit.time_for(calls as u64);
            // The first and the last calls need their latency, whatever the limit.
            let allowed = ideal.mul_f64(longest) + 20 * gateway.latency;
            assert!(time <= allowed, "{window:?}, {}: {time:?} of {ideal:?}", gateway.limit);
            assert!(refused <= max_refused, "{window:?}, {}: {refused} refused", gateway.limit);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_configured_limit_is_kept_and_nothing_is_refused() {
    for window in [Window::Fixed, Window::Sliding, Window::SlidingWithRefused] {
        let gateway = Gateway::new(20, 10_000, window);
        let limiter = Arc::new(RateLimiter::new(Some(gateway.limit)));
        let (time, refused) = gateway.run(&limiter, 100, 50).await;
        assert!(time <= Duration::from_millis(41_000), "{window:?}: {time:?}");
        assert_eq!(refused, 0, "{window:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_reports_nothing_is_probed() {
    for window in [Window::Fixed, Window::Sliding] {
        let gateway = Gateway { reports: false, ..Gateway::new(20, 10_000, window) };
        let (time, refused) = gateway.run(&limiter(), 60, 8).await;
        assert!(time <= Duration::from_secs(25), "{window:?}: {time:?}");
        assert!(refused <= 60, "{window:?}: {refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_others_use_as_well_is_probed() {
    let gateway = Gateway::new(10, 10_000, Window::Fixed);
    for _ in 0..10 {
        gateway.counted.borrow_mut().push_back(Instant::now());
    }
    let (time, _) = gateway.run(&limiter(), 10, 8).await;
    assert!((10_000..12_500).contains(&time.as_millis()), "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn random_429s_do_not_stop_a_run() {
    let limiter = limiter();
    let begin = Instant::now();
    let calls = (0..400_u32).map(|call| {
        let limiter = &limiter;
        async move {
            let mut attempts = 0;
            loop {
                let (mut permit, ()) = limiter.acquire(None, || async { Ok::<_, ()>(()) }).await.unwrap().unwrap();
                permit.sending();
                sleep(Duration::from_millis(20)).await;
                attempts += 1;
                let is_refused = (call * 7 + attempts) % 10 == 0;
                permit.end(if is_refused {
                    CallEnd::Throttled(Vec::new(), None)
                } else {
                    CallEnd::Response(Vec::new())
                });
                if !is_refused {
                    return;
                }
            }
        }
    });
    join_all(calls).await;
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_429s_blocks_for_a_moment_only_even_if_callers_give_up() {
    let limiter = limiter();
    let gateway = Gateway { reports: false, ..Gateway::new(1_000_000, 1000, Window::Fixed) };
    // The calls in flight grow to more than ten.
    gateway.run(&limiter, 40, 40).await;
    let mut permits = Vec::new();
    for _ in 0..10 {
        permits.push(limiter.acquire(None, || async { Ok::<_, ()>(()) }).await.unwrap().unwrap().0);
    }
    permits.iter_mut().for_each(|permit| permit.sending());
    permits.into_iter().for_each(|permit| {
        permit.end(CallEnd::Throttled(Vec::new(), None));
    });
    let recovery = Instant::now();
    for _ in 0..10 {
        // Waiters that give up leave nothing behind.
        let impatient = timeout(Duration::from_millis(1), limiter.acquire(None, || async { Ok::<_, ()>(()) })).await;
        assert!(impatient.is_err());
    }
    gateway.until_accepted(&limiter, &Semaphore::new(1)).await;
    assert!(recovery.elapsed() <= Duration::from_millis(300), "{:?}", recovery.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_cannot_be_sent_in_time_ends_at_once() {
    let limiter = Arc::new(RateLimiter::new(Some(RateLimit::new(1, Duration::from_secs(60)))));
    let begin = Instant::now();
    let gateway = Gateway::new(1, 1, Window::Fixed);
    gateway.until_accepted(&limiter, &Semaphore::new(1)).await;
    let latest = begin + Duration::from_secs(30);
    let acquired = limiter.acquire(Some(latest), || async { Ok::<_, ()>(()) }).await.unwrap();
    assert!(acquired.is_none() && begin.elapsed() < Duration::from_secs(1));
    // A permit that is not used does not count.
    let later = Some(begin + Duration::from_secs(100));
    for _ in 0..3 {
        assert!(limiter.acquire(later, || async { Ok::<_, ()>(()) }).await.unwrap().is_some());
    }
    assert!(begin.elapsed() < Duration::from_secs(61));
}

#[tokio::test(start_paused = true)]
async fn reported_limits_apply_with_what_others_use_of_them() {
    let limiter = limiter();
    let (mut permit, ()) = limiter.acquire(None, || async { Ok::<_, ()>(()) }).await.unwrap().unwrap();
    assert!(permit.asks_for_limits());
    permit.sending();
    let limit = |policy: &str, limit: &str, remaining| ReportedLimit {
        policy: policy.to_owned(),
        limit: limit.parse().unwrap(),
        remaining: Some(remaining),
    };
    // One of the two calls that count towards the limit of the user is this one.
    permit.end(CallEnd::Response(vec![limit("api", "600/min", 300), limit("user", "5/min", 3)]));
    let begin = Instant::now();
    let mut times = Vec::new();
    for _ in 0..6 {
        let (mut permit, ()) = limiter.acquire(None, || async { Ok::<_, ()>(()) }).await.unwrap().unwrap();
        assert!(!permit.asks_for_limits());
        times.push(begin.elapsed().as_secs());
        permit.sending();
        permit.end(CallEnd::Response(Vec::new()));
    }
    assert_eq!(times, [0, 0, 0, 60, 60, 60]);
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_is_respected_up_to_a_minute() {
    for (seconds, waits) in [(7, 7), (3600, 60)] {
        let limiter = limiter();
        let (mut permit, ()) = limiter.acquire(None, || async { Ok::<_, ()>(()) }).await.unwrap().unwrap();
        permit.sending();
        permit.end(CallEnd::Throttled(Vec::new(), Some(Duration::from_secs(seconds))));
        let begin = Instant::now();
        limiter.acquire(None, || async { Ok::<_, ()>(()) }).await.unwrap().unwrap();
        assert_eq!(begin.elapsed().as_secs(), waits);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_limit_is_kept_once_it_is_known(
        calls_per in 1..50_u32,
        per_ms in 100..60_000_u64,
        latency_ms in 0..50_u64,
        calls in 1..200_usize,
        concurrency in 1..64_usize,
        window in prop::sample::select(vec![Window::Fixed, Window::Sliding, Window::SlidingWithRefused]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let latency = Duration::from_millis(latency_ms);
            let gateway = Gateway { latency, ..Gateway::new(calls_per, per_ms, window) };
            let limiter = limiter();
            gateway.run(&limiter, calls, concurrency).await;
            // From then on, nothing is refused.
            let refused = *gateway.refused.borrow();
            prop_assert!(refused as usize <= concurrency.min(2 + calls_per as usize / 2));
            gateway.run(&limiter, calls, concurrency).await;
            if refused > 0 {
                prop_assert_eq!(*gateway.refused.borrow(), refused);
            }
            Ok(())
        })?;
    }
}
