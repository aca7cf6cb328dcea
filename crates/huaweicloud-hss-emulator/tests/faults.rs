//! Tests of faults over real sockets, of the paths of the emulator itself, and of its request log.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy's exception for tests does not cover their helpers"
)]

mod common;

use std::io;
use std::time::Duration;

use common::{ALL, HttpResponse, PATH, get, in_time, post, read, send};
use huaweicloud_hss_emulator::{AuthOutcome, Emulator, ErrorKind};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn emulator(faults: &str) -> Emulator {
    Emulator::builder()
        .with_hosts(7)
        .with_scan_duration(Duration::ZERO)
        .with_user("domain", "name", "password")
        .with_faults(faults.parse().unwrap())
        .start()
        .await
        .unwrap()
}

/// Reads until the connection ends, and returns how it ended.
async fn raw(emulator: &Emulator, request: &str) -> (Vec<u8>, io::Result<()>) {
    let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let end = in_time(stream.read_to_end(&mut bytes)).await.map(drop);
    (bytes, end)
}

fn control(method: &str, path: &str, body: &str) -> String {
    format!("{method} /_emulator/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

async fn scan(emulator: &Emulator) -> HttpResponse {
    send(emulator.addr(), &post(PATH, ALL)).await.unwrap()
}

fn lines(response: &HttpResponse) -> Vec<Value> {
    std::str::from_utf8(&response.body).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_connection_is_reset_before_or_after_the_operation() {
    for (fault, accepted, status) in [("reset", 0, 0), ("reset-after", 1, 200)] {
        let emulator = emulator(&format!("{fault}@1")).await;
        let (bytes, end) = raw(&emulator, &post(PATH, ALL)).await;
        assert_eq!((bytes.len(), end.unwrap_err().kind()), (0, io::ErrorKind::ConnectionReset), "{fault}");
        let calls = emulator.requests();
        assert_eq!(calls.iter().filter(|call| call.accepted.is_some()).count(), accepted, "{fault}");
        assert_eq!((calls[0].status, calls[0].fault.as_deref()), (status, Some(&*format!("{fault}@1"))));
        assert_eq!(scan(&emulator).await.status, 200);
    }
}

#[tokio::test]
async fn a_response_is_truncated() {
    let emulator = emulator("truncate").await;
    let (bytes, end) = raw(&emulator, &post(PATH, ALL)).await;
    end.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let whole = r#"{"error":"p-0 processed 7 tasks successfully."}"#;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains(&format!("content-length: {}", whole.len())), "{head}");
    assert_eq!(body, &whole[..whole.len() / 2]);
    assert!(emulator.requests()[0].accepted.is_some());
}

#[tokio::test]
async fn responses_are_garbage_or_html() {
    let emulator = emulator("garbage@1-2\nhtml@3").await;
    let first = scan(&emulator).await;
    assert_eq!((first.status, first.header("content-type")), (200, Some("application/json")));
    assert!(first.body.len() > 8 && serde_json::from_slice::<Value>(&first.body).is_err());
    assert_ne!(scan(&emulator).await.body, first.body);
    let page = scan(&emulator).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html")));
    assert!(page.body.starts_with(b"<!DOCTYPE html>"));
    assert!(emulator.requests().iter().all(|call| call.accepted.is_some()));
    // The same seed gives the same garbage.
    emulator.reset();
    assert_eq!(scan(&emulator).await.body, first.body);
}

#[tokio::test]
async fn statuses_are_returned_before_or_after_the_operation_in_the_services_format() {
    let emulator = emulator(
        "CreateGlobalAssetScanTask:status=503@1 retry-after=3\nstatus=400@2 code=HSS.0013\nstatus-after=504@3",
    )
    .await;
    let first = scan(&emulator).await;
    assert_eq!((first.status, first.header("retry-after")), (503, Some("3")));
    assert_eq!(first.json()["error_code"], "APIGW.0613");
    assert_eq!(first.json()["request_id"].as_str(), first.header("x-request-id"));
    let second = scan(&emulator).await;
    assert_eq!((second.status, &second.json()["error_code"]), (400, &json!("HSS.0013")));
    let third = scan(&emulator).await;
    assert_eq!(
        (third.status, third.header("retry-after"), &third.json()["error_code"]),
        (504, None, &json!("APIGW.0201"))
    );
    let calls = emulator.requests();
    let seen: Vec<_> = calls.iter().map(|call| (call.status, call.accepted.is_some(), call.auth_outcome)).collect();
    assert_eq!(
        seen,
        [
            (503, false, AuthOutcome::NotChecked),
            (400, false, AuthOutcome::NotChecked),
            (200, true, AuthOutcome::Accepted)
        ]
    );
    assert_eq!(calls[2].request_id, third.header("x-request-id").unwrap());
}

#[tokio::test]
async fn tokens_expire_by_a_fault() {
    let emulator = emulator("ListGlobalAssetScanTask:expire-token@2").await;
    let log_in = || async {
        let body = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": {
            "domain": {"name": "domain"}, "name": "name", "password": "password"}}}}});
        let response = send(emulator.addr(), &post("/v3/auth/tokens", &body.to_string())).await.unwrap();
        response.header("x-subject-token").unwrap().to_owned()
    };
    let token = log_in().await;
    let ask = |token: String| {
        let address = emulator.addr();
        async move { send(address, &get(&token)).await.unwrap() }
    };
    assert_eq!(ask(token.clone()).await.status, 200);
    for _ in 0..2 {
        let response = ask(token.clone()).await;
        assert_eq!((response.status, &response.json()["error_code"]), (401, &json!("APIGW.0307")));
    }
    let renewed = log_in().await;
    assert_eq!(ask(renewed).await.status, 200);
}

