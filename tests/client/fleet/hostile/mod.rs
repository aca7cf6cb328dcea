//! Every kind of response and of lost response, with kills and resumed runs between them: no host is lost, none is asked
//! for again without permission once its scan may have started, and none is reported falsely as accepted or not sent.

mod responses;
mod server;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use huaweicloud_hss::fleet::{Journal, PollInterval, QueuePlan, QueueReport, RunIdentity, RunReport};
use huaweicloud_hss::{CallOutcome, Client, HttpConfig, Queue, RateLimit, RetryPolicy, Selector};
use integration_tests::random::{self, Random};

use super::journal::{execute, quick_folder, with_journal};
use crate::client_over;
use responses::Evidence;
use server::{Arrival, HostileServer};

/// How many projects, calls of each project, and hosts of each call.
const SIZE: [usize; 3] = [3, 3, 2];

/// How many journals are in use at a time.
const CHAINS: u64 = 8;

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

/// Returns the calls for a host.
fn arrivals_of<'a>(host: &'a str, log: &'a [Arrival]) -> impl Iterator<Item = &'a Arrival> {
    log.iter().filter(move |arrival| arrival.hosts.iter().any(|id| id == host))
}

/// Checks the outcome of every host against what arrived at the service.
fn check(reports: &[QueueReport], log: &[Arrival]) {
    let mut hosts = HashSet::new();
    for record in reports.iter().flat_map(|report| &report.records) {
        for host in record.selector.ids().iter() {
            assert!(hosts.insert(host), "{host} is reported twice");
            let arrivals: Vec<&Arrival> = arrivals_of(host, log).collect();
            let is_true = match record.outcome {
                CallOutcome::Accepted => arrivals.iter().any(|arrival| arrival.evidence == Evidence::Started),
                CallOutcome::Unknown | CallOutcome::Unrecognised => true,
                _ => arrivals.iter().all(|arrival| !arrival.started && arrival.evidence == Evidence::NotStarted),
            };
            assert!(is_true, "{host}: {record:?} after {arrivals:?}");
        }
    }
    assert_eq!(hosts.len(), SIZE.iter().product::<usize>(), "a host is missing");
}

/// Checks that no host was asked for again once its scan may have started.
fn check_once(log: &[Arrival]) {
    let mut maybe_started: HashMap<&str, &Arrival> = HashMap::new();
    for arrival in log {
        for host in &arrival.hosts {
            assert!(!maybe_started.contains_key(&**host), "{host}: {arrival:?} after {:?}", maybe_started[&**host]);
            if arrival.evidence != Evidence::NotStarted {
                maybe_started.insert(host, arrival);
            }
        }
    }
}

/// Returns a client as a new process would have it.
fn client(server: &HostileServer, retry_ambiguous: bool, hostile: Option<&mut Random>) -> Client {
    let retry = RetryPolicy::default()
        .with_backoff(Duration::from_millis(1), Duration::from_millis(4))
        .with_retry_ambiguous(retry_ambiguous);
    let Some(random) = hostile else { return client_over(server.url(), HttpConfig::default().with_retry(retry)) };
    let retry = retry.with_time_limit(Duration::from_secs(1)).with_max_attempts(1 + random.below(5) as u32);
    let mut config = HttpConfig::default().with_retry(retry).with_attempt_timeout(Duration::from_millis(300));
    if random.below(3) == 0 {
        let calls = 1 + random.below(9) as u32;
        config = config.with_rate_limit(RateLimit::new(calls, Duration::from_millis(1 + random.below(30))));
    }
    client_over(server.url(), config)
}

