//! `--journal` and `--resume`: a run that is killed at any point loses no host, and resends no accepted call.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use httpmock::MockServer;
use huaweicloud_hss_emulator::Emulator;
use serde_json::json;

use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, finished, run};
use integration_tests::random::{self, Random};

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
        let last = text.rfind("{\"done\"").unwrap();
        let lane: usize = text[last..].split_once("\"lane\":").unwrap().1[..1].parse().unwrap();
        std::fs::write(&journal, &text[..last]).unwrap();
        let host = |lane| format!("host-{lane}");
        let resumed = run(scan(emulator, folder.path(), 3, &["--resume"]));
        assert_eq!((resumed.totals().as_str(), resumed.code), ("accepted 2, unknown 1", 1), "{resumed:#?}");
        assert_eq!(taken(emulator)[&host(lane)], 1);
        let asked = run(scan(emulator, folder.path(), 3, &["--resume", "--retry-ambiguous"]));
        assert_eq!((asked.totals().as_str(), asked.code), ("accepted 3", 0), "{asked:#?}");
        assert_eq!((taken(emulator)[&host((lane + 1) % 3)], taken(emulator)[&host(lane)]), (1, 2));
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

#[test]
fn resuming_without_a_journal_starts_one() {
    let folder = tempfile::tempdir().unwrap();
    with_emulator(quick, |emulator| {
        for calls in [3, 3] {
            let run = run(scan(emulator, folder.path(), 3, &["--resume"]));
            assert_eq!((run.totals().as_str(), run.code), ("accepted 3", 0), "{run:#?}");
            assert_eq!(emulator.requests().len(), calls);
        }
    });
}

#[test]
fn a_journal_of_another_service_or_account_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let scan = |args: &[&str], access_key: &str| {
        let mut command =
            command(&["scan", "--host", "a", "--project-id", "p", "--journal", journal.to_str().unwrap()]);
        command.args(args).env("HUAWEICLOUD_SDK_AK", access_key).env("HUAWEICLOUD_SDK_SK", "secret");
        run(command)
    };
    let accepting = || quick().with_access_key("KEYONE", "secret").with_access_key("KEYTWO", "secret");
    with_emulator(accepting, |emulator| {
        let url = emulator.url();
        // A rehearsal is not the scan.
        assert_eq!(scan(&["--emulator"], "KEYONE").code, 0);
        let refused = scan(&["--endpoint", url, "--resume"], "KEYONE");
        assert_eq!(refused.code, 2, "{refused:#?}");
        assert!(refused.stderr.contains(&format!("a run with the built-in emulator, not with {url}")), "{refused:#?}");
        assert!(emulator.requests().is_empty());

        std::fs::remove_file(&journal).unwrap();
        assert_eq!(scan(&["--endpoint", url, "--resume"], "KEYONE").code, 0);
        let refused = scan(&["--endpoint", url, "--resume"], "KEYTWO");
        assert_eq!(refused.code, 2, "{refused:#?}");
        assert!(refused.stderr.contains("a run with access key KEYONE, not with access key KEYTWO"), "{refused:#?}");
        let refused = scan(&["--endpoint", "http://127.0.0.1:1", "--resume"], "KEYONE");
        assert!(refused.stderr.contains(&format!("a run with {url}, not with http://127.0.0.1:1")), "{refused:#?}");
        assert!(!std::fs::read_to_string(&journal).unwrap().contains("secret"));
        assert_eq!(emulator.requests().len(), 1);
    });
}

#[test]
fn a_resumed_run_has_the_servers_that_were_looked_up_when_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let server = MockServer::start();
    let list = |names: &[&str]| {
        let rows: Vec<_> = names
            .iter()
            .map(|name| json!({ "host_name": name, "host_id": format!("id-{name}"), "agent_status": "online" }))
            .collect();
        let body = json!({ "total_num": rows.len(), "data_list": rows });
        server.mock(|when, then| {
            when.method("GET");
            then.status(200).json_body(body);
        })
    };
    let scan = |args: &[&str]| {
        let mut command = command(&["scan", "--project-id", "p", "--journal", journal.to_str().unwrap(), "-o", "json"]);
        command.args(["--endpoint", &server.base_url()]).args(args).env("HW_AUTH_TOKEN", "t");
        run(command)
    };
    let mut posts = server.mock(|when, then| {
        when.method("POST");
        then.status(503);
    });
    let mut hosts = list(&["web-1", "web-2", "db-1"]);
    let first = scan(&["--host-name", "web-*", "--timeout", "100ms"]);
    assert_eq!(first.totals(), "refused 2", "{first:#?}");
    hosts.delete();
    posts.delete();
    let hosts = list(&["web-1", "web-3"]);
    let posts = server.mock(|when, then| {
        when.method("POST").body_includes("id-web-1").body_includes("id-web-2");
        then.status(200).json_body(json!({"error": "p-0 processed 2 tasks successfully."}));
    });
    let resumed = scan(&["--host-name", "web-*", "--resume"]);
    assert_eq!((resumed.totals().as_str(), resumed.code), ("accepted 2", 0), "{resumed:#?}");
    assert!(resumed.stderr.contains("the targets are those of the journal"), "{resumed:#?}");
    hosts.assert_calls(0);
    posts.assert_calls(1);
    for other in [&["--host-name", "db-*"][..], &["--host-name", "web-*", "--only-online"], &["--group-name", "web-*"]]
    {
        let refused = scan(&[other, &["--resume"]].concat());
        assert_eq!(refused.code, 2, "{refused:#?}");
        assert!(refused.stderr.contains("different targets"), "{refused:#?}");
    }
}

