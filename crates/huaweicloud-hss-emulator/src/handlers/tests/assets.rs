//! Tests of the asset inventory over whole requests.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::time::Duration;

use crate::builder::Emulator;
use crate::handlers::state::WebFrameworkSpelling;
use crate::model::assets::coverage::{HostAttributes, NotCoverable};
use crate::model::assets::kind::{AssetCategory, AssetKind};
use crate::model::assets::truth::{AssetTruth, CollectionCause, HostTruth};
use crate::model::inventory::AgentStatus;
use crate::service::InProcessService;

const HOUR: Duration = Duration::from_secs(3600);

/// Far from the weekly collection.
const WEDNESDAY: Duration = Duration::from_secs(60 * 3600);

fn send(service: &InProcessService, method: &str, path: &str, body: &Value) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(format!("/v5/p{path}")).header("x-auth-token", "t");
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    service.handle(&request.header("content-type", "application/json").body(body).unwrap())
}

fn get(service: &InProcessService, path: &str) -> Value {
    let response = send(service, "GET", path, &Value::Null);
    let body = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.status(), 200, "{path}: {body}");
    body
}

/// Returns all rows of a list, in pages of different sizes.
fn all(service: &InProcessService, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    loop {
        let limit = 10 + rows.len() % 191;
        let page = get(service, &format!("{path}&limit={limit}&offset={}", rows.len()));
        let more = page["data_list"].as_array().unwrap();
        if more.is_empty() {
            assert_eq!(page["total_num"], rows.len(), "{path}");
            return rows;
        }
        rows.extend(more.iter().cloned());
    }
}

fn scan(service: &InProcessService, category: &str, body: &Value) {
    let response = send(service, "POST", &format!("/asset/assign-task?category={category}"), body);
    assert_eq!(response.status(), 200);
    assert!(std::str::from_utf8(response.body()).unwrap().contains("processed"));
}

fn truths(service: &InProcessService) -> Vec<HostTruth> {
    service.inventory().hosts().iter().map(|host| service.asset_truth(host.id()).unwrap()).collect()
}

/// Returns the truth about the modules of a host's kernel.
fn kernel_modules(truth: &HostTruth) -> (i64, CollectionCause) {
    let of_kind = truth.assets.iter().find(|asset| asset.kind == AssetKind::KernelModule).unwrap();
    of_kind.last.map(|last| (last.at, last.cause)).unwrap()
}

#[test]
fn every_coverable_host_has_one_row_of_its_administrator() {
    let service = Emulator::builder().with_hosts(500).service().unwrap();
    let linux = all(&service, "/asset/users?user_name=root");
    let windows = all(&service, "/asset/users?user_name=Administrator");
    let listed: Vec<&str> = linux.iter().chain(&windows).map(|row| row["host_id"].as_str().unwrap()).collect();
    let truths = truths(&service);
    for truth in &truths {
        let count = listed.iter().filter(|id| **id == truth.host_id).count();
        let was_collected = truth.assets[0].last.is_some();
        assert_eq!(count, usize::from(was_collected), "{truth:?}");
        assert!(was_collected || truth.not_coverable.is_some());
    }
    assert!(windows.len() > 10 && linux.len() > windows.len());
    // Offline hosts were collected earlier, and hosts of a basic edition never.
    let of = |reason| truths.iter().filter(move |truth| truth.not_coverable == Some(reason));
    assert!(of(NotCoverable::Offline).any(|truth| truth.assets[0].last.is_some()));
    assert!(of(NotCoverable::Edition).all(|truth| truth.assets[0].last.is_none()));
    for reason in [NotCoverable::NoAgent, NotCoverable::ProtectionOff] {
        assert!(of(reason).count() > 0, "{reason:?}");
    }
    assert!(of(NotCoverable::Interrupted).count() > 0 && of(NotCoverable::Degraded).count() > 0);
}

