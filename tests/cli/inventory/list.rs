//! `hss assets list`.

use serde_json::{Value, json};

use huaweicloud_hss_emulator::Emulator;
use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, run};
use integration_tests::raw_server::RawServer;

use super::{run_with, service};

fn software(host: &str, name: &str, version: &str) -> Value {
    json!({
        "host_id": host, "host_name": format!("name of {host}"), "app_name": name, "version": version,
        "recent_scan_time": 1_743_609_707_401_u64, "update_time": 1,
    })
}

fn small() -> RawServer {
    let module = json!({
        "host_id": "h1", "kernel_module_info": { "name": "ext4", "path": "/ext4.ko", "record_time": 1_743_609_707_401_u64 },
    });
    service(vec![
        (
            "asset/apps",
            vec![
                software("h1", "log4j-core", "2.9"),
                software("h2", "log4j-core", "2.17.0"),
                software("h1", "zlib", "1"),
            ],
        ),
        ("asset/users", vec![json!({ "host_id": "h1", "user_name": "root", "root_permission": true })]),
        ("asset/statistics/kernel-module", vec![json!({ "name": "ext4", "num": 1 })]),
        ("asset/host/kernel-module", vec![module]),
        ("asset/port/statistics", vec![json!({ "port": 22, "type": "TCP", "num": 1 })]),
        ("asset/ports/detail", vec![json!({ "host_id": "h1", "port": 22, "type": "TCP", "laddr": "0.0.0.0" })]),
        ("asset/processes/detail", vec![json!({ "host_name": "web", "process_path": "/bin/sh", "process_pid": 7 })]),
    ])
}

#[test]
fn every_format_has_one_row_for_each_asset() {
    let server = small();
    let table = run_with(&server, &["assets", "list", "software", "ports"]);
    assert_eq!(table.code, 0, "{table:#?}");
    let expected = " kind      server      container  name        version  port  path  seen at
 software  name of h1             log4j-core  2.9                  2025-04-02T16:01:47.401Z
 software  name of h2             log4j-core  2.17.0               2025-04-02T16:01:47.401Z
 software  name of h1             zlib        1                    2025-04-02T16:01:47.401Z
 ports     h1                                          22
";
    assert_eq!(table.stdout, expected);

    let csv = run_with(&server, &["assets", "list", "ports", "-o", "csv"]);
    let expected = "kind,host_id,host_name,host_ip,container,name,version,path,hash,user,port,seen_at,extra\n\
                    ports,h1,,,,,,,,,22,,\"{\"\"laddr\"\":\"\"0.0.0.0\"\",\"\"type\"\":\"\"TCP\"\"}\"\n";
    assert_eq!(csv.stdout, expected);

    let lines = run_with(&server, &["assets", "list", "kernel-modules", "-o", "jsonl"]);
    let expected = json!({
        "kind": "kernel-modules", "host_id": "h1", "host_name": null, "host_ip": null, "container": null, "name": "ext4",
        "version": null, "path": "/ext4.ko", "hash": null, "user": null, "port": null,
        "seen_at": "2025-04-02T16:01:47.401Z", "extra": {},
    });
    assert_eq!(lines.json(), expected);
    assert_eq!(run_with(&server, &["assets", "list", "all", "-o", "json"]).json().as_array().unwrap().len(), 7);
    assert_eq!(run_with(&server, &["assets", "list", "databases", "-o", "json"]).stdout, "[]\n");
}

#[test]
fn filters_select_assets() {
    let server = small();
    for (args, count) in [
        (&["software", "--name", "log4j-core*", "--version", "<2.17"][..], 1),
        (&["software", "--host", "h1"], 2),
        (&["software", "--host-name", "*h2"], 1),
        (&["software", "--since", "2025-04-03"], 0),
        (&["software", "--since", "2025-04-02"], 3),
        (&["ports", "--port", "22"], 1),
        (&["all", "--name", "ext4"], 1),
        (&["processes", "--name", "*/sh"], 1),
        (&["software", "all", "--since", "2025-04-02"], 4),
    ] {
        let listed = run_with(&server, &[&["assets", "list", "-o", "jsonl"][..], args].concat());
        assert_eq!((listed.code, listed.stdout.lines().count()), (0, count), "{listed:#?}");
    }
    let requests = server.requests();
    assert!(
        requests.iter().any(|request| request.contains("app_name=log4j-core") && request.contains("part_match=true"))
    );

    for (args, problem) in [
        (&["ports", "--name", "ssh"][..], "ports have no names: omit --name"),
        (&["processes", "--since", "1d"], "processes have no times: omit --since"),
        (&["accounts", "--version", "<2"], "accounts have no versions: omit --version"),
        (&["kernel-modules", "--category", "container"], "of servers only"),
        (&["jars"], "`jars` is not a kind of asset: it is one of accounts, "),
        (&["software", "--version", "new"], "`new` is not a comparison of versions"),
    ] {
        let listed = run_with(&server, &[&["assets", "list"][..], args].concat());
        assert_eq!((listed.code, listed.stdout.as_str()), (2, ""), "{listed:#?}");
        assert!(listed.stderr.contains(problem), "{}", listed.stderr);
    }
    let all = run_with(&server, &["assets", "list", "all", "--port", "22", "-o", "jsonl"]);
    assert!(all.stderr.starts_with("note: the filters match none of these kinds: accounts, software, "), "{all:#?}");
}

