//! Owns the tests of the state file: what outlives a restart, and files that are not ours.

use crate::emulator::{Emulator, EmulatorBuilder};
use crate::error::ErrorKind;
use crate::service::InProcessService;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use std::path::Path;
use tokio::time::Duration;

fn builder(file: &Path) -> EmulatorBuilder {
    Emulator::builder().with_hosts(7).with_scan_duration(Duration::from_secs(3600)).with_state_file(file)
}

fn send(service: &InProcessService, method: &str, uri: &str, token: &str, body: &Value) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(uri).header("x-auth-token", token);
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    service.handle(&request.header("content-type", "application/json").body(body).unwrap())
}

fn scan(service: &InProcessService, project: &str) -> String {
    let uri = format!("/v5/{project}/asset/assign-task?category=host");
    let answer = send(service, "POST", &uri, "t", &json!({"host_ids": ["a", "b"]}));
    String::from_utf8(answer.body().to_vec()).unwrap()
}

fn status(service: &InProcessService, token: &str) -> u16 {
    send(service, "GET", "/v5/x/asset/assign-task?category=host", token, &Value::Null).status().as_u16()
}

fn log_in(service: &InProcessService) -> String {
    let body = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": {
        "domain": {"name": "d"}, "name": "n", "password": "p"}}}}});
    let answer = send(service, "POST", "/v3/auth/tokens", "", &body);
    answer.headers()["x-subject-token"].to_str().unwrap().to_owned()
}

#[test]
fn queues_calls_and_tokens_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let start = || builder(&file).with_user("d", "n", "p").require_issued_token().with_token("t").service().unwrap();
    let first = start();
    assert!(scan(&first, "p").contains("processed 2"));
    let token = log_in(&first);
    let ledger = first.ledger();
    let calls = first.requests();
    drop(first);

    let second = start();
    assert_eq!((second.ledger(), second.requests()), (ledger, calls));
    assert!(scan(&second, "p").contains("already in the task queue"));
    assert!(scan(&second, "q").contains("processed 2"));
    assert_eq!(second.requests().last().unwrap().sequence, 4);
    assert_eq!((status(&second, &token), status(&second, "other")), (200, 401));
    let newer = log_in(&second);
    assert_ne!(newer, token);
    second.expire_tokens();
    drop(second);

    let third = start();
    assert_eq!((status(&third, &token), status(&third, &newer), status(&third, &log_in(&third))), (401, 401, 200));
    third.reset();
    assert!(third.ledger().is_empty() && scan(&third, "p").contains("processed 2"));
    drop(third);
    assert!(scan(&start(), "p").contains("already"));
}

#[test]
fn a_scan_whose_time_is_over_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let start = |duration| builder(&file).with_scan_duration(duration).service().unwrap();
    assert!(scan(&start(Duration::ZERO), "p").contains("processed"));
    assert!(scan(&start(Duration::MAX), "p").contains("processed"));
    assert!(scan(&start(Duration::ZERO), "p").contains("already"), "one without end");
}

#[test]
fn the_ledger_in_the_file_is_whole_when_memory_keeps_less() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let service = builder(&file).with_request_log_capacity(3).service().unwrap();
    for _ in 0..10 {
        status(&service, "t");
    }
    assert_eq!((service.requests().len(), service.ledger().lines().count()), (3, 10));
    drop(service);
    let service = builder(&file).with_request_log_capacity(3).service().unwrap();
    assert_eq!((service.requests()[0].sequence, service.ledger().lines().count()), (8, 10));
}

#[test]
fn files_of_others_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    std::fs::write(&text, "not a database at all, but longer than a header of one would be; ".repeat(20)).unwrap();
    let foreign = folder.path().join("foreign");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
    let newer = folder.path().join("newer");
    drop(builder(&newer).service().unwrap());
    rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let taken = folder.path().join("taken");
    let holder = builder(&taken).service().unwrap();
    let nowhere = folder.path().join("no/such/folder");
    for (file, part) in [
        (&text, "not a database"),
        (&foreign, "something else"),
        (&newer, "version 2"),
        (&taken, "locked"),
        (&nowhere, "unable to open"),
    ] {
        let before = std::fs::read(file).ok();
        let error = builder(file).service().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::State);
        assert!(error.to_string().contains(part) && error.to_string().contains("state file"), "{error}");
        assert!(std::fs::read(file).ok() == before, "{} was changed", file.display());
    }
    drop(holder);
}
