//! What each call leaves in its span.

use std::time::Duration;

use serde_json::{Value, json};
use tracing::Instrument as _;

use super::recorder::{Recorded, Recorder};
use super::*;
use crate::types::project::EnterpriseProject;
use crate::{Category, HostFilter};

/// Returns the spans of the calls that `run` makes, and of their attempts.
async fn recorded(run: impl Future<Output = ()>) -> (Vec<Recorded>, Vec<Recorded>, Recorder) {
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    run.in_current_span().await;
    (recorder.spans("hss.call"), recorder.spans("hss.attempt"), recorder)
}

#[tokio::test]
async fn a_call_has_the_names_and_types_of_open_telemetry() {
    let reply = Reply::Send(200, "X-Request-Id: r-1\r\n", ACCEPTED);
    let server = Server::start(vec![Reply::Send(503, "", ""), reply]).await;
    let retry = RetryPolicy::default().with_backoff(Duration::ZERO, Duration::ZERO);
    let client = server.client(HttpConfig::default().with_retry(retry));
    let queue = queue().with_enterprise_project(EnterpriseProject::all()).with_category(Category::Container);
    let (calls, attempts, _) = recorded(async {
        client.scan(&ScanRequest::hosts(queue, ["h"])).await.unwrap();
    })
    .await;
    let [call] = &calls[..] else { panic!("{calls:?}") };
    let port: u64 = server.url.rsplit(':').next().unwrap().parse().unwrap();
    let expected = json!({
        "otel.kind": "client",
        "rpc.method": "CreateGlobalAssetScanTask",
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": port,
        "hss.project_id": "p",
        "hss.enterprise_project_id": "all_granted_eps",
        "hss.category": "container",
        "hss.outcome": "accepted",
        "http.response.status_code": 200,
        "http.request.resend_count": 1,
        "request_id": "r-1",
    });
    assert_eq!(json!(call.fields), expected);
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].field("error.type"), "unavailable");
    assert_eq!((attempts[1].field("attempt"), attempts[1].field("error.type")), (json!(2), Value::Null));
}

#[tokio::test]
async fn every_outcome_but_an_acceptance_has_an_error_type() {
    const REFUSED: &str = r#"{"error_code":"HSS.0013","error_msg":"no"}"#;
    for (reply, outcome, error_type) in [
        (Reply::Send(200, "", ACCEPTED), "accepted", Value::Null),
        (Reply::Send(200, "", BUSY), "already_queued", json!("already_queued")),
        (Reply::Send(200, "", REFUSED), "refused", json!("permission")),
        (Reply::Send(200, "", r#"{"error":"something else"}"#), "unrecognised", json!("unreadable")),
        (Reply::Send(200, "", "<html>"), "unrecognised", json!("unreadable")),
        (Reply::Send(403, "", REFUSED), "refused", json!("permission")),
        (Reply::Send(500, "", ""), "unknown", json!("unknown")),
        (Reply::Send(429, "", ""), "not_sent", json!("throttled")),
    ] {
        let server = Server::start(vec![reply]).await;
        let client = server.client(no_retries());
        let (calls, ..) = recorded(async { drop(client.scan(&request()).await) }).await;
        let call = &calls[0];
        assert_eq!((call.field("hss.outcome"), call.field("error.type")), (json!(outcome), error_type));
        assert_eq!(call.field("http.request.resend_count"), Value::Null);
    }
    // Calls that start nothing have no outcome.
    let server = Server::start(vec![Reply::Send(200, "", "{}")]).await;
    let client = server.client(no_retries());
    let (calls, ..) = recorded(async {
        client.status(&queue()).await.unwrap_err();
        let mut hosts = client.hosts("q".parse().unwrap(), EnterpriseProject::default(), HostFilter::default());
        hosts.next_page().await.unwrap_err();
    })
    .await;
    assert_eq!(calls.len(), 2);
    for (call, project) in calls.iter().zip(["p", "q"]) {
        assert_eq!(call.field("error.type"), "unreadable");
        assert_eq!((call.field("hss.project_id"), call.field("hss.outcome")), (json!(project), Value::Null));
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_that_may_have_been_sent_leaves_a_warning() {
    let server = Server::start(vec![Reply::Hang]).await;
    let client = server.client(no_retries());
    let (calls, attempts, recorder) = recorded(async {
        let limit = Duration::from_secs(5);
        assert!(tokio::time::timeout(limit, client.scan(&request())).await.is_err());
        assert!(tokio::time::timeout(limit, client.status(&queue())).await.is_err());
    })
    .await;
    assert_eq!((calls[0].field("error.type"), calls[0].field("hss.outcome")), (json!("dropped"), json!("unknown")));
    assert_eq!((calls[1].field("error.type"), calls[1].field("hss.outcome")), (json!("dropped"), Value::Null));
    assert!(attempts.len() == 2 && attempts.iter().all(|attempt| attempt.field("error.type") == "dropped"));
    // A status request changes nothing.
    let warnings = recorder.warnings.lock().unwrap();
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert_eq!(warning.name, "the caller stopped waiting; the request may have taken effect");
}
