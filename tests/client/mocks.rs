//! The requests that the client sends, and how it interprets every kind of response.

use httpmock::{HttpMockRequest, MockServer};
use huaweicloud_hss::api;
use huaweicloud_hss::api::types::{
    Category, CreateGlobalAssetScanTaskRequest, CreateGlobalAssetScanTaskResponse, ListGlobalAssetScanTaskResponse,
};
use huaweicloud_hss::{
    CallOutcome, EnterpriseProject, Error, ErrorKind, HttpConfig, RetryPolicy, ScanOutcome, ScanRequest, ScanResponse,
};
use huaweicloud_hss_httpmock::MockServerExt as _;
use serde_json::json;

use crate::{client, client_over, queue};

fn accepted() -> CreateGlobalAssetScanTaskResponse {
    CreateGlobalAssetScanTaskResponse { error: Some("p-0 processed 1 tasks successfully.".to_owned()) }
}

/// Makes a scan call that gets this status and body.
async fn respond(status: u16, body: &str) -> Result<ScanResponse, Error> {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method("POST").path("/v5/p/asset/assign-task");
            then.status(status).header("X-Request-Id", "req-1").body(body);
        })
        .await;
    let once = client_over(server.base_url(), HttpConfig::default().with_retry(RetryPolicy::none()));
    let result = once.scan(&ScanRequest::all_hosts(queue())).await;
    mock.assert_calls_async(1).await;
    result
}

#[tokio::test]
async fn each_call_has_one_kind_of_selector() {
    let server = MockServer::start_async().await;
    let base = CreateGlobalAssetScanTaskRequest::default();
    let ids = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>().try_into().unwrap());
    let bodies = [
        (ScanRequest::all_hosts(queue()), CreateGlobalAssetScanTaskRequest { all_hosts: Some(true), ..base.clone() }),
        (
            ScanRequest::hosts(queue(), ["a", "主机ü/?"]),
            CreateGlobalAssetScanTaskRequest { host_ids: ids(&["a", "主机ü/?"]), ..base.clone() },
        ),
        (
            ScanRequest::server_groups(queue(), ["g"]),
            CreateGlobalAssetScanTaskRequest { server_group: ids(&["g"]), ..base.clone() },
        ),
    ];
    for (request, body) in bodies {
        let mock = server.create_global_asset_scan_task(|when, then| {
            when.body(&body);
            then.ok(&accepted());
        });
        let response = client(server.base_url()).scan(&request).await.unwrap();
        assert_eq!(response.outcome, ScanOutcome::Accepted { processed: 1 });
        mock.assert_calls_async(1).await;
        mock.delete_async().await;
    }
}

#[tokio::test]
async fn the_queue_goes_into_path_and_query_and_the_token_into_its_header() {
    let server = MockServer::start_async().await;
    let plain = |request: &HttpMockRequest| {
        let headers = request.headers();
        !headers.contains_key("api-version")
            && !headers.contains_key("authorization")
            && headers["accept"] == "application/json"
    };
    let mock = server
        .mock_async(|when, then| {
            when.method("POST")
                .path("/v5/p%25%2F%E9%A1%B9/asset/assign-task")
                .query_param("category", "container")
                .query_param("enterprise_project_id", "all_granted_eps")
                .header("X-Auth-Token", "test-token")
                .header("Content-Type", "application/json")
                .is_true(plain);
            then.status(200).json_body(json!({"error": "p-0 processed 1 tasks successfully."}));
        })
        .await;
    let queue = huaweicloud_hss::Queue::new("p%/项".parse().unwrap())
        .with_category(Category::Container)
        .with_enterprise_project(EnterpriseProject::all());
    client(server.base_url()).scan(&ScanRequest::all_hosts(queue)).await.unwrap();
    mock.assert_calls_async(1).await;
}

