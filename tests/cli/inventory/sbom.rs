//! `hss sbom`. `.ci/sbom` validates its documents against the official schema.

use std::fs;

use serde_json::{Value, json};

use integration_tests::hss::{command, hss, run};
use integration_tests::raw_server::RawServer;

use super::{run_with, service};

fn inventory() -> RawServer {
    let python = json!({ "host_id": "h2", "file_name": "requests.whl", "name": "requests", "version": "2", "file_type": "python",
                         "path": "/srv", "record_time": 1_743_609_707_401_u64 });
    service(vec![
        ("host-management/hosts", vec![json!({ "host_id": "h1", "host_name": "web", "os_name": "Debian 12" })]),
        ("asset/apps", vec![json!({ "host_id": "h1", "app_name": "zlib", "version": "1.3" })]),
        ("asset/midwares", vec![json!({ "file_name": "requests.whl", "num": 1 })]),
        ("asset/midwares/detail", vec![python]),
    ])
}

fn purls(document: &Value) -> Vec<&str> {
    let components = document["components"].as_array().unwrap();
    components.iter().filter_map(|component| component["purl"].as_str()).collect()
}

#[test]
fn a_document_is_made_from_the_service_or_from_saved_lists() {
    let server = inventory();
    let document = run_with(&server, &["sbom"]);
    assert_eq!(document.code, 0, "{document:#?}");
    assert_eq!(purls(&document.json()), ["pkg:pypi/requests@2", "pkg:deb/debian/zlib@1.3?distro=debian-12"]);
    assert_eq!(document.json()["metadata"]["timestamp"], "2025-04-02T16:01:47Z");

    let folder = tempfile::tempdir().unwrap();
    let [rows, hosts] = ["rows", "hosts"].map(|name| folder.path().join(name).display().to_string());
    fs::write(&rows, run_with(&server, &["assets", "list", "software", "packages", "-o", "jsonl"]).stdout).unwrap();
    fs::write(&hosts, run_with(&server, &["hosts", "list", "-o", "jsonl"]).stdout).unwrap();
    let saved = hss(&["sbom", "--from", &rows, "--hosts", &hosts]);
    assert_eq!((saved.code, saved.stdout), (0, document.stdout), "{}", saved.stderr);

    let one = run_with(&server, &["sbom", "--host", "h1"]);
    assert_eq!(purls(&one.json()), ["pkg:deb/debian/zlib@1.3?distro=debian-12"]);
    let documents = folder.path().join("documents");
    let each = hss(&["sbom", "--from", &rows, "--hosts", &hosts, "--per-host", documents.to_str().unwrap()]);
    assert_eq!((each.code, each.stdout.as_str()), (0, ""), "{each:#?}");
    assert_eq!(fs::read_to_string(documents.join("h1.cdx.json")).unwrap(), one.stdout);
    assert_eq!(fs::read_dir(&documents).unwrap().count(), 2);

    let mut command = command(&["sbom", "--from", &rows]);
    command.env("SOURCE_DATE_EPOCH", "1700000000");
    assert_eq!(run(command).json()["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
}

#[test]
fn no_document_is_made_of_an_incomplete_list() {
    // The service counts a package that it cannot list.
    let server = service(vec![
        ("asset/apps", vec![json!({ "host_id": "h1", "app_name": "zlib" })]),
        ("asset/midwares", vec![json!({ "file_name": "", "num": 1 })]),
    ]);
    let run = run_with(&server, &["sbom"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:#?}");
    assert!(run.stderr.contains("the list is incomplete"), "{run:#?}");
}

#[test]
fn a_wrong_file_host_or_time_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let rows = folder.path().join("rows").display().to_string();
    fs::write(&rows, "{\"kind\":\"software\",\"host_id\":\"h1\"}\n").unwrap();
    let nameless = hss(&["sbom", "--from", &rows, "--host", "h1"]);
    assert_eq!(nameless.code, 2, "{nameless:#?}");
    assert!(nameless.stderr.starts_with("note: 1 row without a name left out\n"), "{nameless:#?}");
    assert!(nameless.stderr.contains("the server `h1` has no software or packages"), "{nameless:#?}");
    let hosts = hss(&["sbom", "--from", "/dev/null", "--hosts", &rows]);
    assert_eq!(hosts.code, 0, "{hosts:#?}");
    fs::write(&rows, "[]").unwrap();
    let hosts = hss(&["sbom", "--from", "/dev/null", "--hosts", &rows]);
    assert!(hosts.stderr.contains("line 1 is not a server: "), "{hosts:#?}");
    let mut command = command(&["sbom", "--from", "/dev/null"]);
    command.env("SOURCE_DATE_EPOCH", "today");
    let time = run(command);
    assert_eq!((time.code, time.stderr.as_str()), (2, "error: SOURCE_DATE_EPOCH is not a number of seconds: today\n"));
}
