//! The generated client: its time limit, and the conversion of its errors.

use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::{Category, Error, ErrorKind};

/// Makes a scan with the generated client, and converts its error.
async fn scan(client: &Client) -> Error {
    let api = client.api().await.unwrap();
    let body = crate::api::types::CreateGlobalAssetScanTaskRequest { all_hosts: Some(true), ..Default::default() };
    let call = api.create_global_asset_scan_task().project_id(&queue().project_id).category(Category::Host).body(body);
    let error = call.send().await.unwrap_err();
    client.api_error(error, true).await
}

#[tokio::test]
async fn errors_of_the_generated_client_have_a_kind_a_code_and_no_credentials() {
    const ECHO: &str = r#"{"error_code":"APIGW.0301","error_msg":"bad token secret-token"}"#;
    const OTHER: &str = r#"{"error_code":"HSS.0099","error_msg":"got secret-token"}"#;
    for (reply, kind, code, ambiguous) in [
        (Reply::Send(401, "", ECHO), ErrorKind::Credentials, Some("APIGW.0301"), false),
        (Reply::Send(400, "", OTHER), ErrorKind::Refused, Some("HSS.0099"), false),
        (Reply::Send(502, "", "<html>"), ErrorKind::Ambiguous, None, true),
        (Reply::Send(503, "Retry-After: 7\r\n", ""), ErrorKind::Unavailable, None, false),
        (Reply::Send(200, "", "<html>secret-token"), ErrorKind::InvalidResponse, None, true),
    ] {
        let retry_after = matches!(reply, Reply::Send(503, ..)).then_some(Duration::from_secs(7));
        let server = Server::start(vec![reply]).await;
        let error = scan(&server.client(no_retries())).await;
        assert_eq!((error.kind(), error.code(), error.may_have_taken_effect()), (kind, code, ambiguous), "{error}");
        assert_eq!((error.retry_after(), error.attempts()), (retry_after, 1));
        assert!(!format!("{error} {error:?} {:?}", error.message()).contains("secret-token"), "{error}");
    }
    let refused = Client::builder().with_endpoint("http://127.0.0.1:1").with_token(Secret::new("t".to_owned()));
    let error = scan(&refused.build().unwrap()).await;
    assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::Unreachable, false));
}

#[tokio::test(start_paused = true)]
async fn the_generated_client_has_a_time_limit_over_an_own_http_client_too() {
    let server = Server::start(vec![Reply::Hang]).await;
    let limit = Duration::from_secs(20);
    let own = no_retries().http_client_builder().unwrap().timeout(Duration::from_secs(3600)).build().unwrap();
    for config in [no_retries(), no_retries().with_http_client(own)] {
        let started = Instant::now();
        let error = scan(&server.client(config.with_attempt_timeout(limit))).await;
        assert_eq!(error.kind(), ErrorKind::Ambiguous, "{error}");
        assert!(started.elapsed() < 2 * limit, "{:?}", started.elapsed());
    }
}