#[tokio::test]
async fn an_enterprise_project_that_was_not_named_is_left_out() {
    let server = MockServer::start_async().await;
    let mock = server.list_global_asset_scan_task(|when, then| {
        when.category(Category::Host).enterprise_project_id(None);
        then.ok(&ListGlobalAssetScanTaskResponse { exist: Some(true) });
    });
    assert!(client(server.base_url()).status(&queue()).await.unwrap().pending);
    mock.assert_calls_async(1).await;
}

#[tokio::test]
async fn input_outside_its_limits_is_refused_before_anything_is_sent() {
    let server = MockServer::start_async().await;
    let any = server.mock_async(|when, then| {
        when.path_includes("");
        then.status(200);
    });
    let any = any.await;
    let ids = |count: usize| (0..count).map(|n| n.to_string());
    for (request, expected) in [
        (
            ScanRequest::hosts(queue(), ids(201)),
            "host_ids takes 0 to 200 items, not 201. `fleet::QueuePlan` splits more ids into several calls.",
        ),
        (
            ScanRequest::server_groups(queue(), ids(201)),
            "server_group takes 0 to 200 items, not 201. `fleet::QueuePlan` splits more ids into several calls.",
        ),
        (ScanRequest::hosts(queue(), ids(0)), "host_ids is empty: the call would select nothing"),
    ] {
        let error = client(server.base_url()).scan(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::InvalidInput, expected.to_owned()));
        assert_eq!(error.outcome(), CallOutcome::NotSent);
    }
    any.assert_calls_async(0).await;
}

#[tokio::test]
async fn exactly_200_ids_are_one_call() {
    let server = MockServer::start_async().await;
    let mock = server.create_global_asset_scan_task(|_, then| {
        then.ok(&accepted());
    });
    let request = ScanRequest::hosts(queue(), (0..200).map(|n| n.to_string()));
    client(server.base_url()).scan(&request).await.unwrap();
    mock.assert_calls_async(1).await;
}

