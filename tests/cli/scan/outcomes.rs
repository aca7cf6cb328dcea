//! Each outcome and exit code, against a service with every kind of response.

use httpmock::MockServer;
use serde_json::json;

use integration_tests::hss::{Run, scan};
use integration_tests::raw_server::{Action, RawServer};

/// Scans host `a` against a service with this response.
fn scan_with_response(status: u16, body: &str) -> Run {
    let server = MockServer::start();
    let mock = server.mock(|when, then| {
        when.method("POST");
        then.status(status).header("X-Request-Id", "req-1").body(body);
    });
    let run = scan(&server.base_url(), &["--host", "a", "--timeout", "2s", "--deadline", "1s"]);
    assert_eq!(mock.calls() > 1, is_retried(status), "{status} {body}");
    run
}

/// Whether a call with this response is sent again. Such a call certainly had no effect.
fn is_retried(status: u16) -> bool {
    matches!(status, 429 | 503)
}

fn service_error(code: &str) -> String {
    json!({"error_code": code, "error_msg": "a text in any language"}).to_string()
}

#[test]
fn every_response_has_its_outcome_and_exit_code() {
    let accepted = r#"{"error":"p-0 processed 1 tasks successfully."}"#.to_owned();
    let queued = r#"{"error":"Current project p-0 is already in the task queue."}"#.to_owned();
    for (status, body, totals, code) in [
        (200, accepted, "accepted 1", 0),
        (200, queued, "already_queued 1", 1),
        (200, r#"{"error":"something new"}"#.to_owned(), "unrecognised 1", 1),
        (200, "<html>log in</html>".to_owned(), "unrecognised 1", 1),
        (200, String::new(), "unrecognised 1", 1),
        (200, service_error("HSS.0001"), "refused 1", 1),
        (200, service_error("HSS.0013"), "refused 1", 3),
        (302, String::new(), "unrecognised 1", 1),
        (400, service_error("HSS.0001"), "refused 1", 1),
        (400, service_error("HSS.0013"), "refused 1", 3),
        (401, service_error("APIGW.0301"), "refused 1", 3),
        (403, String::new(), "refused 1", 3),
        (404, service_error("APIGW.0101"), "refused 1", 1),
        (429, service_error("APIGW.0308"), "not_sent 1", 1),
        (500, String::new(), "unknown 1", 1),
        (502, "<html>bad gateway</html>".to_owned(), "unknown 1", 1),
        (503, String::new(), "refused 1", 4),
        (504, String::new(), "unknown 1", 1),
    ] {
        let run = scan_with_response(status, &body);
        assert_eq!((run.totals().as_str(), run.code), (totals, code), "{status} {body}: {run:#?}");
        let call = &run.json()["calls"][0];
        assert_eq!((&call["http_status"], &call["request_id"]), (&json!(status), &json!("req-1")));
        assert_eq!(call["attempts"].as_u64() > Some(1), is_retried(status));
    }
}

#[test]
fn a_call_without_a_response_is_unknown_and_not_resent() {
    let server = RawServer::start([Action::CloseAfterReading]);
    let run = scan(&server.url(), &["--host", "a"]);
    assert_eq!((run.totals().as_str(), run.code, server.requests().len()), ("unknown 1", 1, 1), "{run:#?}");
    assert!(run.stderr.contains("check `hss status` before sending them again"), "{run:#?}");
}

#[test]
fn with_an_unreachable_service_all_ids_are_not_sent_and_the_exit_code_is_4() {
    let url = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let ids: Vec<String> = (0..450).map(|n| n.to_string()).collect();
    let mut args = vec!["--timeout", "1s", "--group"];
    args.extend(ids.iter().map(String::as_str));
    let run = scan(&url, &args);
    assert_eq!((run.totals().as_str(), run.code), ("not_sent 450", 4), "{}", run.stderr);
    assert_eq!(run.outcomes().len(), 3);
}

#[test]
fn a_run_stops_sending_after_its_credentials_are_refused() {
    let server = MockServer::start();
    let first = server.mock(|when, then| {
        when.method("POST").body_includes("\"host-0\"");
        then.status(200).json_body(json!({"error": "p-0 processed 200 tasks successfully."}));
    });
    let later = server.mock(|when, then| {
        when.method("POST").body_excludes("\"host-0\"");
        then.status(401).json_body(json!({"error_code": "APIGW.0307", "error_msg": "renew"}));
    });
    let ids: Vec<String> = (0..401).map(|n| format!("host-{n}")).collect();
    let mut args = vec!["--host"];
    args.extend(ids.iter().map(String::as_str));
    let run = scan(&server.base_url(), &args);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 200, not_sent 1, refused 200", 3));
    first.assert_calls(1);
    later.assert_calls(1);
}

#[test]
fn a_mixed_result_has_exit_code_1() {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.method("POST").body_includes("\"host-0\"");
        then.status(200).json_body(json!({"error": "p-0 processed 200 tasks successfully."}));
    });
    server.mock(|when, then| {
        when.method("POST").body_excludes("\"host-0\"");
        then.status(400).body(service_error("HSS.0001"));
    });
    let ids: Vec<String> = (0..201).map(|n| format!("host-{n}")).collect();
    let mut args = vec!["--host"];
    args.extend(ids.iter().map(String::as_str));
    let run = scan(&server.base_url(), &args);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 200, refused 1", 1));
}