/// Executes the plans, as far as the journal has no outcome. Returns `None` if the client was killed.
async fn run(
    path: &Path,
    server: &HostileServer,
    retry_ambiguous: bool,
    mut hostile: Option<&mut Random>,
) -> Option<Vec<QueueReport>> {
    let client = client(server, retry_ambiguous, hostile.as_deref_mut());
    let mut plans = plans();
    let journal = Journal::resume(path, &mut plans, &RunIdentity::new(&client), retry_ambiguous).unwrap();
    let mut options = with_journal(journal);
    options.wait_timeout = Duration::from_millis(5);
    options.poll_interval = PollInterval { initial: Duration::from_millis(1), max: Duration::from_millis(2) };
    let Some(random) = hostile else { return Some(execute(plans, &client, &options).await) };
    options = options.with_concurrency(1 + random.below(4) as usize);
    options.wait = random.below(2) == 0;
    options.pending_grace = Duration::from_millis(random.below(4));
    options.deadline = Instant::now().checked_add(Duration::from_millis(800));
    let later = random.below(40);
    let kill = async {
        server.kill().await;
        for _ in 0..later {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = kill => None,
        reports = execute(plans, &client, &options) => Some(reports),
    }
}

/// What a chain of runs came across.
#[derive(Default)]
struct Tally {
    kinds: HashMap<&'static str, u64>,
    runs: u64,
    kills: u64,
}

/// Runs, kills and resumes with one journal, until the service is well-behaved and everything has its outcome.
async fn chain(path: &Path, mut random: Random, tally: &mut Tally) {
    let server = HostileServer::start();
    let retry_ambiguous = random.below(4) == 0;
    let mut accepted: HashMap<String, usize> = HashMap::new();
    for _ in 0..1 + random.below(5) {
        let kill_after = (random.below(2) == 0).then(|| 1 + random.below(5));
        server.set(Some(random.fork()), kill_after);
        let reports = run(path, &server, retry_ambiguous, Some(&mut random)).await;
        tally.runs += 1;
        tally.kills += u64::from(reports.is_none());
        let log = server.log();
        if let Some(reports) = &reports {
            check(reports, &log);
        }
        let read = RunReport::read(path).unwrap();
        check(&read.queues, &log);
        for record in read.queues.iter().flat_map(|queue| &queue.records) {
            for host in record.selector.ids().iter().filter(|_| record.outcome == CallOutcome::Accepted) {
                accepted.entry(host.to_owned()).or_insert_with(|| arrivals_of(host, &log).count());
            }
        }
    }
    server.set(None, None);
    let reports = run(path, &server, retry_ambiguous, None).await.unwrap();
    let log = server.log();
    check(&reports, &log);
    let read = RunReport::read(path).unwrap();
    check(&read.queues, &log);
    let totals = |queues: &[QueueReport]| queues.iter().map(QueueReport::totals).collect::<Vec<_>>();
    assert_eq!(totals(&reports), totals(&read.queues));
    let is_settled = |outcome| match outcome {
        CallOutcome::Accepted => true,
        CallOutcome::Unknown | CallOutcome::Unrecognised => !retry_ambiguous,
        _ => false,
    };
    assert!(reports.iter().flat_map(|queue| &queue.records).all(|record| is_settled(record.outcome)), "{reports:?}");
    for (host, arrivals) in accepted {
        assert_eq!(arrivals_of(&host, &log).count(), arrivals, "{host} was accepted, and sent again");
    }
    if !retry_ambiguous {
        check_once(&log);
    }
    for arrival in log {
        *tally.kinds.entry(arrival.kind).or_default() += 1;
    }
}

#[tokio::test]
async fn hostile_responses_lose_no_host_scan_none_twice_and_are_reported_truly() {
    let started = Instant::now();
    let kinds = responses::kinds();
    assert!(kinds.len() >= 59 && kinds.iter().collect::<HashSet<_>>().len() == kinds.len(), "{kinds:?}");
    let wanted = random::responses(200);
    let mut random = Random::new();
    let folder = quick_folder();
    let workers = (0..CHAINS).map(|worker| {
        let mut random = random.fork();
        let folder = folder.path();
        async move {
            let mut tally = Tally::default();
            let hostile = |tally: &Tally| {
                tally.kinds.iter().filter(|(kind, _)| **kind != "accepted").map(|(_, count)| count).sum::<u64>()
            };
            while hostile(&tally) < wanted.div_ceil(CHAINS) {
                chain(&folder.join(format!("journal-{worker}-{}", tally.runs)), random.fork(), &mut tally).await;
            }
            tally
        }
    });
    let mut total = Tally::default();
    for tally in join_all(workers).await {
        total.runs += tally.runs;
        total.kills += tally.kills;
        for (kind, count) in tally.kinds {
            *total.kinds.entry(kind).or_default() += count;
        }
    }
    total.kinds.remove("accepted");
    println!(
        "{} hostile responses of {} kinds in {} runs with {} kills in {:.1?}",
        total.kinds.values().sum::<u64>(),
        total.kinds.len(),
        total.runs,
        total.kills,
        started.elapsed()
    );
}
