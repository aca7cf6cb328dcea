//! The guide's test with a double: docs/testing.md shows all below the next line.

use huaweicloud_hss::{Error, ErrorKind, FakeClient, Queue, ScanApi, ScanOutcome, ScanRequest};

/// The code under test: scans everything, and says whether somebody has to look at it.
async fn nightly(service: &impl ScanApi, queue: Queue) -> Result<bool, Error> {
    let reply = service.scan(&ScanRequest::all_hosts(queue)).await?;
    Ok(!matches!(reply.outcome, ScanOutcome::Accepted { .. } | ScanOutcome::AlreadyQueued))
}

#[tokio::test]
async fn a_pending_scan_is_nothing_to_look_at() {
    let double = FakeClient::new().with_scan(ScanOutcome::AlreadyQueued);
    let queue = Queue::new("my-project".parse().unwrap());
    assert!(!nightly(&double, queue.clone()).await.unwrap());
    // What the code sent, and that the double has no answer left over.
    assert_eq!(double.scans().len(), 1);
    assert_eq!(double.scans()[0].queue, queue);
    assert_eq!(double.remaining(), 0);
}

#[tokio::test]
async fn an_answer_that_never_came_is_handed_on() {
    let double = FakeClient::new().with_scan_error(ErrorKind::Ambiguous, "cut off");
    let error = nightly(&double, Queue::new("my-project".parse().unwrap())).await.unwrap_err();
    assert!(error.may_have_taken_effect());
}
