//! `hss emulator`: its first line, its flags, and its end.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::hss::{command, scan};

/// `hss emulator` in a process of its own, ended when dropped.
pub(crate) struct Emulator {
    pub(crate) url: String,
    child: Child,
}

impl Emulator {
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut all = vec!["emulator"];
        all.extend(args);
        let mut child = command(&all).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("{first:?}")).trim().to_owned();
        Self { url, child }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal by name, as a shell would.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn it_serves_what_its_flags_say() {
    let emulator = Emulator::start(&["--hosts", "7", "--scan-duration", "1h", "--token", "test-token"]);
    assert!(emulator.url.starts_with("http://127.0.0.1:"), "{}", emulator.url);
    let first = scan(&emulator.url, &["--all-hosts"]);
    assert_eq!((first.code, &first.json()["calls"][0]["processed"]), (0, &serde_json::json!(7)));
    assert_eq!(scan(&emulator.url, &["--all-hosts"]).totals(), "already_queued 1");
    let other = Emulator::start(&["--token", "another"]);
    assert_eq!(scan(&other.url, &["--all-hosts"]).code, 3);
}

#[cfg(unix)]
#[test]
fn it_ends_well_when_interrupted() {
    for name in ["INT", "TERM"] {
        let mut emulator = Emulator::start(&[]);
        signal(&emulator.child, name);
        assert_eq!(emulator.child.wait().unwrap().code(), Some(0), "{name}");
    }
}
