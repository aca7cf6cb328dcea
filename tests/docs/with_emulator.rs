//! A test with the emulator. docs/testing.md shows everything below the next empty line.

use std::time::Duration;

use huaweicloud_hss::{Client, Queue, ScanOutcome, ScanRequest, Secret};
use huaweicloud_hss_emulator::Emulator;

#[tokio::test]
async fn a_lost_response_is_ambiguous() {
    let faults = "CreateGlobalAssetScanTask:reset-after@2".parse().unwrap();
    let emulator = Emulator::builder()
        .with_hosts(500)
        .with_scan_duration(Duration::ZERO)
        .with_faults(faults)
        .start()
        .await
        .unwrap();
    let client =
        Client::builder().with_endpoint(emulator.url()).with_token(Secret::new("any".to_owned())).build().unwrap();
    let all = ScanRequest::all_hosts(Queue::new("my-project".parse().unwrap()));

    assert_eq!(client.scan(&all).await.unwrap().outcome, ScanOutcome::Accepted { processed: 500 });
    let error = client.scan(&all).await.unwrap_err();
    assert!(error.may_have_taken_effect());
    // The client cannot know, but the emulator does: it started both scans.
    let started = emulator.requests().into_iter().filter(|request| request.accepted.is_some()).count();
    assert_eq!(started, 2);
    emulator.shutdown().await;
}
