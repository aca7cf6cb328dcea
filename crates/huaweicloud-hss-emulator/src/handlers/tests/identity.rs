//! Tests of log-ins and projects.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::time::Duration;

use crate::builder::Emulator;
use crate::model::request_log::AuthMethod;
use crate::service::InProcessService;

/// Requests a token with this password for this project.
fn log_in(service: &InProcessService, password: &str, project: &str) -> Response<Bytes> {
    let body = json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "domain": {"name": "company"}, "name": "auditor", "password": password}}},
        "scope": {"project": {"name": project}}}});
    let request = Request::post("/v3/auth/tokens?nocatalog=true")
        .header("Content-Type", "application/json;charset=utf8")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    service.handle(&request)
}

fn status_with(service: &InProcessService, token: &str) -> (u16, String) {
    let request = Request::get("/v5/p/asset/assign-task?category=host").header("X-Auth-Token", token);
    let response = service.handle(&request.body(Bytes::new()).unwrap());
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    (response.status().as_u16(), body["error_code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_password_gives_a_token_that_is_valid_until_it_expires() {
    let builder = Emulator::builder().with_token("fixed").with_user("company", "auditor", "right");
    let service =
        builder.with_project("p7", "cn-north-4").with_token_lifetime(Duration::from_secs(60)).service().unwrap();
    let response = log_in(&service, "right", "cn-north-4");
    assert_eq!(response.status(), 201);
    let token = response.headers()["x-subject-token"].to_str().unwrap().to_owned();
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["token"]["project"]["id"], "p7");
    assert!(body["token"]["expires_at"].as_str().unwrap().ends_with(".000000Z"), "{body}");
    assert_eq!(status_with(&service, &token), (200, String::new()));
    assert_eq!(status_with(&service, "fixed"), (200, String::new()));
    assert_eq!(status_with(&service, "other"), (401, "APIGW.0301".to_owned()));
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(status_with(&service, &token), (401, "APIGW.0307".to_owned()));
    let auth: Vec<AuthMethod> = service.requests().iter().map(|call| call.auth_method).collect();
    assert_eq!(auth, [AuthMethod::None, AuthMethod::Token, AuthMethod::Token, AuthMethod::Token, AuthMethod::Token]);
}

#[test]
fn a_failed_log_in_has_an_error_in_keystones_format() {
    let service = Emulator::builder().with_user("company", "auditor", "right").service().unwrap();
    for (password, project) in [("wrong", "cn-north-4"), ("right", "nowhere")] {
        let response = log_in(&service, password, project);
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["x-iam-trace-id"], response.headers()["x-request-id"]);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((&body["error"]["code"], &body["error"]["title"]), (&json!(401), &json!("Unauthorized")));
    }
    let nobody = Emulator::builder().service().unwrap();
    assert_eq!(log_in(&nobody, "right", "cn-north-4").status(), 401);
}

#[test]
fn projects_are_listed_by_name() {
    let service = Emulator::builder().with_project("p1", "a").with_project("p2", "b").service().unwrap();
    let list = |query: &str| {
        let request =
            Request::get(format!("/v3/projects{query}")).header("X-Auth-Token", "t").body(Bytes::new()).unwrap();
        let body: Value = serde_json::from_slice(service.handle(&request).body()).unwrap();
        body["projects"]
            .as_array()
            .unwrap()
            .iter()
            .map(|project| project["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(""), ["p1", "p2"]);
    assert_eq!(list("?name=b"), ["p2"]);
    assert_eq!(list("?name=c"), [""; 0]);
    assert_eq!(list("?page=2&per_page=1"), ["p2"]);
}