#[tokio::test]
async fn faults_are_replaced_shown_and_removed_at_run_time() {
    let emulator = emulator("").await;
    let send = |request: String| {
        let address = emulator.addr();
        async move { common::send(address, &request).await.unwrap() }
    };
    let set = send(control("POST", "faults", "seed=9\nstatus=500@2\n")).await;
    assert_eq!((set.status, &*set.body), (200, &b"seed=9\nstatus=500@2\n"[..]));
    let statuses = [scan(&emulator).await.status, scan(&emulator).await.status, scan(&emulator).await.status];
    assert_eq!(statuses, [200, 500, 200]);
    assert_eq!(send(control("GET", "faults", "")).await.body, b"seed=9\nstatus=500@2\n");
    for (body, part) in
        [("status=1", "from 200 to 599"), ("Nothing:reset", "not an operation of the specs"), ("\u{1F980}", "one of")]
    {
        let refused = send(control("POST", "faults", body)).await;
        assert_eq!((refused.status, &refused.json()["error_code"]), (400, &json!("EMULATOR.0400")));
        assert!(refused.json()["error_msg"].as_str().unwrap().contains(part), "{refused:?}");
    }
    // Invalid rules changed nothing.
    assert_eq!(send(control("GET", "faults", "")).await.body, b"seed=9\nstatus=500@2\n");
    assert_eq!(send(control("DELETE", "faults", "")).await.status, 204);
    assert_eq!(send(control("GET", "faults", "")).await.body, b"seed=0\n");
    for (method, path, status, allow) in [
        ("PATCH", "faults", 405, Some("GET, POST, PUT, DELETE")),
        ("DELETE", "ledger", 405, Some("GET")),
        ("GET", "reset", 405, Some("POST")),
        ("GET", "elsewhere", 404, None),
    ] {
        let response = send(control(method, path, "")).await;
        assert_eq!((response.status, response.header("allow")), (status, allow), "{method} {path}");
    }
    let unknown = Emulator::builder().with_faults("Nothing:reset".parse().unwrap()).service().unwrap_err();
    assert_eq!((unknown.kind(), unknown.to_string().contains("Nothing")), (ErrorKind::Fault, true));
}