#[cfg(unix)]
#[test]
fn a_report_never_overwrites_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    with_emulator(quick, |emulator| assert_eq!(run(scan(emulator, folder.path(), 3, &[])).code, 0));
    let [journal, link, hard] = ["journal", "link", "hard"].map(|name| folder.path().join(name));
    std::os::unix::fs::symlink(&journal, &link).unwrap();
    std::fs::hard_link(&journal, &hard).unwrap();
    let before = std::fs::read(&journal).unwrap();
    for (read, written) in [(&journal, &journal), (&journal, &link), (&link, &hard)] {
        let [read, written] = [read, written].map(|path| path.to_str().unwrap());
        let report = run(command(&["report", read, "--html", written]));
        assert_eq!((report.code, report.stdout.as_str()), (2, ""), "{report:#?}");
        assert!(report.stderr.contains(&format!("cannot write {written}: it is the journal {read}")), "{report:#?}");
        assert_eq!(std::fs::read(&journal).unwrap(), before);
    }
}

#[test]
fn metrics_never_overwrite_the_journal_or_the_result() {
    let folder = tempfile::tempdir().unwrap();
    with_emulator(quick, |emulator| {
        let journal = folder.path().join("journal");
        // Before the journal exists, and after.
        for flags in [&[][..], &["--resume"]] {
            let refused =
                run(scan(emulator, folder.path(), 3, &[flags, &["--metrics", journal.to_str().unwrap()]].concat()));
            assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{refused:#?}");
            assert!(refused.stderr.contains("it is the journal"), "{refused:#?}");
            assert_eq!(run(scan(emulator, folder.path(), 3, flags)).code, 0);
        }
        // A link that leads to the journal once there is one.
        #[cfg(unix)]
        {
            let other = tempfile::tempdir().unwrap();
            let link = other.path().join("link");
            std::os::unix::fs::symlink("journal", &link).unwrap();
            assert_eq!(run(scan(emulator, other.path(), 3, &["--metrics", link.to_str().unwrap()])).code, 1);
            assert!(std::fs::read_to_string(other.path().join("journal")).unwrap().starts_with('{'));
        }
        let result = folder.path().join("result");
        let mut into_result = scan(emulator, folder.path(), 3, &["--resume", "--metrics", result.to_str().unwrap()]);
        let status = into_result.stdout(std::fs::File::create(&result).unwrap()).status().unwrap();
        assert_eq!(status.code(), Some(2));
    });
}

#[test]
fn a_journal_cannot_be_the_file_that_the_result_is_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    with_emulator(quick, |emulator| {
        for stream in [Command::stdout::<Stdio>, Command::stderr::<Stdio>] {
            let mut command = scan(emulator, folder.path(), 3, &[]);
            stream(&mut command, std::fs::File::create(&journal).unwrap().into());
            assert_eq!(command.status().unwrap().code(), Some(2));
        }
        let error = std::fs::read_to_string(&journal).unwrap();
        let part = "journal: standard output or standard error is written to this file; choose another file";
        assert!(error.contains(part), "{error}");
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

#[test]
fn kills_lose_no_host_and_resend_no_accepted_call() {
    const HOSTS: usize = 2400;
    let mut random = Random::new();
    let (mut kills, mut runs, mut unknown_in_all) = (0, 0, 0);
    while kills < random::kills(200) {
        runs += 1;
        let folder = tempfile::tempdir().unwrap();
        with_emulator(quick, |emulator| {
            let last = loop {
                match killed_after(scan(emulator, folder.path(), HOSTS, &["--resume"]), random.below(60_000)) {
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
