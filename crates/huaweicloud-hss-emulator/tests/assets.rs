//! Tests of the asset inventory over real sockets: faults of hosts, lists that are cut, and the emulator's own paths.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy's exception for tests does not cover their helpers"
)]

mod common;

use std::time::Duration;

use common::{HttpResponse, PATH, post, send};
use huaweicloud_hss_emulator::{
    AssetKind, CollectStatus, CollectionCause, Emulator, ErrorKind, HostAttributes, HostTruth, NotCoverable,
};
use serde_json::{Value, json};

async fn emulator(hosts: usize, faults: &str) -> Emulator {
    let builder = Emulator::builder().with_hosts(hosts).with_scan_duration(Duration::ZERO);
    // A Wednesday, far from the weekly collection on Mondays.
    let builder = builder.with_time_of_week(Duration::from_secs(60 * 60 * 60));
    builder.with_faults(faults.parse().unwrap()).start().await.unwrap()
}

async fn list(emulator: &Emulator, path: &str) -> Value {
    let request = format!("GET /v5/p{path} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: t\r\n\r\n");
    let response = send(emulator.addr(), &request).await.unwrap();
    assert_eq!(response.status, 200, "{path}");
    response.json()
}

async fn control(emulator: &Emulator, method: &str, path: &str, body: &str) -> HttpResponse {
    let head = format!("{method} /_emulator/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}", body.len());
    send(emulator.addr(), &format!("{head}\r\n\r\n{body}")).await.unwrap()
}

/// Returns the truth about the hosts that can be collected.
fn coverable(emulator: &Emulator) -> Vec<HostTruth> {
    let truths = emulator.inventory().hosts().iter().map(|host| emulator.asset_truth(host.id()).unwrap());
    truths.filter(|truth| truth.not_coverable.is_none()).collect()
}

/// Returns whether a scan collected the databases of a host, whether lists show it, and the status.
fn databases(truth: &HostTruth) -> (bool, bool, CollectStatus) {
    let asset = truth.assets.iter().find(|asset| asset.kind == AssetKind::Database).unwrap();
    let last = asset.last.unwrap();
    (last.cause == CollectionCause::Scan, last.listed_at == last.at, asset.scan_status.unwrap())
}

