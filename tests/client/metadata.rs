//! Keys of a cloud server from its metadata service: asked again after a failure, with and without a session.

use httpmock::MockServer;
use huaweicloud_hss::testing::FakeEnvironment;
use huaweicloud_hss::{
    Client, CredentialsProvider, CredentialsResolver, EcsMetadata, Error, ErrorKind, MetadataEndpoint, ScanRequest,
};
use serde_json::json;

use integration_tests::raw_server::{Action, RawServer};

use crate::{network, queue};

const SCANNED: &str = r#"{"error":"p-0 processed 1 tasks successfully."}"#;
const KEYS: &str = r#"{"credential":{"access":"TEMPORARYACCESSKEY01","secret":"example",
    "securitytoken":"example-session","expires_at":"2999-01-01T00:00:00.000000Z"}}"#;

fn client(server: &MockServer, provider: CredentialsProvider) -> Client {
    Client::builder()
        .with_endpoint(server.base_url())
        .with_credentials(provider)
        .with_http_config(network())
        .build()
        .unwrap()
}

/// Asks a metadata service that takes one of these actions per request. Returns the lines of the requests.
async fn ask(actions: &[Action]) -> (Result<(), Error>, Vec<String>) {
    let server = RawServer::start(actions);
    let provider = CredentialsProvider::refreshing(EcsMetadata::with_endpoint(server.url()).unwrap());
    let result = provider.credentials().await.map(|_| ()).map_err(Error::from);
    let requests = server.requests();
    (result, requests.iter().map(|request| request.split(' ').next().unwrap().to_owned()).collect())
}

fn respond(status: u16, body: &str) -> Action {
    Action::respond(status, "", body)
}

#[tokio::test]
async fn after_one_failure_the_service_is_asked_again() {
    for failure in [respond(500, ""), respond(429, ""), respond(503, ""), Action::CloseAfterReading] {
        let actions = [respond(404, ""), failure, respond(404, ""), respond(200, KEYS)];
        let (result, requests) = ask(&actions).await;
        result.unwrap();
        assert_eq!(requests, ["PUT", "GET", "PUT", "GET"]);
    }
}

#[tokio::test]
async fn without_a_session_the_keys_are_asked_for_plainly() {
    // A hanging connection is closed by the client, after its time limit.
    for failure in [400, 403, 404, 405, 429, 500, 501, 503].map(|status| respond(status, "")) {
        let (result, requests) = ask(&[failure, respond(200, KEYS)]).await;
        result.unwrap();
        assert_eq!(requests, ["PUT", "GET"]);
    }
    for failure in [Action::CloseAfterReading, Action::Hang] {
        let (result, requests) = ask(&[failure, respond(200, KEYS)]).await;
        result.unwrap();
        assert_eq!(requests, ["PUT", "GET"]);
    }
    let (result, requests) = ask(&[respond(401, ""), respond(200, KEYS)]).await;
    assert_eq!((result.unwrap_err().http_status(), requests.len()), (Some(401), 1));
    // The service insists on a session, which it gives the second time.
    let (result, requests) =
        ask(&[respond(500, ""), respond(401, ""), respond(200, "session-1"), respond(200, KEYS)]).await;
    result.unwrap();
    assert_eq!(requests, ["PUT", "GET", "PUT", "GET"]);
}

#[tokio::test]
async fn the_error_distinguishes_a_service_that_fails_from_none() {
    let (result, requests) = ask(&[respond(503, "")]).await;
    let error = result.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str(), requests.len()),
        (ErrorKind::Unavailable, "the metadata service failed, HTTP status 503. Try again later.", 8)
    );
    let nothing = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let provider = CredentialsProvider::refreshing(EcsMetadata::with_endpoint(nothing).unwrap());
    let error = Error::from(provider.credentials().await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.to_string().contains("this machine is not a cloud server"), "{error}");
    let (result, requests) = ask(&[respond(404, "")]).await;
    let error = result.unwrap_err();
    assert!(error.to_string().contains("has no keys for this server, HTTP status 404"), "{error}");
    assert_eq!(requests, ["PUT", "GET"]);
}

