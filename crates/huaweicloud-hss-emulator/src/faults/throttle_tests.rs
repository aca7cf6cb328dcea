//! Tests of throttles: which requests pass, and which state of the limits is reported.

use proptest::prelude::{Just, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use tokio::time::{Duration, Instant};

use super::rule::FaultAction;
use super::{Arrival, Caller, FaultDecision, FaultEngine};

/// Requests to an engine, at times since its start.
struct Gateway {
    engine: FaultEngine,
    start: Instant,
}

impl Gateway {
    fn new(faults: &str) -> Self {
        let engine = FaultEngine::default();
        engine.set(faults.parse().unwrap());
        Self { engine, start: Instant::now() }
    }

    fn decide(&self, operation: &str, user: &str, address: &str, millis: u64) -> FaultDecision {
        self.engine.decide(&Arrival {
            operation: Some(operation),
            caller: Caller { user: user.to_owned(), address: address.to_owned() },
            wants_limits: true,
            at: self.start + Duration::from_millis(millis),
        })
    }

    /// Returns whether a request passes.
    fn passes(&self, operation: &str, user: &str, address: &str, millis: u64) -> bool {
        self.decide(operation, user, address, millis).action.is_none()
    }
}

/// Returns the message of a 429, or the states of the limits if the request passes.
fn text(decision: &FaultDecision) -> String {
    match &decision.action {
        Some(FaultAction::Throttle(throttle)) => throttle.message(),
        _ => decision
            .limits
            .iter()
            .map(|(policy, state)| format!("{}: {state}", policy.header()))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

#[test]
fn each_limit_lets_its_number_of_requests_pass() {
    let seconds = |list: &[u64]| list.iter().map(|second| second * 1000).collect::<Vec<u64>>();
    for (rule, times, expected) in [
        ("throttle=2", vec![0, 10, 20, 999, 1000, 1500, 1501, 5000], "yynnyyny"),
        ("throttle=2/s window=sliding", vec![0, 900, 999, 1000, 1899, 1900, 1999, 2000], "yynynyny"),
        ("throttle=1/2s", vec![0, 1999, 2000, 3999, 4000], "ynyny"),
        ("throttle=1/min", seconds(&[0, 59, 60, 119, 120]), "ynyny"),
        ("throttle=1/minute", seconds(&[0, 59, 60, 119, 120]), "ynyny"),
        ("throttle=1/h", seconds(&[0, 3599, 3600]), "yny"),
        ("throttle=1/day", seconds(&[0, 86_399, 86_400]), "yny"),
        // Several limits: each must let a request pass, and a refused request counts for none.
        ("throttle=2/s\nthrottle=3/10s", vec![0, 0, 0, 1000, 1001, 2000, 10_000], "yynynny"),
        ("throttle=3/10s\nthrottle=2/s", vec![0, 0, 0, 1000, 1001, 2000, 10_000], "yynynny"),
    ] {
        let gateway = Gateway::new(rule);
        let passed: String =
            times.iter().map(|millis| if gateway.passes("A", "u", "i", *millis) { 'y' } else { 'n' }).collect();
        assert_eq!(passed, expected, "{rule}");
    }
}

#[test]
fn a_policy_decides_whose_requests_are_counted_together() {
    let requests =
        [("A", "u", "1"), ("A", "u", "1"), ("A", "v", "1"), ("A", "v", "2"), ("B", "u", "1"), ("B", "w", "3")];
    for (rule, expected) in [
        ("throttle=1/day", "ynynny"),
        ("throttle=1/day policy=user", "ynynny"),
        ("throttle=1/day policy=app", "ynynny"),
        ("throttle=1/day policy=ip", "ynnyny"),
        ("throttle=1/day policy=api", "ynnnnn"),
        ("throttle=1/day policy=api-allenv", "ynnnnn"),
        ("*:throttle=1/day", "ynynyy"),
        ("*:throttle=1/day policy=api", "ynnnyn"),
        ("B:throttle=1/day policy=api", "yyyyyn"),
    ] {
        let gateway = Gateway::new(rule);
        let passed: String = requests
            .iter()
            .map(|(operation, user, address)| if gateway.passes(operation, user, address, 0) { 'y' } else { 'n' })
            .collect();
        assert_eq!(passed, expected, "{rule}");
    }
}

#[test]
fn responses_state_the_limit_in_the_words_of_the_gateway() {
    const OVER: &str = "The throttling threshold has been reached: policy";
    for (rule, first, second) in [
        ("throttle=1", "x-apig-ratelimit-user: remain:0,limit:1,time:1 second".to_owned(), format!("{OVER} user over ratelimit,limit:1,time:1 second")),
        ("throttle=1/5min policy=ip", "x-apig-ratelimit-ip: remain:0,limit:1,time:5 minute".to_owned(), format!("{OVER} ip over ratelimit,limit:1,time:5 minute")),
        ("throttle=1/hour policy=app no-time", "x-apig-ratelimit-app: remain:0,limit:1,time:1 hour".to_owned(), format!("{OVER} app over ratelimit,limit:1")),
        ("throttle=1/d policy=api no-debug", String::new(), format!("{OVER} api over ratelimit,limit:1,time:1 day")),
        ("throttle=1 policy=api-allenv", "x-apig-ratelimit-api-allenv: remain:0,limit:1,time:1 second".to_owned(), format!("{OVER} api over ratelimit,limit:1,time:1 second")),
        // Of two limits of one policy, the header has the one that is exceeded first.
        ("throttle=9/min\nthrottle=1/s\nthrottle=200 policy=api", "x-apig-ratelimit-api: remain:199,limit:200,time:1 second; x-apig-ratelimit-user: remain:0,limit:1,time:1 second".to_owned(), format!("{OVER} user over ratelimit,limit:1,time:1 second")),
    ] {
        let gateway = Gateway::new(rule);
        let seen = [(); 2].map(|()| text(&gateway.decide("A", "u", "i", 0)));
        assert_eq!(seen, [first, second], "{rule}");
    }
}

#[test]
fn a_throttle_applies_before_other_faults() {
    let gateway = Gateway::new("status=503@1,3\nthrottle=1/s");
    let names: Vec<_> = [0, 0, 1000, 1000].map(|millis| gateway.decide("A", "u", "i", millis).name).to_vec();
    let names: Vec<_> = names.iter().map(Option::as_deref).collect();
    assert_eq!(names, [Some("status=503@1,3"), Some("throttle=1/s"), Some("status=503@1,3"), Some("throttle=1/s")]);
}

#[test]
fn callers_without_recent_requests_take_no_memory() {
    let gateway = Gateway::new("throttle=1");
    for number in 0..20_000 {
        assert!(gateway.passes("A", &number.to_string(), "i", number * 10));
    }
    let text = format!("{:?}", gateway.engine);
    assert!(text.len() < 500_000, "{}", text.len());
}

proptest! {
    #[test]
    fn no_window_has_more_requests_than_its_limit_and_none_is_refused_without_need(
        gaps in prop::collection::vec((prop_oneof![Just(0), 0_u64..500, 0_u64..5000], any::<bool>()), 1..120),
        requests in 1_u64..6,
        seconds in 1_u64..4,
        is_sliding in any::<bool>(),
    ) {
        let window = if is_sliding { "sliding" } else { "fixed" };
        let gateway = Gateway::new(&format!("throttle={requests}/{seconds}s window={window}"));
        let period = seconds * 1000;
        // The requests that passed, for each of two users.
        let mut passed: [Vec<u64>; 2] = [Vec::new(), Vec::new()];
        let mut starts = [None, None];
        let mut millis = 0;
        for (gap, other) in gaps {
            millis += gap;
            let user = usize::from(other);
            let from = if is_sliding {
                (millis + 1).saturating_sub(period)
            } else {
                let start = starts[user].filter(|start| millis - start < period).unwrap_or(millis);
                starts[user] = Some(start);
                start
            };
            let in_window = passed[user].iter().filter(|at| **at >= from).count() as u64;
            let decision = gateway.decide("A", &user.to_string(), "i", millis);
            prop_assert_eq!(decision.action.is_none(), in_window < requests);
            prop_assert!(in_window <= requests);
            let remaining = (requests - in_window).saturating_sub(1);
            prop_assert_eq!(&decision.limits[0].1, &format!("remain:{remaining},limit:{requests},time:{seconds} second"));
            if decision.action.is_none() {
                passed[user].push(millis);
            }
        }
        if is_sliding {
            for times in passed {
                let first_and_next = times.iter().zip(times.iter().skip(usize::try_from(requests).unwrap()));
                for (first, next) in first_and_next {
                    prop_assert!(next - first >= period);
                }
            }
        }
    }
}
