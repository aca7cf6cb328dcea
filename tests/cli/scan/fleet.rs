//! Many queues in one run: shards, results in every format, and `hss report`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use huaweicloud_hss_emulator::Emulator;
use serde_json::Value;

use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, run};
use integration_tests::raw_server::{Action, RawServer};

/// Writes a list of hosts in this number of projects to a folder.
fn list(folder: &Path, projects: usize, hosts: usize) -> PathBuf {
    let path = folder.join("targets.csv");
    let lines: String = (0..hosts).map(|n| format!("project-{:02},host-{n}\n", n % projects)).collect();
    fs::write(&path, format!("project_id,id\n{lines}")).unwrap();
    path
}

fn scan(endpoint: &str, targets: &Path, args: &[&str]) -> Run {
    let mut command = command(&["scan", "--targets", targets.to_str().unwrap(), "--endpoint", endpoint]);
    command.args(args).env("HW_AUTH_TOKEN", "t");
    run(command)
}

fn quick() -> huaweicloud_hss_emulator::EmulatorBuilder {
    Emulator::builder().with_scan_duration(Duration::ZERO)
}

#[test]
fn every_queue_is_in_one_shard() {
    let folder = tempfile::tempdir().unwrap();
    let targets = list(folder.path(), 20, 100);
    with_emulator(quick, |emulator| {
        let mut all = 0;
        for index in 0..3 {
            let shard = format!("{index}/3");
            let run = scan(emulator.url(), &targets, &["--shard", &shard, "-o", "json"]);
            assert_eq!(run.code, 0, "{run:#?}");
            assert!(
                run.stderr.contains(&format!("shard {shard}: ")) && run.stderr.contains("of 20 queues"),
                "{run:#?}"
            );
            all += run.json()["totals"]["accepted"].as_u64().unwrap();
        }
        assert_eq!(all, 100);
        let taken: Vec<String> = emulator
            .requests()
            .into_iter()
            .filter_map(|call| call.accepted)
            .flat_map(|accepted| accepted.ids)
            .collect();
        assert_eq!(taken.len(), 100);
        assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 100);
        let wrong = scan(emulator.url(), &targets, &["--shard", "3/3"]);
        assert_eq!(wrong.code, 2);
        assert!(wrong.stderr.contains("shard 3/3 does not exist: the shards of N are 0/N"), "{wrong:#?}");
    });
}

#[test]
fn a_csv_result_is_a_valid_list_of_targets() {
    let folder = tempfile::tempdir().unwrap();
    let targets = list(folder.path(), 3, 450);
    let server = RawServer::start([
        Action::respond(200, "", "{\"error\":\"project-00-0 processed 150 tasks successfully.\"}"),
        Action::respond(400, "X-Request-Id: r1\r\n", "{\"error_code\":\"HSS.1001\",\"error_msg\":\"a, \\\"b\\\"\"}"),
    ]);
    let first = scan(&server.url(), &targets, &["-o", "csv", "--concurrency", "1"]);
    assert_eq!(first.code, 1, "{first:#?}");
    let lines: Vec<&str> = first.stdout.lines().collect();
    assert_eq!(lines.len(), 451);
    assert_eq!(
        lines[0],
        "region,project_id,enterprise_project_id,category,selector,id,outcome,code,http_status,attempts,request_id,message"
    );
    assert_eq!(
        lines[1],
        ",project-00,0,host,host,host-0,accepted,,200,1,,project-00-0 processed 150 tasks successfully."
    );
    assert!(
        lines[151].starts_with(",project-01,0,host,host,host-1,refused,HSS.1001,400,1,r1,\"the service refused"),
        "{}",
        lines[151]
    );
    // The refused rows are passed again unchanged.
    let again: Vec<&str> = lines.iter().copied().filter(|line| !line.contains(",accepted,")).collect();
    let refused = folder.path().join("refused.csv");
    fs::write(&refused, again.join("\n")).unwrap();
    with_emulator(quick, |emulator| {
        let second = scan(emulator.url(), &refused, &["-o", "json"]);
        assert_eq!((second.totals().as_str(), second.code), ("accepted 300", 0), "{second:#?}");
    });
}

#[test]
fn many_calls_are_summarised_by_queue_and_failures_by_cause() {
    let folder = tempfile::tempdir().unwrap();
    let targets = list(folder.path(), 60, 60);
    let server = RawServer::start([
        Action::respond(200, "", "{\"error\":\"p-0 processed 1 tasks successfully.\"}"),
        Action::respond(400, "", "{\"error_code\":\"HSS.1007\"}"),
        Action::respond(200, "", "{\"error\":\"something new\"}"),
        Action::respond(400, "", "{\"error_code\":\"HSS.1007\"}"),
    ]);
    let run = scan(&server.url(), &targets, &["--concurrency", "1"]);
    assert_eq!(run.code, 1, "{run:#?}");
    let text: String = run
        .stdout
        .lines()
        .filter(|line| !line.contains("project-") || line.contains("project-00") || line.contains("project-59"))
        .map(|line| format!("{line}\n"))
        .collect();
    insta::assert_snapshot!("many_calls", text);
    assert_eq!(run.stdout.lines().filter(|line| line.contains("project-")).count(), 60);
}

/// A result without the fields that are not in the journal.
fn settled(mut result: Value) -> Value {
    for call in result["calls"].as_array_mut().unwrap() {
        let call = call.as_object_mut().unwrap();
        call.remove("elapsed_ms");
        // The journal does not record why a call was not sent.
        if call["outcome"] == "not_sent" {
            call.remove("message");
        }
    }
    result
}