#[test]
fn an_incomplete_list_is_an_error_and_does_not_end_the_others() {
    // The largest total that the service documents: the list may be cut.
    let modules = (0..10_000).map(|n| json!({ "host_id": n.to_string(), "kernel_module_info": { "name": "ext4" } }));
    let server = service(vec![
        ("asset/statistics/kernel-module", vec![json!({ "name": "ext4", "num": 1 })]),
        ("asset/host/kernel-module", modules.collect()),
        ("asset/apps", vec![software("h1", "zlib", "1")]),
    ]);
    let alone = run_with(&server, &["assets", "list", "kernel-modules", "-o", "jsonl"]);
    assert_eq!((alone.code, alone.stdout.lines().count()), (1, 10_000), "{}", alone.stderr);
    assert!(alone.stderr.contains("the list may be cut"), "{}", alone.stderr);

    let both = run_with(&server, &["assets", "list", "kernel-modules", "software", "-o", "jsonl"]);
    assert_eq!((both.code, both.stdout.lines().count()), (1, 10_001), "{}", both.stderr);
    assert!(both.stderr.ends_with("error: incomplete: kernel-modules. All others are complete.\n"), "{}", both.stderr);
}

#[test]
fn a_list_ends_when_nobody_reads_it() {
    let many = (0..100_000).map(|n| software(&format!("h{n}"), "zlib", "1")).collect();
    let server = service(vec![("asset/apps", many)]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = integration_tests::hss::command(&["assets", "list", "software", "-o", "jsonl"]);
    command.args(["--endpoint", &server.url(), "--project-id", "p"]).env("HW_AUTH_TOKEN", "t").stdout(writer);
    let listed = integration_tests::hss::run(command);
    assert_eq!(listed.code, 0, "{listed:#?}");
    assert!(server.requests().len() < 100, "{}", server.requests().len());
}

/// Returns the rows of a list without what an export does not have.
fn comparable(run: &Run) -> Vec<String> {
    assert_eq!(run.code, 0, "{run:#?}");
    let rows = run.stdout.lines().map(|line| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        let row = row.as_object_mut().unwrap();
        for field in ["host_id", "extra"] {
            row.remove(field);
        }
        serde_json::to_string(row).unwrap()
    });
    let mut rows: Vec<String> = rows.collect();
    rows.sort_unstable();
    rows
}

#[test]
fn an_export_has_the_rows_of_the_list() {
    let build = || Emulator::builder().with_hosts(12).with_scan_duration(std::time::Duration::ZERO);
    with_emulator(build, |emulator| {
        let list = |args: &[&str]| {
            let mut command =
                command(&["assets", "list", "-o", "jsonl", "--endpoint", emulator.url(), "--project-id", "p"]);
            command.args(args).env("HW_AUTH_TOKEN", "test-token");
            run(command)
        };
        for kind in ["accounts", "software", "auto-start", "packages", "kernel-modules", "databases", "websites"] {
            let exported = list(&[kind, "--via", "export"]);
            assert_eq!(comparable(&exported), comparable(&list(&[kind])), "{kind}");
            assert!(!exported.stdout.is_empty(), "{kind}");
        }
        let named = ["software", "--name", "open*", "--host-name", "web-*"];
        assert_eq!(comparable(&list(&[&named[..], &["--via", "export"]].concat())), comparable(&list(&named)));
        let by_id = list(&["software", "--via", "export", "--host", "h"]);
        assert!(by_id.code == 2 && by_id.stderr.contains("exports have no ids of servers"), "{by_id:#?}");
    });
}
