//! The inventory of a hostile service: every result is complete and true, or an error.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt as _;
use huaweicloud_hss::assets::{Asset, AssetFilter, AssetKind};
use huaweicloud_hss::verify::{HostCoverage, HostSelection, HostVerdict, Verdict, Verification, VerifyOptions};
use huaweicloud_hss::{Client, Error, ScanRequest};
use huaweicloud_hss_emulator::Emulator;
use integration_tests::emulator::WEDNESDAY;
use proptest::prelude::*;

use super::proof::{class, expected_class, was_scanned};
use crate::{client, queue};

const SCAN: Duration = Duration::from_secs(60);

/// What a service, or something on the way to it, does to responses.
const FAULTS: [&str; 16] = [
    "status=503@24%",
    "status=429@24%",
    "status=400@6%",
    "status-after=504@15%",
    "reset@15%",
    "close-after@15%",
    "truncate@12%",
    "garbage@9%",
    "html@9%",
    "empty-list@15%",
    "null-list@12%",
    "no-list@12%",
    "repeat-page@18%",
    "total=0@15%",
    "total=7@15%",
    "ignore-filter@30%",
];

async fn emulator(hosts: usize, seed: u64, faults: &str) -> Emulator {
    let builder = Emulator::builder().with_hosts(hosts).with_seed(seed).with_scan_duration(SCAN);
    let faults = format!("seed={seed}\n{faults}");
    builder.with_time_of_week(WEDNESDAY).with_faults(faults.parse().unwrap()).start().await.unwrap()
}

/// Counts the assets by all that does not change from one emulator to the next.
fn counted(assets: Vec<Asset>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for Asset { host_id, host_name, container, name, version, path, port, user, .. } in assets {
        let key = format!("{host_id:?} {host_name:?} {container:?} {name:?} {version:?} {path:?} {port:?} {user:?}");
        *counts.entry(key).or_default() += 1;
    }
    counts
}

async fn assets(client: &Client, kind: AssetKind) -> Result<Vec<Asset>, Error> {
    client.assets(queue(), kind, AssetFilter::default()).into_stream().try_collect().await
}

async fn coverage(client: &Client) -> Result<Vec<HostCoverage>, Error> {
    client.coverage(queue(), HostSelection::all()).into_stream().try_concat().await
}

/// Scans, and verifies the scan. Returns when it was ordered, too.
async fn verified(emulator: &Emulator, client: &Client) -> Result<(SystemTime, Vec<HostVerdict>), Error> {
    let mut verification = Verification::before_scan(client, queue(), HostSelection::all()).await?;
    let request = ScanRequest::all_hosts(queue());
    let response = client.scan(&request).await?;
    verification.set_ordered(&request.selector, response.meta.server_time);
    emulator.advance_clock(SCAN + Duration::from_secs(1));
    while verification.next_round(&VerifyOptions::default()).await?.is_some() {}
    Ok((response.meta.server_time.unwrap_or(SystemTime::UNIX_EPOCH), verification.verdicts().collect()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_result_is_complete_and_true_or_an_error(
        seed in 0_u64..10_000,
        hosts in prop_oneof![1_usize..40, 190_usize..230],
        faults in proptest::sample::subsequence(&FAULTS[..], 1..5),
        skipped in prop_oneof![Just(""), Just("\nskip-hosts share=30%")],
        kind in proptest::sample::select(AssetKind::ALL.to_vec()),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (honest, hostile) = (emulator(hosts, seed, "").await, emulator(hosts, seed, &(faults.join("\n") + skipped)).await);
            let ids: BTreeSet<String> = honest.inventory().hosts().iter().map(|host| host.id().to_owned()).collect();
            let client = client(hostile.url());

            if let Ok(found) = assets(&client, kind).await {
                let expected = assets(&crate::client(honest.url()), kind).await.unwrap();
                prop_assert_eq!(counted(found), counted(expected), "{}", kind);
            }
            if let Ok(found) = coverage(&client).await {
                prop_assert_eq!(found.len(), hosts);
                prop_assert_eq!(&found.iter().map(|host| host.host_id.clone()).collect::<BTreeSet<_>>(), &ids);
                for host in found {
                    let truth = hostile.asset_truth(&host.host_id).unwrap();
                    prop_assert_eq!(expected_class(host.coverage), class(&truth), "{:?}", host);
                }
            }
            if let Ok((ordered_at, found)) = verified(&hostile, &client).await {
                prop_assert_eq!(found.len(), hosts);
                prop_assert_eq!(&found.iter().map(|host| host.host_id.clone()).collect::<BTreeSet<_>>(), &ids);
                for host in found {
                    let truth = hostile.asset_truth(&host.host_id).unwrap();
                    prop_assert!(host.verdict != Verdict::Scanned || was_scanned(&truth, ordered_at), "{:?}", host);
                }
            }
            Ok(())
        })?;
    }
}