#[test]
fn the_report_equals_the_result_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let targets = list(folder.path(), 3, 700);
    let journal = folder.path().join("journal");
    let journal = journal.to_str().unwrap();
    let report = |args: &[&str]| run(command(&[&["report", journal], args].concat()));
    // Long enough to be seen pending.
    let short = || Emulator::builder().with_scan_duration(Duration::from_secs(1));
    with_emulator(short, |emulator| {
        let first = scan(emulator.url(), &targets, &["--journal", journal, "-o", "json", "--wait"]);
        assert_eq!(first.code, 0, "{first:#?}");
        let printed = report(&["-o", "json"]);
        assert_eq!(printed.code, 0);
        assert!(settled(printed.json()) == settled(first.json()), "{}", printed.stdout);
        for format in ["table", "csv", "jsonl"] {
            let printed = report(&["-o", format]);
            assert_eq!(printed.code, 0, "{printed:#?}");
        }
        assert_eq!(report(&["-o", "csv"]).stdout.lines().count(), 701);
        assert_eq!(report(&["-o", "jsonl"]).stdout.lines().count(), 7);
    });
    let refusing = RawServer::start([Action::respond(400, "", "{\"error_code\":\"HSS.0013\"}")]);
    fs::remove_file(journal).unwrap();
    let denied = scan(&refusing.url(), &targets, &["--journal", journal, "-o", "json"]);
    assert_eq!(denied.code, 3, "{denied:#?}");
    let printed = report(&["-o", "json"]);
    assert_eq!(printed.code, 1);
    assert!(settled(printed.json()) == settled(denied.json()), "{}", printed.stdout);
}

#[test]
fn the_report_can_be_printed_while_the_run_continues() {
    let folder = tempfile::tempdir().unwrap();
    let targets = list(folder.path(), 1, 450);
    let journal = folder.path().join("journal");
    let endless = || Emulator::builder().with_scan_duration(Duration::from_secs(3600));
    with_emulator(endless, |emulator| {
        let mut command = command(&["scan", "--targets", targets.to_str().unwrap(), "--endpoint", emulator.url()]);
        command.args(["--journal", journal.to_str().unwrap()]).env("HW_AUTH_TOKEN", "t");
        let mut child =
            command.stderr(std::process::Stdio::null()).stdout(std::process::Stdio::null()).spawn().unwrap();
        let printed = loop {
            let printed = run(integration_tests::hss::command(&["report", journal.to_str().unwrap(), "-o", "json"]));
            if printed.code != 2 && printed.totals().contains("already_queued") {
                break printed;
            }
        };
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!((printed.totals().as_str(), printed.code), ("accepted 200, already_queued 200, not_sent 50", 1));
    });
}

#[test]
fn an_invalid_journal_and_an_unwritable_page_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let report = |args: &[&str]| run(command(&[&["report", path.to_str().unwrap()], args].concat()));
    assert_eq!(report(&[]).code, 2);
    fs::write(&path, "hello\n").unwrap();
    let printed = report(&[]);
    assert_eq!(printed.code, 2);
    assert!(printed.stderr.contains("line 1 is not a journal entry"), "{printed:#?}");
    fs::remove_file(&path).unwrap();
    let targets = list(folder.path(), 1, 1);
    with_emulator(quick, |emulator| {
        assert_eq!(scan(emulator.url(), &targets, &["--journal", path.to_str().unwrap()]).code, 0);
    });
    let printed = report(&["--html", folder.path().to_str().unwrap()]);
    assert_eq!((printed.code, printed.stdout.as_str()), (2, ""), "{printed:#?}");
    assert!(printed.stderr.contains("cannot write"), "{printed:#?}");
    let html = folder.path().join("page.html");
    assert_eq!(report(&["--html", html.to_str().unwrap()]).code, 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&html).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_journal_with_a_torn_plan_is_started_again() {
    // Nothing is sent before the whole plan is in the journal, so a run with a torn plan can start again.
    let folder = tempfile::tempdir().unwrap();
    let targets = list(folder.path(), 2, 10);
    let journal = folder.path().join("journal");
    with_emulator(quick, |emulator| {
        let first = scan(emulator.url(), &targets, &["--journal", journal.to_str().unwrap(), "-o", "json"]);
        assert_eq!(first.code, 0, "{first:#?}");
        let whole = fs::read(&journal).unwrap();
        for length in [0, 5, 100, 300] {
            fs::write(&journal, &whole[..length]).unwrap();
            let before = emulator.requests().len();
            let again =
                scan(emulator.url(), &targets, &["--journal", journal.to_str().unwrap(), "--resume", "-o", "json"]);
            assert_eq!((again.totals().as_str(), again.code), ("accepted 10", 0), "cut at {length}: {again:#?}");
            assert_eq!(emulator.requests().len(), before + 2);
        }
    });
}

#[test]
fn the_ends_of_short_scans_of_many_queues_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let targets = list(folder.path(), 6, 6);
    // Only the first queue is read while its scan is pending.
    with_emulator(
        || Emulator::builder().with_scan_duration(Duration::from_millis(500)),
        |emulator| {
            let run = scan(emulator.url(), &targets, &["--wait", "-o", "json"]);
            assert_eq!((run.code, run.stderr.matches("the scan has ended").count()), (0, 6), "{run:#?}");
        },
    );
}
