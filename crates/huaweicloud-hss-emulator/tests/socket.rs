//! Tests over real sockets, with a hand-written client that can also misbehave.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy's exception for tests does not cover their helpers"
)]

mod common;

use std::collections::HashSet;
use std::net::SocketAddr;

use common::{ALL, PATH, emulator, get, in_time, post, read, send};
use huaweicloud_hss_emulator::{Emulator, ErrorKind, MAX_HEADER_BYTES};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// Asserts that the emulator still works.
async fn alive(emulator: &Emulator) {
    let response = send(emulator.addr(), &get("t")).await.unwrap();
    assert_eq!((response.status, response.json()["exist"].is_boolean()), (200, true));
}

#[tokio::test]
async fn a_scan_is_started_and_reported() {
    let emulator = emulator().await;
    assert_eq!(emulator.url(), format!("http://{}", emulator.addr()));
    assert!(emulator.addr().ip().is_loopback());
    let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
    // All requests use one connection, which stays open.
    let mut exchange = async |request: String| {
        stream.write_all(request.as_bytes()).await.unwrap();
        read(&mut stream).await.unwrap()
    };
    assert_eq!(exchange(get("t")).await.json()["exist"], false);
    let started = exchange(post(PATH, ALL)).await;
    assert_eq!(started.json()["error"], "p-0 processed 7 tasks successfully.");
    assert_eq!(exchange(get("t")).await.json()["exist"], true);
    let busy = exchange(post(PATH, ALL)).await;
    assert_eq!(
        (busy.status, busy.json()["error"].as_str()),
        (200, Some("Current project p-0 is already in the task queue."))
    );
    assert_ne!(started.header("x-request-id"), busy.header("x-request-id"));

    let calls = emulator.requests();
    assert_eq!(calls.len(), 4);
    assert_eq!(Some(calls[1].request_id.as_str()), started.header("x-request-id"));
    assert_eq!(calls[1].accepted.as_ref().unwrap().processed, 7);
    assert!(calls[3].accepted.is_none());
}

#[tokio::test]
async fn raw_unicode_in_the_path_is_utf8() {
    let emulator = emulator().await;
    let ids = r#"{"host_ids":["主机","é"]}"#;
    for path in
        ["/v5/项目/asset/assign-task?category=container", "/v5/%E9%A1%B9%E7%9B%AE/asset/assign-task?category=host"]
    {
        let response = send(emulator.addr(), &post(path, ids)).await.unwrap();
        assert_eq!(response.json()["error"], "项目-0 processed 2 tasks successfully.", "{path}");
    }
    assert_eq!(emulator.requests()[1].accepted.as_ref().unwrap().ids, ["主机", "é"]);
}

#[tokio::test]
async fn the_emulator_itself_rejects_a_token_above_the_limit() {
    let emulator = emulator().await;
    assert_eq!(send(emulator.addr(), &get(&"t".repeat(32_768))).await.unwrap().status, 200);
    for length in [32_769, 100_000, MAX_HEADER_BYTES - 1024] {
        let response = send(emulator.addr(), &get(&"t".repeat(length))).await.unwrap();
        assert_eq!(response.status, 401, "{length}");
        let body = response.json();
        assert_eq!(body["error_code"], "APIGW.0301");
        assert!(body["error_msg"].as_str().unwrap().contains(&format!("has {length} characters, 1 to 32768")));
        assert_eq!(body["request_id"].as_str(), response.header("x-request-id"));
    }
    // Above the limit of the head the HTTP library responds, unless the reset overtakes its response.
    let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
    let _ = in_time(stream.write_all(get(&"t".repeat(2 * MAX_HEADER_BYTES)).as_bytes())).await;
    if let Some(response) = read(&mut stream).await {
        assert_eq!(response.status, 431);
    }
    alive(&emulator).await;
}

#[tokio::test]
async fn malformed_requests_do_not_stop_the_server() {
    let emulator = emulator().await;
    for garbage in
        ["\0\x01\x02 garbage\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"]
    {
        let response = send(emulator.addr(), garbage).await;
        assert!(response.is_none_or(|response| response.status == 400), "{garbage}");
    }
    // Connections that end at every stage of a request.
    let whole = post(PATH, ALL);
    let body_at = whole.find("\r\n\r\n").unwrap() + 4;
    for cut in [0, 1, 20, body_at - 1, body_at, body_at + 5] {
        let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
        stream.write_all(&whole.as_bytes()[..cut]).await.unwrap();
        drop(stream);
        let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
        stream.write_all(&whole.as_bytes()[..cut]).await.unwrap();
        // Half closed: the server may still respond, and must not wait forever.
        stream.shutdown().await.unwrap();
        if let Some(response) = read(&mut stream).await {
            assert_eq!(response.status, 400, "{cut}");
        }
    }
    alive(&emulator).await;
    assert!(emulator.requests().iter().all(|call| call.accepted.is_none()), "half a body must not start a scan");
}