#[test]
fn an_ambiguous_call_is_resent_with_retry_ambiguous() {
    let accepted = Action::respond(200, "", r#"{"error":"p-0 processed 1 tasks successfully."}"#);
    let server = RawServer::start([Action::CloseAfterReading, accepted]);
    let run = scan(&server.url(), &["--host", "a", "--retry-ambiguous"]);
    assert_eq!((run.totals().as_str(), run.code, server.requests().len()), ("accepted 1", 0, 2), "{run:#?}");
    assert_eq!(run.json()["calls"][0]["attempts"], json!(2));
}

#[test]
fn the_time_of_a_call_includes_its_retries() {
    let server = RawServer::start([Action::respond(503, "Retry-After: 30\r\n", "")]);
    let run = scan(&server.url(), &["--host", "a", "--timeout", "5s"]);
    assert_eq!((run.totals().as_str(), run.code, server.requests().len()), ("refused 1", 4, 1), "{run:#?}");
}

const QUEUED: &str = r#"{"error":"Current project p-0 is already in the task queue."}"#;

#[test]
fn waiting_for_a_queue_that_never_accepts_a_call_times_out() {
    let server = MockServer::start();
    let posts = server.mock(|when, then| {
        when.method("POST");
        then.status(200).body(QUEUED);
    });
    let polls = server.mock(|when, then| {
        when.method("GET");
        then.status(200).body(r#"{"exist":false}"#);
    });
    let run = scan(&server.base_url(), &["--all-hosts", "--wait", "--wait-timeout", "2s"]);
    assert_eq!((run.totals().as_str(), run.code), ("already_queued 1", 1), "{run:#?}");
    // At once and after 1 second; the next pause would exceed the timeout.
    assert!((2..=4).contains(&posts.calls()), "{} calls", posts.calls());
    assert!((2..=5).contains(&polls.calls()), "{} polls", polls.calls());
}

#[test]
fn missing_permission_to_read_the_status_ends_the_wait() {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.method("POST");
        then.status(200).body(QUEUED);
    });
    server.mock(|when, then| {
        when.method("GET");
        then.status(400).body(service_error("HSS.0013"));
    });
    let run = scan(&server.base_url(), &["--all-hosts", "--wait"]);
    assert_eq!((run.totals().as_str(), run.code), ("already_queued 1", 3), "{run:#?}");
    let message = run.json()["calls"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("already in the task queue. Polling the queue status failed: "), "{message}");
    assert!(message.contains("HSS.0013 (no permission)"), "{message}");
}

