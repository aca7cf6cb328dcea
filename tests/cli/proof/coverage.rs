//! `hss coverage`, and the flags of `hss scan` that use it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use integration_tests::hss::{Run, command, run};
use integration_tests::stand_in::{ACCEPTED, StandIn};
use serde_json::{Value, json};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns a time so long ago in milliseconds.
fn ago(age: Duration) -> u64 {
    (SystemTime::now() - age).duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

fn page(rows: &[Value]) -> String {
    json!({ "total_num": rows.len(), "data_list": rows }).to_string()
}

/// Starts a service with five servers: `new`, `old` and `module` can be refreshed, `off` is offline, `basic` has a basic edition.
/// `module` has a kernel module but no account, and `basic` no data.
fn service() -> StandIn {
    let host = |id: &str, agent: &str, edition: &str| {
        json!({ "host_id": id, "host_name": format!("name-{id}"), "agent_status": agent, "protect_status": "opened",
            "version": format!("hss.version.{edition}") })
    };
    let hosts = page(&[
        host("new", "online", "premium"),
        host("old", "online", "enterprise"),
        host("module", "online", "wtp"),
        host("off", "offline", "premium"),
        host("basic", "online", "basic"),
    ]);
    let account = |id: &str, age| json!({ "host_id": id, "user_name": "root", "recent_scan_time": ago(age) });
    let users = page(&[account("new", DAY / 24), account("old", DAY * 8), account("off", DAY * 30)]);
    let modules =
        page(&[json!({ "host_id": "module", "kernel_module_info": { "name": "ext4", "record_time": ago(DAY * 2) } })]);
    StandIn::start(move |request| {
        let line = request.lines().next().unwrap();
        let body = match line {
            _ if line.contains("/assign-task") && line.starts_with("POST") => ACCEPTED.to_owned(),
            _ if line.contains("/host-management/hosts") => hosts.clone(),
            _ if line.contains("user_name=root") => users.clone(),
            _ if line.contains("/statistics/kernel-module") => page(&[json!({ "name": "ext4", "num": 1 })]),
            _ if line.contains("/host/kernel-module") && line.contains("name=ext4") => modules.clone(),
            _ => page(&[]),
        };
        (200, body)
    })
}

fn hss(service: &StandIn, args: &[&str]) -> Run {
    let url = service.url();
    let mut command = command(args);
    command.args(["--endpoint", &url, "--project-id", "p"]).env("HW_AUTH_TOKEN", "test-token");
    run(command)
}

/// Returns the ids and classes in the order of the result.
fn classes(run: &Run) -> Vec<String> {
    let hosts = run.json()["hosts"].clone();
    let text = |host: &Value, key: &str| host[key].as_str().unwrap_or("-").to_owned();
    hosts
        .as_array()
        .unwrap()
        .iter()
        .map(|host| format!("{} {}", text(host, "host_id"), text(host, "coverage")))
        .collect()
}

#[test]
fn every_server_has_one_class_and_those_with_the_oldest_data_come_first() {
    let service = service();
    let found = hss(&service, &["coverage", "-o", "json"]);
    assert_eq!(found.code, 0, "{found:#?}");
    assert_eq!(
        classes(&found),
        ["basic no_fingerprints", "off offline", "old coverable", "module coverable", "new coverable"]
    );
    let report = found.json();
    assert_eq!(report["servers"], 5);
    let expected = json!({ "coverable": 3, "no_agent": 0, "offline": 1, "protection_off": 0, "interrupted": 0,
        "degraded": 0, "no_fingerprints": 1, "unknown": 0 });
    assert_eq!(report["coverage"], expected);
    assert_eq!(report["hosts"][3]["witness"], json!({ "kind": "kernel-modules", "name": "ext4" }));
    assert_eq!(report["hosts"][0]["seen_at_ms"], Value::Null);
}

#[test]
fn the_other_formats_have_the_same_servers() {
    let service = service();
    let table = hss(&service, &["coverage"]);
    let lines: Vec<&str> = table.stdout.lines().collect();
    assert_eq!(lines[0], "5 servers: coverable 3, offline 1, no fingerprints 1");
    assert!(lines[3].contains("basic") && lines[3].contains("never seen"), "{lines:#?}");
    assert!(
        lines[5].contains("coverable") && lines[5].contains("8d 0h") && lines[5].contains("accounts root"),
        "{lines:#?}"
    );
    let csv = hss(&service, &["coverage", "-o", "csv"]).stdout;
    assert!(csv.lines().nth(2).unwrap().starts_with(",p,0,host,host,off,name-off,offline,2592"), "{csv}");
    let lines = hss(&service, &["coverage", "-o", "jsonl"]).stdout;
    assert_eq!(lines.lines().count(), 6, "{lines}");
    assert!(lines.lines().last().unwrap().contains(r#""servers":5"#), "{lines}");
}

#[test]
fn old_data_can_fail_the_command() {
    let service = service();
    for (args, code) in [
        (&["--older-than", "7d"][..], 0),
        (&["--older-than", "7d", "--fail-over", "3"], 0),
        (&["--older-than", "7d", "--fail-over", "2"], 1),
        (&["--older-than", "7d", "--fail-over", "0", "--host", "new"], 0),
    ] {
        let mut all = vec!["coverage", "-o", "json"];
        all.extend(args);
        let found = hss(&service, &all);
        assert_eq!(found.code, code, "{args:?} {found:#?}");
    }
    let old = hss(&service, &["coverage", "-o", "json", "--older-than", "7d"]);
    assert_eq!(classes(&old), ["basic no_fingerprints", "off offline", "old coverable"]);
    assert_eq!((old.json()["servers"].clone(), old.json()["older"].clone()), (json!(5), json!(3)));
}

#[test]
fn a_server_that_is_not_listed_is_unknown() {
    let service = service();
    let found = hss(&service, &["coverage", "-o", "json", "--host", "new", "gone"]);
    assert_eq!(classes(&found), ["gone unknown", "new coverable"]);
}

#[test]
fn servers_that_a_scan_cannot_refresh_are_left_out_and_counted() {
    let service = service();
    let found = hss(&service, &["scan", "-o", "json", "--only-coverable", "--host", "new", "off", "basic", "gone"]);
    assert_eq!(found.json()["left_out"], 2, "{found:#?}");
    assert_eq!(found.json()["calls"][0]["ids"], json!(["new", "gone"]));
    let table = hss(&service, &["scan", "--only-coverable", "--host", "new", "off"]);
    assert!(table.stdout.contains("; skipped because a scan cannot refresh them: 1"), "{table:#?}");
    let groups = hss(&service, &["scan", "--only-coverable", "--group", "g"]);
    assert_eq!(groups.code, 2, "{groups:#?}");
}

#[test]
fn a_scan_by_name_warns_of_servers_that_it_cannot_refresh() {
    let service = service();
    let found = hss(&service, &["scan", "--host-name", "name-*"]);
    let warning = "note: a scan cannot refresh 2 of these servers; `hss coverage` shows why, and --only-coverable leaves them out";
    assert!(found.stderr.contains(warning), "{found:#?}");
    // The ids of servers are looked up only to verify them.
    let by_id = ["scan", "--host", "old", "gone", "new"];
    assert!(!hss(&service, &by_id).stderr.contains("cannot refresh"));
    assert!(!hss(&service, &["scan", "--host-name", "name-new"]).stderr.contains("cannot refresh"));
}
