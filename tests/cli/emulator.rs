//! `hss emulator`: the first line of output, the flags and the shutdown.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use integration_tests::emulator::EmulatorProcess;
use integration_tests::hss::{command, scan};

#[test]
fn the_flags_configure_the_emulator() {
    let emulator = EmulatorProcess::start(&["--hosts", "7", "--scan-duration", "1h", "--token", "test-token"]);
    assert!(emulator.url.starts_with("http://127.0.0.1:"), "{}", emulator.url);
    let first = scan(&emulator.url, &["--all-hosts"]);
    assert_eq!((first.code, &first.json()["calls"][0]["processed"]), (0, &serde_json::json!(7)));
    assert_eq!(scan(&emulator.url, &["--all-hosts"]).totals(), "already_queued 1");
    let other = EmulatorProcess::start(&["--token", "another"]);
    assert_eq!(scan(&other.url, &["--all-hosts"]).code, 3);
}

#[test]
fn given_credentials_replace_the_default_of_accepting_any_token() {
    for (args, code) in [
        (&[][..], 0),
        (&["--user", "d/n:p"], 3),
        (&["--ak", "AK", "--sk", "SK"], 3),
        (&["--ak", "AK", "--sk", "SK", "--accept-any-token"], 0),
    ] {
        let emulator = EmulatorProcess::start(args);
        assert_eq!(scan(&emulator.url, &["--all-hosts"]).code, code, "{args:?}");
    }
}

#[test]
fn faults_come_from_flags_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faults");
    std::fs::write(&file, "# the second call\nseed=3\nstatus=400@2 code=HSS.0013\n").unwrap();
    let emulator = EmulatorProcess::start(&[
        "--scan-duration",
        "0s",
        "--faults-from",
        file.to_str().unwrap(),
        "--fault",
        "CreateGlobalAssetScanTask:reset-after@3",
    ]);
    let codes = [(); 3].map(|()| scan(&emulator.url, &["--all-hosts"]).code);
    assert_eq!(codes[0], 0);
    assert!(codes[1] != 0 && codes[2] != 0, "{codes:?}");
    for (args, part) in [
        (&["--fault", "explode"][..], "use one of"),
        (&["--fault", ""], "expected a rule"),
        (&["--fault", "# a comment"], "expected a rule"),
        (&["--fault", "throttle=0"], "at least one request"),
        #[cfg(unix)]
        (&["--faults-from", "/dev/zero"], "cannot read /dev/zero: it is larger than 1048576 bytes"),
        (&["--fault", "Nothing:reset"], "not an operation of the specs"),
        (&["--faults-from", "/nowhere/at/all"], "cannot read /nowhere/at/all"),
        (&["--listen", "0.0.0.0:0"], "add --allow-remote"),
        (&["--user", "name"], "DOMAIN/NAME:PASSWORD"),
        (&["--ak", "AK"], "--sk"),
    ] {
        let mut all = vec!["emulator"];
        all.extend(args);
        let output = command(&all).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && text.contains(part), "{args:?}: {text}");
    }
}

/// The error about an unknown fault, the help and the documentation have the same faults.
#[test]
fn every_fault_is_documented() {
    let error = command(&["emulator", "--fault", "explode"]).output().unwrap();
    let error = String::from_utf8(error.stderr).unwrap();
    let (_, names) = error.lines().next().unwrap().split_once("use one of ").unwrap();
    let names: Vec<&str> = names.split(", ").collect();
    assert!(names.len() > 20, "{names:?}");
    let help = String::from_utf8(command(&["emulator", "--help"]).output().unwrap().stdout).unwrap();
    let rules = include_str!("../../crates/huaweicloud-hss-emulator/src/faults/rule_set.rs");
    for name in names {
        let name = name.trim_end_matches('…');
        assert!(help.contains(name) && rules.contains(&format!("`{name}")), "{name}");
    }
}

#[test]
fn a_killed_emulator_resumes_from_its_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let args = ["--scan-duration", "1h", "--state", file.to_str().unwrap()];
    let first = EmulatorProcess::start(&args);
    assert_eq!(scan(&first.url, &["--all-hosts"]).code, 0);
    drop(first);
    let second = EmulatorProcess::start(&args);
    assert_eq!(scan(&second.url, &["--all-hosts"]).totals(), "already_queued 1");
    let taken = command(&["emulator", "--state", file.to_str().unwrap()]).output().unwrap();
    assert_eq!(taken.status.code(), Some(2));
    assert!(String::from_utf8(taken.stderr).unwrap().contains("state file"), "one process at a time");
}

#[cfg(unix)]
#[test]
fn a_call_that_cannot_be_written_to_the_state_file_is_not_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    // A limit on the size of files acts as a full disk.
    let args = ["--scan-duration", "0s", "--state", file.to_str().unwrap()];
    let emulator = EmulatorProcess::start_with_file_limit(16, &args);
    let accepted = (0..100).take_while(|_| scan(&emulator.url, &["--all-hosts"]).code == 0).count();
    assert!((1..100).contains(&accepted), "{accepted}");
    assert_ne!(scan(&emulator.url, &["--all-hosts"]).code, 0);
    let content = std::fs::read_to_string(&file).unwrap();
    let recorded = content.split_inclusive('\n').filter(|line| line.ends_with('\n') && line.contains("\"selector\""));
    assert_eq!(recorded.count(), accepted);
}

#[test]
fn an_incomplete_line_of_the_state_file_is_dropped_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    drop(EmulatorProcess::start(&["--state", file.to_str().unwrap()]));
    std::fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(b"{\"requ").unwrap();
    let mut child = command(&["emulator", "--state", file.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(first.starts_with("warning: the last line of the state file"), "{first}");
}

#[test]
fn listening_on_a_remote_address_prints_a_warning() {
    let mut child = command(&["emulator", "--listen", "0.0.0.0:0", "--allow-remote"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(first.starts_with("warning: 0.0.0.0:0 is reachable from other machines"), "{first}");
}

#[test]
fn a_remote_emulator_can_be_controlled_under_the_names_that_it_is_given() {
    for (flag, name, status) in [
        ("--allow-remote", "emulator.test", "403"),
        ("--allow-remote=other.test,emulator.test", "emulator.test", "200"),
        ("--allow-remote", "localhost", "200"),
        ("--allow-remote", "192.0.2.1", "200"),
    ] {
        let emulator = EmulatorProcess::start(&["--listen", "0.0.0.0:0", flag]);
        let port = emulator.url.rsplit(':').next().unwrap().parse::<u16>().unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = format!("GET /_emulator/faults HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert_eq!(response.split(' ').nth(1), Some(status), "{flag} {name}: {response}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_emulator_exits_with_code_0() {
    for name in ["INT", "TERM"] {
        let emulator = EmulatorProcess::start(&[]);
        assert_eq!(emulator.end(name).code(), Some(0), "{name}");
    }
}
