//! Whole plans against the emulator: splitting, waiting for the queue, and an account of every id.

use std::time::Duration;

use huaweicloud_hss::fleet::{
    Event, FleetOptions, PollInterval, QueuePlan, QueueReport, ScanCompletion, ShutdownHandle, ShutdownSignal, Totals,
};
use huaweicloud_hss::{CallOutcome, Category, ScanOutcome, ScanRequest, Selector};
use huaweicloud_hss_emulator::Emulator;

use crate::{client, queue};

/// A scan duration that tests can wait for.
const SHORT: Duration = Duration::from_millis(40);

/// A scan duration that no test outlasts.
const LONG: Duration = Duration::from_secs(3600);

async fn emulator(scan_duration: Duration) -> Emulator {
    Emulator::builder().with_scan_duration(scan_duration).start().await.unwrap()
}

fn options(wait: bool, wait_timeout: Duration) -> FleetOptions {
    let mut options = FleetOptions::default();
    options.wait = wait;
    options.wait_timeout = wait_timeout;
    options.poll_interval = PollInterval { initial: Duration::from_millis(5), max: Duration::from_millis(20) };
    options
}

fn hosts(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("主机-{n}")).collect()
}

async fn run(emulator: &Emulator, ids: Vec<String>, options: &FleetOptions) -> QueueReport {
    let plan = QueuePlan::new(queue(), &Selector::Hosts(ids.into())).unwrap();
    let weight = plan.target_count();
    let report = plan.execute(&client(emulator.url()), options, &ShutdownSignal::never(), |_| {}).await;
    assert_eq!(report.totals().total(), weight, "every id is in the report once");
    report
}

/// Returns the ids of the accepted calls, in the order in which the emulator received them.
fn accepted_ids(emulator: &Emulator) -> Vec<String> {
    emulator.requests().into_iter().filter_map(|call| call.accepted).flat_map(|accepted| accepted.ids).collect()
}

#[tokio::test]
async fn a_scan_is_pending_until_its_duration_has_passed() {
    let emulator = emulator(SHORT).await;
    let client = client(emulator.url());
    assert!(!client.status(&queue()).await.unwrap().pending);
    let response = client.scan(&ScanRequest::all_hosts(queue())).await.unwrap();
    assert_eq!(response.outcome, ScanOutcome::Accepted { processed: 100 });
    while client.status(&queue()).await.unwrap().pending {
        tokio::task::yield_now().await;
    }
    let again = client.scan(&ScanRequest::all_hosts(queue())).await.unwrap();
    assert_eq!(again.outcome, ScanOutcome::Accepted { processed: 100 });
}

#[tokio::test]
async fn the_categories_have_queues_of_their_own() {
    let emulator = emulator(LONG).await;
    let client = client(emulator.url());
    let request = |category| ScanRequest::all_hosts(queue().with_category(category));
    for (category, expected) in [
        (Category::Host, ScanOutcome::Accepted { processed: 100 }),
        (Category::Container, ScanOutcome::Accepted { processed: 100 }),
        (Category::Host, ScanOutcome::AlreadyQueued),
    ] {
        assert_eq!(client.scan(&request(category)).await.unwrap().outcome, expected);
    }
}

#[tokio::test]
async fn a_run_waits_for_its_own_scan_and_every_id_is_accepted_once_in_order() {
    let emulator = emulator(SHORT).await;
    let mut ids = hosts(450);
    ids.push(ids[3].clone());
    let report = run(&emulator, ids, &options(false, LONG)).await;
    assert_eq!(report.totals(), Totals { accepted: 450, ..Totals::default() });
    assert_eq!(
        report.records.iter().map(|record| record.processed).collect::<Vec<_>>(),
        [Some(200), Some(200), Some(50)]
    );
    assert!(matches!(report.completion, ScanCompletion::NotTracked));
    assert_eq!(accepted_ids(&emulator), hosts(450));
}

#[tokio::test]
async fn a_scan_of_another_client_is_waited_for_only_on_request() {
    let emulator = emulator(Duration::from_secs(1)).await;
    client(emulator.url()).scan(&ScanRequest::all_hosts(queue())).await.unwrap();
    let report = run(&emulator, hosts(1), &options(false, LONG)).await;
    assert_eq!(report.totals(), Totals { already_queued: 1, ..Totals::default() });
    assert_eq!(report.records[0].attempts, 1);
    let report = run(&emulator, hosts(1), &options(true, LONG)).await;
    assert_eq!(report.totals(), Totals { accepted: 1, ..Totals::default() });
    assert!(report.records[0].attempts >= 2);
    assert!(matches!(report.completion, ScanCompletion::Finished));
}

#[tokio::test]
async fn waiting_ends_when_time_runs_out() {
    let emulator = emulator(LONG).await;
    let report = run(&emulator, hosts(201), &options(true, SHORT)).await;
    assert_eq!(report.totals(), Totals { accepted: 200, already_queued: 1, ..Totals::default() });
    assert!(matches!(report.completion, ScanCompletion::TimedOut));
    assert!(!report.cancelled);
}

#[tokio::test]
async fn a_stop_while_waiting_leaves_a_complete_report() {
    let emulator = emulator(LONG).await;
    let (handle, shutdown) = ShutdownHandle::new();
    let plan = QueuePlan::new(queue(), &Selector::Hosts(hosts(450).into())).unwrap();
    let on_event = |event: Event<'_>| {
        if matches!(event, Event::QueueBusy(_)) {
            handle.request();
        }
    };
    let report = plan.execute(&client(emulator.url()), &options(true, LONG), &shutdown, on_event).await;
    assert_eq!(report.totals(), Totals { accepted: 200, already_queued: 200, not_sent: 50, ..Totals::default() });
    assert!(report.cancelled);
}

#[tokio::test]
async fn refused_credentials_end_the_run_of_their_queue() {
    let emulator = Emulator::builder().with_token("another").start().await.unwrap();
    let report = run(&emulator, hosts(450), &options(true, LONG)).await;
    assert_eq!(report.totals(), Totals { refused: 200, not_sent: 250, ..Totals::default() });
    assert_eq!(emulator.requests().len(), 1);
    assert_eq!(report.records[1].outcome, CallOutcome::NotSent);
}
