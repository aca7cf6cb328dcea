//! Readers of standard output that pause or never read, and disks that are full.

#![cfg(unix)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};

use integration_tests::emulator::signal;
use integration_tests::hss::{command, finished, run};
use integration_tests::raw_server::{Action, RawServer};

/// Starts a scan of five calls, each with 60,000 bytes of ids: more than a pipe holds.
fn scan(server: &RawServer, flags: &[&str]) -> Child {
    let url = server.url();
    let mut command = command(&["scan", "--endpoint", &url, "--project-id", "p", "--hosts-from", "-"]);
    command.args(flags).env("HW_AUTH_TOKEN", "t");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let ids: String = (0..1_000).map(|id| format!("{id:0300}\n")).collect();
    child.stdin.take().unwrap().write_all(ids.as_bytes()).unwrap();
    child
}

fn accepting() -> RawServer {
    RawServer::start([Action::respond(200, "", r#"{"error":"p-0 processed 200 tasks successfully."}"#)])
}

#[test]
fn a_reader_that_pauses_delays_no_call() {
    let server = accepting();
    let child = scan(&server, &["-o", "jsonl"]);
    while server.requests().len() < 5 {
        std::thread::yield_now();
    }
    let run = finished(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stdout.matches("\"outcome\":\"accepted\"").count()), (0, 5), "{}", run.stderr);
    assert!(run.stdout.contains(&format!("{:0300}", 999)), "the result is complete");
}

/// Interrupts a command once its result is being written, and returns it without reading the rest.
fn interrupted(mut child: Child) -> Child {
    // The result does not fit into the pipe.
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    signal(&child, "INT");
    child
}

#[test]
fn an_interruption_ends_a_run_whose_result_nobody_reads() {
    let server = accepting();
    let runs = ["json", "jsonl", "csv"].map(|format| (format, interrupted(scan(&server, &["-o", format]))));
    for (format, mut child) in runs {
        assert_eq!(child.wait().unwrap().code(), Some(130), "{format}");
    }
}

#[test]
fn an_interruption_ends_a_list_that_nobody_reads() {
    let name = "x".repeat(1_000);
    let hosts: Vec<String> = (0..200).map(|n| format!(r#"{{"host_id":"{n}","host_name":"{name}"}}"#)).collect();
    let page = format!(r#"{{"total_num":100000,"data_list":[{}]}}"#, hosts.join(","));
    let server = RawServer::start([Action::respond(200, "", &page)]);
    let runs = ["table", "json", "jsonl", "csv"].map(|format| {
        let mut command = command(&["hosts", "list", "--endpoint", &server.url(), "--project-id", "p", "-o", format]);
        command.env("HW_AUTH_TOKEN", "t").stdout(Stdio::piped()).stderr(Stdio::null());
        (format, interrupted(command.spawn().unwrap()))
    });
    for (format, mut child) in runs {
        assert_eq!(child.wait().unwrap().code(), Some(130), "{format}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_for_help_and_version_too() {
    for args in [&["--help"][..], &["--version"], &["help", "scan"], &["scan", "--help"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = command(args);
        command.stdout(full);
        let run = run(command);
        assert_eq!(run.code, 1, "{args:?}: {run:#?}");
        assert!(run.stderr.starts_with("error: cannot write the "), "{args:?}: {run:#?}");
    }
}

#[test]
fn arguments_cannot_drive_the_terminal() {
    let run = run(command(&["scan", "--a\u{202e}b\u{9b}"]));
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.stderr.contains("'--a\\u{202e}b\\u{9b}'"), "{run:#?}");
}

#[test]
#[cfg(target_os = "linux")]
fn no_core_dump_is_written() {
    let emulator = integration_tests::emulator::EmulatorProcess::start(&[]);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", emulator.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let soft = line.split_whitespace().nth(4).unwrap();
    assert!(matches!(soft, "0" | "1"), "{line}");
}