#[tokio::test]
async fn a_chunked_body_is_read_and_a_broken_chunk_is_rejected() {
    let emulator = emulator().await;
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: t\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let broken = send(emulator.addr(), &format!("{head}5\r\n{{\"all\r\nzz\r\n")).await.unwrap();
    assert_eq!((broken.status, broken.json()["error_code"].as_str()), (400, Some("APIGW.0201")));
    let whole =
        send(emulator.addr(), &format!("{head}5\r\n{{\"all\r\nd\r\n_hosts\":true}}\r\n0\r\n\r\n")).await.unwrap();
    assert_eq!(whole.json()["error"], "p-0 processed 7 tasks successfully.");
}

#[tokio::test]
async fn a_body_above_12_mebibytes_gets_a_response_even_if_it_is_sent_completely() {
    let emulator = emulator().await;
    let body = format!("{ALL}{}", " ".repeat(13 * 1024 * 1024));
    let response = send(emulator.addr(), &post(PATH, &body)).await.unwrap();
    assert_eq!((response.status, response.json()["error_code"].as_str()), (413, Some("APIGW.0201")));
    // The same for a response that does not need the body.
    let response = send(emulator.addr(), &post("/elsewhere", &body)).await.unwrap();
    assert_eq!((response.status, response.json()["error_code"].as_str()), (404, Some("APIGW.0101")));
    alive(&emulator).await;
}

#[tokio::test]
async fn a_client_gets_100_continue_only_for_a_valid_head() {
    let emulator = emulator().await;
    for (token, expected) in [("t", 100), ("", 401)] {
        let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            ALL.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let response = read(&mut stream).await.unwrap();
        assert_eq!(response.status, expected);
        if expected == 100 {
            stream.write_all(ALL.as_bytes()).await.unwrap();
            assert_eq!(read(&mut stream).await.unwrap().status, 200);
        }
    }
}

#[tokio::test]
async fn other_methods_get_allow_and_head_gets_no_body() {
    let emulator = emulator().await;
    for method in ["PUT", "OPTIONS", "HEAD", "BREW"] {
        let request = format!("{method} {PATH} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        in_time(stream.read_to_string(&mut text)).await.unwrap();
        assert!(text.starts_with("HTTP/1.1 405 "), "{text}");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.to_ascii_lowercase().contains("\r\nallow: get, post"), "{head}");
        assert!(head.to_ascii_lowercase().contains("\r\nx-request-id: "), "{head}");
        assert_eq!(body.is_empty(), method == "HEAD");
    }
    for target in ["OPTIONS *", "CONNECT h:1"] {
        let response = send(emulator.addr(), &format!("{target} HTTP/1.1\r\nHost: h\r\n\r\n")).await.unwrap();
        assert_eq!((response.status, response.json()["error_code"].as_str()), (404, Some("APIGW.0101")), "{target}");
    }
}

/// The number of simultaneous connections.
const CONNECTIONS: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_simultaneous_requests_get_responses_and_start_one_scan() {
    // Both ends of each connection are in this process.
    #[cfg(unix)]
    rlimit::increase_nofile_limit(4096).unwrap();
    let emulator = emulator().await;
    let mut tasks = JoinSet::new();
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(CONNECTIONS));
    for _ in 0..CONNECTIONS {
        let (address, barrier) = (emulator.addr(), barrier.clone());
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // All are open before the first request.
            barrier.wait().await;
            stream.write_all(post(PATH, ALL).as_bytes()).await.unwrap();
            read(&mut stream).await.unwrap()
        });
    }
    let responses = in_time(tasks.join_all()).await;
    let taken =
        responses.iter().filter(|response| response.json()["error"].as_str().unwrap().contains("processed 7 tasks"));
    assert_eq!(taken.count(), 1);
    assert!(responses.iter().all(|response| response.status == 200));
    let ids: HashSet<&str> = responses.iter().filter_map(|response| response.header("x-request-id")).collect();
    assert_eq!(ids.len(), CONNECTIONS);
    assert_eq!(emulator.requests().len(), CONNECTIONS);
}

