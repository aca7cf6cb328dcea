//! Tests of the state file: restarts, incomplete and foreign files, and compaction.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use crate::builder::{Emulator, EmulatorBuilder};
use crate::error::ErrorKind;
use crate::model::assets::coverage::HostAttributes;
use crate::model::assets::truth::CollectionCause;
use crate::model::clock::Clock;
use crate::model::inventory::AgentStatus;
use crate::model::queues::{PendingScan, QueueKey};
use crate::model::request_log::{AuthMethod, AuthOutcome, RecordedRequest};
use crate::service::InProcessService;

use super::StateFile;

/// Far from the weekly collection.
const WEDNESDAY: Duration = Duration::from_secs(60 * 3600);

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

fn request_lines(service: &InProcessService) -> String {
    service.request_log_parts().map(|part| String::from_utf8(part.unwrap().to_vec()).unwrap()).collect()
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
fn queues_requests_and_tokens_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let start = || builder(&file).with_user("d", "n", "p").require_issued_token().with_token("t").service().unwrap();
    let first = start();
    assert!(scan(&first, "p").contains("processed 2"));
    let token = log_in(&first);
    let lines = request_lines(&first);
    let requests = first.requests();
    drop(first);

    let second = start();
    assert_eq!((request_lines(&second), second.requests()), (lines, requests));
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
    assert!(request_lines(&third).is_empty() && scan(&third, "p").contains("processed 2"));
    drop(third);
    assert!(scan(&start(), "p").contains("already"));
}

#[test]
fn orders_and_changes_of_hosts_survive_restarts_and_compaction() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let start = || builder(&file).with_hosts(20).with_time_of_week(WEDNESDAY).service().unwrap();
    let service = start();
    let id = |index: usize| service.inventory().hosts()[index].id().to_owned();
    let ids: Vec<String> = (0..20).map(id).collect();
    let offline = HostAttributes::default().with_agent_status(AgentStatus::Offline);
    let scan = send(&service, "POST", "/v5/p/asset/assign-task?category=host", "t", &json!({"host_ids": ids}));
    assert_eq!(scan.status(), 200);
    service.advance_clock(Duration::from_secs(1800));
    service.set_host_attributes(&ids[3], offline).unwrap();
    let collect = format!("/v5/p/asset/manual-collect/database?host_id={}", ids[2]);
    assert_eq!(send(&service, "POST", &collect, "t", &Value::Null).status(), 200);
    service.advance_clock(Duration::from_secs(7200));
    // Automatic collections may come between the starts, so only those of once a week are compared.
    let truths = |service: &InProcessService| {
        let mut truths: Vec<_> = ids.iter().map(|id| service.asset_truth(id).unwrap()).collect();
        for truth in &mut truths {
            truth.assets.retain(|asset| asset.kind.is_weekly());
        }
        truths
    };
    let expected = truths(&service);
    assert!(
        expected.iter().flat_map(|truth| &truth.assets).any(|asset| asset.last.unwrap().cause == CollectionCause::Scan)
    );
    drop(service);
    for _ in 0..3 {
        // The second time without the request of the scan, which is dropped because the file is large.
        let service = start();
        let restored = truths(&service);
        for (restored, expected) in restored.iter().zip(&expected) {
            assert_eq!(
                (restored.not_coverable, restored.assets.len()),
                (expected.not_coverable, expected.assets.len())
            );
            for (restored, expected) in restored.assets.iter().zip(&expected.assets) {
                assert_eq!(
                    (restored.kind, restored.last, restored.scan_status),
                    (expected.kind, expected.last, expected.scan_status)
                );
            }
        }
        drop(service);
        let (state, ..) = StateFile::open_with_limit(&file, [0; 32], 0, &Clock::default(), 1600).unwrap();
        drop(state);
    }
    let service = start();
    service.reset();
    drop(service);
    let service = start();
    let is_ordered = |cause| matches!(cause, CollectionCause::Scan | CollectionCause::Manual);
    let causes = truths(&service).into_iter().flat_map(|truth| truth.assets).filter_map(|asset| asset.last);
    assert!(!causes.map(|last| last.cause).any(is_ordered));
}

#[test]
fn a_scan_that_has_ended_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let start = |duration| builder(&file).with_scan_duration(duration).service().unwrap();
    assert!(scan(&start(Duration::ZERO), "p").contains("processed"));
    assert!(scan(&start(Duration::MAX), "p").contains("processed"));
    assert!(scan(&start(Duration::ZERO), "p").contains("already"), "one without end");
}

