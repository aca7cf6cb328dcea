//! `hss verify` and `hss scan --verify`.

use std::time::Duration;

use huaweicloud_hss_emulator::{Emulator, EmulatorBuilder};
use integration_tests::emulator::{WEDNESDAY, with_emulator};
use integration_tests::hss::{Run, command, run};

pub(super) fn builder(faults: &str) -> EmulatorBuilder {
    Emulator::builder()
        .with_hosts(60)
        .with_scan_duration(Duration::from_millis(50))
        .with_time_of_week(WEDNESDAY)
        .with_faults(faults.parse().unwrap())
}

pub(super) fn hss(emulator: &Emulator, args: &[&str]) -> Run {
    let mut command = command(args);
    command.args(["--endpoint", emulator.url()]).env("HW_AUTH_TOKEN", "test-token");
    run(command)
}

fn coverable(emulator: &Emulator) -> u64 {
    let is_coverable = |id| emulator.asset_truth(id).unwrap().not_coverable.is_none();
    emulator.inventory().hosts().iter().filter(|host| is_coverable(host.id())).count() as u64
}

#[test]
fn a_verified_scan_succeeds_when_every_coverable_server_is_proved() {
    with_emulator(
        || builder(""),
        |emulator| {
            let found = hss(emulator, &["scan", "--all-hosts", "--project-id", "p", "--verify", "-o", "json"]);
            assert_eq!(found.code, 0, "{found:#?}");
            let report = &found.json()["verification"];
            assert_eq!((report["servers"].as_u64(), report["unproved"].as_u64()), (Some(60), Some(0)), "{report:#}");
            assert_eq!(report["verdicts"]["scanned"].as_u64(), Some(coverable(emulator)));
            assert_eq!(report["hosts"].as_array().unwrap().len(), 60);
            assert!(!found.stderr.contains("cannot refresh"), "{found:#?}");
            let hosts = emulator.inventory().hosts().iter().map(|host| host.id().to_owned());
            let gap = hosts.clone().find(|id| emulator.asset_truth(id).unwrap().not_coverable.is_some()).unwrap();
            let found = hss(emulator, &["scan", "--host", &gap, "--project-id", "p", "--verify"]);
            assert!(found.stderr.contains("note: a scan cannot refresh 1 of these servers"), "{found:#?}");
        },
    );
}

#[test]
fn a_scan_that_was_accepted_but_not_proved_has_a_code_of_its_own() {
    with_emulator(
        || builder("skip-hosts share=30%"),
        |emulator| {
            let folder = tempfile::tempdir().unwrap();
            let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
            let (journal, page) = (path("run.jsonl"), path("page.html"));
            let args = ["scan", "--all-hosts", "--project-id", "p", "--verify", "--journal", &journal];
            let found = hss(emulator, &args);
            assert_eq!(found.code, 5, "{found:#?}");
            assert!(found.stdout.contains("60 servers: scanned "), "{found:#?}");

            // The report of the journal has the verdicts, and the journal can be verified again.
            let html = ["report", &journal, "--html", &page, "-o", "json"].map(str::to_owned);
            let html: Vec<&str> = html.iter().map(String::as_str).collect();
            let report = run(command(&html)).json();
            let unproved = report["verification"]["unproved"].as_u64().unwrap();
            assert!(unproved > 0);
            assert!(std::fs::read_to_string(&page).unwrap().contains("<h2>Proof</h2>"));
            let again = hss(emulator, &["verify", &journal, "-o", "json", "--html", &page]);
            assert_eq!((again.code, again.json()["unproved"].as_u64()), (5, Some(unproved)), "{again:#?}");
            let compared = |run: &Run| {
                let hosts = run.json()["hosts"].as_array().unwrap().clone();
                hosts.iter().filter(|host| host["verdict"] == "scanned").all(|host| {
                    host["compared"] == true || host["witness"].as_str().unwrap().starts_with("collection ")
                })
            };
            assert!(compared(&again), "{again:#?}");
            assert!(std::fs::read_to_string(&page).unwrap().contains("HSS verification: run.jsonl"));

            // A second run of the command resumes with the times that the first one recorded.
            let mut resumed = args.to_vec();
            resumed.push("--resume");
            assert_eq!(hss(emulator, &resumed).code, 5);
            assert_eq!(hss(emulator, &["verify", &path("missing"), "--project-id", "p"]).code, 2);
        },
    );
}

#[test]
fn servers_that_are_late_are_proved_within_the_time() {
    with_emulator(
        || builder("late-hosts=10ms"),
        |emulator| {
            let args = ["scan", "--all-hosts", "--project-id", "p", "--verify", "--within", "2h", "-o", "jsonl"];
            let found = hss(emulator, &args);
            assert_eq!(found.code, 0, "{found:#?}");
            let lines: Vec<&str> = found.stdout.lines().collect();
            assert_eq!(lines.len(), 1 + 60 + 1);
            assert!(lines[61].contains(r#""verification":{"servers":60"#), "{}", lines[61]);
        },
    );
}

#[test]
fn a_selection_is_verified_since_a_time() {
    with_emulator(
        || builder(""),
        |emulator| {
            assert_eq!(hss(emulator, &["scan", "--all-hosts", "--project-id", "p", "--wait"]).code, 0);
            let verify = |args: &[&str]| {
                let mut all = vec!["verify", "--project-id", "p"];
                all.extend(args);
                hss(emulator, &all)
            };
            let found = verify(&["--since", "1h", "-o", "csv"]);
            assert_eq!((found.code, found.stdout.lines().count()), (0, 61), "{found:#?}");
            let header = "region,project_id,enterprise_project_id,category,selector,id,name,verdict,coverage,";
            assert!(found.stdout.starts_with(header), "{found:#?}");
            // The order is in the future: nothing is newer.
            let future = verify(&["--since", "2100-01-01T00:00:00Z", "--max-status-calls", "0"]);
            assert!(future.code == 5 && future.stdout.contains("stale"), "{future:#?}");
            assert_eq!(verify(&[]).code, 2, "neither a journal nor a time");
        },
    );
}
