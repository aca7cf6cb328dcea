//! `--journal` and `--resume`: a run that is killed at any point loses no host, and resends no accepted call.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use huaweicloud_hss_emulator::Emulator;
use serde_json::json;

use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, finished, run};

/// A scan of hosts in three projects, with a journal.
fn scan(emulator: &Emulator, folder: &Path, hosts: usize, args: &[&str]) -> Command {
    let targets = folder.join("targets.csv");
    let lines: Vec<String> = (0..hosts).map(|n| format!("p{},host-{n}", n % 3)).collect();
    std::fs::write(&targets, format!("project_id,id\n{}\n", lines.join("\n"))).unwrap();
    let journal = folder.join("journal");
    let mut command =
        command(&["scan", "--targets", targets.to_str().unwrap(), "--journal", journal.to_str().unwrap()]);
    command.args(["--endpoint", emulator.url(), "-o", "json"]).args(args).env("HW_AUTH_TOKEN", "t");
    command
}

/// How often the emulator accepted each id.
fn taken(emulator: &Emulator) -> HashMap<String, usize> {
    let mut taken = HashMap::new();
    for id in emulator.requests().into_iter().filter_map(|call| call.accepted).flat_map(|accepted| accepted.ids) {
        *taken.entry(id).or_default() += 1;
    }
    taken
}

fn quick() -> huaweicloud_hss_emulator::EmulatorBuilder {
    Emulator::builder().with_scan_duration(Duration::ZERO)
}

#[test]
fn a_finished_run_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    with_emulator(quick, |emulator| {
        let first = run(scan(emulator, folder.path(), 700, &[]));
        assert_eq!((first.totals().as_str(), first.code), ("accepted 700", 0), "{first:#?}");
        let calls = emulator.requests().len();
        let again = run(scan(emulator, folder.path(), 700, &["--resume"]));
        assert_eq!((again.totals().as_str(), again.code), ("accepted 700", 0), "{again:#?}");
        assert_eq!(emulator.requests().len(), calls, "no call is sent again");
        let other = run(scan(emulator, folder.path(), 701, &["--resume"]));
        assert_eq!(other.code, 2, "{other:#?}");
        assert!(other.stderr.contains("it belongs to a run with different targets"), "{other:#?}");
        let second = run(scan(emulator, folder.path(), 700, &[]));
        assert_eq!(second.code, 2, "{second:#?}");
        assert!(second.stderr.contains("the file already exists") && second.stderr.contains("--resume"), "{second:#?}");
    });
}

#[test]
fn two_runs_cannot_share_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let endless = || Emulator::builder().with_scan_duration(Duration::from_secs(3600));
    with_emulator(endless, |emulator| {
        let mut waiting =
            scan(emulator, folder.path(), 700, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while emulator.requests().iter().filter(|call| call.accepted.is_some()).count() < 3 {
            std::thread::yield_now();
        }
        let second = run(scan(emulator, folder.path(), 700, &["--resume"]));
        waiting.kill().unwrap();
        waiting.wait().unwrap();
        assert_eq!(second.code, 2, "{second:#?}");
        assert!(second.stderr.contains("it is in use by another run"), "{second:#?}");
    });
}

#[test]
fn an_ambiguous_call_is_resent_only_on_request() {
    let folder = tempfile::tempdir().unwrap();
    with_emulator(quick, |emulator| {
        let all = run(scan(emulator, folder.path(), 3, &[]));
        assert_eq!(all.totals(), "accepted 3");
        // As if the first run had been killed between the response and its line in the journal.
        let journal = folder.path().join("journal");
        let text = std::fs::read_to_string(&journal).unwrap();
        let without: Vec<&str> =
            text.lines().filter(|line| !(line.contains("\"done\"") && line.contains("\"lane\":1"))).collect();
        std::fs::write(&journal, without.join("\n") + "\n").unwrap();
        let resumed = run(scan(emulator, folder.path(), 3, &["--resume"]));
        assert_eq!((resumed.totals().as_str(), resumed.code), ("accepted 2, unknown 1", 1), "{resumed:#?}");
        assert_eq!(taken(emulator)["host-1"], 1);
        let asked = run(scan(emulator, folder.path(), 3, &["--resume", "--retry-ambiguous"]));
        assert_eq!((asked.totals().as_str(), asked.code), ("accepted 3", 0), "{asked:#?}");
        assert_eq!((taken(emulator)["host-0"], taken(emulator)["host-1"]), (1, 2));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn an_unwritable_journal_ends_the_run_before_anything_is_sent() {
    with_emulator(quick, |emulator| {
        let mut command = command(&["scan", "--all-hosts", "--project-id", "p", "--journal", "/dev/full"]);
        command.args(["--endpoint", emulator.url()]).env("HW_AUTH_TOKEN", "t");
        let run = run(command);
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.stderr.contains("journal /dev/full"), "{run:#?}");
        assert!(emulator.requests().is_empty());
    });
}

/// Kills a run after this many microseconds. Returns the run if it had finished before.
fn killed_after(mut command: Command, micros: u64) -> Option<Run> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The moment is random on purpose.
    std::thread::sleep(Duration::from_micros(micros));
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    output.status.code().map(|_| finished(output))
}

/// A small random number generator, so that a failure can be reproduced from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[test]
fn two_hundred_kills_lose_no_host_and_resend_no_accepted_call() {
    const HOSTS: usize = 2400;
    let seed = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64 | 1;
    println!("seed {seed}");
    let mut random = Random(seed);
    let (mut kills, mut runs, mut unknown_in_all) = (0, 0, 0);
    while kills < 200 {
        runs += 1;
        let folder = tempfile::tempdir().unwrap();
        with_emulator(quick, |emulator| {
            let last = loop {
                // If the run was killed very early, the journal is missing or has no complete line.
                let begun =
                    std::fs::read_to_string(folder.path().join("journal")).is_ok_and(|text| text.contains('\n'));
                if !begun {
                    let _ = std::fs::remove_file(folder.path().join("journal"));
                }
                let args: &[&str] = if begun { &["--resume"] } else { &[] };
                match killed_after(scan(emulator, folder.path(), HOSTS, args), random.below(60_000)) {
                    None => kills += 1,
                    Some(run) => break run,
                }
            };
            let totals = last.json()["totals"].clone();
            let count = |name: &str| totals[name].as_u64().unwrap() as usize;
            assert_eq!(count("accepted") + count("unknown"), HOSTS, "{totals}");
            assert!(matches!(last.code, 0 | 1), "{last:#?}");
            unknown_in_all += count("unknown");
            let taken = taken(emulator);
            assert!(taken.values().all(|times| *times == 1), "an id was accepted twice");
            // Every id reported as accepted reached the service, and every id that reached it is accepted or unknown.
            for call in last.json()["calls"].as_array().unwrap() {
                let ids = call["ids"].as_array().unwrap();
                let here = ids.iter().filter(|id| taken.contains_key(id.as_str().unwrap())).count();
                if call["outcome"] == json!("accepted") {
                    assert_eq!(here, ids.len());
                }
            }
            assert!(taken.len() >= count("accepted"));
        });
    }
    println!("{kills} kills in {runs} runs; {unknown_in_all} hosts ended unknown");
}