#[test]
fn a_clock_that_was_moved_forward_stays_ahead() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let start = || builder(&file).with_user("d", "n", "p").require_issued_token().with_token("t").service().unwrap();
    let first = start();
    let token = log_in(&first);
    assert!(scan(&first, "p").contains("processed") && scan(&first, "q").contains("processed"));
    first.advance_clock(Duration::from_secs(2 * 3600));
    assert!(scan(&first, "q").contains("processed"), "the first scan has ended");
    drop(first);
    for _ in 0..2 {
        let next = start();
        assert_eq!(next.clock().advanced(), Duration::from_secs(2 * 3600));
        assert!(scan(&next, "q").contains("already in the task queue"));
        assert_eq!(status(&next, &token), 200);
    }
    let last = start();
    assert!(scan(&last, "p").contains("processed"));
    last.advance_clock(Duration::from_secs(22 * 3600));
    assert_eq!(status(&last, &token), 401);
}

#[test]
fn the_request_log_in_the_file_is_complete_when_memory_has_less() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let service = builder(&file).with_request_log_capacity(3).service().unwrap();
    for _ in 0..10 {
        status(&service, "t");
    }
    assert_eq!((service.requests().len(), request_lines(&service).lines().count()), (3, 10));
    drop(service);
    let service = builder(&file).with_request_log_capacity(3).service().unwrap();
    assert_eq!((service.requests()[0].sequence, request_lines(&service).lines().count()), (8, 10));
}

#[test]
fn foreign_files_are_refused_and_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, content: &[u8]| {
        let file = folder.path().join(name);
        fs::write(&file, content).unwrap();
        file
    };
    let valid = folder.path().join("valid");
    drop(builder(&valid).service().unwrap());
    let header = fs::read_to_string(&valid).unwrap();
    let changed = |from: &str, to: &str| header.replace(from, to).into_bytes();
    let taken = folder.path().join("taken");
    let holder = builder(&taken).service().unwrap();
    for (file, part) in [
        (written("text", b"not a state file at all"), "not a state file"),
        (written("json", b"{\"a\": 1}\n"), "not a state file"),
        (written("torn header", &header.as_bytes()[..header.len() - 1]), "not a state file"),
        (written("sqlite", &[b"SQLite format 3\0".as_slice(), &[0; 4080]].concat()), "SQLite database"),
        (written("newer", &changed("\"version\":1", "\"version\":2")), "version 2"),
        (written("no key", &changed("seal_key", "other")), "line 1 is not a valid header"),
        (written("short key", &changed("\"seal_key\":\"", "\"seal_key\":\"0")), "line 1 has no valid seal key"),
        (
            written("entry", format!("{header}{{\"reset\":true}}\n{{\"reset\":1}}\n").as_bytes()),
            "line 3 cannot be read",
        ),
        (written("utf-8", &[header.as_bytes(), b"\xff\n"].concat()), "line 2 cannot be read"),
        (taken, "another process uses it"),
        (folder.path().join("no/such/folder"), "os error"),
    ] {
        let before = fs::read(&file).ok();
        let error = builder(&file).service().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::State);
        assert!(error.to_string().contains(part) && error.to_string().contains("state file"), "{error}");
        assert!(fs::read(&file).ok() == before, "{} was changed", file.display());
    }
    drop(holder);
}

#[test]
fn an_incomplete_last_line_is_dropped_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let first = builder(&file).service().unwrap();
    assert!(first.warnings().is_empty());
    scan(&first, "p");
    scan(&first, "主");
    drop(first);
    let whole = fs::read(&file).unwrap();
    let line = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    // Also within a character of several bytes.
    for end in (line + 1..whole.len()).step_by(7).chain([whole.len() - 1]) {
        fs::write(&file, &whole[..end]).unwrap();
        let service = builder(&file).service().unwrap();
        assert!(service.warnings()[0].contains("incomplete"), "{:?}", service.warnings());
        assert_eq!(service.requests().len(), 1);
        drop(service);
        assert_eq!(fs::read(&file).unwrap(), whole[..line]);
    }
    let service = builder(&file).service().unwrap();
    assert!(service.warnings().is_empty() && scan(&service, "p").contains("already"));
}

