//! The results in each format, and the requests that reach the service.

use std::fs;

use huaweicloud_hss_emulator::{AcceptedScan, Emulator, Selector};
use serde_json::{Value, json};

use integration_tests::emulator::with_emulator;
use integration_tests::hss::{command, hss, hss_with_input, run, scan};

fn accepted_scans(emulator: &Emulator) -> Vec<AcceptedScan> {
    emulator.requests().into_iter().filter_map(|call| call.accepted).collect()
}

/// Compares a text with its snapshot, without ports, ids and times.
fn golden(name: &str, text: &str) {
    insta::with_settings!({filters => vec![
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r#""request_id":"[0-9a-f]{32}""#, r#""request_id":"…""#),
        (r#""elapsed_ms":\d+"#, r#""elapsed_ms":…"#),
    ]}, { insta::assert_snapshot!(name, text) });
}

#[test]
fn a_scan_with_the_built_in_emulator() {
    let run = hss(&["scan", "--all-hosts", "--emulator", "--wait"]);
    assert_eq!(run.code, 0, "{run:#?}");
    golden("main_job", &format!("{}--- standard error\n{}", run.stdout, run.stderr));
}

#[test]
fn json_is_one_object_with_the_documented_keys() {
    let run = hss(&[
        "scan",
        "--host",
        "a",
        "b",
        "a",
        "--emulator",
        "--enterprise-project",
        "all",
        "--category",
        "container",
        "-o",
        "json",
    ]);
    assert_eq!(run.code, 0, "{run:#?}");
    golden("json", &run.stdout);
    let call = &run.json()["calls"][0];
    for (key, value) in [
        ("project_id", json!("emulator-project")),
        ("enterprise_project_id", json!("all_granted_eps")),
        ("category", json!("container")),
        ("selector", json!("host_ids")),
        ("ids", json!(["a", "b"])),
        ("outcome", json!("accepted")),
        ("processed", json!(2)),
        ("http_status", json!(200)),
        ("attempts", json!(1)),
    ] {
        assert_eq!(call[key], value, "{key}");
    }
    assert!(run.stderr.contains("ignored duplicate ids: 1"), "{run:#?}");
}

#[test]
fn json_lines_are_one_line_per_call_and_the_totals() {
    let run = hss_with_input(
        &["scan", "--groups-from", "-", "--emulator", "-o", "jsonl"],
        "g1\r\n\r\n# x\r\n g2\r\n".as_bytes(),
    );
    assert_eq!(run.code, 0, "{run:#?}");
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["selector"], &lines[0]["ids"]), (&json!("server_group"), &json!(["g1", "g2"])));
    assert_eq!(lines[1]["totals"]["accepted"], json!(2));
}

#[test]
fn ids_of_201_hosts_are_sent_unchanged_in_two_calls() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hosts.txt");
    let ids: Vec<String> = (0..201).map(|n| format!("主机-{n}/Ω")).collect();
    fs::write(&file, ids.join("\n")).unwrap();
    let quick = || Emulator::builder().with_scan_duration(std::time::Duration::from_millis(50));
    with_emulator(quick, |emulator| {
        let run = scan(emulator.url(), &["--hosts-from", file.to_str().unwrap()]);
        assert_eq!((run.totals().as_str(), run.code), ("accepted 201", 0), "{}", run.stderr);
        let calls = accepted_scans(emulator);
        assert_eq!(calls.iter().map(|call| call.ids.len()).collect::<Vec<_>>(), [200, 1]);
        assert_eq!(calls.into_iter().flat_map(|call| call.ids).collect::<Vec<_>>(), ids);
    });
}

#[test]
fn each_selector_and_category_reaches_the_service() {
    with_emulator(Emulator::builder, |emulator| {
        for args in [
            &["--all-hosts"][..],
            &["--all-hosts", "--category", "container"],
            &["--group", "g", "--enterprise-project", "e1"],
        ] {
            assert_eq!(scan(emulator.url(), args).code, 0, "{args:?}");
        }
        let selectors: Vec<Selector> = accepted_scans(emulator).into_iter().map(|call| call.selector).collect();
        assert_eq!(selectors, [Selector::AllHosts, Selector::AllHosts, Selector::ServerGroup]);
        let queries: Vec<String> = emulator.requests().into_iter().map(|call| call.query.unwrap_or_default()).collect();
        assert!(
            queries[1].contains("category=container") && queries[2].contains("enterprise_project_id=e1"),
            "{queries:?}"
        );
    });
}

