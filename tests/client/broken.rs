//! Connections that break: what may have been sent is unknown, what was not is not sent, and nothing goes out twice.

use std::net::TcpListener;
use std::time::Duration;

use huaweicloud_hss::{CallOutcome, ErrorKind, ScanRequest};

use crate::raw_server::{Action, RawServer};
use crate::{client, client_over, network, queue};

#[tokio::test]
async fn a_post_that_may_have_been_sent_is_unknown_and_sent_once() {
    const HALF: &str =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"error\":\"p-0 proc";
    for (name, actions) in [
        ("closed after reading", &[Action::CloseAfterReading][..]),
        ("answer cut off", &[Action::Answer(HALF)]),
        ("no HTTP", &[Action::Answer("220 mail ready\r\n")]),
        ("bad gateway", &[Action::Answer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")]),
    ] {
        let server = RawServer::start(actions);
        let error = client(server.url()).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unknown, CallOutcome::Unknown), "{name}: {error}");
        assert!(error.maybe_sent(), "{name}");
        assert_eq!(server.requests(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_connection_closed_before_it_read_anything_is_not_called_not_sent() {
    // The request may have left this machine all the same, so the only honest word is unknown.
    let server = RawServer::start(&[Action::CloseAtOnce]);
    let error = client(server.url()).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!(error.outcome(), CallOutcome::Unknown, "{error}");
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn no_answer_in_time_is_unknown() {
    let server = RawServer::start(&[Action::Hang]);
    let client = client_over(server.url(), network().with_attempt_timeout(Duration::from_millis(300)));
    let error = client.scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!(error.outcome(), CallOutcome::Unknown);
    assert!(error.to_string().starts_with("no answer came in time"), "{error}");
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    // A port that was free a moment ago.
    let url = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let error = client(url).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unreachable, CallOutcome::NotSent));
    assert!(!error.maybe_sent());
}

#[tokio::test]
async fn a_refusal_whose_body_breaks_off_is_still_a_refusal() {
    let server = RawServer::start(&[Action::Answer(
        "HTTP/1.1 403 Forbidden\r\nX-Request-Id: r9\r\nContent-Length: 99\r\n\r\n{\"err",
    )]);
    let error = client(server.url()).scan(&ScanRequest::all_hosts(queue())).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status(), error.request_id()), (ErrorKind::Permission, Some(403), Some("r9")));
}

#[tokio::test]
async fn a_broken_status_question_is_never_unknown() {
    let server = RawServer::start(&[Action::CloseAfterReading]);
    let error = client(server.url()).status(&queue()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
