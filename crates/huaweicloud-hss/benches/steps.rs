//! The steps that every call or plan goes through, each as often as told; `cargo xtask instructions` counts what one takes.
//!
//! `steps STEP TIMES`, where each step is one of [`STEPS`]. Nothing is sent.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a program for a check that watches it")]

use std::hint::black_box;
use std::time::SystemTime;

use huaweicloud_auth::sign;
use huaweicloud_hss::api::types;
use huaweicloud_hss::fleet::{PlanBuilder, Target};
use huaweicloud_hss::{
    AccessKey, Client, ErrorKind, Network, Queue, Retry, ScanOutcome, ScanRequest, Secret, classify,
};

const PROJECT: &str = "2b31ed520xxxxxxebedb6e57xxxxxxxx";

/// A step's name, and how to repeat it.
type Step = (&'static str, fn(usize));

const STEPS: [Step; 5] = [
    ("sign", sign_body),
    ("build-request", build_request),
    ("parse-outcome", parse_outcome),
    ("plan-100000-hosts", plan),
    ("read-page", read_page),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match &arguments[..] {
        [] => STEPS.iter().for_each(|(name, _)| println!("{name}")),
        [wanted, times] => {
            let step = STEPS.iter().find(|(name, _)| name == wanted);
            let (_, repeat) = step.unwrap_or_else(|| panic!("{wanted} is no step"));
            repeat(times.parse().unwrap());
        }
        _ => panic!("usage: steps [STEP TIMES]"),
    }
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

/// A body of 2 KB.
fn sign_body(times: usize) {
    let (key, body) = (key(), vec![b'x'; 2048]);
    let path = format!("/v5/{PROJECT}/asset/assign-task");
    for _ in 0..times {
        let request = sign::Request {
            method: "POST",
            host: "hss.cn-north-4.myhuaweicloud.com",
            path: &path,
            query: "category=host&enterprise_project_id=all_granted_eps",
            headers: &[("content-type", "application/json")],
            body: &body,
            scope: sign::Scope::Project(PROJECT),
        };
        black_box(sign::sign(&key, &request, SystemTime::UNIX_EPOCH).unwrap());
    }
}

/// A signed request for 200 hosts: built, and refused by an HTTP client that sends to https alone, before anything is sent.
fn build_request(times: usize) {
    #[cfg(feature = "rustls-ring")]
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let http = reqwest::Client::builder().https_only(true).no_proxy().build().unwrap();
    let network = Network::default().with_http_client(http).with_retry(Retry::never());
    let client = Client::builder().endpoint("http://127.0.0.1:1").access_key(key()).network(network).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ids = ids(200);
    runtime.block_on(async {
        for _ in 0..times {
            let request = ScanRequest::hosts(queue(), &ids);
            let refused = client.scan(&request).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        }
    });
}

fn parse_outcome(times: usize) {
    let accepted = format!(r#"{{"error":"{PROJECT}-all_granted_eps processed 200 tasks successfully."}}"#);
    let queued = format!(r#"{{"error":"Current project {PROJECT}-0 is already in the task queue."}}"#);
    for _ in 0..times {
        for (body, expected) in
            [(&accepted, ScanOutcome::Accepted { processed: 200 }), (&queued, ScanOutcome::AlreadyQueued)]
        {
            let answer: types::CreateGlobalAssetScanTaskResponse = serde_json::from_str(black_box(body)).unwrap();
            assert_eq!(classify(&answer.error.unwrap(), PROJECT), expected);
        }
    }
}

fn plan(times: usize) {
    let (queue, ids) = (queue(), ids(100_000));
    for _ in 0..times {
        let mut planner = PlanBuilder::default();
        for id in &ids {
            planner.add(None, queue.clone(), Target::Host(id)).unwrap();
        }
        assert_eq!(planner.build()[0].requests.len(), 500);
    }
}

/// A page of 200 servers.
fn read_page(times: usize) {
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
    for _ in 0..times {
        let page: types::ListHostStatusResponse = serde_json::from_slice(black_box(page.as_bytes())).unwrap();
        assert_eq!(page.data_list.unwrap().len(), 200);
    }
}
