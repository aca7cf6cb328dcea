//! Owns the tests of who gets which fault: by chance, by number, by the second, and the same each time.

use super::rule::Deed;
use super::{Faults, Running};
use tokio::time::{Duration, Instant};

fn running(text: &str) -> Running {
    let running = Running::default();
    running.set(text.parse().unwrap());
    running
}

/// Which of so many calls get a deed, counted from 1.
fn struck(running: &Running, calls: u64, operation: Option<&str>) -> Vec<u64> {
    let now = Instant::now();
    (1..=calls).filter(|_| running.draw(operation, now).deed.is_some()).collect()
}

#[test]
fn the_same_seed_makes_the_same_run() {
    let text = "seed=7\nreset@20%\ndelay=1ms..1s@50%\nstatus=503@10%\ngarbage@30%";
    let plans = |text: &str| {
        let (running, now) = (running(text), Instant::now());
        (0..500).map(|_| running.draw(Some("x"), now)).collect::<Vec<_>>()
    };
    let first = plans(text);
    assert_eq!(first, plans(text));
    assert_ne!(first, plans(&text.replace("seed=7", "seed=8")));
    // A restart counts anew.
    let again = running(text);
    let now = Instant::now();
    again.draw(None, now);
    again.restart();
    assert_eq!((0..500).map(|_| again.draw(None, now)).collect::<Vec<_>>(), first);
    // What one rule draws does not depend on the rules behind it.
    let resets = |text: &str| {
        plans(text).iter().map(|plan| plan.deed == Some(Deed::Reset { after_work: false })).collect::<Vec<_>>()
    };
    assert_eq!(resets(text), resets("seed=7\nreset@20%"));
}

#[test]
fn chance_is_about_what_it_says() {
    for (percent, least, most) in [("0", 0, 0), ("100", 10_000, 10_000), ("5", 400, 600), ("0.5", 25, 75)] {
        for seed in 0..3 {
            let count = struck(&running(&format!("seed={seed}\nreset@{percent}%")), 10_000, None).len();
            assert!((least..=most).contains(&count), "{percent}% with seed {seed}: {count}");
        }
    }
}

#[test]
fn calls_are_counted_for_each_rule_by_itself() {
    let only = running("A:reset@2\nB:reset@1,3-4\n");
    assert_eq!(struck(&only, 3, Some("A")), [2]);
    assert_eq!(struck(&only, 3, None), [] as [u64; 0]);
    assert_eq!(struck(&only, 5, Some("B")), [1, 3, 4]);
    assert_eq!(struck(&running("reset@3-"), 5, None), [3, 4, 5]);
    assert_eq!(struck(&running("reset"), 3, Some("A")), [1, 2, 3]);
    // The first deed wins, but the other rules have counted the call too.
    let both = running("status=503@1\nreset@1-2");
    let now = Instant::now();
    let names: Vec<_> = (0..3).map(|_| both.draw(None, now).name).collect();
    assert_eq!(names, [Some("status=503@1".to_owned()), Some("reset@1-2".to_owned()), None]);
}

#[test]
fn delays_add_up_and_leave_room_for_a_deed() {
    let running = running("delay=10ms\ndelay=5ms@2\nreset@2");
    let now = Instant::now();
    let [one, two] = [running.draw(None, now), running.draw(None, now)];
    assert_eq!((one.delay, one.deed), (Duration::from_millis(10), None));
    assert_eq!((two.delay, two.deed), (Duration::from_millis(15), Some(Deed::Reset { after_work: false })));
}

#[test]
fn a_throttle_lets_so_many_through_each_second() {
    let running = running("throttle=2");
    let start = Instant::now();
    let mut at = |millis: u64| running.draw(None, start + Duration::from_millis(millis)).deed.is_some();
    let seen: Vec<bool> = [0, 10, 20, 999, 1000, 1500, 1501, 5000].map(&mut at).to_vec();
    assert_eq!(seen, [false, false, true, true, false, false, true, false]);
}

#[test]
fn operations_that_do_not_exist_are_found() {
    let faults: Faults = "reset\nA:reset\nB:reset".parse().unwrap();
    assert_eq!(faults.unknown_operation(|name| name == "A"), Some("B"));
    assert_eq!(faults.unknown_operation(|_| true), None);
}
