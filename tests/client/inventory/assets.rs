//! The asset inventory: which calls read each kind, what its rows become, and that a list is complete or an error.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::{Duration, Instant, SystemTime};

use futures_util::TryStreamExt as _;
use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use huaweicloud_hss::assets::api::types::{
    KernelModuleCount, KernelModuleOnHost, ListKernelModuleHostInfoResponse, ListKernelModuleStatisticsResponse,
    Name256,
};
use huaweicloud_hss::assets::{Asset, AssetCount, AssetFilter, AssetKind, AssetPager};
use huaweicloud_hss::{CallOptions, Category, Error, ErrorKind};
use huaweicloud_hss_httpmock::assets::MockServerExt as _;
use huaweicloud_hss_httpmock::{MockResponse, ThenExt as _};
use serde_json::{Value, json};

use crate::{client, queue};

/// Reads to the end or to the first error.
async fn read(mut pager: AssetPager) -> (Vec<Asset>, Option<Error>) {
    let mut assets = Vec::new();
    loop {
        match pager.next_page().await {
            Ok(Some(page)) => assets.extend(page),
            Ok(None) => return (assets, None),
            Err(error) => return (assets, Some(error)),
        }
    }
}

/// Responds with a page of these rows to every request for this path.
fn serve(server: &MockServer, path: &str, rows: &[Value]) {
    let body = json!({ "total_num": rows.len(), "data_list": rows });
    server.mock(|when, then| {
        when.method("GET").path(format!("/v5/p/asset/{path}"));
        then.json_body(body);
    });
}

/// Responds to this path with the rows of a list that has `total` of them.
fn serve_many(server: &MockServer, path: &str, total: u64, row: fn(u64) -> Value) {
    server.mock(|when, then| {
        when.method("GET").path(format!("/v5/p/asset/{path}"));
        then.respond_with(move |request: &HttpMockRequest| {
            let query: BTreeMap<String, String> = request.query_params().into_iter().collect();
            let number = |name: &str| query[name].parse::<u64>().unwrap();
            let from = number("offset");
            let rows: Vec<Value> = (from..total.min(from + number("limit"))).map(row).collect();
            let body = json!({ "total_num": total, "data_list": rows }).to_string();
            HttpMockResponse::builder().status(200).header("Content-Type", "application/json").body(body).build()
        });
    });
}