#[test]
fn a_busy_queue_refuses_a_call_unless_wait_is_given() {
    let slow = || Emulator::builder().with_scan_duration(std::time::Duration::from_millis(2500));
    with_emulator(slow, |emulator| {
        assert_eq!(scan(emulator.url(), &["--all-hosts"]).code, 0);
        let refused = scan(emulator.url(), &["--host", "a"]);
        assert_eq!((refused.totals().as_str(), refused.code), ("already_queued 1", 1), "{refused:#?}");
        let waited = scan(emulator.url(), &["--host", "a", "--wait"]);
        assert_eq!((waited.totals().as_str(), waited.code), ("accepted 1", 0), "{waited:#?}");
        assert_eq!(waited.json()["scan_ended"], json!(true));
    });
}

#[test]
fn waiting_times_out() {
    let endless = || Emulator::builder().with_scan_duration(std::time::Duration::from_secs(3600));
    with_emulator(endless, |emulator| {
        let run = scan(emulator.url(), &["--all-hosts", "--wait", "--wait-timeout", "200ms"]);
        assert_eq!((run.totals().as_str(), run.code), ("accepted 1", 1), "{run:#?}");
        assert_eq!(run.json()["scan_ended"], json!(false));
        assert!(run.stderr.contains("timed out while the scan was still pending"), "{run:#?}");
    });
}

#[test]
fn a_very_long_wait_timeout_is_valid() {
    let run =
        hss(&["scan", "--all-hosts", "--emulator", "--wait", "--wait-timeout", "500000000000years", "-o", "json"]);
    assert_eq!((run.totals().as_str(), run.code), ("accepted 1", 0), "{run:#?}");
}

#[test]
fn a_dry_run_shows_the_plan_and_sends_nothing() {
    with_emulator(Emulator::builder, |emulator| {
        let mut command =
            command(&["scan", "--host", "a", "b", "--dry-run", "--endpoint", emulator.url(), "--project-id", "p"]);
        // A dry run needs no credentials.
        command.env_remove("HW_AUTH_TOKEN");
        let planned = run(command);
        assert_eq!(planned.code, 0, "{planned:#?}");
        golden("dry_run", &planned.stdout);
        let planned = scan(emulator.url(), &["--all-hosts", "--dry-run"]);
        assert_eq!((planned.totals().as_str(), &planned.json()["dry_run"]), ("not_sent 1", &json!(true)));
        assert!(emulator.requests().is_empty());
    });
}

#[test]
fn status_prints_whether_a_scan_is_pending() {
    let endless = || Emulator::builder().with_scan_duration(std::time::Duration::from_secs(3600));
    with_emulator(endless, |emulator| {
        let status = |format: &str| {
            let mut command = command(&["status", "--endpoint", emulator.url(), "--project-id", "p", "-o", format]);
            command.env("HW_AUTH_TOKEN", "test-token");
            run(command)
        };
        assert_eq!(status("json").json()["exist"], json!(false));
        assert_eq!(scan(emulator.url(), &["--all-hosts"]).code, 0);
        assert_eq!(status("json").json()["exist"], json!(true));
        golden("status", &status("table").stdout);
        golden("status_json", &status("json").stdout);
    });
}

#[test]
fn a_token_from_a_file_is_used_and_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "geheim-0123456789\n").unwrap();
    let strict = || Emulator::builder().with_token("geheim-0123456789");
    with_emulator(strict, |emulator| {
        let with = |secret: &str| {
            fs::write(&file, secret).unwrap();
            hss(&[
                "scan",
                "--all-hosts",
                "--endpoint",
                emulator.url(),
                "--project-id",
                "p",
                "--token-file",
                file.to_str().unwrap(),
                "-o",
                "json",
            ])
        };
        let good = with("geheim-0123456789\n");
        assert_eq!(good.code, 0, "{good:#?}");
        let bad = with("geheim-falsch\n");
        assert_eq!(bad.code, 3, "{bad:#?}");
        assert!(!format!("{good:?}{bad:?}").contains("geheim"), "{bad:#?}");
    });
}

#[test]
fn a_closed_pipe_does_not_change_the_exit_code() {
    let mut command = command(&["scan", "--all-hosts", "--emulator", "-o", "jsonl"]);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = integration_tests::hss::finished(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(!run.stderr.contains("panicked"), "{run:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn failing_to_write_the_result_is_an_error() {
    let mut command = command(&["scan", "--all-hosts", "--emulator", "-o", "json"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let child = command.stdout(full).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let run = integration_tests::hss::finished(child.wait_with_output().unwrap());
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.stderr.contains("cannot write the result"), "{run:#?}");
}
