//! Tokens for a password, and projects by name: requested, used, and renewed once.

use std::time::Duration;

use httpmock::{Mock, MockServer};
use huaweicloud_hss::iam::IamClient;
use huaweicloud_hss::testing::FakeEnvironment;
use huaweicloud_hss::{
    AccessKey, Client, CredentialsProvider, CredentialsResolver, ErrorKind, IamPassword, MetadataEndpoint,
    ResolvedCredentials, ScanRequest, Secret,
};
use serde_json::json;

use crate::{network, queue};

const SCANNED: &str = r#"{"error":"p-0 processed 1 tasks successfully."}"#;

/// Returns the environment of an IAM user.
fn user() -> FakeEnvironment {
    FakeEnvironment::new()
        .with_var("HW_USER_NAME", "auditor")
        .with_var("HW_USER_PASSWORD", "example-password")
        .with_var("HW_DOMAIN_NAME", "company")
}

fn resolver(iam: &MockServer) -> CredentialsResolver {
    CredentialsResolver::default()
        .with_iam_endpoint(Some(iam.base_url()))
        .with_region(Some("cn-north-4".parse().unwrap()))
        .with_http_config(network())
        .with_metadata_endpoint(MetadataEndpoint::Disabled)
}

async fn resolve(
    resolver: CredentialsResolver,
    system: FakeEnvironment,
) -> Result<ResolvedCredentials, huaweicloud_hss::Error> {
    resolver.with_environment(system).resolve().await
}

/// Mocks IAM, which returns this token for the right password.
async fn iam_with_token<'a>(server: &'a MockServer, token: &str, expires_at: &str) -> Mock<'a> {
    server
        .mock_async(|when, then| {
            when.method("POST").path("/v3/auth/tokens").query_param("nocatalog", "true").json_body(json!({"auth": {
                "identity": {"methods": ["password"], "password": {"user": {
                    "domain": {"name": "company"}, "name": "auditor", "password": "example-password"}}},
                "scope": {"project": {"name": "cn-north-4"}}}}));
            then.status(201).header("X-Subject-Token", token).json_body(
                json!({"token": {"expires_at": expires_at, "project": {"id": "project-7", "name": "cn-north-4"}}}),
            );
        })
        .await
}

/// Mocks the response of HSS to a scan with this token.
async fn hss_with_token<'a>(server: &'a MockServer, token: &str, status: u16, body: &str) -> Mock<'a> {
    server
        .mock_async(|when, then| {
            when.method("POST").path("/v5/p/asset/assign-task").header("X-Auth-Token", token);
            then.status(status).body(body);
        })
        .await
}

