//! Two saved lists of assets, for the page and the picture that compare them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

fn row(kind: &str, host: &str, name: &str, version: Option<&str>, extra: Value) -> Value {
    json!({
        "kind": kind,
        "host_id": format!("id-of-{host}"),
        "host_name": host,
        "name": name,
        "version": version,
        "seen_at": "2026-11-25T02:14:05.000Z",
        "extra": extra,
    })
}

fn account(host: &str, name: &str, is_root: bool) -> Value {
    row("accounts", host, name, None, json!({ "root_permission": is_root }))
}

fn port(host: &str, number: u16, path: &str) -> Value {
    let mut row = row("ports", host, "", None, json!({ "type": "TCP", "laddr": "0.0.0.0" }));
    (row["name"], row["port"], row["path"]) = (Value::Null, number.into(), path.into());
    row
}

fn software(host: &str, name: &str, version: &str) -> Value {
    row("software", host, name, Some(version), json!({}))
}

/// Writes `last-week.jsonl` and `today.jsonl` to a folder.
pub(crate) fn write(folder: &Path) {
    let both = [
        account("web-0001", "root", true),
        account("web-0002", "root", true),
        port("web-0001", 443, "/usr/sbin/nginx"),
        software("web-0001", "openssl", "3.0.9"),
        software("web-0002", "openssl", "3.0.9"),
    ];
    let old = [account("web-0002", "deploy", false), software("web-0001", "nginx", "1.22.1")];
    let new = [
        account("web-0002", "deploy", true),
        software("web-0001", "nginx", "1.24.0"),
        port("web-0002", 8443, "/opt/tunnel/bin/relay"),
    ];
    for (name, rows) in [("last-week.jsonl", &old[..]), ("today.jsonl", &new[..])] {
        let lines: String = both.iter().chain(rows).map(|row| format!("{row}\n")).collect();
        fs::write(folder.join(name), lines).unwrap();
    }
}
