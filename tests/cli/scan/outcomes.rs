//! Each outcome and each exit code, against a service that responds in every way.

use httpmock::MockServer;
use serde_json::json;

use integration_tests::hss::{Run, scan};
use integration_tests::raw_server::{Action, RawServer};

/// Scans host `a` at a service that sends this response.
fn scan_with_response(status: u16, body: &str) -> Run {
    let server = MockServer::start();
    let mock = server.mock(|when, then| {
        when.method("POST");
        then.status(status).header("X-Request-Id", "req-1").body(body);
    });
    let run = scan(&server.base_url(), &["--host", "a"]);
    assert_eq!(mock.calls(), if is_tried_again(status) { 4 } else { 1 }, "{status} {body}");
    run
}

/// A call that certainly had no effect is sent up to four times.
fn is_tried_again(status: u16) -> bool {
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
        (429, service_error("APIGW.0308"), "refused 1", 1),
        (500, String::new(), "unknown 1", 1),
        (502, "<html>bad gateway</html>".to_owned(), "unknown 1", 1),
        (503, String::new(), "refused 1", 4),
        (504, String::new(), "unknown 1", 1),
    ] {
        let run = scan_with_response(status, &body);
        assert_eq!((run.totals().as_str(), run.code), (totals, code), "{status} {body}: {run:#?}");
        let call = &run.json()["calls"][0];
        let attempts = if is_tried_again(status) { 4 } else { 1 };
        assert_eq!((&call["http_status"], &call["request_id"]), (&json!(status), &json!("req-1")));
        assert_eq!(call["attempts"], json!(attempts));
    }
}

#[test]
fn a_call_without_a_response_is_unknown_and_not_sent_again() {
    let server = RawServer::start([Action::CloseAfterReading]);
    let run = scan(&server.url(), &["--host", "a"]);
    assert_eq!((run.totals().as_str(), run.code, server.requests().len()), ("unknown 1", 1, 1), "{run:#?}");
    assert!(run.stderr.contains("look at `hss status` before sending them again"), "{run:#?}");
}

#[test]
fn an_unreachable_service_is_exit_code_4_and_all_ids_are_not_sent() {
    let url = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let ids: Vec<String> = (0..450).map(|n| n.to_string()).collect();
    let mut args = vec!["--group"];
    args.extend(ids.iter().map(String::as_str));
    let run = scan(&url, &args);
    assert_eq!((run.totals().as_str(), run.code), ("not_sent 450", 4), "{}", run.stderr);
    assert_eq!(run.outcomes().len(), 3);
}

#[test]
fn a_run_that_was_denied_half_way_says_so_and_stops_sending() {
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
fn a_mixed_result_is_exit_code_1() {
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
fn the_unknown_is_sent_again_for_those_who_ask_for_it() {
    let accepted = Action::respond(200, "", r#"{"error":"p-0 processed 1 tasks successfully."}"#);
    let server = RawServer::start([Action::CloseAfterReading, accepted]);
    let run = scan(&server.url(), &["--host", "a", "--retry-ambiguous"]);
    assert_eq!((run.totals().as_str(), run.code, server.requests().len()), ("accepted 1", 0, 2), "{run:#?}");
    assert_eq!(run.json()["calls"][0]["attempts"], json!(2));
}

#[test]
fn a_call_with_its_retries_is_bounded() {
    let server = RawServer::start([Action::respond(503, "Retry-After: 30\r\n", "")]);
    let run = scan(&server.url(), &["--host", "a", "--timeout", "5s"]);
    assert_eq!((run.totals().as_str(), run.code, server.requests().len()), ("refused 1", 4, 1), "{run:#?}");
}

const QUEUED: &str = r#"{"error":"Current project p-0 is already in the task queue."}"#;

#[test]
fn a_queue_that_is_called_free_and_takes_no_call_is_given_up_when_time_is_over() {
    let server = MockServer::start();
    let posts = server.mock(|when, then| {
        when.method("POST");
        then.status(200).body(QUEUED);
    });
    let questions = server.mock(|when, then| {
        when.method("GET");
        then.status(200).body(r#"{"exist":false}"#);
    });
    let run = scan(&server.base_url(), &["--all-hosts", "--wait", "--wait-timeout", "2s"]);
    assert_eq!((run.totals().as_str(), run.code), ("already_queued 1", 1), "{run:#?}");
    // At once and after 1 second; the next pause would exceed the timeout.
    assert!((2..=4).contains(&posts.calls()), "{} calls", posts.calls());
    assert!((2..=5).contains(&questions.calls()), "{} questions", questions.calls());
}

#[test]
fn a_status_that_may_not_be_read_is_reported_while_a_call_waits() {
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
fn a_status_call_without_a_response_ends_with_the_wait_timeout() {
    let accepted = r#"{"error":"p-0 processed 1 tasks successfully."}"#;
    let server = RawServer::start([Action::respond(200, "", accepted), Action::Hang]);
    let run = scan(&server.url(), &["--all-hosts", "--wait", "--wait-timeout", "100ms", "--timeout", "1h"]);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 1", 1), "{run:#?}");
    assert!(run.stderr.contains("whether the scan has ended is not known: no response arrived before"), "{run:#?}");
}

#[test]
fn what_may_have_been_accepted_is_no_unreachable_service() {
    let ids: Vec<String> = (0..201).map(|n| n.to_string()).collect();
    let server = RawServer::start([Action::respond(504, "", ""), Action::respond(503, "", "")]);
    let mut args = vec!["--timeout", "500ms", "--host"];
    args.extend(ids.iter().map(String::as_str));
    let run = scan(&server.url(), &args);
    assert_eq!((run.totals().as_str(), run.code), ("refused 1, unknown 200", 1), "{run:#?}");
}