#[tokio::test]
async fn hosts_have_the_first_fault_that_names_them() {
    let without = emulator(40, "").await;
    let ids: Vec<String> = coverable(&without).into_iter().map(|truth| truth.host_id).collect();
    let faults = format!(
        "skip-hosts hosts={}\nfail-hosts hosts={},{}\nCreateGlobalAssetScanTask:hang-hosts hosts={}\nkeep-times hosts={}\n\
         late-hosts=10m hosts={}",
        ids[0], ids[0], ids[1], ids[2], ids[3], ids[4]
    );
    let emulator = emulator(40, &faults).await;
    assert_eq!(send(emulator.addr(), &post(PATH, r#"{"all_hosts":true}"#)).await.unwrap().status, 200);
    let seen: Vec<_> = ids.iter().take(6).map(|id| databases(&emulator.asset_truth(id).unwrap())).collect();
    assert_eq!(
        seen,
        [
            (false, true, CollectStatus::NeverScanned),
            (false, true, CollectStatus::Failed),
            (false, true, CollectStatus::LongScanning),
            (true, false, CollectStatus::Scanned),
            (false, true, CollectStatus::Scanning),
            (true, true, CollectStatus::Scanned),
        ]
    );
    emulator.advance_clock(Duration::from_secs(600));
    assert_eq!(databases(&emulator.asset_truth(&ids[4]).unwrap()), (true, true, CollectStatus::Scanned));
    let fault = emulator.requests()[0].fault.clone().unwrap();
    assert!(fault.starts_with("skip-hosts hosts=") && fault.ends_with(&format!("; late-hosts=10m hosts={}", ids[4])));
}

#[tokio::test]
async fn a_share_of_hosts_is_skipped_and_nothing_shows_it() {
    let emulator = emulator(1000, "seed=3\nskip-hosts share=20%").await;
    let response = send(emulator.addr(), &post(PATH, r#"{"all_hosts":true}"#)).await.unwrap();
    assert_eq!(response.json()["error"], "p-0 processed 1000 tasks successfully.");
    let truths = coverable(&emulator);
    let skipped = truths.iter().filter(|truth| !databases(truth).0).count();
    assert!((truths.len() / 10..truths.len() * 3 / 10).contains(&skipped), "{skipped} of {}", truths.len());
}

#[tokio::test]
async fn a_list_is_cut() {
    let emulator = emulator(300, "cut-list=95").await;
    for (offset, rows) in [(0, 50), (50, 45), (100, 0)] {
        let page = list(&emulator, &format!("/asset/users?user_name=root&limit=50&offset={offset}")).await;
        assert_eq!((&page["total_num"], page["data_list"].as_array().unwrap().len()), (&json!(95), rows), "{offset}");
    }
    // A shorter list stays as it is.
    let one = emulator.inventory().hosts()[0].id();
    let page = list(&emulator, &format!("/asset/users?host_id={one}")).await;
    assert_eq!(page["total_num"], page["data_list"].as_array().unwrap().len());
}

#[tokio::test]
async fn attributes_of_hosts_are_set_and_the_truth_is_shown() {
    let emulator = emulator(7, "").await;
    let id = emulator.inventory().hosts()[0].id().to_owned();
    let set = |body: Value| {
        let (emulator, body) = (&emulator, body.to_string());
        async move { control(emulator, "POST", "hosts", &body).await }
    };
    for (attributes, reason) in [
        (json!({"agent_status": "not_installed"}), Some("no_agent")),
        (json!({"agent_status": "offline"}), Some("offline")),
        (json!({"agent_status": "online", "protect_status": "closed"}), Some("protection_off")),
        (json!({"protect_status": "opened", "protect_interrupt": true}), Some("interrupted")),
        (json!({"protect_interrupt": false, "protect_degradation": true}), Some("degraded")),
        (json!({"protect_degradation": false, "version": "hss.version.basic"}), Some("edition")),
        (json!({"version": "hss.version.wtp", "asset_value": "test"}), None),
    ] {
        let mut body = attributes.clone();
        body["host_id"] = id.clone().into();
        assert_eq!(set(body).await.status, 204);
        let page = list(&emulator, &format!("/host-management/hosts?host_id={id}")).await;
        for (name, value) in attributes.as_object().unwrap() {
            assert_eq!(page["data_list"][0][name], *value, "{name}");
        }
        let lines = control(&emulator, "GET", "assets", "").await;
        let lines: Vec<Value> =
            std::str::from_utf8(&lines.body).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines.len(), &lines[0]["host_id"]), (7, &json!(id)));
        assert_eq!(lines[0]["not_coverable"], json!(reason));
    }
    assert_eq!(list(&emulator, "/host-management/hosts?asset_value=test").await["data_list"][0]["host_id"], id);
    for (body, part) in [
        (json!({"host_id": "unknown"}), "no host"),
        (json!({"host_id": id, "protect_status": "on"}), "protect_status must be one of"),
        (json!({"host_id": id, "colour": "red"}), "unknown field"),
        (json!([]), "host_id"),
    ] {
        let refused = set(body).await;
        assert_eq!(refused.status, 400);
        assert!(refused.json()["error_msg"].as_str().unwrap().contains(part), "{}", refused.json());
    }
    assert_eq!(control(&emulator, "POST", "assets", "").await.status, 405);
    // A reset restores the seeded attributes, but not those of the builder.
    assert_eq!(control(&emulator, "POST", "reset", "").await.status, 204);
    let seeded = Emulator::builder().with_hosts(7).service().unwrap();
    assert_eq!(emulator.asset_truth(&id).unwrap().not_coverable, seeded.asset_truth(&id).unwrap().not_coverable);
}

#[tokio::test]
async fn a_builder_sets_attributes_from_the_start() {
    let id = Emulator::builder().with_hosts(7).service().unwrap().inventory().hosts()[1].id().to_owned();
    let builder = || Emulator::builder().with_hosts(7);
    let basic = HostAttributes::default().with_edition("hss.version.basic").with_protect_status("opened");
    let service = builder().with_host_attributes(&*id, basic).service().unwrap();
    let truth = service.asset_truth(&id).unwrap();
    assert!(
        truth.not_coverable == Some(NotCoverable::Edition) && truth.assets.iter().all(|asset| asset.last.is_none())
    );
    for (id, attributes) in
        [("unknown", HostAttributes::default()), (&id, HostAttributes::default().with_asset_value("x"))]
    {
        let error = builder().with_host_attributes(id, attributes).service().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Host);
    }
}
