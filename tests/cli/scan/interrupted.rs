//! Ctrl-C and SIGTERM: no more calls are sent, the known outcomes are reported, and the exit code is 130.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Stdio};

use integration_tests::emulator::{EmulatorProcess, signal};
use integration_tests::hss::{Run, command, finished};
use integration_tests::raw_server::{Action, RawServer};

/// Standard error of a run, read line by line.
struct Stderr {
    reader: BufReader<ChildStderr>,
    text: String,
}

impl Stderr {
    fn wait_for(&mut self, text: &str) {
        while !self.text.contains(text) {
            assert_ne!(self.reader.read_line(&mut self.text).unwrap(), 0, "{text:?} was not printed: {}", self.text);
        }
    }
}

/// Runs a scan of 450 hosts that `act` interrupts.
fn interrupted(endpoint: &str, act: impl FnOnce(&Child, &mut Stderr)) -> Run {
    interrupted_with(endpoint, &[], act)
}

/// Runs a scan of 450 hosts with further flags that `act` interrupts.
fn interrupted_with(endpoint: &str, flags: &[&str], act: impl FnOnce(&Child, &mut Stderr)) -> Run {
    let ids: Vec<String> = (0..450).map(|n| n.to_string()).collect();
    let mut args = vec!["scan", "--endpoint", endpoint, "--project-id", "p", "-o", "json"];
    args.extend(flags);
    args.push("--host");
    args.extend(ids.iter().map(String::as_str));
    let mut command = command(&args);
    command.env("HW_AUTH_TOKEN", "t").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stderr = Stderr { reader: BufReader::new(child.stderr.take().unwrap()), text: String::new() };
    act(&child, &mut stderr);
    stderr.reader.read_to_string(&mut stderr.text).unwrap();
    let run = finished(child.wait_with_output().unwrap());
    Run { stderr: stderr.text, ..run }
}

/// Whether this test runs with SIGHUP ignored, as under nohup. Its child processes then ignore the signal too.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(|text| text.trim().to_owned());
    mask.is_none_or(|mask| u64::from_str_radix(&mask, 16).unwrap() & 1 == 1)
}

#[test]
fn interrupting_a_command_that_only_reads_is_an_error() {
    for args in [
        &["status", "--project-id", "p"][..],
        &["doctor", "--project-id", "p"],
        &["hosts", "list", "--project-id", "p"],
        &["groups", "list", "--project-id", "p"],
        &["projects", "list"],
        &["enterprise-projects", "list"],
        &["scan", "--project-id", "p", "--host-name", "web-*"],
    ] {
        for name in ["INT", "TERM"] {
            let server = RawServer::start([Action::Hang]);
            let url = server.url();
            let mut command = command(args);
            command.args(["--endpoint", &url, "--iam-endpoint", &url]).env("HW_AUTH_TOKEN", "t");
            if args[0] == "enterprise-projects" {
                command.args(["--eps-endpoint", &url]);
            }
            let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            while server.requests().is_empty() {
                std::thread::yield_now();
            }
            signal(&child, name);
            let run = finished(child.wait_with_output().unwrap());
            assert_eq!((run.code, run.stdout.as_str()), (130, ""), "{args:?} {name}: {run:#?}");
            assert_eq!(run.stderr, "error: interrupted; nothing was changed\n", "{args:?} {name}");
        }
    }
}

#[test]
fn interrupting_a_wait_reports_the_outcomes_so_far() {
    for name in ["INT", "TERM", "HUP"] {
        if name == "HUP" && hangup_is_ignored() {
            continue;
        }
        let emulator = EmulatorProcess::start(&["--scan-duration", "1h"]);
        let run = interrupted(&emulator.url, |child, stderr| {
            stderr.wait_for("the queue is busy");
            signal(child, name);
        });
        assert_eq!(
            (run.code, run.totals().as_str()),
            (130, "accepted 200, already_queued 200, not_sent 50"),
            "{run:#?}"
        );
    }
}

#[test]
fn a_second_interruption_abandons_the_call_in_flight() {
    let server = RawServer::start([Action::Hang]);
    let run = interrupted(&server.url(), |child, stderr| {
        while server.requests().is_empty() {
            std::thread::yield_now();
        }
        signal(child, "INT");
        stderr.wait_for("stopping: ");
        signal(child, "INT");
    });
    assert_eq!((run.code, run.totals().as_str()), (130, "not_sent 250, unknown 200"), "{run:#?}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn no_call_is_retried_after_an_interruption() {
    // Throttled with a pause that outlasts the test, so that the interruption comes during the pause.
    let server = RawServer::start([Action::respond(429, "Retry-After: 50\r\n", "")]);
    let run = interrupted(&server.url(), |child, _| {
        while server.requests().is_empty() {
            std::thread::yield_now();
        }
        signal(child, "INT");
    });
    assert_eq!((run.code, run.totals().as_str()), (130, "not_sent 450"), "{run:#?}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_interrupted_run_with_a_journal_prints_how_to_resume() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let flags = ["--journal", journal.to_str().unwrap()];
    let emulator = EmulatorProcess::start(&["--scan-duration", "1h"]);
    let run = interrupted_with(&emulator.url, &flags, |child, stderr| {
        stderr.wait_for("the queue is busy");
        signal(child, "INT");
    });
    assert_eq!(run.code, 130, "{run:#?}");
    assert!(run.stderr.contains("to resume this run, repeat the command with --resume"), "{run:#?}");
    // The journal has the same outcomes.
    let report = integration_tests::hss::run(command(&["report", journal.to_str().unwrap(), "-o", "json"]));
    assert_eq!(report.totals(), run.totals());
}
