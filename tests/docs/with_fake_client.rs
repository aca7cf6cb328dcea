//! A test with the fake client. docs/testing.md shows everything below the next empty line.

use huaweicloud_hss::fleet::{FleetOptions, QueuePlan, ShutdownSignal};
use huaweicloud_hss::{Error, ErrorKind, FakeClient, Queue, ScanApi, ScanOutcome, ScanRequest, Selector};

/// The code under test: scans all hosts, and returns whether someone has to look at the outcome.
async fn nightly(service: &impl ScanApi, queue: Queue) -> Result<bool, Error> {
    let response = service.scan(&ScanRequest::all_hosts(queue)).await?;
    Ok(!matches!(response.outcome, ScanOutcome::Accepted { .. } | ScanOutcome::AlreadyQueued))
}

#[tokio::test]
async fn a_pending_scan_needs_no_attention() {
    let fake = FakeClient::new().with_scan(ScanOutcome::AlreadyQueued);
    let queue = Queue::new("my-project".parse().unwrap());
    assert!(!nightly(&fake, queue.clone()).await.unwrap());
    // The code sent one scan, and used every response.
    assert_eq!(fake.scans().len(), 1);
    assert_eq!(fake.scans()[0].queue, queue);
    assert_eq!(fake.remaining(), 0);
}

#[tokio::test]
async fn an_ambiguous_error_is_returned() {
    let fake = FakeClient::new().with_scan_error(Error::new(ErrorKind::Ambiguous, "cut off"));
    let error = nightly(&fake, Queue::new("my-project".parse().unwrap())).await.unwrap_err();
    assert!(error.may_have_taken_effect());
}

#[tokio::test]
async fn a_refused_call_does_not_affect_the_others() {
    let fake = FakeClient::new().with_scan_error(Error::new(ErrorKind::Refused, "no").with_code("HSS.0001"));
    let ids = (0..201).map(|id| format!("host-{id}")).collect();
    let plan = QueuePlan::new(Queue::new("my-project".parse().unwrap()), &Selector::Hosts(ids)).unwrap();
    let report = plan.execute(&fake, &FleetOptions::default(), &ShutdownSignal::never(), |_| {}).await;
    assert_eq!((report.totals().refused, report.totals().accepted), (200, 1));
}
