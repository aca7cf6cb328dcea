//! Every way in which a service and a network can fail: the kind of error of each, and how many requests are sent.
//!
//! A call that may have been processed is ambiguous and not retried; one that was certainly not processed is retried.

use std::net::TcpListener;
use std::time::{Duration, Instant, SystemTime};

use huaweicloud_hss::{AccessKey, CallOutcome, Client, ErrorKind, HttpConfig, ScanOutcome, ScanRequest, Secret};

use crate::{client, client_over, network, queue, retry};
use integration_tests::raw_server::{Action, RawServer};
use integration_tests::tls_server::tls_server;

const ACCEPTED: &str = r#"{"error":"p-0 processed 1 tasks successfully."}"#;

/// A fault, and for a scan and a status call the kind of error and the number of connections.
struct Case {
    name: &'static str,
    actions: Vec<Action>,
    scan: (ErrorKind, usize),
    status: (ErrorKind, usize),
}

fn cases() -> Vec<Case> {
    use ErrorKind::{
        Ambiguous, Credentials, InvalidResponse, Permission, Refused, Throttled, Unavailable, Unreachable,
    };
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"error\":\"p-0 processed 1 tas".to_owned();
    // The body is complete, but shorter than Content-Length.
    let refusal = "HTTP/1.1 400 X\r\nContent-Length: 90\r\n\r\n{\"error_code\":\"HSS.0013\"}".to_owned();
    let case = |name, action, scan, status| Case { name, actions: vec![action], scan, status };
    let status = |status| Action::respond(status, "", "");
    vec![
        case("closed before reading", Action::CloseAtOnce, (Ambiguous, 1), (Unavailable, 4)),
        case("closed after reading", Action::CloseAfterReading, (Ambiguous, 1), (Unavailable, 4)),
        case("truncated response", Action::Respond(half), (Ambiguous, 1), (Unavailable, 4)),
        case("truncated refusal", Action::Respond(refusal), (Permission, 1), (Permission, 1)),
        case("no HTTP", Action::Respond("220 mail ready\r\n".to_owned()), (Ambiguous, 1), (Unavailable, 4)),
        case("no response in time", Action::Hang, (Ambiguous, 1), (Unavailable, 4)),
        case("64 MiB", Action::Flood(64), (InvalidResponse, 1), (InvalidResponse, 1)),
        case("HTML", Action::respond(200, "", "<html>Login</html>"), (InvalidResponse, 1), (InvalidResponse, 1)),
        case(
            "redirect",
            Action::respond(302, "Location: http://127.0.0.1:9/\r\n", ""),
            (InvalidResponse, 1),
            (InvalidResponse, 1),
        ),
        case("bad request", status(400), (Refused, 1), (Refused, 1)),
        case("unauthorised", status(401), (Credentials, 1), (Credentials, 1)),
        case("forbidden", status(403), (Permission, 1), (Permission, 1)),
        case("timed out before it was read", status(408), (Unavailable, 4), (Unavailable, 4)),
        case("too early", status(425), (Unavailable, 4), (Unavailable, 4)),
        case("proxy without its password", status(407), (Unreachable, 1), (Unreachable, 1)),
        case("throttled", status(429), (Throttled, 4), (Throttled, 4)),
        case(
            "throttled, invalid Retry-After",
            Action::respond(429, "Retry-After: soon\r\n", ""),
            (Throttled, 4),
            (Throttled, 4),
        ),
        case("failed", status(500), (Ambiguous, 1), (Unavailable, 4)),
        case("bad gateway", status(502), (Ambiguous, 1), (Unavailable, 4)),
        case("unavailable", status(503), (Unavailable, 4), (Unavailable, 4)),
        case("gateway timed out", status(504), (Ambiguous, 1), (Unavailable, 4)),
    ]
}

#[tokio::test]
async fn a_connection_that_the_server_may_have_closed_is_not_used_again() {
    let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{ACCEPTED}", ACCEPTED.len());
    let server = RawServer::start([Action::RespondOnce(response)]);
    let client = client_over(server.url(), network());
    for _ in 0..2 {
        let accepted = client.scan(&ScanRequest::all_hosts(queue())).await.unwrap();
        assert_eq!(accepted.outcome, ScanOutcome::Accepted { processed: 1 });
        // Longer than a connection is kept. The server closes it only when it gets another request.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn every_fault_has_its_kind_and_its_number_of_requests() {
    for case in cases() {
        let network =
            network().with_attempt_timeout(Duration::from_millis(if case.name == "64 MiB" { 60_000 } else { 400 }));
        let server = RawServer::start(case.actions.clone());
        let error =
            client_over(server.url(), network.clone()).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
        assert_eq!((error.kind(), server.connections()), case.scan, "scan, {}: {error}", case.name);
        assert_eq!(error.attempts() as usize, case.scan.1, "scan, {}", case.name);
        let unusable = matches!(case.scan.0, ErrorKind::Ambiguous | ErrorKind::InvalidResponse);
        assert_eq!(error.may_have_taken_effect(), unusable, "scan, {}", case.name);
        let server = RawServer::start(case.actions);
        let error = client_over(server.url(), network).status(&queue()).await.unwrap_err();
        assert_eq!((error.kind(), server.connections()), case.status, "status, {}: {error}", case.name);
        assert!(!error.may_have_taken_effect(), "status, {}", case.name);
    }
}

#[tokio::test]
async fn a_call_that_was_not_processed_is_retried() {
    for (name, first) in [
        ("throttled", Action::respond(429, "", "")),
        ("throttled with Retry-After", Action::respond(429, "Retry-After: 0\r\n", "")),
        ("unavailable", Action::respond(503, "", "")),
    ] {
        let server = RawServer::start([first.clone(), first, Action::respond(200, "", ACCEPTED)]);
        let response = client(server.url()).scan(&ScanRequest::all_hosts(queue())).await.unwrap();
        assert_eq!((response.outcome, response.meta.attempts), (ScanOutcome::Accepted { processed: 1 }, 3), "{name}");
        assert_eq!(server.requests().len(), 3, "{name}");
    }
}

#[tokio::test]
async fn the_retry_after_of_the_service_is_respected() {
    let server = RawServer::start([Action::respond(429, "Retry-After: 1\r\n", ""), Action::respond(200, "", ACCEPTED)]);
    let started = Instant::now();
    client(server.url()).scan(&ScanRequest::all_hosts(queue())).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_delay_that_would_outlast_the_call_is_not_started() {
    let server = RawServer::start([Action::respond(503, "Retry-After: 50\r\n", "")]);
    let network = network().with_timeout(Duration::from_secs(20));
    let error = client_over(server.url(), network).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 1));
}

