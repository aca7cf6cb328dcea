//! Ctrl-C and SIGTERM: nothing more is sent, everything known is reported, exit code 130.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Stdio};

use integration_tests::emulator::{EmulatorProcess, signal};
use integration_tests::hss::{Run, command, finished};
use integration_tests::raw_server::{Action, RawServer};

/// Standard error of a run, read line by line.
struct Stderr {
    reader: BufReader<ChildStderr>,
    seen: String,
}

impl Stderr {
    fn wait_for(&mut self, text: &str) {
        while !self.seen.contains(text) {
            assert_ne!(self.reader.read_line(&mut self.seen).unwrap(), 0, "{text:?} never came: {}", self.seen);
        }
    }
}

/// Runs a scan of 450 hosts that is interrupted by `act`.
fn interrupted(endpoint: &str, act: impl FnOnce(&Child, &mut Stderr)) -> Run {
    interrupted_with(endpoint, &[], act)
}

/// The same with further flags.
fn interrupted_with(endpoint: &str, flags: &[&str], act: impl FnOnce(&Child, &mut Stderr)) -> Run {
    let ids: Vec<String> = (0..450).map(|n| n.to_string()).collect();
    let mut args = vec!["scan", "--endpoint", endpoint, "--project-id", "p", "-o", "json"];
    args.extend(flags);
    args.push("--host");
    args.extend(ids.iter().map(String::as_str));
    let mut command = command(&args);
    command.env("HW_AUTH_TOKEN", "t").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stderr = Stderr { reader: BufReader::new(child.stderr.take().unwrap()), seen: String::new() };
    act(&child, &mut stderr);
    stderr.reader.read_to_string(&mut stderr.seen).unwrap();
    let run = finished(child.wait_with_output().unwrap());
    Run { stderr: stderr.seen, ..run }
}

/// Whether this test ignores the signal, as under nohup: then so does what it starts.
fn hang_up_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(|text| text.trim().to_owned());
    mask.is_none_or(|mask| u64::from_str_radix(&mask, 16).unwrap() & 1 == 1)
}

#[test]
fn what_only_asks_gives_up_with_a_word() {
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
fn while_waiting_for_the_queue() {
    for name in ["INT", "TERM", "HUP"] {
        if name == "HUP" && hang_up_is_ignored() {
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
fn interrupted_twice_while_a_response_is_on_its_way() {
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
fn nothing_is_tried_again_after_the_wish_to_stop() {
    // Throttled, with a pause longer than the test: the interruption comes during that pause.
    let server = RawServer::start([Action::respond(429, "Retry-After: 50\r\n", "")]);
    let run = interrupted(&server.url(), |child, _| {
        while server.requests().is_empty() {
            std::thread::yield_now();
        }
        signal(child, "INT");
    });
    assert_eq!((run.code, run.totals().as_str()), (130, "not_sent 250, refused 200"), "{run:#?}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_run_with_a_journal_prints_how_to_resume() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let flags = ["--journal", journal.to_str().unwrap()];
    let emulator = EmulatorProcess::start(&["--scan-duration", "1h"]);
    let run = interrupted_with(&emulator.url, &flags, |child, stderr| {
        stderr.wait_for("the queue is busy");
        signal(child, "INT");
    });
    assert_eq!(run.code, 130, "{run:#?}");
    assert!(run.stderr.contains("to go on where this run ended, give the same command with --resume"), "{run:#?}");
    // The journal has everything known.
    let report = integration_tests::hss::run(command(&["report", journal.to_str().unwrap(), "-o", "json"]));
    assert_eq!(report.totals(), run.totals());
}