fn client(server: &MockServer, provider: CredentialsProvider) -> Client {
    Client::builder()
        .with_endpoint(server.base_url())
        .with_credentials(provider)
        .with_http_config(network())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_password_becomes_a_token_that_is_used_until_it_expires() {
    let server = MockServer::start_async().await;
    let tokens = iam_with_token(&server, "token-1", "2999-01-01T00:00:00.000000Z").await;
    let scans = hss_with_token(&server, "token-1", 200, SCANNED).await;
    let found = resolve(resolver(&server), user()).await.unwrap();
    assert_eq!(found.summary, "IAM user and password, exchanged for a token");
    assert_eq!(found.provider.credentials().await.unwrap().project_id(), Some("project-7"));
    let client = client(&server, found.provider);
    let request = ScanRequest::all_hosts(queue());
    let (first, second) = tokio::join!(client.scan(&request), client.scan(&request));
    assert!(first.is_ok() && second.is_ok());
    tokens.assert_calls_async(1).await;
    scans.assert_calls_async(2).await;
}

#[tokio::test]
async fn a_token_that_is_about_to_expire_is_renewed_and_used_until_then() {
    // The machine's clock shows 08:15:30: the token is valid for an hour, and renewed 10 minutes before it expires.
    let server = MockServer::start_async().await;
    let first = iam_with_token(&server, "token-1", "2026-04-03T09:15:30.000000Z").await;
    let scans = hss_with_token(&server, "token-1", 200, SCANNED).await;
    let env = user();
    let client = client(&server, resolve(resolver(&server), env.clone()).await.unwrap().provider);
    let request = ScanRequest::all_hosts(queue());
    client.scan(&request).await.unwrap();
    env.advance(Duration::from_secs(50 * 60));
    // IAM fails: the current token is used, and IAM is not asked again for a minute.
    first.delete_async().await;
    let failure = server
        .mock_async(|when, then| {
            when.method("POST").path("/v3/auth/tokens");
            then.status(500);
        })
        .await;
    for _ in 0..2 {
        client.scan(&request).await.unwrap();
    }
    scans.assert_calls_async(3).await;
    let asked = failure.calls_async().await;
    assert!(asked > 0);
    client.scan(&request).await.unwrap();
    assert_eq!(failure.calls_async().await, asked);
    failure.delete_async().await;
    env.advance(Duration::from_secs(60));
    iam_with_token(&server, "token-2", "2026-04-04T09:15:30.000000Z").await;
    let renewed = hss_with_token(&server, "token-2", 200, SCANNED).await;
    client.scan(&request).await.unwrap();
    renewed.assert_calls_async(1).await;
}

#[tokio::test]
async fn a_hundred_calls_with_a_short_lived_token_need_one_log_in() {
    // Valid for 8 minutes; and expired, which shows that this machine's clock is ahead.
    for expires_at in ["2026-04-03T08:23:30.000000Z", "2020-01-01T00:00:00.000000Z"] {
        let server = MockServer::start_async().await;
        let tokens = iam_with_token(&server, "token-1", expires_at).await;
        hss_with_token(&server, "token-1", 200, SCANNED).await;
        let client = client(&server, resolve(resolver(&server), user()).await.unwrap().provider);
        for _ in 0..100 {
            client.scan(&ScanRequest::all_hosts(queue())).await.unwrap();
        }
        tokens.assert_calls_async(1).await;
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_no_more() {
    let renew = r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated."}"#;
    for (second_status, second_body, succeeds) in [(200, SCANNED, true), (401, renew, false)] {
        let server = MockServer::start_async().await;
        let first = iam_with_token(&server, "token-1", "2999-01-01T00:00:00.000000Z").await;
        let client = client(&server, resolve(resolver(&server), user()).await.unwrap().provider);
        let ok = hss_with_token(&server, "token-1", 200, SCANNED).await;
        client.scan(&ScanRequest::all_hosts(queue())).await.unwrap();
        ok.delete_async().await;
        first.delete_async().await;
        let refused = hss_with_token(&server, "token-1", 401, renew).await;
        let renewed = iam_with_token(&server, "token-2", "2999-01-01T00:00:00.000000Z").await;
        let second = hss_with_token(&server, "token-2", second_status, second_body).await;
        let result = client.scan(&ScanRequest::all_hosts(queue())).await;
        assert_eq!(result.is_ok(), succeeds, "{result:?}");
        refused.assert_calls_async(1).await;
        renewed.assert_calls_async(1).await;
        second.assert_calls_async(1).await;
    }
}

#[tokio::test]
async fn a_rejected_key_is_never_retried() {
    let server = MockServer::start_async().await;
    let refused = server
        .mock_async(|when, then| {
            when.method("POST");
            then.status(401).body(r#"{"error_code":"APIGW.0301"}"#);
        })
        .await;
    let key = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("example".to_owned()), None).unwrap();
    let client = Client::builder()
        .with_endpoint(server.base_url())
        .with_access_key(key)
        .with_http_config(network())
        .build()
        .unwrap();
    let error = client.scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credentials, 1));
    refused.assert_calls_async(1).await;
}

#[tokio::test]
async fn the_error_for_a_wrong_password_does_not_show_it() {
    let server = MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.path("/v3/auth/tokens");
            then.status(401)
                .header("X-IAM-Trace-Id", "trace-1")
                .json_body(json!({"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}}));
        })
        .await;
    let provider = resolve(resolver(&server), user()).await.unwrap().provider;
    let error = client(&server, provider).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Credentials, Some("trace-1")));
    assert!(!format!("{error} {error:?}").contains("example-password"), "{error:?}");
}

#[tokio::test]
async fn an_incomplete_login_is_an_error_and_a_key_takes_precedence_over_a_login() {
    let server = MockServer::start_async().await;
    let half = FakeEnvironment::new().with_var("HW_USER_NAME", "auditor");
    let error = resolve(resolver(&server), half).await.unwrap_err();
    assert!(error.is_auth() && error.to_string().contains("HW_USER_PASSWORD is not set"), "{error}");
    let both = user().with_var("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001").with_var("HUAWEICLOUD_SDK_SK", "example");
    let found = resolve(resolver(&server), both).await.unwrap();
    assert_eq!(found.summary, "access key EXAM****");
    assert_eq!(found.notes, ["unused credentials found: environment variables HW_USER_NAME and HW_USER_PASSWORD"]);
}