#[tokio::test]
async fn clients_that_never_finish_do_not_delay_others() {
    let emulator = emulator().await;
    let whole = post(PATH, ALL);
    let body_at = whole.find("\r\n\r\n").unwrap() + 4;
    let mut stuck = Vec::new();
    for number in 0..200 {
        let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
        // In the request line, in the headers, or in the body.
        let cut = [3, body_at / 2, body_at + 3][number % 3];
        stream.write_all(&whole.as_bytes()[..cut]).await.unwrap();
        stuck.push(stream);
    }
    alive(&emulator).await;
    // Clients that continue get their response, even if they send byte by byte.
    let mut late = stuck.swap_remove(2);
    for byte in &whole.as_bytes()[body_at + 3..] {
        late.write_all(&[*byte]).await.unwrap();
    }
    assert_eq!(read(&mut late).await.unwrap().status, 200);
    assert_eq!(emulator.requests().iter().filter(|call| call.accepted.is_some()).count(), 1);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers_of_the_request_log_take_little_memory() {
    fn resident_bytes() -> usize {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    }
    let folder = tempfile::tempdir().unwrap();
    for file in [None, Some(folder.path().join("state"))] {
        let mut builder = Emulator::builder().with_scan_duration(std::time::Duration::ZERO);
        if let Some(file) = &file {
            builder = builder.with_state_file(file);
        }
        let emulator = builder.start().await.unwrap();
        let body = serde_json::json!({ "host_ids": vec!["0123456789abcdef0123456789abcdef0123"; 200] }).to_string();
        let request = http::Request::post(PATH).header("x-auth-token", "t").header("content-type", "application/json");
        let request = request.body(bytes::Bytes::from(body)).unwrap();
        for _ in 0..1200 {
            assert_eq!(emulator.service().handle(&request).status(), 200);
        }
        // About 10 MB for each of 10 readers.
        let before = resident_bytes();
        let mut readers = Vec::new();
        for _ in 0..10 {
            // The system keeps little of what the reader does not read.
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            let mut stream = socket.connect(emulator.addr()).await.unwrap();
            stream.write_all(b"GET /_emulator/ledger HTTP/1.1\r\n\r\n").await.unwrap();
            // The first byte arrives, and the rest waits.
            assert_eq!(in_time(stream.read_u8()).await.unwrap(), b'H');
            readers.push(stream);
        }
        let grown = resident_bytes().saturating_sub(before);
        assert!(grown < 40 * 1024 * 1024, "{grown} bytes for {file:?}");
        let complete = send(emulator.addr(), "GET /_emulator/ledger HTTP/1.1\r\n\r\n").await.unwrap();
        assert_eq!(complete.body.iter().filter(|byte| **byte == b'\n').count(), 1200);
    }
}

#[tokio::test]
async fn stopping_frees_the_address_and_ends_idle_connections() {
    // Another process may take the port when it is free, but not every time.
    for _ in 0..5 {
        let first = emulator().await;
        let address = first.addr();
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(get("t").as_bytes()).await.unwrap();
        assert_eq!(read(&mut idle).await.unwrap().status, 200);
        in_time(first.shutdown()).await;
        assert!(in_time(idle.read_u8()).await.is_err());
        if let Ok(second) = Emulator::builder().with_listen_address(address).start().await {
            alive(&second).await;
            assert_eq!(second.requests().len(), 1);
            return;
        }
    }
    panic!("the address could not be bound again");
}

#[tokio::test]
async fn dropping_stops_the_emulator() {
    let emulator = emulator().await;
    let mut open = TcpStream::connect(emulator.addr()).await.unwrap();
    open.write_all(get("t").as_bytes()).await.unwrap();
    assert_eq!(read(&mut open).await.unwrap().status, 200);
    drop(emulator);
    assert!(in_time(open.read_u8()).await.is_err());
}

#[tokio::test]
async fn unusable_addresses_are_errors() {
    let emulator = emulator().await;
    let taken = Emulator::builder().with_listen_address(emulator.addr()).start().await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Bind);
    assert!(taken.to_string().contains(&emulator.addr().to_string()), "{taken}");
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let remote = Emulator::builder().with_listen_address(everywhere).start().await.unwrap_err();
    assert_eq!(remote.kind(), ErrorKind::NonLoopbackAddress);
    assert!(remote.to_string().contains("with_remote_access(true)"), "{remote}");
    let allowed = Emulator::builder().with_listen_address(everywhere).with_remote_access(true).start().await.unwrap();
    assert_ne!(allowed.addr().port(), 0);
}