/// A kind, the path of its counts with a row, and the path of its list with a row and the name that the asset gets.
type Case = (AssetKind, (&'static str, Value), (&'static str, Value, Option<&'static str>));

fn cases() -> Vec<Case> {
    let web = ("web-app-and-service-statistics", json!({ "name": "x", "num": 1 }));
    let web_list = ("web-app-and-services", json!({ "name": "x", "record_time": 1 }), Some("x"));
    vec![
        (
            AssetKind::Accounts,
            ("user/statistics", json!({ "user_name": "x", "num": 1 })),
            ("users", json!({ "user_name": "x", "recent_scan_time": 1 }), Some("x")),
        ),
        (
            AssetKind::Software,
            ("app/statistics", json!({ "app_name": "x", "num": 1 })),
            ("apps", json!({ "app_name": "x", "recent_scan_time": 1 }), Some("x")),
        ),
        (
            AssetKind::Ports,
            ("port/statistics", json!({ "port": 22, "type": "TCP6", "num": 1 })),
            ("ports/detail", json!({ "port": 22, "status": "new value" }), None),
        ),
        (
            AssetKind::Processes,
            ("process/statistics", json!({ "path": "x", "num": 1 })),
            ("processes/detail", json!({ "process_path": "x" }), None),
        ),
        (
            AssetKind::AutoStart,
            ("auto-launch/statistics", json!({ "name": "x", "num": 1 })),
            ("auto-launchs", json!({ "name": "x", "type": 9, "recent_scan_time": 1 }), Some("x")),
        ),
        (
            AssetKind::Packages,
            ("midwares", json!({ "file_name": "x", "num": 1 })),
            ("midwares/detail", json!({ "name": "x", "record_time": 1 }), Some("x")),
        ),
        (
            AssetKind::KernelModules,
            ("statistics/kernel-module", json!({ "name": "x", "num": 1 })),
            ("host/kernel-module", json!({ "kernel_module_info": { "name": "x", "record_time": 1 } }), Some("x")),
        ),
        (
            AssetKind::WebFrameworks,
            ("statistics/web-framework", json!({ "file_name": "x", "num": 1 })),
            ("host/web-framework", json!({ "name": "x", "record_time": 1 }), Some("x")),
        ),
        (
            AssetKind::Websites,
            ("statistics/web-site", json!({ "domain": "x", "num": 1 })),
            ("host/web-site", json!({ "domain": "x", "record_time": 1 }), Some("x")),
        ),
        (AssetKind::WebServices, web.clone(), web_list.clone()),
        (AssetKind::WebApps, web.clone(), web_list.clone()),
        (AssetKind::Databases, web, web_list),
    ]
}

#[tokio::test]
async fn each_kind_is_read_with_its_own_calls() {
    assert_eq!(cases().iter().map(|case| case.0).collect::<Vec<_>>(), AssetKind::ALL);
    for (kind, (counts_path, count), (path, row, name)) in cases() {
        let server = MockServer::start_async().await;
        serve(&server, counts_path, &[count]);
        serve(&server, path, &[row]);
        let client = client(server.base_url());

        let (assets, error) = read(client.assets(queue(), kind, AssetFilter::default())).await;
        assert!(error.is_none(), "{kind}: {error:?}");
        let [asset] = assets.as_slice() else { panic!("{kind}: {assets:?}") };
        assert_eq!(asset.name.as_deref(), name, "{kind}");
        let is_witness = kind.witness_strength() > huaweicloud_hss::assets::WitnessStrength::None;
        let seen_at = is_witness.then_some(SystemTime::UNIX_EPOCH + Duration::from_millis(1));
        assert_eq!(asset.seen_at, seen_at, "{kind}");

        let counts = client.asset_counts(queue(), kind).next_page().await.unwrap().unwrap();
        let [AssetCount { name, port, count: 1, .. }] = counts.as_slice() else { panic!("{kind}: {counts:?}") };
        assert_eq!(
            (name.as_deref(), *port),
            if kind == AssetKind::Ports { (None, Some(22)) } else { (Some("x"), None) }
        );
    }
}

#[tokio::test]
async fn filters_and_the_queue_go_into_the_query() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.method("GET")
            .path("/v5/p/asset/web-app-and-services")
            .query_param("enterprise_project_id", "all_granted_eps")
            .query_param("category", "container")
            .query_param("catalogue", "web_cms")
            .query_param("host_id", "h")
            .query_param("name", "wordpress")
            .query_param("version", "6")
            .query_param("part_match", "true")
            .query_param("limit", "200")
            .query_param("offset", "0");
        then.json_body(json!({ "total_num": 0, "data_list": null }));
    });
    let filter =
        AssetFilter::default().with_host_id("h").with_name("wordpress").with_version("6").with_part_match(true);
    let queue =
        queue().with_enterprise_project(huaweicloud_hss::EnterpriseProject::all()).with_category(Category::Container);
    let mut pager = client(server.base_url()).assets(queue, AssetKind::WebApps, filter);
    assert_eq!(pager.next_page().await.unwrap(), None);
    assert_eq!(pager.total(), Some(0));
    mock.assert_async().await;
}

#[tokio::test]
async fn ports_of_one_server_are_read_without_their_numbers() {
    let server = MockServer::start_async().await;
    serve(&server, "ports", &[json!({ "host_id": "h", "port": 22 }), json!({ "host_id": "h", "port": 80 })]);
    let filter = AssetFilter::default().with_host_id("h");
    let (assets, error) = read(client(server.base_url()).assets(queue(), AssetKind::Ports, filter)).await;
    assert_eq!((assets.len(), error.is_none()), (2, true), "{error:?}");
    assert_eq!(assets[1].port, Some(80));
}

#[tokio::test]
async fn a_kind_that_is_listed_by_name_only_is_read_name_by_name_as_a_stream() {
    let server = MockServer::start_async().await;
    let names = server.list_kernel_module_statistics(|_, then| {
        let count = |name: &str| KernelModuleCount { name: Some(name.to_owned()), num: Some(1) };
        let data_list = Some(vec![count("xfs"), count("ext4")]);
        then.ok(&ListKernelModuleStatisticsResponse { total_num: Some(2), data_list });
    });
    let lists = ["ext4", "xfs"].map(|name| {
        server.list_kernel_module_host_info(|when, then| {
            when.name(&name.parse::<Name256>().unwrap());
            let row = KernelModuleOnHost { host_id: Some(format!("host of {name}")), ..Default::default() };
            then.ok(&ListKernelModuleHostInfoResponse { total_num: Some(1), data_list: Some(vec![row]) });
        })
    });
    let pager = client(server.base_url()).assets(queue(), AssetKind::KernelModules, AssetFilter::default());
    let mut stream = pin!(pager.into_stream());
    let mut hosts = Vec::new();
    while let Some(asset) = stream.try_next().await.unwrap() {
        hosts.extend(asset.host_id);
    }
    assert_eq!(hosts, ["host of ext4", "host of xfs"]);
    names.assert_calls_async(1).await;
    for list in lists {
        list.assert_calls_async(1).await;
    }
}

