//! The in-process steps of a call and of a plan. Nothing is sent.

#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use std::time::SystemTime;

use divan::{Bencher, black_box};
use huaweicloud_auth::sign;
use huaweicloud_hss::api::types;
use huaweicloud_hss::fleet::{PlanBuilder, Target};
use huaweicloud_hss::{AccessKey, Client, ErrorKind, HttpConfig, Queue, RetryPolicy, ScanOutcome, ScanRequest, Secret};

const PROJECT: &str = "2b31ed520xxxxxxebedb6e57xxxxxxxx";

fn main() {
    divan::main();
}

fn key() -> AccessKey {
    AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new("example-secret-key-for-benches-0001".to_owned()), None).unwrap()
}

fn queue() -> Queue {
    Queue::new(PROJECT.parse().unwrap())
}

/// Ids as long as the service's.
fn ids(count: usize) -> Vec<String> {
    let mixed = |number: usize| (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (0..count).map(|number| format!("{number:08x}-1111-4000-8000-{:012x}", mixed(number) >> 16)).collect()
}

/// A request with a body of 2 KB.
#[divan::bench]
fn sign(bencher: Bencher<'_, '_>) {
    let (key, body) = (key(), vec![b'x'; 2048]);
    let path = format!("/v5/{PROJECT}/asset/assign-task");
    bencher.bench_local(|| {
        let request = sign::Request {
            method: "POST",
            host: "hss.cn-north-4.myhuaweicloud.com",
            path: &path,
            query: "category=host&enterprise_project_id=all_granted_eps",
            headers: &[("content-type", "application/json")],
            body: &body,
            scope: sign::Scope::Project(PROJECT),
        };
        sign::sign(&key, black_box(&request), SystemTime::UNIX_EPOCH).unwrap()
    });
}

/// A signed request for 200 hosts. An HTTP client that sends over https only refuses it before anything is sent.
#[divan::bench]
fn build_request(bencher: Bencher<'_, '_>) {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let http = reqwest::Client::builder().https_only(true).no_proxy().build().unwrap();
    let network = HttpConfig::default().with_http_client(http).with_retry(RetryPolicy::none());
    let client = Client::builder()
        .with_endpoint("http://127.0.0.1:1")
        .with_access_key(key())
        .with_http_config(network)
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ids = ids(200);
    bencher.bench_local(|| {
        let error = runtime.block_on(client.scan(&ScanRequest::hosts(queue(), &ids))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    });
}

#[divan::bench]
fn parse_outcome(bencher: Bencher<'_, '_>) {
    let body = format!(r#"{{"error":"{PROJECT}-all_granted_eps processed 200 tasks successfully."}}"#);
    bencher.bench_local(|| {
        let response: types::CreateGlobalAssetScanTaskResponse = serde_json::from_str(black_box(&body)).unwrap();
        assert_eq!(ScanOutcome::parse(&response.error.unwrap(), PROJECT), ScanOutcome::Accepted { processed: 200 });
    });
}

#[divan::bench]
fn plan_100_000_hosts(bencher: Bencher<'_, '_>) {
    let (queue, ids) = (queue(), ids(100_000));
    bencher.bench_local(|| {
        let mut planner = PlanBuilder::default();
        for id in &ids {
            planner.add(None, queue.clone(), Target::Host(id)).unwrap();
        }
        assert_eq!(planner.build()[0].requests.len(), 500);
    });
}

/// A list page of 200 hosts.
#[divan::bench]
fn parse_host_page(bencher: Bencher<'_, '_>) {
    let hosts: Vec<serde_json::Value> = ids(200)
        .into_iter()
        .map(|id| {
            serde_json::json!({
                "host_name": "web-0001", "host_id": id, "agent_status": "online", "protect_status": "opened",
                "private_ip": "192.168.0.1", "os_type": "Linux", "host_status": "ACTIVE", "group_name": "web",
                "version": "hss.version.enterprise", "detect_result": "clean", "enterprise_project_id": "0",
            })
        })
        .collect();
    let page = serde_json::json!({ "total_num": 200, "data_list": hosts }).to_string();
    bencher.bench_local(|| {
        let page: types::ListHostStatusResponse = serde_json::from_slice(black_box(page.as_bytes())).unwrap();
        assert_eq!(page.data_list.unwrap().len(), 200);
    });
}
