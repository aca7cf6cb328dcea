//! `hss scan --targets`: many queues with one result.

use std::fs;
use std::time::Duration;

use huaweicloud_hss_emulator::Emulator;
use serde_json::{Value, json};

use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, hss_with_input, run};

fn scan(emulator: &Emulator, list: &str, args: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("targets");
    fs::write(&file, list).unwrap();
    let mut command = command(&["scan", "--targets", file.to_str().unwrap(), "--endpoint", emulator.url()]);
    command.args(["-o", "json"]).args(args).env("HW_AUTH_TOKEN", "t").env("HW_PROJECT_ID", "default-project");
    run(command)
}

#[test]
fn targets_of_many_queues_are_sent_per_queue_and_reported_together() {
    let quick = || Emulator::builder().with_scan_duration(Duration::from_millis(20));
    with_emulator(quick, |emulator| {
        let mut list = "project_id,category,selector,id\n,,all_hosts,\np1,container,server_group,g1\n".to_owned();
        for n in 0..450 {
            list += &format!("p{},,host,host-{n}\n", n % 2);
        }
        list += "p1,,host,host-1\n";
        let run = scan(emulator, &list, &["--concurrency", "3"]);
        assert_eq!((run.totals().as_str(), run.code), ("accepted 452", 0), "{}", run.stderr);
        assert_eq!(run.json()["duplicates"], json!(1));
        let calls = run.json()["calls"].as_array().unwrap().clone();
        let shape = |call: &Value| {
            format!(
                "{} {} {} {}",
                call["project_id"],
                call["category"],
                call["selector"],
                call["ids"].as_array().unwrap().len()
            )
        };
        assert_eq!(
            calls.iter().map(|call| shape(call).replace('"', "")).collect::<Vec<_>>(),
            [
                "default-project host all_hosts 0",
                "p1 container server_group 1",
                "p0 host host_ids 200",
                "p0 host host_ids 25",
                "p1 host host_ids 200",
                "p1 host host_ids 25",
            ]
        );
        let mut taken: Vec<String> =
            emulator.requests().into_iter().filter_map(|call| call.accepted).flat_map(|call| call.ids).collect();
        taken.sort();
        let mut given: Vec<String> = (0..450).map(|n| format!("host-{n}")).chain(["g1".to_owned()]).collect();
        given.sort();
        assert_eq!(taken, given);
    });
}

#[test]
fn a_busy_queue_does_not_stop_the_others() {
    let endless = || Emulator::builder().with_scan_duration(Duration::from_secs(3600));
    with_emulator(endless, |emulator| {
        // The first queue is busy with another scan.
        assert_eq!(scan(emulator, "selector\nall_hosts\n", &[]).code, 0);
        let run = scan(emulator, "project_id,id\n,a\np1,b\np2,c\n", &[]);
        assert_eq!((run.totals().as_str(), run.code), ("accepted 2, already_queued 1", 1), "{}", run.stderr);
    });
}

#[test]
fn an_invalid_line_is_named_and_nothing_is_sent() {
    with_emulator(Emulator::builder, |emulator| {
        for (list, part) in [
            ("id\na\n\"b\n", "line 3: unclosed quotation mark"),
            ("id\n\"a\nb\nc\n", "line 2: unclosed quotation mark"),
            ("project_id,id\np,a\np\n", "line 3: expected 2 cells as in the header, found 1"),
            ("{\"id\":\"a\"}\n{\"id\":}\n", "line 2: expected value"),
            ("", "contains no targets"),
            ("\u{0}\u{1}\u{2}", "line 1 contains NUL bytes"),
        ] {
            let run = scan(emulator, list, &[]);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{list:?}: {run:#?}");
            assert!(run.stderr.contains(part), "{list:?}: {run:#?}");
        }
        assert!(emulator.requests().is_empty());
    });
}

#[test]
fn the_plan_of_many_queues_is_printed() {
    let list = b"{\"region\":\"cn-north-4\",\"project_id\":\"p1\",\"id\":\"a\"}\n{\"project_id\":\"p2\",\"selector\":\"all_hosts\"}\n";
    let run = hss_with_input(&["scan", "--targets", "-", "--dry-run"], list);
    assert_eq!(run.code, 0, "{run:#?}");
    insta::assert_snapshot!("plan", run.stdout);
}

#[test]
fn a_queue_named_explicitly_or_by_default_is_the_same_queue() {
    let list = b"region,project_id,enterprise_project_id,id\ncn-north-4,p,,a\n,p,0,a\n,p,,b\n";
    let run = hss_with_input(&["scan", "--targets", "-", "--dry-run", "-o", "json", "--region", "cn-north-4"], list);
    assert_eq!(run.code, 0, "{run:#?}");
    let calls = run.json()["calls"].as_array().unwrap().clone();
    assert_eq!((calls.len(), &calls[0]["ids"], &calls[0]["region"]), (1, &json!(["a", "b"]), &json!("cn-north-4")));
    assert_eq!(run.json()["duplicates"], json!(1));
}

#[test]
fn values_out_of_range_are_errors_with_the_range() {
    for (flag, value, part) in [
        ("--concurrency", "0", "from 1 to 1000"),
        ("--concurrency", "1001", "from 1 to 1000"),
        ("--rate-limit", "0", "is not a rate limit. Examples: 5/min"),
        ("--rate-limit", "5/0s", "is not a rate limit. Examples: 5/min"),
        ("--rate-limit", "NaN", "is not a rate limit. Examples: 5/min"),
        ("--deadline", "0s", "must be greater than 0s"),
    ] {
        let run = run(command(&["scan", "--all-hosts", "--emulator", flag, value]));
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.stderr.contains(part), "{run:#?}");
    }
}