#[tokio::test]
async fn the_request_log_has_what_was_really_accepted_until_a_reset() {
    let emulator = Emulator::builder().with_hosts(7).start().await.unwrap();
    let ids = r#"{"host_ids":["a","b"]}"#;
    send(emulator.addr(), &post(PATH, ids)).await.unwrap();
    send(emulator.addr(), &post(PATH, ids)).await.unwrap();
    send(emulator.addr(), &get("")).await.unwrap();
    send(emulator.addr(), "GET /elsewhere HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    let log = send(emulator.addr(), &control("GET", "ledger", "")).await.unwrap();
    assert_eq!(log.header("content-type"), Some("application/x-ndjson"));
    let calls = lines(&log);
    let seen: Vec<_> = calls.iter().map(|call| (&call["number"], &call["status"], &call["auth_result"])).collect();
    let expected = [(1, 200, "accepted"), (2, 200, "accepted"), (3, 401, "refused"), (4, 404, "not_checked")]
        .map(|(number, status, result)| (json!(number), json!(status), json!(result)));
    assert_eq!(seen, expected.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>());
    assert_eq!(calls[0]["accepted"]["ids"], json!(["a", "b"]));
    // The second response was "already in the task queue", so it started no scan.
    assert!(calls[1..].iter().all(|call| call["accepted"].is_null()));

    assert_eq!(send(emulator.addr(), &control("POST", "reset", "")).await.unwrap().status, 204);
    assert!(lines(&send(emulator.addr(), &control("GET", "ledger", "")).await.unwrap()).is_empty());
    assert!(scan(&emulator).await.json()["error"].as_str().unwrap().contains("processed"), "the queue is free again");
    assert_eq!(emulator.requests()[0].sequence, 1);
}

#[tokio::test]
async fn other_faults_keep_the_connection_open() {
    let emulator = emulator("status=503@1\ngarbage@2\nhtml@3").await;
    let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
    for status in [503, 200, 200, 200] {
        stream.write_all(post(PATH, ALL).as_bytes()).await.unwrap();
        assert_eq!(read(&mut stream).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn the_live_view_reports_changes_until_the_emulator_stops() {
    let emulator = emulator("").await;
    let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
    stream.write_all(b"GET /_emulator/live HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut seen = Vec::new();
    let mut until = async |part: &str| {
        while !String::from_utf8_lossy(&seen).contains(part) {
            assert_ne!(in_time(stream.read_buf(&mut seen)).await.unwrap(), 0, "{}", String::from_utf8_lossy(&seen));
        }
    };
    until("text/event-stream").await;
    until("data: {").await;
    scan(&emulator).await;
    until(r#""processed":7"#).await;
    in_time(emulator.shutdown()).await;
    in_time(stream.read_to_end(&mut seen)).await.unwrap();
    assert!(seen.ends_with(b"0\r\n\r\n"), "the stream ends normally");
}

#[tokio::test]
async fn the_web_ui_and_the_control_paths_are_for_its_own_origin() {
    let emulator = Emulator::builder().with_host_name("named.test").start().await.unwrap();
    let ask = |method: &str, path: &str, header: &str| {
        let request = format!("{method} {path} HTTP/1.1\r\n{header}Content-Length: 0\r\n\r\n");
        let address = emulator.addr();
        async move { send(address, &request).await.unwrap() }
    };
    for (path, media) in [
        ("/", "text/html; charset=utf-8"),
        ("/_emulator/page.js", "text/javascript; charset=utf-8"),
        ("/_emulator/swagger-ui.css", "text/css; charset=utf-8"),
        ("/openapi.json", "application/json"),
    ] {
        let response = ask("GET", path, "").await;
        assert_eq!((response.status, response.header("content-type")), (200, Some(media)), "{path}");
        let wrong = ask("DELETE", path, "").await;
        assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET")), "{path}");
    }
    let policy = ask("GET", "/", "").await.header("content-security-policy").unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    scan(&emulator).await;
    let own = format!("http://{}", emulator.addr());
    for (header, allowed) in [
        (format!("Host: {}\r\nOrigin: {own}\r\n", emulator.addr()), true),
        (format!("Host: {}\r\nSec-Fetch-Site: same-origin\r\n", emulator.addr()), true),
        (String::new(), true),
        (format!("Host: {}\r\nSec-Fetch-Site: cross-site\r\n", emulator.addr()), false),
        (format!("Host: {}\r\nOrigin: http://evil.test\r\n", emulator.addr()), false),
        (format!("Host: {}\r\nOrigin: null\r\n", emulator.addr()), false),
        // A page whose name was given this address is of the same origin as the name.
        ("Host: evil.test\r\nOrigin: http://evil.test\r\nSec-Fetch-Site: same-origin\r\n".to_owned(), false),
        ("Host: named.test\r\nOrigin: http://named.test\r\n".to_owned(), true),
    ] {
        for (method, path, status) in [
            ("GET", "/", 200),
            ("GET", "/openapi.json", 200),
            ("GET", "/_emulator/ledger", 200),
            ("GET", "/_emulator/faults", 200),
            ("DELETE", "/_emulator/faults", 204),
            ("POST", "/_emulator/faults", 200),
            ("GET", "/_emulator/clock", 200),
            ("POST", "/_emulator/clock", 400),
        ] {
            let response = ask(method, path, &header).await;
            assert_eq!(response.status, if allowed { status } else { 403 }, "{method} {path} {header}");
            assert!(allowed || response.json()["error_code"] == "EMULATOR.0403");
        }
        if !allowed {
            for path in ["/_emulator/reset", "/_emulator/live"] {
                assert_eq!(ask("POST", path, &header).await.status, 403, "{path} {header}");
            }
            assert_eq!(emulator.requests().len(), 1, "nothing was reset: {header}");
        }
    }
    assert_eq!(ask("POST", "/_emulator/reset", "").await.status, 204);
    assert!(emulator.requests().is_empty());
}