#[test]
fn lists_have_the_documented_shape_of_hosts() {
    let service = Emulator::builder().with_hosts(400).service().unwrap();
    let modules = get(&service, "/asset/statistics/kernel-module?");
    let counts: Vec<(&str, u64)> = modules["data_list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["num"].as_u64().unwrap()))
        .collect();
    // The most common module is on most Linux hosts, but not on all.
    let linux = all(&service, "/asset/users?user_name=root").len() as u64;
    assert_eq!(counts[0].0, "virtio_net");
    assert!(counts[0].1 * 10 > linux * 8 && counts[0].1 < linux, "{counts:?} of {linux}");
    assert!(counts.is_sorted_by(|one, other| one.1 >= other.1) && counts.len() >= 5);
    for (name, num) in counts {
        let rows = all(&service, &format!("/asset/host/kernel-module?name={name}"));
        assert_eq!(rows.len() as u64, num, "{name}");
        assert!(rows.iter().all(|row| row["kernel_module_info"]["name"] == name));
    }
    // One package in several versions.
    let packages = get(&service, "/asset/midwares?category=host&file_name=log4j-core&limit=200");
    assert!(packages["data_list"].as_array().unwrap().len() >= 3);
    // A Linux host has about 200 rows of software.
    let host = all(&service, "/asset/users?user_name=root")[0]["host_id"].as_str().unwrap().to_owned();
    let software = all(&service, &format!("/asset/apps?host_id={host}")).len();
    assert!((150..260).contains(&software), "{software}");
    // The same file is the same everywhere, and its path is one of its system.
    let file = |row: &Value| (row["kernel_module_info"]["hash"].clone(), row["kernel_module_info"]["size"].clone());
    let modules = all(&service, "/asset/host/kernel-module?name=xfs");
    assert!(modules.iter().all(|row| file(row) == file(&modules[0])));
    let packages = all(&service, "/asset/midwares/detail?file_name=log4j-core-2.17.1.jar");
    let is_windows = |row: &Value| row["path"] == r"C:\app\lib\log4j-core-2.17.1.jar";
    assert!(packages.iter().any(is_windows));
    assert!(packages.iter().all(|row| is_windows(row) || row["path"] == "/opt/app/lib/log4j-core-2.17.1.jar"));
    // Some Linux hosts have no rows of the weekly kinds, not even of a module.
    let bare = truths(&service).into_iter().filter(|truth| {
        truth.assets[0].last.is_some() && truth.assets.iter().all(|asset| !asset.kind.is_weekly() || asset.rows == 0)
    });
    assert!(bare.count() > 5);
    // Containers have their own rows.
    let containers = all(&service, "/asset/apps?category=container&app_name=openssl");
    assert!(!containers.is_empty());
    assert!(containers.iter().all(|row| row["container_id"].as_str().unwrap().len() == 64));
    assert!(all(&service, "/asset/apps?app_name=openssl").iter().all(|row| row.get("container_id").is_none()));
}

#[test]
fn filters_select_matching_rows() {
    let service = Emulator::builder().with_hosts(300).service().unwrap();
    let everything = all(&service, "/asset/apps?app_name=lib&part_match=true");
    let row = &everything[everything.len() / 2];
    let text = |field: &str| row[field].as_str().unwrap();
    for (query, field, whole) in [
        (format!("app_name={}", text("app_name")), "app_name", true),
        (format!("app_name=lib&part_match=true&version={}", text("version")), "version", true),
        (format!("app_name=lib&part_match=true&host_name={}", text("host_name")), "host_name", false),
        (format!("app_name={}&host_ip={}", text("app_name"), text("host_ip")), "host_ip", true),
        (format!("app_name={}&host_id={}", text("app_name"), text("host_id")), "host_id", true),
    ] {
        let found = all(&service, &format!("/asset/apps?{query}"));
        assert!(!found.is_empty() && found.len() < everything.len(), "{query}");
        let matches = |value: &str| if whole { value == text(field) } else { value.contains(text(field)) };
        assert!(found.iter().all(|row| matches(row[field].as_str().unwrap())), "{query}");
    }
    assert!(all(&service, "/asset/users?root_permission=true").iter().all(|row| row["root_permission"] == true));
    assert!(all(&service, "/asset/auto-launchs?type=3").iter().all(|row| row["type"] == 3));
    let web = all(&service, "/asset/ports/detail?category=host&port=443");
    assert!(!web.is_empty() && web.iter().all(|row| row["port"] == 443));
    let ports = get(&service, "/asset/port/statistics?sort_key=port&sort_dir=desc");
    assert_eq!(ports["data_list"][0]["port"], 8080);
    for catalogue in ["web_cms", "web_service", "database"] {
        let rows = all(&service, &format!("/asset/web-app-and-services?category=host&catalogue={catalogue}"));
        assert!(!rows.is_empty() && rows.iter().all(|row| row["catalogue"] == catalogue), "{catalogue}");
    }
    assert!(all(&service, "/asset/users?host_id=unknown").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_scan_moves_every_kind_of_the_hosts_that_can_be_collected_when_it_ends() {
    let service = Emulator::builder()
        .with_hosts(200)
        .with_time_of_week(WEDNESDAY)
        .with_scan_duration(HOUR / 2)
        .service()
        .unwrap();
    let before = truths(&service);
    let path = "/asset/host/kernel-module?name=virtio_net";
    let old = all(&service, path);
    scan(&service, "host", &json!({"all_hosts": true}));
    tokio::time::advance(HOUR / 2 - Duration::from_millis(1)).await;
    assert_eq!(all(&service, path), old);
    tokio::time::advance(Duration::from_millis(1)).await;
    for (before, after) in before.iter().zip(truths(&service)) {
        let has_moved = after.assets[0].last.is_some() && kernel_modules(&after).1 == CollectionCause::Scan;
        assert_eq!(has_moved, after.not_coverable.is_none(), "{after:?}");
        let of_containers = after.assets.iter().filter(|asset| asset.category == AssetCategory::Container);
        assert!(of_containers.filter_map(|asset| asset.last).all(|last| last.cause != CollectionCause::Scan));
        assert!(has_moved || before.assets[0].last.is_none() || kernel_modules(before) == kernel_modules(&after));
    }
    assert_ne!(all(&service, path), old);
}

#[tokio::test(start_paused = true)]
async fn the_times_of_rows_are_those_of_the_truth() {
    let service = Emulator::builder().with_hosts(60).with_scan_duration(HOUR).service().unwrap();
    scan(&service, "container", &json!({"all_hosts": true}));
    let ids: Vec<&str> = service.inventory().hosts()[..20].iter().map(|host| host.id()).collect();
    scan(&service, "host", &json!({"host_ids": ids}));
    for (advanced, host) in [(HOUR / 2, 0), (HOUR, 4), (24 * HOUR, 8), (7 * 24 * HOUR, 12)] {
        let path = format!("/asset/manual-collect/kernel-module?host_id={}", ids[host]);
        assert_eq!(send(&service, "POST", &path, &Value::Null).status(), 200);
        service.advance_clock(advanced);
        let truths = truths(&service);
        for (kind, path) in [
            (AssetKind::Users, "/asset/users?"),
            (AssetKind::App, "/asset/apps?app_name=openssl"),
            (AssetKind::AutoLaunch, "/asset/auto-launchs?"),
            (AssetKind::KernelModule, "/asset/host/kernel-module?name=ext4"),
            (AssetKind::Database, "/asset/web-app-and-services?category=host&catalogue=database"),
            (AssetKind::JarPackage, "/asset/midwares/detail?category=container&file_name=log4j-core-2.20.0.jar"),
            (AssetKind::WebFramework, "/asset/host/web-framework?category=container"),
            (AssetKind::WebSite, "/asset/host/web-site?category=host&domain=www.example.com"),
        ] {
            let category = if path.contains("container") { AssetCategory::Container } else { AssetCategory::Host };
            let rows = all(&service, path);
            assert!(!rows.is_empty(), "{path}");
            for row in rows {
                let truth = truths.iter().find(|truth| truth.host_id == row["host_id"]).unwrap();
                let of_kind = |asset: &&AssetTruth| (asset.kind, asset.category) == (kind, category);
                let listed_at = truth.assets.iter().find(of_kind).unwrap().last.unwrap().listed_at;
                let times = [&row["recent_scan_time"], &row["record_time"], &row["kernel_module_info"]["record_time"]];
                assert!(times.into_iter().any(|time| *time == listed_at), "{row}: {listed_at}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_collection_of_one_host_moves_its_kind_and_status() {
    let service =
        Emulator::builder().with_hosts(20).with_time_of_week(WEDNESDAY).with_scan_duration(HOUR).service().unwrap();
    let truths = truths(&service);
    let host = &truths.iter().find(|truth| truth.not_coverable.is_none()).unwrap().host_id;
    let offline = service.inventory().hosts()[3].id();
    service.set_host_attributes(offline, HostAttributes::default().with_agent_status(AgentStatus::Offline)).unwrap();
    let status = |kind: &str, id: &str| {
        let body = get(&service, &format!("/asset/manual-collect/{kind}?host_id={id}"));
        (body["scan_status"].as_str().unwrap().to_owned(), body["scanned_time"].as_i64().unwrap())
    };
    assert_eq!(status("midware", host), ("neverscan".to_owned(), 0));
    for id in [host.as_str(), offline, "unknown"] {
        let response = send(&service, "POST", &format!("/asset/manual-collect/midware?host_id={id}"), &Value::Null);
        assert_eq!((response.status().as_u16(), response.body().len()), (200, 0));
    }
    assert_eq!(status("midware", host), ("scanning".to_owned(), 0));
    tokio::time::advance(HOUR).await;
    let truth = service.asset_truth(host).unwrap();
    let of = |kind| truth.assets.iter().find(|asset| asset.kind == kind).unwrap().last.unwrap();
    assert_eq!(of(AssetKind::JarPackage).cause, CollectionCause::Manual);
    assert_ne!(of(AssetKind::Database).cause, CollectionCause::Manual);
    assert_eq!(status("midware", host), ("scanned".to_owned(), of(AssetKind::JarPackage).at));
    assert_eq!(status("database", host).0, "neverscan");
    assert_eq!(status("midware", offline), ("failed".to_owned(), 0));
    assert_eq!(status("midware", "unknown").0, "neverscan");
    // A scan of all hosts shows in the status too, except for hosts that cannot be collected.
    scan(&service, "host", &json!({"all_hosts": true}));
    assert_eq!(status("database", host).0, "scanning");
    assert_eq!(status("database", offline).0, "neverscan");
}

#[test]
fn one_spelling_of_web_frameworks_can_be_unknown() {
    for (spelling, statuses) in [
        (WebFrameworkSpelling::Both, [200, 200]),
        (WebFrameworkSpelling::Framework, [200, 400]),
        (WebFrameworkSpelling::Framwork, [400, 200]),
    ] {
        let service = Emulator::builder().with_web_framework_spelling(spelling).service().unwrap();
        let status = |kind| {
            let path = format!("/asset/manual-collect/{kind}?host_id=h");
            send(&service, "GET", &path, &Value::Null).status().as_u16()
        };
        assert_eq!(["web-framework", "web-framwork"].map(status), statuses);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_is_exported_to_a_csv_file() {
    let service =
        Emulator::builder().with_hosts(50).with_time_of_week(WEDNESDAY).with_scan_duration(HOUR).service().unwrap();
    let body = json!({
        "export_headers": [["host_name", "Server, name"], ["name", "Module"], ["record_time", "Time"], ["host_id", "Id"]],
        "search_param": r#"{"name": "ext4"}"#,
    });
    let order = send(&service, "POST", "/asset/export?asset_type=kernel_module&category=host", &body);
    let task: Value = serde_json::from_slice(order.body()).unwrap();
    let path = format!("/export-task/{}", task["task_id"].as_str().unwrap());
    assert_eq!(get(&service, &path)["task_status"], "running");
    tokio::time::advance(HOUR).await;
    let done = get(&service, &path);
    assert_eq!((&done["task_status"], &done["file_name"]), (&json!("success"), &json!("kernel_module.csv")));
    let path = format!("/download/{}", done["file_id"].as_str().unwrap());
    let file = send(&service, "GET", &path, &Value::Null);
    assert_eq!(file.headers()["content-type"], "application/octet-stream");
    let text = std::str::from_utf8(file.body()).unwrap();
    let rows = all(&service, "/asset/host/kernel-module?name=ext4");
    let expected: String = rows
        .iter()
        .map(|row| {
            let time = &row["kernel_module_info"]["record_time"];
            format!("{},ext4,{time},\r\n", row["host_name"].as_str().unwrap())
        })
        .collect();
    assert_eq!(text, format!("\"Server, name\",Module,Time,Id\r\n{expected}"));
    assert_eq!(send(&service, "GET", "/download/unknown", &Value::Null).status(), 400);
}
