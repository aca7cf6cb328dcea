//! `hss assets diff`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use integration_tests::hss::{Run, hss};

fn account(host: &str, name: &str, root: bool, shell: &str) -> Value {
    json!({ "kind": "accounts", "host_id": host, "name": name, "seen_at": "2026-11-01T00:00:00.000Z",
            "extra": { "root_permission": root, "shell": shell } })
}

fn save(path: &Path, rows: &[Value]) {
    let lines: Vec<_> = rows.iter().map(|row| format!("{row}\n")).collect();
    fs::write(path, lines.concat()).unwrap();
}

/// Runs a comparison of two small lists.
fn diff(args: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old.jsonl", "new.jsonl"].map(|name| folder.path().join(name));
    let mut later = account("h1", "root", true, "/bin/sh");
    later["seen_at"] = json!("2026-11-02T00:00:00.000Z");
    let port =
        json!({ "kind": "ports", "host_id": "h1", "port": 22, "extra": { "type": "TCP", "laddr": "::", "pid": 7 } });
    save(&old, &[account("h1", "root", true, "/bin/sh"), account("h1", "web", false, "/bin/sh"), port.clone()]);
    save(&new, &[account("h1", "ops", true, "/bin/sh"), account("h1", "web", false, "/bin/<sh>"), later]);
    hss(&[&["assets", "diff", old.to_str().unwrap(), new.to_str().unwrap()][..], args].concat())
}

#[test]
fn differences_are_printed_in_every_format() {
    let table = diff(&[]);
    let expected = " change   kind      server  container  name       details
 added    accounts  h1                 ops
 removed  ports     h1                 TCP :: 22
 changed  accounts  h1                 web        shell: /bin/sh -> /bin/<sh>
";
    assert_eq!((table.code, table.stdout.as_str()), (0, expected), "{table:#?}");
    assert_eq!(table.stderr, "1 added, 1 removed, 1 changed\n");
    let json = diff(&["-o", "json"]).json();
    let changes: Vec<_> = json.as_array().unwrap().iter().map(|change| change["change"].as_str().unwrap()).collect();
    assert_eq!(changes, ["added", "removed", "changed"]);
    assert_eq!(json[2]["fields"], json!({ "shell": { "old": "/bin/sh", "new": "/bin/<sh>" } }));
    assert_eq!(json[2]["asset"]["name"], "web");
    let markdown = diff(&["-o", "markdown"]).stdout;
    assert!(
        markdown.contains("\n| changed | accounts | h1 |  | web | shell: /bin/sh -\\> /bin/\\<sh\\> |\n"),
        "{markdown}"
    );
}

#[test]
fn a_condition_that_is_met_fails_the_run() {
    for (conditions, code, message) in [
        ("new-root-account", 1, "error: 1 new root account\n"),
        ("new-port,new-software", 0, ""),
        ("new-software,new-root-account", 1, "error: 1 new root account\n"),
    ] {
        let run = diff(&["--fail-on", conditions]);
        assert_eq!(run.code, code, "{run:#?}");
        assert!(run.stderr.ends_with(message), "{run:#?}");
    }
}

#[test]
fn a_file_that_is_not_a_list_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    for (text, problem) in [
        ("\n{}\n", "line 2 is not an asset: missing field `kind`. Save a list with"),
        ("{\"kind\":\"software\",\"name", "line 1 is not an asset: EOF while parsing a string"),
        ("[]", "line 1 is not an asset: "),
    ] {
        fs::write(&path, text).unwrap();
        let run = hss(&["assets", "diff", path.to_str().unwrap(), path.to_str().unwrap()]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:#?}");
        assert!(run.stderr.contains(problem), "{run:#?}");
    }
    let run = hss(&["assets", "diff", "/dev/null", folder.path().join("missing").to_str().unwrap()]);
    assert_eq!(run.code, 2, "{run:#?}");
    fs::write(&path, "").unwrap();
    let run = hss(&["assets", "diff", path.to_str().unwrap(), "/dev/null"]);
    assert!(run.stderr.contains("/dev/null is read twice: it must be a file"), "{run:#?}");
}
