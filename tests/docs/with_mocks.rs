//! A test with typed mocks. docs/testing.md shows everything below the next empty line.

use httpmock::MockServer;
use huaweicloud_hss::api::types::Category;
use huaweicloud_hss::{Client, Queue, ScanOutcome, ScanRequest, Secret};
use huaweicloud_hss_httpmock::{MockResponse, MockServerExt as _, ThenExt as _};

#[tokio::test]
async fn a_throttled_call_is_retried() {
    let server = MockServer::start_async().await;
    let mock = server.create_global_asset_scan_task(|when, then| {
        when.category(Category::Host);
        then.respond_in_sequence([
            MockResponse::throttled().with_retry_after(0),
            MockResponse::accepted("my-project", "0", 3),
        ]);
    });

    let client =
        Client::builder().with_endpoint(server.base_url()).with_token(Secret::new("any".to_owned())).build().unwrap();
    let all = ScanRequest::all_hosts(Queue::new("my-project".parse().unwrap()));
    assert_eq!(client.scan(&all).await.unwrap().outcome, ScanOutcome::Accepted { processed: 3 });
    mock.assert_calls_async(2).await;
}
