//! Tests of rate limits, and of faults inside operations, over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy's exception for tests does not cover their helpers"
)]

mod common;

use std::time::Duration;

use common::{ALL, HttpResponse, PATH, get, in_time, post, read, send};
use huaweicloud_hss_emulator::Emulator;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

async fn emulator(faults: &str) -> Emulator {
    Emulator::builder()
        .with_hosts(25)
        .with_scan_duration(Duration::ZERO)
        .with_user("domain", "name", "password")
        .with_user("domain", "other", "password")
        .with_faults(faults.parse().unwrap())
        .start()
        .await
        .unwrap()
}

async fn status(emulator: &Emulator, token: &str) -> HttpResponse {
    send(emulator.addr(), &get(token)).await.unwrap()
}

async fn log_in(emulator: &Emulator, name: &str) -> HttpResponse {
    let body = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": {
        "domain": {"name": "domain"}, "name": name, "password": "password"}}}}});
    send(emulator.addr(), &post("/v3/auth/tokens", &body.to_string())).await.unwrap()
}

async fn hosts(emulator: &Emulator, query: &str) -> Value {
    let head =
        format!("GET /v5/p/host-management/hosts?{query} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: t\r\n\r\n");
    send(emulator.addr(), &head).await.unwrap().json()
}

#[tokio::test]
async fn a_throttled_request_gets_the_gateways_response_and_is_recorded_as_refused() {
    let emulator = emulator("throttle=2/day retry-after=1").await;
    for (status_code, retry_after) in [(200, None), (200, None), (429, Some("1")), (429, Some("1"))] {
        let response = send(emulator.addr(), &post(PATH, ALL)).await.unwrap();
        assert_eq!((response.status, response.header("retry-after")), (status_code, retry_after));
        // Only a request that asks for it gets the state of the limit.
        assert_eq!(response.header("x-apig-ratelimit-user"), None);
        if status_code == 429 {
            let body = response.json();
            assert_eq!(body["error_code"], "APIGW.0308");
            let text = "The throttling threshold has been reached: policy user over ratelimit,limit:2,time:1 day";
            assert_eq!(body["error_msg"], text);
        }
    }
    let seen: Vec<_> = emulator
        .requests()
        .into_iter()
        .map(|request| (request.status, request.error_code, request.fault, request.accepted.is_some()))
        .collect();
    let refused = || (429, Some("APIGW.0308".to_owned()), Some("throttle=2/day retry-after=1".to_owned()), false);
    assert_eq!(seen, [(200, None, None, true), (200, None, None, true), refused(), refused()]);

    // The clock ends the period, and a reset begins a new one.
    let advance = "POST /_emulator/clock HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n24h";
    assert_eq!(send(emulator.addr(), advance).await.unwrap().json()["advanced_millis"], 24 * 60 * 60 * 1000);
    let statuses =
        [status(&emulator, "t").await.status, status(&emulator, "t").await.status, status(&emulator, "t").await.status];
    assert_eq!(statuses, [200, 200, 429]);
    emulator.reset();
    assert_eq!(status(&emulator, "t").await.status, 200);
}

#[tokio::test]
async fn a_debug_request_gets_the_state_of_the_limits() {
    let emulator = emulator("throttle=2/min\nthrottle=9/10s policy=ip\nthrottle=200 policy=api-allenv no-debug").await;
    let request = get("t").replace("\r\n\r\n", "\r\nX-Apig-Mode: debug\r\n\r\n");
    for (status, user, ip) in [
        (200, "remain:1,limit:2,time:1 minute", "remain:8,limit:9,time:10 second"),
        (200, "remain:0,limit:2,time:1 minute", "remain:7,limit:9,time:10 second"),
        (429, "remain:0,limit:2,time:1 minute", "remain:7,limit:9,time:10 second"),
    ] {
        let response = send(emulator.addr(), &request).await.unwrap();
        let headers = ["user", "ip", "api-allenv"].map(|policy| response.header(&format!("X-Apig-RateLimit-{policy}")));
        assert_eq!((response.status, headers), (status, [Some(user), Some(ip), None]));
    }
}

