//! Whatever the service does, every id is in the report exactly once, and no accepted call is sent again.

use std::collections::HashMap;
use std::time::Duration;

use huaweicloud_hss::fleet::{FleetOptions, PlanBuilder, PollInterval, ShutdownSignal, Target, Totals, execute_all};
use huaweicloud_hss::{CallOutcome, Queue};
use proptest::prelude::*;

use crate::{client_over, network};
use integration_tests::raw_server::{Action, RawServer};

/// The number of the action "too many requests".
const THROTTLED: u8 = 14;

/// Returns one of the ways in which a service can respond.
fn action(number: u8) -> Action {
    match number {
        0..=5 => Action::respond(200, "", r#"{"error":"p-0 processed 1 tasks successfully."}"#),
        6 => Action::respond(200, "", r#"{"error":"Current project p-0 is already in the task queue."}"#),
        7 => Action::respond(200, "", r#"{"exist":false}"#),
        8 => Action::respond(200, "", r#"{"exist":true}"#),
        9 => Action::respond(200, "", r#"{"error":"something new"}"#),
        10 => Action::respond(200, "", "<html>"),
        11 => Action::respond(400, "", r#"{"error_code":"HSS.0001"}"#),
        12 => Action::respond(400, "", r#"{"error_code":"HSS.0013"}"#),
        13 => Action::respond(401, "", ""),
        THROTTLED => Action::respond(429, "", ""),
        15 => Action::respond(500, "", ""),
        16 => Action::respond(503, "", ""),
        17 => Action::CloseAtOnce,
        18 => Action::CloseAfterReading,
        _ => Action::respond(302, "", ""),
    }
}

/// Returns the actions of a service. Each 429 slows the client down, to up to ten seconds per call, which other tests
/// cover: here it occurs at most three times, and not for ever.
fn script(numbers: &[u8]) -> Vec<Action> {
    let mut throttled = 0;
    let calm = |number: &u8| {
        throttled += usize::from(*number == THROTTLED);
        if *number == THROTTLED && throttled > 3 { 15 } else { *number }
    };
    let end = numbers.last().filter(|last| **last == THROTTLED).map(|_| 0);
    numbers.iter().map(calm).chain(end).map(action).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_sum_over_outcomes_is_the_number_of_distinct_ids(
        actions in proptest::collection::vec(0u8..20, 1..40),
        targets in proptest::collection::vec((0u8..4, 0u16..300, any::<bool>()), 1..900),
        wait: bool,
        concurrency in 1usize..9,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = RawServer::start(script(&actions));
            let mut builder = PlanBuilder::default();
            for (project, id, host) in &targets {
                let id = format!("id-{id}-");
                let target = if *host { Target::Host(&id) } else { Target::ServerGroup(&id) };
                builder.add(None, Queue::new(format!("p{project}").parse().unwrap()), target).unwrap();
            }
            let plans = builder.build();
            let given: u64 = plans.iter().map(huaweicloud_hss::fleet::QueuePlan::target_count).sum();
            let mut options = FleetOptions::default().with_concurrency(concurrency);
            options.wait = wait;
            options.wait_timeout = Duration::from_millis(30);
            options.poll_interval = PollInterval { initial: Duration::from_millis(1), max: Duration::from_millis(4) };
            let client = client_over(server.url(), network());
            let reports = execute_all(plans.into_iter().map(|plan| (plan, client.clone())), &options, &ShutdownSignal::never(), |_, _, _| {}).await;
            prop_assert_eq!(Totals::from_reports(&reports).total(), given);
            let mut distinct = targets.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(given, distinct.len() as u64);

            // How often each body was sent, by project and body.
            let mut sent: HashMap<(String, String), usize> = HashMap::new();
            for request in server.requests().iter().filter(|request| request.starts_with("POST")) {
                let project = request.split('/').nth(2).unwrap().to_owned();
                let body = request.split_once("\r\n\r\n").unwrap().1.to_owned();
                *sent.entry((project, body)).or_default() += 1;
            }
            for report in &reports {
                for record in &report.records {
                    let ids = record.selector.ids();
                    let body = format!("{{\"{}\":{}}}", record.selector.field(), serde_json::to_string(ids).unwrap());
                    let times = sent.get(&(report.queue.project_id.to_string(), body)).copied().unwrap_or(0);
                    // A connection that was closed before the server read from it is an attempt, but not a request.
                    prop_assert!(times <= record.attempts as usize, "{} requests in {} attempts", times, record.attempts);
                    match record.outcome {
                        CallOutcome::NotSent => prop_assert_eq!(times, 0),
                        CallOutcome::Unknown => prop_assert!(record.attempts >= 1),
                        _ => prop_assert!(times >= 1),
                    }
                }
            }
            Ok(())
        })?;
    }
}
