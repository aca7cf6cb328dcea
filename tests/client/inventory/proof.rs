//! Which servers were really scanned: verdicts against the truth that only the emulator knows.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::TryStreamExt as _;
use huaweicloud_hss::verify::{
    CollectKind, CollectState, Coverage, HostCoverage, HostSelection, HostVerdict, Verdict, Verification, VerifyOptions,
};
use huaweicloud_hss::{Client, ErrorKind, ScanRequest, Selector};
use huaweicloud_hss_emulator::{
    CollectStatus, CollectionCause, Emulator, HostTruth, NotCoverable, WebFrameworkSpelling,
};
use integration_tests::emulator::WEDNESDAY;
use proptest::prelude::*;

use crate::{client, queue};

const SCAN: Duration = Duration::from_secs(60);

async fn emulator(hosts: usize, seed: u64, faults: &str) -> Emulator {
    Emulator::builder()
        .with_hosts(hosts)
        .with_seed(seed)
        .with_scan_duration(SCAN)
        .with_time_of_week(WEDNESDAY)
        .with_faults(faults.parse().unwrap())
        .start()
        .await
        .unwrap()
}

/// Orders a scan, and reads what was there before.
async fn order(client: &Client, selector: Selector, has_baseline: bool) -> (Verification, SystemTime) {
    let selection = || HostSelection::from_iter([&selector]);
    let before =
        if has_baseline { Some(Verification::before_scan(client, queue(), selection()).await.unwrap()) } else { None };
    let request = match &selector {
        Selector::AllHosts => ScanRequest::all_hosts(queue()),
        other => ScanRequest::hosts(queue(), other.ids().iter()),
    };
    let ordered_at = client.scan(&request).await.unwrap().meta.server_time.unwrap();
    let verification = match before {
        Some(mut before) => {
            before.set_ordered(&selector, Some(ordered_at));
            before
        }
        None => Verification::since(client, queue(), selection(), ordered_at).await.unwrap(),
    };
    (verification, ordered_at)
}

async fn verdicts(mut verification: Verification, options: &VerifyOptions) -> Vec<HostVerdict> {
    while verification.next_round(options).await.unwrap().is_some() {}
    verification.verdicts().collect()
}

fn options(max_status_calls: u64) -> VerifyOptions {
    let mut options = VerifyOptions::default();
    options.max_status_calls = max_status_calls;
    options
}