#[tokio::test]
async fn a_user_has_one_limit_for_all_tokens() {
    let emulator = emulator("*:throttle=2/day").await;
    let mut tokens = Vec::new();
    for name in ["name", "name", "other"] {
        // A log-in has no user yet, and the limit for each operation is not reached by others.
        let response = log_in(&emulator, name).await;
        tokens.push(response.header("x-subject-token").map(str::to_owned));
        if tokens.len() == 3 {
            assert_eq!((response.status, &response.json()["error_code"]), (429, &json!("APIG.0308")));
        }
    }
    let [first, second] = [tokens[0].as_deref().unwrap(), tokens[1].as_deref().unwrap()];
    for (token, expected) in [(first, 200), (second, 200), (first, 429), (second, 429), ("another", 200)] {
        assert_eq!(status(&emulator, token).await.status, expected);
    }
}

#[tokio::test]
async fn a_log_in_fails_in_many_ways() {
    let emulator = emulator("").await;
    for (fault, status, has_token, part) in [
        ("status=401 body={\"error\":{\"code\":401,\"message\":\"no\"}}", 401, false, "\"code\":401"),
        ("status=302", 302, false, ""),
        ("status=407", 407, false, ""),
        ("status=429 code=APIG.0308 retry-after=1", 429, false, "APIG.0308"),
        ("status=503", 503, false, "APIGW.0613"),
        ("html", 200, true, "<!DOCTYPE html>"),
        ("status=201 body={\"token\":{}}", 201, false, "{}"),
        ("status=201 body=", 201, false, ""),
        ("status-after=201 body={\"token\":{\"expires_at\":\"2000-01-01T00:00:00.000000Z\"}}", 201, true, "2000-01-01"),
        ("status-after=500", 500, false, "APIGW.0601"),
    ] {
        emulator.set_faults(format!("KeystoneCreateUserTokenByPassword:{fault}").parse().unwrap()).unwrap();
        let response = log_in(&emulator, "name").await;
        assert_eq!((response.status, response.header("x-subject-token").is_some()), (status, has_token), "{fault}");
        assert!(std::str::from_utf8(&response.body).unwrap().contains(part), "{fault}: {response:?}");
    }
}

#[tokio::test]
async fn lists_lose_rows_repeat_pages_and_ignore_filters() {
    let emulator = emulator("").await;
    let ids = |page: &Value| -> Vec<String> {
        let rows = page["data_list"].as_array().unwrap();
        rows.iter().map(|row| row["host_id"].as_str().unwrap().to_owned()).collect()
    };
    let first = hosts(&emulator, "limit=10&offset=0").await;
    let set = |faults: &str| emulator.set_faults(faults.parse().unwrap()).unwrap();
    for (fault, list, total) in [
        ("empty-list@2", json!([]), json!(25)),
        ("null-list@2", json!(null), json!(25)),
        ("no-list@2", json!(null), json!(25)),
        ("total=0@2", json!(10), json!(0)),
        ("total=12@2", json!(10), json!(12)),
        ("repeat-page@2", json!(10), json!(25)),
    ] {
        set(&format!("ListHostStatus:{fault}"));
        assert_eq!(ids(&hosts(&emulator, "limit=10&offset=0").await), ids(&first), "{fault}");
        let second = hosts(&emulator, "limit=10&offset=10").await;
        match list {
            Value::Number(rows) => assert_eq!(Some(ids(&second).len() as u64), rows.as_u64(), "{fault}"),
            list => assert_eq!(second["data_list"], list, "{fault}"),
        }
        assert_eq!(
            (second.get("data_list").is_none(), &second["total_num"]),
            (fault == "no-list@2", &total),
            "{fault}"
        );
        let repeats = second["data_list"].is_array() && ids(&second) == ids(&first);
        assert_eq!(repeats, fault == "repeat-page@2", "{fault}");
    }
    set("ignore-filter@2");
    let name = first["data_list"][0]["host_name"].as_str().unwrap();
    for total in [1, 25] {
        assert_eq!(hosts(&emulator, &format!("limit=10&host_name={name}")).await["total_num"], total);
    }
}

