//! Kills at any byte of a journal: no host is lost, none is scanned twice unless the caller allows it, and none is
//! reported as accepted that was not.
//!
//! A run is killed by cutting its journal off after it ended: what is recorded before the cut did happen, a call that
//! was about to be sent may have happened, and nothing else did. So a kill costs no process, and can be anywhere.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::path::Path;
use std::time::{Duration, Instant};

use huaweicloud_hss::fleet::{FleetOptions, Journal, PollInterval, QueuePlan, QueueReport, RunIdentity, RunReport};
use huaweicloud_hss::{CallOutcome, Client, HttpConfig, Queue, RetryPolicy, Selector};
use integration_tests::random::{self, Random};
use serde_json::Value;

use super::journal::{execute, quick_folder, with_journal};
use super::stand_in::{Arrival, StandIn};
use crate::client_over;

/// How many projects, calls of each project, and hosts of each call.
const SIZE: [usize; 3] = [3, 3, 2];

fn plans() -> Vec<QueuePlan> {
    let [projects, calls, hosts] = SIZE;
    let call =
        |project, call| Selector::Hosts((0..hosts).map(|host| format!("host-{project}-{call}-{host}")).collect());
    let plan = |project: usize| {
        let queue = Queue::new(format!("p{project}").parse().unwrap());
        let mut plan = QueuePlan::new(queue, &call(project, 0)).unwrap();
        plan.requests = (0..calls).map(|number| call(project, number)).collect();
        plan
    };
    (0..projects).map(plan).collect()
}

/// How often each host was scanned.
type Scans = HashMap<String, usize>;

fn count(scans: &mut Scans, arrival: &Arrival) {
    for host in &arrival.started {
        *scans.entry(host.clone()).or_default() += 1;
    }
}

/// Checks the outcome of every host against what the service did.
fn check(reports: &[QueueReport], scans: &Scans, retry_ambiguous: bool) {
    let mut hosts: Vec<&str> = Vec::new();
    for record in reports.iter().flat_map(|report| &report.records) {
        for host in record.selector.ids().iter() {
            hosts.push(host);
            let scans = scans.get(host).copied().unwrap_or(0);
            assert!(scans <= 1 || retry_ambiguous, "{host} was scanned {scans} times: {record:?}");
            match record.outcome {
                CallOutcome::Accepted => assert!(scans >= 1, "{host} was not scanned: {record:?}"),
                CallOutcome::Unknown | CallOutcome::Unrecognised => {}
                _ => assert_eq!(scans, 0, "{host} was scanned: {record:?}"),
            }
        }
    }
    hosts.sort_unstable();
    hosts.dedup();
    assert_eq!(hosts.len(), SIZE.iter().product::<usize>(), "a host is missing, or is reported twice");
}

/// Cuts a journal off after `length` bytes, and counts the scans that were started before that.
fn kill(path: &Path, length: u64, arrivals: &[Arrival], begun: usize, scans: &mut Scans, random: &mut Random) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(length).unwrap();
    let bytes = fs::read(path).unwrap();
    let complete = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    // The number of calls of each queue that this run was about to send, and whether the last one is finished.
    let mut sent: HashMap<u64, (usize, bool)> = HashMap::new();
    for line in bytes[..complete].split(|byte| *byte == b'\n').skip(begun).filter(|line| !line.is_empty()) {
        let entry: Value = serde_json::from_slice(line).unwrap();
        if let Some(lane) = entry["sending"]["lane"].as_u64() {
            let (number, is_done) = sent.entry(lane).or_default();
            (*number, *is_done) = (*number + 1, false);
        } else if let Some(lane) = entry["done"]["lane"].as_u64() {
            sent.entry(lane).or_default().1 = true;
        }
    }
    for lane in 0..SIZE[0] as u64 {
        let (number, is_done) = sent.get(&lane).copied().unwrap_or_default();
        let project = format!("p{lane}");
        let arrivals = arrivals.iter().filter(|arrival| arrival.project == project);
        for (index, arrival) in arrivals.take(number).enumerate() {
            if index + 1 < number || is_done || random.below(2) == 0 {
                count(scans, arrival);
            }
        }
    }
}

/// Runs some of the plans, in any order.
async fn run(path: &Path, client: &Client, retry_ambiguous: bool, random: Option<&mut Random>) -> Vec<QueueReport> {
    let mut plans = plans();
    let journal = Journal::resume(path, &mut plans, &RunIdentity::new(client), retry_ambiguous).unwrap();
    let mut options: FleetOptions = with_journal(journal).with_concurrency(2);
    options.wait_timeout = Duration::from_millis(2);
    options.poll_interval = PollInterval { initial: Duration::from_millis(1), max: Duration::from_millis(1) };
    if let Some(random) = random {
        for index in (1..plans.len()).rev() {
            plans.swap(index, random.below(index as u64 + 1) as usize);
        }
        plans.truncate(1 + random.below(plans.len() as u64) as usize);
    }
    execute(plans, client, &options).await
}

#[tokio::test]
async fn kills_at_any_byte_lose_no_host_and_scan_none_twice() {
    let started = Instant::now();
    let mut random = Random::new();
    let service = StandIn::start();
    let client = client_over(service.url(), HttpConfig::default().with_retry(RetryPolicy::none()));
    let folder = quick_folder();
    let wanted = random::kills(300);
    let (mut kills, mut chains) = (0, 0);
    while kills < wanted {
        chains += 1;
        let path = folder.path().join(format!("journal-{chains}"));
        let retry_ambiguous = random.below(4) == 0;
        let mut scans = Scans::new();
        for _ in 0..1 + random.below(6) {
            let before = fs::read(&path).unwrap_or_default();
            service.set_hostile(Some(random.fork()));
            run(&path, &client, retry_ambiguous, Some(&mut random)).await;
            let after = fs::metadata(&path).unwrap().len();
            let arrivals = service.take_arrivals();
            // What earlier runs wrote is on disk, except for a line that was cut off.
            let kept = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let (begun, kept) = if before[..kept].windows(6).any(|text| text == b"{\"run\"") {
                (before[..kept].iter().filter(|byte| **byte == b'\n').count(), kept as u64)
            } else {
                (0, 0)
            };
            let length = kept + random.below(after - kept + 1);
            kill(&path, length, &arrivals, begun, &mut scans, &mut random);
            kills += 1;
            if let Ok(report) = RunReport::read(&path) {
                check(&report.queues, &scans, retry_ambiguous);
            }
        }
        service.set_hostile(None);
        let reports = run(&path, &client, retry_ambiguous, None).await;
        service.take_arrivals().iter().for_each(|arrival| count(&mut scans, arrival));
        check(&reports, &scans, retry_ambiguous);
        let read = RunReport::read(&path).unwrap();
        check(&read.queues, &scans, retry_ambiguous);
        assert_eq!(
            reports.iter().map(QueueReport::totals).collect::<Vec<_>>(),
            read.queues.iter().map(QueueReport::totals).collect::<Vec<_>>()
        );
        let is_settled = |outcome| match outcome {
            CallOutcome::Accepted => true,
            CallOutcome::Unknown | CallOutcome::Unrecognised => !retry_ambiguous,
            _ => false,
        };
        assert!(
            read.queues.iter().flat_map(|queue| &queue.records).all(|record| is_settled(record.outcome)),
            "{read:?}"
        );
        fs::remove_file(&path).unwrap();
    }
    println!("{kills} kills of {chains} runs in {:.1?}", started.elapsed());
}