#[tokio::test]
async fn a_list_beyond_the_largest_offset_is_read_name_by_name() {
    let server = MockServer::start_async().await;
    serve(&server, "app/statistics", &[json!({ "app_name": "bash", "num": 1 }), json!({ "app_name": "ba", "num": 1 })]);
    let row = |name: &str| json!({ "host_id": "h", "app_name": name });
    for (name, rows) in [("bash", vec![row("bash")]), ("ba", vec![row("ba"), row("bash")])] {
        server.mock(|when, then| {
            when.method("GET").path("/v5/p/asset/apps").query_param("app_name", name);
            then.json_body(json!({ "total_num": rows.len(), "data_list": rows }));
        });
    }
    let whole = server.mock(|when, then| {
        when.method("GET").path("/v5/p/asset/apps").query_param_missing("app_name");
        then.json_body(json!({ "total_num": 2_000_001, "data_list": [row("bash")] }));
    });
    let pager = client(server.base_url()).assets(queue(), AssetKind::Software, AssetFilter::default());
    let (assets, error) = read(pager).await;
    // A list that takes the name for a part of others has no row twice.
    let names: Vec<_> = assets.iter().filter_map(|asset| asset.name.as_deref()).collect();
    assert_eq!((names, error.is_none()), (vec!["ba", "bash"], true), "{error:?}");
    whole.assert_calls_async(1).await;
}

/// No document says whether the service takes a name for a part of others.
#[tokio::test]
async fn an_asset_in_the_lists_of_several_names_is_one() {
    let module = |name: &str| json!({ "host_id": "h", "kernel_module_info": { "name": name } });
    let package = |name: &str| json!({ "host_id": "h", "name": "log4j", "path": format!("/{name}") });
    let port = |port: u16| json!({ "host_id": "h", "port": port });
    for (kind, names_path, path, parameter, names, rows) in [
        (
            AssetKind::KernelModules,
            "statistics/kernel-module",
            "host/kernel-module",
            "name",
            [json!({ "name": "nf" }), json!({ "name": "nf_nat" })],
            // A row without a name has no list of its own.
            [module("nf"), module("nf_nat"), json!({ "host_id": "h" })],
        ),
        (
            AssetKind::Packages,
            "midwares",
            "midwares/detail",
            "file_name",
            [json!({ "file_name": "a.jar" }), json!({ "file_name": "aa.jar" })],
            [package("a.jar"), package("aa.jar"), package("aa.war!/a.jar")],
        ),
        (
            AssetKind::Ports,
            "port/statistics",
            "ports/detail",
            "port",
            [json!({ "port": 22 }), json!({ "port": 2222 })],
            [port(22), port(2222), port(22)],
        ),
    ] {
        let server = MockServer::start_async().await;
        serve(&server, names_path, &names);
        for (name, listed) in names.iter().zip([&rows[..], &rows[1..2]]) {
            let name = name.as_object().unwrap().values().next().unwrap();
            let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
            let body = json!({ "total_num": listed.len(), "data_list": listed });
            server.mock(|when, then| {
                when.method("GET").path(format!("/v5/p/asset/{path}")).query_param(parameter, name);
                then.json_body(body);
            });
        }
        let pager = client(server.base_url()).assets(queue(), kind, AssetFilter::default());
        let (assets, error) = read(pager).await;
        assert_eq!((assets.len(), error.is_none()), (3, true), "{assets:#?} {error:?}");
    }
}