#[test]
fn a_reset_empties_the_file_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let service = builder(&file).service().unwrap();
    let header = fs::read(&file).unwrap();
    scan(&service, "p");
    service.reset();
    drop(service);
    drop(builder(&file).service().unwrap());
    assert_eq!(fs::read(&file).unwrap(), header);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_seal_key_and_it_is_never_printed() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let service = builder(&file).service().unwrap();
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    let header: Value = serde_json::from_str(fs::read_to_string(&file).unwrap().lines().next().unwrap()).unwrap();
    let key = header["seal_key"].as_str().unwrap();
    assert_eq!(key.len(), 64);
    scan(&service, "p");
    service.reset();
    assert!(!format!("{service:?} {:?}", builder(&file)).contains(key));
    let error = builder(&file).service().unwrap_err();
    assert!(!format!("{error:?}").contains(key));
    drop(service);
    // The file that replaces it at compaction, too, and one that others could read.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(builder(&file).service().unwrap().warnings().is_empty());
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    drop(builder(&file).service().unwrap());
    assert_eq!(mode(), 0o600);
    fs::write(&file, header.to_string().replace("\"created_millis\":", "\"created_millis\":\"x\",\"y\":") + "\n")
        .unwrap();
    let error = builder(&file).service().unwrap_err();
    assert!(!format!("{error} {error:?}").contains(key), "{error}");
}

#[test]
fn a_large_file_is_compacted_without_losing_the_current_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let open = || StateFile::open_with_limit(&path, [7; 32], 5, &Clock::default(), 10_000).unwrap();
    let queue = |project: usize| QueueKey {
        project_id: project.to_string(),
        enterprise_project_id: "0".to_owned(),
        category: "host".to_owned(),
    };
    let (state, ..) = open();
    let end = |project: usize| match project % 3 {
        0 => None,
        1 => Instant::now().checked_add(Duration::from_secs(3600)),
        _ => Some(Instant::now()),
    };
    state.expire_tokens_below(3).unwrap();
    for sequence in 1..=300 {
        let request = request(sequence);
        let scan = PendingScan { queue: queue(sequence), ends_at: end(sequence) };
        let scan = Some(&scan).filter(|_| sequence <= 20);
        state.add_request(&request, scan, None).unwrap();
        assert!(fs::metadata(&path).unwrap().len() < 16_000);
    }
    let mut reader = state.request_reader().unwrap();
    // The file that the reader has open is replaced now, and the lines of a new one are not read.
    let first = state.next_part(&mut reader).unwrap().unwrap();
    for sequence in 301..=400 {
        state.add_request(&request(sequence), None, None).unwrap();
    }
    let rest = std::iter::from_fn(|| state.next_part(&mut reader).unwrap());
    let lines =
        [first].into_iter().chain(rest).map(|part| String::from_utf8(part.to_vec()).unwrap()).collect::<String>();
    assert!(lines.ends_with(&format!("{}\n", serde_json::to_string(&request(300)).unwrap())), "{lines}");
    assert!((10..100).contains(&lines.lines().count()));
    assert!(StateFile::open_with_limit(&path, [7; 32], 5, &Clock::default(), 10_000).is_err(), "it stays locked");
    drop(state);

    let (state, restored, tokens) = open();
    assert_eq!((restored.answered, tokens.expired_below, tokens.seal_key), (400, 3, [7; 32]));
    assert_eq!(restored.requests, (396..=400).map(request).collect::<Vec<_>>());
    let mut pending: Vec<QueueKey> = restored.scans.into_iter().map(|scan| scan.queue).collect();
    pending.sort();
    let mut expected: Vec<QueueKey> = (1..=20).filter(|project| project % 3 != 2).map(queue).collect();
    expected.sort();
    assert_eq!(pending, expected);
    drop(state);
    let before = fs::read(&path).unwrap();
    drop(open());
    assert!(fs::read(&path).unwrap() == before, "a compacted file stays as it is");
}

fn request(sequence: usize) -> RecordedRequest {
    RecordedRequest {
        sequence: sequence as u64,
        request_id: "0f".to_owned(),
        method: "GET".to_owned(),
        path: "/".to_owned(),
        query: None,
        operation_id: None,
        status: 200,
        error_code: None,
        auth_method: AuthMethod::None,
        auth_outcome: AuthOutcome::NotChecked,
        fault: None,
        accepted: None,
    }
}
