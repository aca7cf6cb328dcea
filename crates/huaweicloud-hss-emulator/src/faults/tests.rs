//! Tests of which request gets which fault: by probability, by number, and the same each time.

use tokio::time::{Duration, Instant};

use super::rule::FaultAction;
use super::{Arrival, Caller, FaultDecision, FaultEngine, Faults};

const RESET: FaultAction = FaultAction::Disconnect { reset: true, after_work: false };

fn engine(text: &str) -> FaultEngine {
    let engine = FaultEngine::default();
    engine.set(text.parse().unwrap());
    engine
}

fn arrival(operation: Option<&str>, at: Instant) -> Arrival<'_> {
    Arrival { operation, caller: Caller::default(), wants_limits: false, at }
}

/// Returns the decision about one request.
fn decide(engine: &FaultEngine, operation: Option<&str>) -> FaultDecision {
    engine.decide(&arrival(operation, Instant::now()))
}

/// Returns which of the requests get an action, counted from 1.
fn hit(engine: &FaultEngine, calls: u64, operation: Option<&str>) -> Vec<u64> {
    (1..=calls).filter(|_| decide(engine, operation).action.is_some()).collect()
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let text = "seed=7\nreset@20%\ndelay=1ms..1s@50%\nstatus=503@10%\ngarbage@30%";
    let decisions = |text: &str| {
        let engine = engine(text);
        (0..500).map(|_| decide(&engine, Some("x"))).collect::<Vec<_>>()
    };
    let first = decisions(text);
    assert_eq!(first, decisions(text));
    assert_ne!(first, decisions(&text.replace("seed=7", "seed=8")));
    // A restart begins to count at 1.
    let again = engine(text);
    decide(&again, None);
    again.restart();
    assert_eq!((0..500).map(|_| decide(&again, None)).collect::<Vec<_>>(), first);
    // Rules do not depend on the rules after them.
    let resets = |text: &str| decisions(text).iter().map(|decision| decision.action == Some(RESET)).collect::<Vec<_>>();
    assert_eq!(resets(text), resets("seed=7\nreset@20%"));
}

#[test]
fn actions_occur_about_as_often_as_their_probability() {
    for (percent, least, most) in [("0", 0, 0), ("100", 10_000, 10_000), ("5", 400, 600), ("0.5", 25, 75)] {
        for seed in 0..3 {
            let count = hit(&engine(&format!("seed={seed}\nreset@{percent}%")), 10_000, None).len();
            assert!((least..=most).contains(&count), "{percent}% with seed {seed}: {count}");
        }
    }
}

#[test]
fn each_rule_counts_its_own_requests() {
    let only = engine("A:reset@2\nB:reset@1,3-4\n");
    assert_eq!(hit(&only, 3, Some("A")), [2]);
    assert_eq!(hit(&only, 3, None), [] as [u64; 0]);
    assert_eq!(hit(&only, 5, Some("B")), [1, 3, 4]);
    assert_eq!(hit(&engine("reset@3-"), 5, None), [3, 4, 5]);
    assert_eq!(hit(&engine("reset"), 3, Some("A")), [1, 2, 3]);
    // The first action wins, but the other rules also count the request.
    let both = engine("status=503@1\nreset@1-2");
    let names: Vec<_> = (0..3).map(|_| decide(&both, None).name).collect();
    assert_eq!(names, [Some("status=503@1".to_owned()), Some("reset@1-2".to_owned()), None]);
}

#[test]
fn delays_add_up_and_do_not_exclude_another_action() {
    let engine = engine("delay=10ms\ndelay=5ms@2\nreset@2");
    let [one, two] = [decide(&engine, None), decide(&engine, None)];
    assert_eq!((one.delay, one.action), (Duration::from_millis(10), None));
    assert_eq!((two.delay, two.action), (Duration::from_millis(15), Some(RESET)));
}

#[test]
fn unknown_operations_are_found() {
    let faults: Faults = "reset\nA:reset\nB:reset".parse().unwrap();
    assert_eq!(faults.unknown_operation(|name| name == "A"), Some("B"));
    assert_eq!(faults.unknown_operation(|_| true), None);
}