#[test]
fn waiting_times_out_while_a_status_request_hangs() {
    let accepted = r#"{"error":"p-0 processed 1 tasks successfully."}"#;
    let server = RawServer::start([Action::respond(200, "", accepted), Action::Hang]);
    let run = scan(&server.url(), &["--all-hosts", "--wait", "--wait-timeout", "100ms", "--timeout", "1h"]);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 1", 1), "{run:#?}");
    assert!(run.stderr.contains("cannot determine whether the scan has ended: no response arrived before"), "{run:#?}");
}

#[test]
fn a_service_that_may_have_accepted_a_call_is_not_unreachable() {
    let ids: Vec<String> = (0..201).map(|n| n.to_string()).collect();
    let server = RawServer::start([Action::respond(504, "", ""), Action::respond(503, "", "")]);
    let mut args = vec!["--timeout", "500ms", "--host"];
    args.extend(ids.iter().map(String::as_str));
    let run = scan(&server.url(), &args);
    assert_eq!((run.totals().as_str(), run.code), ("refused 1, unknown 200", 1), "{run:#?}");
}

#[test]
fn a_call_that_processed_fewer_than_were_sent_is_not_a_full_success() {
    for (processed, totals, note) in [
        (1, "accepted 2", "a call with 2 ids, but reports only 1 as processed"),
        (0, "unrecognised 2", "p-0 processed 0 tasks successfully."),
    ] {
        let body = json!({ "error": format!("p-0 processed {processed} tasks successfully.") }).to_string();
        let server = RawServer::start([Action::respond(200, "", &body)]);
        let run = scan(&server.url(), &["--host", "a", "b"]);
        assert_eq!((run.totals().as_str(), run.code), (totals, 1), "{run:#?}");
        assert!(format!("{}{}", run.stderr, run.stdout).contains(note), "{run:#?}");
    }
}

#[test]
fn a_response_that_names_another_project_is_accepted_with_a_note() {
    let other = r#"{"error":"84b5266c14ae489fa6549827f032dc62-0 processed 1 tasks successfully."}"#;
    let server = RawServer::start([Action::respond(200, "", other)]);
    let run = scan(&server.url(), &["--host", "a"]);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 1", 0), "{run:#?}");
    assert!(run.stderr.contains("the responses to 1 call name another project than the one of the call"), "{run:#?}");
}

#[test]
fn a_contradictory_response_is_not_sent_again() {
    let contradictory = r#"{"error":"p-0 processed 1 tasks successfully.","code":0}"#;
    let server = RawServer::start([Action::respond(200, "", contradictory)]);
    let run = scan(&server.url(), &["--host", "a"]);
    assert_eq!((run.totals().as_str(), run.code, server.requests().len()), ("unrecognised 1", 1, 1), "{run:#?}");
}

#[test]
fn a_scan_that_was_not_seen_pending_is_not_reported_as_ended() {
    let accepted = r#"{"error":"p-0 processed 1 tasks successfully."}"#;
    let status = |pending: bool| Action::respond(200, "", &json!({ "exist": pending }).to_string());
    let journal = tempfile::NamedTempFile::new().unwrap();
    let server = RawServer::start([Action::respond(200, "", accepted), status(false)]);
    let path = journal.path().to_str().unwrap();
    let run = scan(&server.url(), &["--all-hosts", "--wait", "--wait-timeout", "50ms", "--journal", path]);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 1", 1), "{run:#?}");
    assert_eq!((&run.json()["scan_ended"], &run.json()["scan_end"]), (&json!(false), &json!("not_seen_pending")));
    assert!(run.stderr.contains("the scan was not seen pending: "), "{run:#?}");
    let report = integration_tests::hss::hss(&["report", path, "-o", "json"]);
    assert_eq!((report.code, &report.json()["scan_end"]), (1, &json!("not_seen_pending")), "{report:#?}");
    // The first status request comes before the service reports the scan.
    let server = RawServer::start([Action::respond(200, "", accepted), status(false), status(true), status(false)]);
    let run = scan(&server.url(), &["--all-hosts", "--wait"]);
    assert_eq!((run.code, &run.json()["scan_end"]), (0, &json!("ended")), "{run:#?}");
}