#[tokio::test]
async fn ambiguous_calls_are_retried_on_request() {
    let server = RawServer::start([Action::CloseAfterReading, Action::respond(200, "", ACCEPTED)]);
    let network = HttpConfig::default().with_retry(retry().with_retry_ambiguous(true));
    let response = client_over(server.url(), network).scan(&ScanRequest::all_hosts(queue())).await.unwrap();
    assert_eq!((response.meta.attempts, server.requests().len()), (2, 2));
}

#[tokio::test]
async fn no_later_refusal_makes_an_unknown_call_a_refused_one() {
    let refusals = [Action::respond(400, "", ""), Action::respond(401, "", ""), Action::respond(503, "", "")];
    for refusal in refusals {
        let server = RawServer::start([Action::CloseAfterReading, refusal]);
        let network = HttpConfig::default().with_retry(retry().with_retry_ambiguous(true));
        let error = client_over(server.url(), network).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Ambiguous, CallOutcome::Unknown), "{error}");
        assert!(error.to_string().contains("An earlier attempt may have reached the service"), "{error}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_retried() {
    // A port on which nothing listens any more.
    let url = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let error = client(url).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Unreachable, CallOutcome::NotSent, 4));
    assert!(!error.may_have_taken_effect());
}

#[tokio::test]
async fn a_refusal_with_a_truncated_body_is_still_a_refusal() {
    let half = "HTTP/1.1 403 Forbidden\r\nX-Request-Id: r9\r\nContent-Length: 99\r\n\r\n{\"err".to_owned();
    let server = RawServer::start([Action::Respond(half)]);
    let error = client(server.url()).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status(), error.request_id()), (ErrorKind::Permission, Some(403), Some("r9")));
}

#[tokio::test]
async fn a_wrong_clock_is_named_and_the_key_is_not_retried() {
    let body = r#"{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}"#;
    for (minutes, named) in [(16_i64, true), (-16, true), (0, false), (14, false)] {
        let off = Duration::from_secs(minutes.unsigned_abs() * 60);
        let service = if minutes > 0 { SystemTime::now() + off } else { SystemTime::now() - off };
        let date = format!("Date: {}\r\n", httpdate::fmt_http_date(service));
        let server = RawServer::start([Action::respond(401, &date, body)]);
        let key = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("example".to_owned()), None).unwrap();
        let client = Client::builder()
            .with_endpoint(server.url())
            .with_access_key(key)
            .with_http_config(network())
            .build()
            .unwrap();
        let error = client.scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
        assert_eq!((error.kind(), server.connections()), (ErrorKind::Credentials, 1));
        assert_eq!(error.to_string().contains("machine's clock is"), named, "{minutes}: {error}");
    }
}

#[tokio::test]
async fn a_response_that_an_own_http_client_got_from_another_host_is_an_error() {
    let elsewhere = RawServer::start([Action::respond(200, "", ACCEPTED)]);
    let location = format!("Location: {}/\r\n", elsewhere.url());
    let server = RawServer::start([Action::respond(302, &location, "")]);
    // No TLS is used here, but reqwest cannot build a client without a TLS provider.
    let following = reqwest::Client::builder().tls_backend_preconfigured(tls()).build().unwrap();
    let network = network().with_http_client(following);
    let error = client_over(server.url(), network).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error}");
}

/// Returns a TLS configuration without trusted CAs.
fn tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

#[tokio::test]
async fn a_private_ca_is_trusted_only_if_it_is_configured() {
    let (authority, url) = tls_server();
    let trusting = client_over(&url, network().with_ca_certificates(authority.into_bytes()));
    assert!(trusting.status(&queue()).await.unwrap().pending);
    let error = client_over(&url, network()).status(&queue()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
    assert_eq!(error.attempts(), 1, "the certificate stays the same: {error}");
}