/// Returns whether any kind was collected by a scan since a time.
pub(super) fn was_scanned(truth: &HostTruth, since: SystemTime) -> bool {
    let since = i64::try_from(since.duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let by_scan = |cause| matches!(cause, CollectionCause::Scan | CollectionCause::Manual);
    truth.assets.iter().filter_map(|asset| asset.last).any(|last| by_scan(last.cause) && last.at >= since)
}

/// Returns the class that the emulator knows.
pub(super) fn class(truth: &HostTruth) -> Option<NotCoverable> {
    truth.not_coverable
}

pub(super) fn expected_class(coverage: Coverage) -> Option<NotCoverable> {
    match coverage {
        Coverage::NoAgent => Some(NotCoverable::NoAgent),
        Coverage::Offline => Some(NotCoverable::Offline),
        Coverage::ProtectionOff => Some(NotCoverable::ProtectionOff),
        Coverage::Interrupted => Some(NotCoverable::Interrupted),
        Coverage::Degraded => Some(NotCoverable::Degraded),
        Coverage::NoFingerprints => Some(NotCoverable::Edition),
        _ => None,
    }
}

const FAULTS: [&str; 7] = [
    "skip-hosts share=20%",
    "late-hosts=5m share=20%",
    "fail-hosts share=20%",
    "hang-hosts share=20%",
    "keep-times share=20%",
    "keep-status share=50%",
    "ListKernelModuleHostInfo:cut-list=20",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn verdicts_agree_with_the_truth(
        seed in 0_u64..1_000,
        hosts in 1_usize..80,
        faults in proptest::sample::subsequence(&FAULTS[..], 0..4),
        status_calls in prop_oneof![Just(0_u64), Just(5), Just(1_000)],
        has_baseline: bool,
        all: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let emulator = emulator(hosts, seed, &faults.join("\n")).await;
            let client = client(emulator.url());
            let ids: Vec<&str> = emulator.inventory().hosts().iter().map(|host| host.id()).collect();
            let named: Vec<&str> = ids.iter().copied().step_by(2).collect();
            let selector = if all { Selector::AllHosts } else { Selector::Hosts(named.iter().collect()) };
            let selected: HashSet<&str> = if all { ids.iter().copied().collect() } else { named.iter().copied().collect() };
            let (verification, ordered_at) = order(&client, selector, has_baseline).await;
            emulator.advance_clock(SCAN + Duration::from_secs(1));
            let found = verdicts(verification, &options(status_calls)).await;

            // Each selected server has exactly one verdict.
            let by_id: HashMap<&str, &HostVerdict> = found.iter().map(|host| (host.host_id.as_str(), host)).collect();
            prop_assert_eq!(by_id.len(), found.len());
            prop_assert_eq!(by_id.keys().copied().collect::<HashSet<_>>(), selected);
            let knows_all = status_calls == 1_000 && !faults.iter().any(|fault| fault.starts_with("keep-status"));
            for (id, host) in by_id {
                let truth = emulator.asset_truth(id).unwrap();
                let scanned = was_scanned(&truth, ordered_at);
                prop_assert!(host.verdict != Verdict::Scanned || scanned, "{:?} {:?}", host, truth);
                if scanned && knows_all {
                    prop_assert_eq!(host.verdict, Verdict::Scanned, "{:?} {:?}", host, truth);
                }
                prop_assert_eq!(host.verdict == Verdict::NotCovered, host.coverage.is_gap() && !scanned);
                let failed = |status| truth.assets.iter().any(|asset| asset.scan_status == Some(status));
                if host.verdict == Verdict::Failed {
                    prop_assert!(failed(CollectStatus::Failed), "{:?} {:?}", host, truth);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_class_of_each_server_is_the_one_that_the_emulator_knows(seed in 0_u64..1_000, hosts in 1_usize..120) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let emulator = emulator(hosts, seed, "").await;
            let survey = client(emulator.url()).coverage(queue(), HostSelection::all());
            let pages: Vec<Vec<HostCoverage>> = survey.into_stream().try_collect().await.unwrap();
            let found: Vec<HostCoverage> = pages.into_iter().flatten().collect();
            prop_assert_eq!(found.iter().map(|host| &host.host_id).collect::<HashSet<_>>().len(), hosts);
            prop_assert_eq!(found.len(), hosts);
            for host in found {
                let truth = emulator.asset_truth(&host.host_id).unwrap();
                prop_assert_eq!(expected_class(host.coverage), class(&truth), "{:?}", host);
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn most_servers_are_proved_by_lists_alone() {
    let emulator = emulator(400, 1, "").await;
    let client = client(emulator.url());
    let (verification, _) = order(&client, Selector::AllHosts, true).await;
    let before = emulator.requests().len();
    emulator.advance_clock(SCAN + Duration::from_secs(1));
    let found = verdicts(verification, &options(0)).await;
    let coverable = found.iter().filter(|host| host.coverage == Coverage::Coverable).count();
    let scanned = found.iter().filter(|host| host.verdict == Verdict::Scanned).count();
    assert!(scanned * 100 >= coverable * 85, "{scanned} of {coverable}");
    assert!(found.iter().all(|host| host.verdict != Verdict::Scanned || host.is_compared));
    let calls = emulator.requests().len() - before;
    assert!(calls <= 20, "{calls} calls");
}

#[tokio::test]
async fn lists_cost_at_most_a_call_for_each_100_servers_and_100() {
    const HOSTS: u64 = 10_000;
    let emulator = emulator(10_000, 7, "").await;
    let client = client(emulator.url());
    let estimate = Verification::estimate(&client, queue(), None).await.unwrap();
    let estimating = emulator.requests().len() as u64;
    assert!(estimating <= 12, "{estimating} calls for an estimate");
    let (verification, _) = order(&client, Selector::AllHosts, true).await;
    // A page of servers has 200, and the scan is one call.
    let before = emulator.requests().len() as u64 - estimating - HOSTS / 200 - 1;
    emulator.advance_clock(SCAN + Duration::from_secs(1));
    let found = verdicts(verification, &options(0)).await;
    let after = emulator.requests().len() as u64 - estimating - HOSTS / 200 - 1 - before;
    assert!(before <= HOSTS / 100 + 100 && after <= before, "{before} calls before the scan, {after} after it");
    assert_eq!(estimate.host_calls, HOSTS / 200);
    assert!(estimate.list_calls.abs_diff(before) * 10 <= before, "{estimate:?} for {before} calls");
    let coverable = found.iter().filter(|host| host.coverage == Coverage::Coverable).count();
    let scanned = found.iter().filter(|host| host.verdict == Verdict::Scanned).count();
    assert!(scanned * 100 >= coverable * 85, "{scanned} of {coverable}; {before} and {after} calls");
}

#[tokio::test]
async fn servers_that_are_late_are_proved_in_a_later_round() {
    let emulator = emulator(60, 3, "late-hosts=5m").await;
    let client = client(emulator.url());
    let (mut verification, _) = order(&client, Selector::AllHosts, true).await;
    emulator.advance_clock(SCAN + Duration::from_secs(1));
    let mut options = options(1_000);
    options.within = Duration::from_secs(60);
    (options.first_delay, options.max_delay) = (Duration::from_millis(1), Duration::from_millis(1));
    let first = verification.next_round(&options).await.unwrap().unwrap();
    assert!(first.is_empty() && verification.unproved() > 0, "{first:?}");
    emulator.advance_clock(Duration::from_secs(300));
    let later = verification.next_round(&options).await.unwrap().unwrap();
    assert!(!later.is_empty());
    assert_eq!((verification.unproved(), verification.next_round_in()), (0, None));
    assert_eq!(verification.next_round(&options).await.unwrap(), None);
}

/// The clock of tokio, which the emulator follows, moves on as soon as everything waits.
#[tokio::test(start_paused = true)]
async fn rounds_end_when_everything_is_proved_or_the_time_is_over() {
    for (within, is_proved) in [(Duration::from_secs(3600), true), (Duration::from_secs(600), false)] {
        let emulator = emulator(60, 3, "late-hosts=20m").await;
        let client = client(emulator.url());
        let (mut verification, _) = order(&client, Selector::AllHosts, true).await;
        let mut options = options(1_000);
        options.within = within;
        let started = tokio::time::Instant::now();
        let mut rounds = 0;
        while verification.next_round(&options).await.unwrap().is_some() {
            rounds += 1;
        }
        let took = started.elapsed();
        assert!((4..=10).contains(&rounds), "{rounds} rounds in {took:?}");
        if is_proved {
            // The pause between two rounds is 10 minutes at most.
            assert!((1200..=1800).contains(&took.as_secs()), "{took:?}");
        } else {
            assert_eq!(took.as_secs(), within.as_secs());
        }
        let found = verification.verdicts().filter(|host| host.verdict == Verdict::Scanned).count();
        assert_eq!(found > 20, is_proved, "{found} in {took:?}");
    }
}

#[tokio::test]
async fn the_weekly_collection_is_no_proof() {
    // The emulator's clock passes Monday 04:10 after a scan that skipped every server.
    let emulator = emulator(40, 5, "skip-hosts").await;
    let client = client(emulator.url());
    let (verification, _) = order(&client, Selector::AllHosts, true).await;
    emulator.advance_clock(Duration::from_secs(5 * 24 * 60 * 60));
    let found = verdicts(verification, &options(1_000)).await;
    assert!(found.iter().any(|host| host.verdict == Verdict::Refreshed));
    assert!(found.iter().all(|host| host.verdict != Verdict::Scanned), "{found:#?}");
}

#[tokio::test]
async fn a_verification_is_a_stream_of_every_verdict() {
    let emulator = emulator(50, 7, "fail-hosts share=20%").await;
    let client = client(emulator.url());
    let (verification, _) = order(&client, Selector::AllHosts, true).await;
    emulator.advance_clock(SCAN + Duration::from_secs(1));
    let parts: Vec<Vec<HostVerdict>> = verification.into_stream(options(1_000)).try_collect().await.unwrap();
    let ids: HashSet<String> = parts.iter().flatten().map(|host| host.host_id.clone()).collect();
    assert_eq!((ids.len(), parts.iter().map(Vec::len).sum::<usize>()), (50, 50));
    assert!(parts.concat().iter().any(|host| host.verdict == Verdict::Failed));
}

#[tokio::test]
async fn both_spellings_of_web_framework_are_tried() {
    for spelling in [WebFrameworkSpelling::Framework, WebFrameworkSpelling::Framwork] {
        let emulator = Emulator::builder()
            .with_scan_duration(SCAN)
            .with_time_of_week(WEDNESDAY)
            .with_web_framework_spelling(spelling)
            .start()
            .await
            .unwrap();
        let client = client(emulator.url());
        let is_coverable = |id: &&str| emulator.asset_truth(id).unwrap().not_coverable.is_none();
        let id = emulator.inventory().hosts().iter().map(|host| host.id()).find(is_coverable).unwrap();
        for kind in CollectKind::ALL {
            client.collect(&queue(), id, kind).await.unwrap();
            let state = client.collection(&queue(), id, kind).await.unwrap().state;
            assert_eq!(state, CollectState::Running, "{kind}");
        }
        emulator.advance_clock(SCAN + Duration::from_secs(1));
        let collection = client.collection(&queue(), id, CollectKind::WebFrameworks).await.unwrap();
        assert!(collection.state == CollectState::Scanned && collection.at.is_some(), "{collection:?}");
    }
    let refusing = emulator(1, 1, "status=400").await;
    let error = client(refusing.url()).collection(&queue(), "h", CollectKind::WebFrameworks).await.unwrap_err();
    assert_eq!((error.kind(), refusing.requests().len()), (ErrorKind::Refused, 2));
}