#[tokio::test]
async fn after_a_failed_renewal_the_keys_that_are_still_valid_are_used() {
    // The machine's clock shows 08:15:30: the keys are valid for an hour, and renewed 30 minutes before they expire.
    let keys = KEYS.replace("2999-01-01T00:00:00", "2026-04-03T09:15:30");
    let metadata = RawServer::start([respond(404, ""), respond(200, &keys), respond(404, ""), respond(404, "")]);
    let env = FakeEnvironment::new();
    let found = CredentialsResolver::default()
        .with_environment(env.clone())
        .with_metadata_endpoint(MetadataEndpoint::Custom(metadata.url()))
        .resolve()
        .await
        .unwrap();
    env.advance(std::time::Duration::from_secs(31 * 60));
    for _ in 0..3 {
        found.provider.credentials().await.unwrap();
    }
    assert_eq!(metadata.requests().len(), 4);
    env.advance(std::time::Duration::from_secs(29 * 60));
    assert!(found.provider.credentials().await.is_err(), "expired keys are not used");
}

#[tokio::test]
async fn a_cloud_server_provides_its_own_keys() {
    for session_status in [200, 404, 405, 503] {
        let server = MockServer::start_async().await;
        server
            .mock_async(|when, then| {
                when.method("PUT").path("/meta-data/latest/api/token").header("X-Metadata-Token-Ttl-Seconds", "21600");
                then.status(session_status).body("session-1");
            })
            .await;
        let keys = server
            .mock_async(|when, then| {
                let when = when.method("GET").path("/openstack/latest/securitykey");
                if session_status == 200 {
                    when.header("X-Metadata-Token", "session-1");
                } else {
                    when.header_missing("X-Metadata-Token");
                }
                then.status(200)
                    .json_body(json!({"credential": {"access": "TEMPORARYACCESSKEY01", "secret": "example",
                    "securitytoken": "example-session", "expires_at": "2999-01-01T00:00:00.000000Z"}}));
            })
            .await;
        let scans = server
            .mock_async(|when, then| {
                when.method("POST")
                    .header("X-Security-Token", "example-session")
                    .header("X-Project-Id", "p")
                    .header_exists("Authorization");
                then.status(200).body(SCANNED);
            })
            .await;
        let found = CredentialsResolver::default()
            .with_metadata_endpoint(MetadataEndpoint::Custom(server.base_url()))
            .with_environment(FakeEnvironment::new())
            .resolve()
            .await
            .unwrap();
        assert_eq!(found.summary, "temporary access key TEMP****");
        let client = client(&server, found.provider);
        for _ in 0..2 {
            client.scan(&ScanRequest::all_hosts(queue())).await.unwrap();
        }
        keys.assert_calls_async(1).await;
        scans.assert_calls_async(2).await;
    }
}

#[tokio::test]
async fn a_rejected_key_that_its_source_returns_again_is_not_sent_again() {
    let server = MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.method("PUT").path("/meta-data/latest/api/token");
            then.status(404);
        })
        .await;
    let keys = server
        .mock_async(|when, then| {
            when.method("GET").path("/openstack/latest/securitykey");
            then.status(200).json_body(json!({"credential": {"access": "TEMPORARYACCESSKEY01", "secret": "example",
                "securitytoken": "example-session", "expires_at": "2999-01-01T00:00:00.000000Z"}}));
        })
        .await;
    let scans = server
        .mock_async(|when, then| {
            when.method("POST");
            then.status(401).body(r#"{"error_code":"APIGW.0301"}"#);
        })
        .await;
    let provider = CredentialsProvider::refreshing(EcsMetadata::with_endpoint(server.base_url()).unwrap());
    let error = client(&server, provider).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credentials, 1));
    scans.assert_calls_async(1).await;
    keys.assert_calls_async(2).await;
}

#[tokio::test]
async fn a_metadata_service_without_keys_is_reported_with_its_reason() {
    for (status, body, part) in [
        (404, "", "the metadata service has no keys for this server"),
        (200, "{}", "the metadata service returned no keys"),
        (
            200,
            r#"{"credential":{"access":"","secret":"geheim","securitytoken":"x","expires_at":"x"}}"#,
            "returned an invalid key",
        ),
    ] {
        let server = MockServer::start_async().await;
        server
            .mock_async(|when, then| {
                when.method("PUT");
                then.status(404);
            })
            .await;
        server
            .mock_async(|when, then| {
                when.method("GET");
                then.status(status).body(body);
            })
            .await;
        let provider = CredentialsProvider::refreshing(EcsMetadata::with_endpoint(server.base_url()).unwrap());
        let error = provider.credentials().await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(!format!("{error:?}").contains("geheim"), "{error:?}");
    }
}