#[tokio::test]
async fn when_nothing_is_found_each_source_is_listed_with_its_reason() {
    let server = MockServer::start_async().await;
    let error = resolve(resolver(&server), FakeEnvironment::new()).await.unwrap_err();
    insta::assert_snapshot!("no_credentials", error.to_string());
}

#[tokio::test]
async fn a_project_is_found_by_its_name_if_there_is_one() {
    let server = MockServer::start_async().await;
    let project = |id: &str, name: &str| json!({"id": id, "name": name, "enabled": true});
    for (projects, expected) in [
        (json!([project("p1", "cn-north-4")]), Ok("p1")),
        (json!([project("p2", "cn-north-4_sub"), project("p1", "cn-north-4")]), Ok("p1")),
        (json!([]), Err("IAM has no project named \"cn-north-4\". Give the project id instead.")),
        (json!([project("p1", "cn-north-4"), project("p2", "cn-north-4")]), Err("IAM has 2 projects named")),
    ] {
        let mock = server
            .mock_async(|when, then| {
                when.method("GET")
                    .path("/v3/projects")
                    .query_param("name", "cn-north-4")
                    .header_exists("Authorization");
                then.status(200).json_body(json!({"projects": projects}));
            })
            .await;
        let key = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("example".to_owned()), None).unwrap();
        let credentials = huaweicloud_hss::Credentials::access_key(key);
        let iam =
            IamClient::with_credentials(server.base_url(), network(), CredentialsProvider::from_static(credentials))
                .unwrap();
        match (iam.project_id("cn-north-4").await, expected) {
            (Ok(id), Ok(expected)) => assert_eq!(id, expected),
            (Err(error), Err(expected)) => assert!(error.to_string().starts_with(expected), "{error}"),
            (result, _) => panic!("{result:?} instead of {expected:?}"),
        }
        mock.delete_async().await;
    }
}

#[tokio::test]
async fn errors_of_iam_are_reported_as_such() {
    for (status, body, parts) in [
        (401, "{}", ["IAM rejected the user name or password", "Check HW_USER_NAME"]),
        (403, "{}", ["IAM denied access", "Request the permission to list projects"]),
        (400, r#"{"error":{"code":400,"message":"bad example-password"}}"#, ["[hidden]", "this is an IAM endpoint"]),
    ] {
        let server = MockServer::start_async().await;
        server
            .mock_async(|when, then| {
                when.method("POST").path("/v3/auth/tokens");
                then.status(status).body(body);
            })
            .await;
        let iam = IamClient::without_credentials(server.base_url(), network()).unwrap();
        let password = Secret::new("example-password".to_owned());
        let source = IamPassword::new(iam, "d".to_owned(), "u".to_owned(), password, "cn-north-4".to_owned());
        let error = CredentialsProvider::refreshing(source).credentials().await.unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{error}");
        }
        assert!(!error.contains("example-password"), "{error}");
    }
    // The token is in the header, so a body without information about it does no harm.
    let server = MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.method("POST").path("/v3/auth/tokens");
            then.status(201).header("X-Subject-Token", "a-token");
        })
        .await;
    let iam = IamClient::without_credentials(server.base_url(), network()).unwrap();
    let password = Secret::new("example-password".to_owned());
    let source = IamPassword::new(iam, "d".to_owned(), "u".to_owned(), password, "cn-north-4".to_owned());
    assert!(CredentialsProvider::refreshing(source).credentials().await.is_ok());
}

#[tokio::test]
async fn a_token_file_is_read_again_when_its_token_is_refused() {
    let renew = r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated."}"#;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    for (next, succeeds) in [("token-2", true), ("token-1", false)] {
        let server = MockServer::start_async().await;
        let first = hss_with_token(&server, "token-1", 401, renew).await;
        let second = hss_with_token(&server, "token-2", 200, SCANNED).await;
        std::fs::write(&file, "token-1\n").unwrap();
        let resolver = CredentialsResolver::default().with_token_file(Some(file.clone()));
        let found = resolver.with_metadata_endpoint(MetadataEndpoint::Disabled).resolve().await.unwrap();
        std::fs::write(&file, format!("{next}\n")).unwrap();
        let result = client(&server, found.provider).scan(&ScanRequest::all_hosts(queue())).await;
        assert_eq!(result.is_ok(), succeeds, "{result:?}");
        first.assert_calls_async(1).await;
        second.assert_calls_async(usize::from(succeeds)).await;
    }
}
