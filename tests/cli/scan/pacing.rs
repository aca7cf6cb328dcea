//! Rate limits, deadlines and refused credentials of a whole run.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use huaweicloud_hss_emulator::Emulator;
use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, run};
use integration_tests::stand_in::{ACCEPTED, StandIn, Window};

const KEY: [(&str, &str); 2] =
    [("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001"), ("HUAWEICLOUD_SDK_SK", "a-wrong-secret-key")];
const TOKEN: [(&str, &str); 1] = [("HW_AUTH_TOKEN", "t")];

/// Writes a list with one host in each of this number of projects to a folder.
fn list(folder: &Path, projects: usize) -> PathBuf {
    let path = folder.join("targets.csv");
    let lines: String = (0..projects).map(|n| format!("project-{n},host-{n}\n")).collect();
    fs::write(&path, format!("project_id,id\n{lines}")).unwrap();
    path
}

fn scan(endpoint: &str, projects: usize, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let targets = list(folder.path(), projects);
    let mut command = command(&["scan", "--targets", targets.to_str().unwrap(), "--endpoint", endpoint, "-o", "json"]);
    command.args(args).envs(variables.iter().copied());
    run(command)
}

#[test]
fn the_limit_in_a_429_is_kept_and_every_call_is_accepted() {
    let window = Window::new(5, Duration::from_millis(500));
    let server = StandIn::start(move |_| window.respond());
    let run = scan(&server.url(), 20, &[], &TOKEN);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 20", 0), "{run:#?}");
    assert!(server.requests().len() <= 23, "{} requests", server.requests().len());
}

#[test]
fn a_rate_limit_is_kept() {
    let window = Window::new(5, Duration::from_millis(500));
    let server = StandIn::start(move |_| window.respond());
    let run = scan(&server.url(), 12, &["--rate-limit", "5/500ms"], &TOKEN);
    assert_eq!((run.totals().as_str(), run.code, server.requests().len()), ("accepted 12", 0, 12), "{run:#?}");
}

#[test]
fn refused_credentials_are_sent_once_and_the_exit_code_is_3() {
    for (variables, code) in [(&KEY[..], "APIGW.0301"), (&TOKEN, "APIGW.0307")] {
        for concurrency in ["1", "64"] {
            let body = format!(r#"{{"error_code":"{code}","error_msg":"no"}}"#);
            let server = StandIn::start(move |_| (401, body.clone()));
            let run = scan(&server.url(), 200, &["--concurrency", concurrency], variables);
            assert_eq!((run.totals().as_str(), run.code), ("not_sent 199, refused 1", 3), "{code}: {}", run.stderr);
            assert_eq!(server.requests().len(), 1, "{code}");
        }
    }
}

#[test]
fn a_refused_password_is_sent_once_and_the_exit_code_is_3() {
    let server = StandIn::start(|request| match request.starts_with("POST /v3/auth/tokens") {
        true => (401, r#"{"error":{"code":401,"message":"wrong"}}"#.to_owned()),
        false => (200, ACCEPTED.to_owned()),
    });
    let user = [
        ("HW_USER_NAME", "auditor"),
        ("HW_USER_PASSWORD", "wrong-password"),
        ("HW_DOMAIN_NAME", "company"),
        ("HW_REGION_NAME", "cn-north-4"),
        ("HW_AUTH_URL", &server.url()),
    ];
    let run = scan(&server.url(), 200, &[], &user);
    assert_eq!((run.totals().as_str(), run.code), ("not_sent 200", 3), "{}", run.stderr);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn calls_that_are_not_sent_by_the_deadline_are_reported_as_such() {
    let window = Window::new(2, Duration::from_secs(3600));
    let server = StandIn::start(move |_| window.respond());
    let run = scan(&server.url(), 10, &["--deadline", "2s"], &TOKEN);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 2, not_sent 8", 1), "{run:#?}");
    let calls = run.json()["calls"].as_array().unwrap().clone();
    assert!(calls.iter().all(|call| call["outcome"] != "unknown"));
}

#[test]
fn a_dry_run_estimates_the_time_at_the_documented_limit() {
    let run = scan("http://127.0.0.1:9", 40, &["--dry-run"], &TOKEN);
    let estimate = "calls: CreateGlobalAssetScanTask 40. At the documented limit of 5 per minute for each operation, they \
                    take 7m";
    assert!(run.code == 0 && run.stderr.contains(estimate), "{run:#?}");
    let run = scan("http://127.0.0.1:9", 5, &["--dry-run"], &TOKEN);
    assert!(run.code == 0 && run.stderr.contains("they take less than a minute"), "{run:#?}");
}

#[test]
fn a_dry_run_estimates_the_calls_that_look_up_and_verify() {
    with_emulator(
        || Emulator::builder().with_hosts(1_000),
        |emulator| {
            let args = ["scan", "--host-name", "web-*", "--only-coverable", "--verify", "--dry-run"];
            let mut command = command(&args);
            command.args(["--endpoint", emulator.url(), "--project-id", "p"]).envs(TOKEN);
            let run = run(command);
            assert_eq!(run.code, 0, "{run:#?}");
            let calls = "calls: ListHostStatus 10, CreateGlobalAssetScanTask 2. At the documented limit of 5 per minute for each \
                     operation, they take 1m";
            assert!(run.stderr.contains(calls), "{run:#?}");
            assert!(run.stderr.contains("calls that verify the scans: about "), "{run:#?}");
            assert!(run.stderr.contains("For single servers, at most 100 for each queue (19m)"), "{run:#?}");
            assert!(emulator.requests().iter().all(|request| request.method == "GET"));
        },
    );
}
