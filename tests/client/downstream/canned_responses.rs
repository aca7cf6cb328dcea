//! Tests of a downstream program with the canned responses of the mocks: how the client interprets each, and sequences
//! of them.

use httpmock::MockServer;
use huaweicloud_hss::{
    Client, Error, ErrorKind, FakeClient, HttpConfig, Queue, RetryPolicy, ScanApi, ScanOutcome, ScanRequest,
};
use huaweicloud_hss_httpmock::{MockResponse, MockServerExt as _, ThenExt as _};

use crate::{client, client_over, queue};

/// What a downstream program might do: scan and, if a scan of another client is pending, read the status once and scan
/// again.
async fn insist(service: &impl ScanApi, queue: Queue) -> Result<ScanOutcome, Error> {
    let request = ScanRequest::all_hosts(queue);
    let first = service.scan(&request).await?;
    if first.outcome != ScanOutcome::AlreadyQueued || service.status(&request.queue).await?.pending {
        return Ok(first.outcome);
    }
    Ok(service.scan(&request).await?.outcome)
}

fn once(server: &MockServer) -> Client {
    client_over(server.base_url(), HttpConfig::default().with_retry(RetryPolicy::none()))
}

#[tokio::test]
async fn the_client_understands_each_canned_response() {
    for (canned, expected) in [
        (MockResponse::accepted("p", "0", 3), Ok(ScanOutcome::Accepted { processed: 3 })),
        (MockResponse::already_queued("p", "0"), Ok(ScanOutcome::AlreadyQueued)),
        (MockResponse::hss_error("HSS.0013", "no permission"), Err(ErrorKind::Permission)),
        (MockResponse::hss_error("HSS.0001", "bad parameter"), Err(ErrorKind::Refused)),
        (MockResponse::throttled(), Err(ErrorKind::Throttled)),
        (MockResponse::unauthenticated("X-Auth-Token:secret|"), Err(ErrorKind::Credentials)),
        (MockResponse::unavailable(), Err(ErrorKind::Unavailable)),
        (MockResponse::html(200), Err(ErrorKind::InvalidResponse)),
        (MockResponse::no_body(200), Err(ErrorKind::InvalidResponse)),
    ] {
        let server = MockServer::start_async().await;
        let mock = server.create_global_asset_scan_task(|_, then| {
            then.respond(canned.clone());
        });
        let result = once(&server).scan(&ScanRequest::all_hosts(queue())).await;
        assert!(result.as_ref().err().is_none_or(|error| !error.to_string().contains("secret")));
        assert_eq!(result.map(|response| response.outcome).map_err(|error| error.kind()), expected, "{canned:?}");
        mock.assert_calls_async(1).await;
    }
}

#[tokio::test]
async fn responses_are_sent_in_order_and_the_last_one_is_repeated() {
    let server = MockServer::start_async().await;
    let scans = server.create_global_asset_scan_task(|_, then| {
        then.respond_in_sequence([
            MockResponse::throttled().with_retry_after(0),
            MockResponse::already_queued("p", "0"),
            MockResponse::accepted("p", "0", 1),
        ]);
    });
    let statuses = server.list_global_asset_scan_task(|_, then| {
        then.respond(MockResponse::scan_status(false));
    });
    let client = client(server.base_url());
    assert_eq!(insist(&client, queue()).await.unwrap(), ScanOutcome::Accepted { processed: 1 });
    assert_eq!(insist(&client, queue()).await.unwrap(), ScanOutcome::Accepted { processed: 1 });
    scans.assert_calls_async(4).await;
    statuses.assert_calls_async(1).await;
}

#[tokio::test]
async fn the_same_program_runs_with_the_fake_without_a_socket() {
    let fake = FakeClient::new().with_scan(ScanOutcome::AlreadyQueued).with_status(false);
    assert_eq!(insist(&fake, queue()).await.unwrap(), ScanOutcome::Accepted { processed: 1 });
    assert_eq!((fake.scans().len(), fake.statuses().len(), fake.remaining()), (2, 1, 0));
    let failing = FakeClient::new().with_scan_error(Error::new(ErrorKind::Ambiguous, "cut off"));
    assert!(insist(&failing, queue()).await.unwrap_err().may_have_taken_effect());
}