#[tokio::test]
async fn the_text_of_a_200_decides() {
    let refused = |code: &str, kind| ScanOutcome::Refused { code: code.to_owned(), kind };
    for (body, expected) in [
        (r#"{"error":"84b5-all_granted_eps processed 7 tasks successfully."}"#, ScanOutcome::Accepted { processed: 7 }),
        (r#"{"error":"Current project 84b5-0 is already in the task queue."}"#, ScanOutcome::AlreadyQueued),
        (r#"{"error":"something new"}"#, ScanOutcome::Unrecognised),
        (r#"{"error":null}"#, ScanOutcome::Unrecognised),
        ("{}", ScanOutcome::Unrecognised),
        (r#"{"error_code":"HSS.0013","error_msg":"no"}"#, refused("HSS.0013", ErrorKind::Permission)),
        (r#"{"error_code":"HSS.0001","error_msg":"no"}"#, refused("HSS.0001", ErrorKind::Refused)),
        (r#"{"error":{"code":"HSS.0013","message":"no"}}"#, refused("HSS.0013", ErrorKind::Permission)),
    ] {
        let response = respond(200, body).await.unwrap();
        assert_eq!(response.outcome, expected, "{body}");
        assert_eq!((response.meta.http_status, response.meta.request_id.as_deref()), (200, Some("req-1")), "{body}");
    }
}

#[tokio::test]
async fn a_200_that_cannot_be_read_is_never_a_success() {
    for (body, part) in [
        ("", "the response is empty"),
        ("<html>log in</html>", "a web page, not JSON"),
        ("[]", "does not match the documentation"),
        (r#"{"error":5}"#, "does not match the documentation"),
        (r#"{"error":"p-0 processed 1 tas"#, "does not match the documentation"),
        ("\u{feff}{}", "does not match the documentation"),
    ] {
        let error = respond(200, body).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::InvalidResponse, CallOutcome::Unrecognised),
            "{body:?}"
        );
        assert!(error.to_string().contains(part), "{body:?}: {error}");
        assert_eq!((error.http_status(), error.request_id()), (Some(200), Some("req-1")), "{body:?}");
    }
}

#[tokio::test]
async fn an_endless_response_is_cut_off_at_its_limit() {
    let error = respond(200, &format!("{{\"error\":\"{}\"}}", "x".repeat(2 * 1024 * 1024))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(error.to_string().starts_with("the response is larger than 1048576 bytes"), "{error}");
}

#[tokio::test]
async fn every_other_status_is_typed_and_keeps_code_and_request_id() {
    for (status, code, kind) in [
        (400, "HSS.0013", ErrorKind::Permission),
        (400, "HSS.0001", ErrorKind::Refused),
        (401, "APIGW.0301", ErrorKind::Credentials),
        (403, "APIGW.0302", ErrorKind::Permission),
        (404, "APIGW.0101", ErrorKind::Refused),
        (429, "APIGW.0308", ErrorKind::Throttled),
        (500, "APIGW.0601", ErrorKind::Ambiguous),
        (502, "APIGW.0201", ErrorKind::Ambiguous),
        (503, "APIGW.0613", ErrorKind::Unavailable),
        (504, "APIGW.0201", ErrorKind::Ambiguous),
        (204, "", ErrorKind::InvalidResponse),
    ] {
        let body =
            if code.is_empty() { String::new() } else { json!({"error_code": code, "error_msg": "m"}).to_string() };
        let error = respond(status, &body).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {code}");
        assert_eq!(error.code().unwrap_or_default(), code, "{status}");
        assert_eq!(
            (error.http_status(), error.request_id(), error.attempts()),
            (Some(status), Some("req-1"), 1),
            "{status}"
        );
        let unusable = matches!(kind, ErrorKind::Ambiguous | ErrorKind::InvalidResponse);
        assert_eq!(error.may_have_taken_effect(), unusable, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = MockServer::start_async().await;
    let elsewhere = server.mock_async(|when, then| {
        when.path("/elsewhere");
        then.status(200).json_body(json!({"error": "p-0 processed 1 tasks successfully."}));
    });
    let elsewhere = elsewhere.await;
    for status in [301, 302, 303, 307, 308] {
        let redirect = server
            .mock_async(|when, then| {
                when.path("/v5/p/asset/assign-task");
                then.status(status).header("Location", server.url("/elsewhere"));
            })
            .await;
        let error = client(server.base_url()).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::InvalidResponse, Some(status)));
        redirect.assert_calls_async(1).await;
        redirect.delete_async().await;
    }
    elsewhere.assert_calls_async(0).await;
}

#[tokio::test]
async fn a_status_without_a_proper_exist_is_an_error() {
    for body in ["{}", r#"{"exist":"false"}"#, r#"{"exist":null}"#, r#"{"exist":0}"#, "[]", "[true]", "<html>"] {
        let server = MockServer::start_async().await;
        server
            .mock_async(|when, then| {
                when.method("GET");
                then.status(200).body(body);
            })
            .await;
        let error = client(server.base_url()).status(&queue()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
    }
}

#[tokio::test]
async fn the_generated_client_can_be_used_itself() {
    let server = MockServer::start_async().await;
    let mock = server.list_global_asset_scan_task(|_, then| {
        then.ok(&ListGlobalAssetScanTaskResponse { exist: Some(false) });
    });
    let raw = client(server.base_url()).api().await.unwrap();
    let response = raw.list_global_asset_scan_task().project_id("p").category(Category::Host).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.into_inner().exist, Some(false));
    mock.assert_calls_async(1).await;

    let without_project = raw.list_global_asset_scan_task().category(Category::Host).send().await.unwrap_err();
    assert!(
        matches!(&without_project, api::Error::InvalidRequest(text) if text.contains("project_id")),
        "{without_project}"
    );
    let too_long = "x".repeat(257);
    let invalid =
        raw.list_global_asset_scan_task().project_id(too_long.as_str()).category("host").send().await.unwrap_err();
    assert!(matches!(&invalid, api::Error::InvalidRequest(text) if text.contains("project_id")), "{invalid}");
    mock.assert_calls_async(1).await;
}

#[tokio::test]
async fn no_error_or_debug_text_shows_the_token() {
    let secret = "geheim-0123456789";
    for status in [200, 400, 401, 403] {
        let server = MockServer::start_async().await;
        let echo = json!({"error_code": "APIGW.0301", "error_msg": format!("x-auth-token:{secret}|signature")});
        server
            .mock_async(|when, then| {
                when.path_includes("");
                then.status(status).json_body(echo);
            })
            .await;
        let client = huaweicloud_hss::Client::builder()
            .with_endpoint(server.base_url())
            .with_token(huaweicloud_hss::Secret::new(secret.to_owned()))
            .build()
            .unwrap();
        let result = client.scan(&ScanRequest::all_hosts(queue())).await;
        let shown = format!(
            "{result:?} {result:#?} {:?} {client:?} {:?}",
            result.as_ref().err().map(ToString::to_string),
            client.api().await
        );
        assert!(!shown.contains(secret), "{shown}");
        assert!(shown.contains("APIGW.0301"), "{shown}");
    }
}

#[tokio::test]
async fn a_list_is_never_taken_for_an_object() {
    let error = respond(200, r#"["p-0 processed 1 tasks successfully."]"#).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidResponse, CallOutcome::Unrecognised));
    assert!(error.to_string().contains("it is not a JSON object"), "{error}");
}

#[tokio::test]
async fn a_refusal_in_a_200_says_what_to_do() {
    let body = r#"{"error_code":"HSS.0013","error_msg":"no perm","request_id":"in-body"}"#;
    let response = respond(200, body).await.unwrap();
    assert_eq!(response.outcome, ScanOutcome::Refused { code: "HSS.0013".to_owned(), kind: ErrorKind::Permission });
    for part in ["HSS.0013 (no permission)", "no perm", "Ask your administrator for the role hss_adm"] {
        assert!(response.message.contains(part), "{}", response.message);
    }
    let server = MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.method("GET");
            then.status(200).body(body);
        })
        .await;
    let error = client(server.base_url()).status(&queue()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code(), error.request_id()),
        (ErrorKind::Permission, Some("HSS.0013"), Some("in-body"))
    );
    let empty = respond(200, "{}").await.unwrap();
    assert_eq!((empty.outcome, empty.message.as_str()), (ScanOutcome::Unrecognised, "the response has no text"));
}

#[tokio::test]
async fn no_text_shows_credentials_that_a_service_repeats() {
    let (token, long) = ("geheim-0123456789", format!("{}geheim-0123456789", "x".repeat(505)));
    for (status, body) in [
        (403, json!({"error_code": "APIGW.0302", "error_msg": format!("|x-auth-token:{token}|")})),
        (400, json!({"error_code": "HSS.unknown", "error_msg": token})),
        (400, json!({"error_code": token, "error_msg": "x", "request_id": token})),
        (503, json!({"error_msg": token})),
        (400, json!({"error_msg": long})),
        (200, json!({"error": token})),
        (200, json!({"error": {"code": "HSS.0001", "message": token}})),
        (200, json!(token)),
        (200, json!({"error": [token]})),
        (400, json!({"error_msg": "Access=A, Signature=0123456789abcdef"})),
    ] {
        let server = MockServer::start_async().await;
        server
            .mock_async(|when, then| {
                when.path_includes("");
                then.status(status).header("X-Request-Id", token).json_body(body.clone());
            })
            .await;
        let client = huaweicloud_hss::Client::builder()
            .with_endpoint(server.base_url())
            .with_token(huaweicloud_hss::Secret::new(token.to_owned()))
            .with_http_config(HttpConfig::default().with_retry(RetryPolicy::none()))
            .build()
            .unwrap();
        let scan = client.scan(&ScanRequest::all_hosts(queue())).await;
        let status = client.status(&queue()).await;
        let texts = [scan.as_ref().err(), status.as_ref().err()].map(|error| error.map(ToString::to_string));
        let shown = format!("{scan:?} {status:?} {texts:?}");
        for secret in ["geheim", "0123456789abcdef"] {
            assert!(!shown.contains(secret), "{body}: {shown}");
        }
    }
}