#[tokio::test]
async fn a_scan_appears_late_or_never_in_the_status() {
    let emulator = Emulator::builder().with_scan_duration(Duration::from_secs(3600)).start().await.unwrap();
    let hosts = r#"{"host_ids":["a"]}"#;
    for (faults, body, at_once, later) in [
        ("", hosts, true, true),
        ("exist-after=60s", ALL, false, true),
        ("exist-never", ALL, false, false),
        ("exist-never selector=host_ids", ALL, true, true),
        ("exist-never selector=host_ids", hosts, false, false),
    ] {
        emulator.reset();
        emulator.set_faults(faults.parse().unwrap()).unwrap();
        assert!(
            send(emulator.addr(), &post(PATH, body)).await.unwrap().json()["error"]
                .as_str()
                .unwrap()
                .contains("processed")
        );
        let mut seen = vec![status(&emulator, "t").await.json()["exist"].clone()];
        emulator.advance_clock(Duration::from_secs(60));
        seen.push(status(&emulator, "t").await.json()["exist"].clone());
        assert_eq!(seen, [json!(at_once), json!(later)], "{faults}");
        // The queue is busy all the same.
        let second = send(emulator.addr(), &post(PATH, body)).await.unwrap().json();
        assert!(second["error"].as_str().unwrap().contains("already in the task queue"));
    }
}

#[tokio::test]
async fn an_accepted_scan_gets_a_contradictory_response() {
    let emulator = emulator("").await;
    for (fault, code, body) in [
        ("processed=0", 200, r#"{"error":"p-0 processed 0 tasks successfully."}"#),
        ("processed=3", 200, r#"{"error":"p-0 processed 3 tasks successfully."}"#),
        (
            r#"status-after=200 body={$FIELDS,"code":0}"#,
            200,
            r#"{"error":"p-0 processed 25 tasks successfully.","code":0}"#,
        ),
        (
            r#"status-after=200 body={$FIELDS,"error":{"code":"HSS.0013"}}"#,
            200,
            r#"{"error":"p-0 processed 25 tasks successfully.","error":{"code":"HSS.0013"}}"#,
        ),
        (r#"status-after=500 body={"error_code": "HSS.0001"}"#, 500, r#"{"error_code": "HSS.0001"}"#),
    ] {
        emulator.set_faults(fault.parse().unwrap()).unwrap();
        let response = send(emulator.addr(), &post(PATH, ALL)).await.unwrap();
        assert_eq!((response.status, &*response.body), (code, body.as_bytes()), "{fault}");
        assert!(emulator.requests().last().unwrap().accepted.is_some(), "{fault}");
    }
    // Statuses that prove that nothing was done.
    for code in [407, 408, 425] {
        emulator.set_faults(format!("status={code}").parse().unwrap()).unwrap();
        assert_eq!(send(emulator.addr(), &post(PATH, ALL)).await.unwrap().status, code);
        assert!(emulator.requests().last().unwrap().accepted.is_none(), "{code}");
    }
}

#[tokio::test]
async fn a_connection_is_closed_without_a_response_or_while_it_is_idle() {
    for (fault, accepted) in [("close@1", false), ("close-after@1", true)] {
        let emulator = emulator(fault).await;
        let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
        stream.write_all(post(PATH, ALL).as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        in_time(stream.read_to_end(&mut bytes)).await.unwrap();
        assert!(bytes.is_empty(), "{fault}");
        assert_eq!(emulator.requests()[0].accepted.is_some(), accepted, "{fault}");
        assert_eq!(send(emulator.addr(), &post(PATH, ALL)).await.unwrap().status, 200);
    }
    // The connection is not idle while the response is delayed.
    let emulator = emulator("close-idle=10ms@2\ndelay=100ms").await;
    let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
    for _ in 0..2 {
        stream.write_all(get("t").as_bytes()).await.unwrap();
        let response = read(&mut stream).await.unwrap();
        assert_eq!((response.status, response.header("connection")), (200, None));
    }
    assert_eq!(in_time(stream.read(&mut [0])).await.unwrap(), 0);
}