#[tokio::test]
async fn names_that_cannot_be_listed_make_the_list_incomplete() {
    let server = MockServer::start_async().await;
    let names = [json!({ "domain": "", "num": 3 }), json!({ "domain": "a.test", "num": 1 }), json!({ "num": 1 })];
    serve(&server, "statistics/web-site", &names);
    serve(&server, "host/web-site", &[json!({ "domain": "a.test" })]);
    let pager = client(server.base_url()).assets(queue(), AssetKind::Websites, AssetFilter::default());
    let (assets, error) = read(pager).await;
    let error = error.unwrap();
    assert_eq!((assets.len(), error.kind()), (1, ErrorKind::InvalidResponse));
    let text = "the list is incomplete: the service counts 2 websites under names that it cannot list. All others were received.";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn a_list_with_the_largest_total_may_be_cut() {
    for (total, is_cut) in [(9_999, false), (10_000, true)] {
        let server = MockServer::start_async().await;
        serve_many(&server, "host/web-framework", total, |number| json!({ "host_id": number.to_string() }));
        let pager = client(server.base_url()).assets(queue(), AssetKind::WebFrameworks, AssetFilter::default());
        let (assets, error) = read(pager).await;
        let text = "the list may be cut: its total is 10000, the largest one that the service returns. Narrow it with a filter.";
        assert_eq!(assets.len() as u64, total);
        assert_eq!(error.map(|error| error.to_string()), is_cut.then(|| text.to_owned()));
    }
    // The total of this list has no such cap.
    let server = MockServer::start_async().await;
    serve_many(&server, "users", 10_100, |number| json!({ "host_id": number.to_string(), "user_name": "root" }));
    let filter = AssetFilter::default().with_name("root");
    let (assets, error) = read(client(server.base_url()).assets(queue(), AssetKind::Accounts, filter)).await;
    assert_eq!((assets.len(), error.is_none()), (10_100, true), "{error:?}");
}

#[tokio::test]
async fn rows_that_are_sent_again_do_not_complete_a_list() {
    let server = MockServer::start_async().await;
    // Every page is the first one, but the times move.
    serve_many(
        &server,
        "apps",
        400,
        |number| json!({ "app_name": (number % 200).to_string(), "recent_scan_time": number }),
    );
    let pager = client(server.base_url()).assets(queue(), AssetKind::Software, AssetFilter::default());
    let (assets, error) = read(pager).await;
    assert_eq!(assets.len(), 200);
    let text = error.unwrap().to_string();
    assert!(text.starts_with("the list is incomplete: received 200 of 400 rows of software"), "{text}");
}

#[tokio::test]
async fn an_error_in_the_middle_ends_the_list() {
    let server = MockServer::start_async().await;
    server.list_users(|_, then| {
        let page: Vec<Value> = (0..200).map(|number| json!({ "user_name": number.to_string() })).collect();
        then.respond_in_sequence([
            MockResponse::json(200, &json!({ "total_num": 300, "data_list": page })),
            MockResponse::json(200, &json!({ "data_list": [] })),
        ]);
    });
    let pager = client(server.base_url()).assets(queue(), AssetKind::Accounts, AssetFilter::default());
    let (assets, error) = read(pager).await;
    assert_eq!((assets.len(), error.map(|error| error.kind())), (200, Some(ErrorKind::InvalidResponse)));
}

#[tokio::test]
async fn what_the_service_does_not_have_is_refused_before_anything_is_sent() {
    let server = MockServer::start_async().await;
    let calls = server.mock(|_, then| {
        then.status(500);
    });
    let container = queue().with_category(Category::Container);
    let filter = AssetFilter::default;
    for (queue, kind, filter, text) in [
        (container, AssetKind::KernelModules, filter(), "the service lists kernel modules of servers only"),
        (queue(), AssetKind::Processes, filter().with_host_id("h"), "the service does not filter processes by host_id"),
        (
            queue(),
            AssetKind::Websites,
            filter().with_part_match(true),
            "`part_match` needs a name: the service lists websites by name only",
        ),
    ] {
        let error = client(server.base_url()).assets(queue, kind, filter).next_page().await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidInput, text));
    }
    calls.assert_calls_async(0).await;
}

#[tokio::test]
async fn a_list_of_assets_can_have_its_own_limits_in_time() {
    let client = client("http://127.0.0.1:1");
    let passed = CallOptions::default().with_deadline(Instant::now() - Duration::from_secs(1));
    let mut assets = client.assets(queue(), AssetKind::Software, AssetFilter::default()).with_options(passed.clone());
    let mut counts = client.asset_counts(queue(), AssetKind::Software).with_options(passed);
    let errors = [assets.next_page().await.unwrap_err(), counts.next_page().await.unwrap_err()];
    assert!(
        errors.iter().all(|error| error.attempts() == 0 && error.to_string().starts_with("not sent")),
        "{errors:?}"
    );
}
