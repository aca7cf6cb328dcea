//! Tests of the lists: pages, totals, and every filter of the spec.

use std::collections::HashSet;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::builder::Emulator;
use crate::service::InProcessService;

fn get(service: &InProcessService, path: &str) -> Value {
    let request = Request::get(path).header("x-auth-token", "t").body(Bytes::new()).unwrap();
    let response = service.handle(&request);
    let body = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.status(), 200, "{path}: {body}");
    body
}

fn hosts(service: &InProcessService, query: &str) -> Value {
    get(service, &format!("/v5/p/host-management/hosts?{query}"))
}

/// Returns one field of every record of a page.
fn column<'b>(body: &'b Value, field: &str) -> Vec<&'b str> {
    body["data_list"].as_array().unwrap().iter().map(|row| row[field].as_str().unwrap_or_default()).collect()
}

#[test]
fn pages_cover_every_host_once_and_in_order() {
    let service = Emulator::builder().with_hosts(437).service().unwrap();
    let expected: Vec<&str> = service.inventory().hosts().iter().map(|host| host.id()).collect();
    for limit in [10, 11, 200] {
        let mut seen = Vec::new();
        for offset in (0..500).step_by(limit) {
            let page = hosts(&service, &format!("offset={offset}&limit={limit}"));
            assert_eq!(page["total_num"], 437);
            seen.extend(column(&page, "host_id").into_iter().map(str::to_owned));
        }
        assert_eq!(seen, expected);
    }
    // The defaults of the spec, and an offset past the end.
    assert_eq!(column(&hosts(&service, ""), "host_id"), expected[..10]);
    assert_eq!(hosts(&service, "offset=2000000"), json!({"total_num": 437, "data_list": []}));
}

#[test]
fn every_filter_selects_matching_hosts() {
    let service = Emulator::builder().with_hosts(1000).service().unwrap();
    let all = |query: &str| {
        let mut rows = Vec::new();
        loop {
            let page = hosts(&service, &format!("limit=200&offset={}&{query}", rows.len()));
            let more = page["data_list"].as_array().unwrap();
            if more.is_empty() {
                assert_eq!(page["total_num"], rows.len());
                return rows;
            }
            rows.extend(more.iter().cloned());
        }
    };
    let everything = all("");
    let expect = |query: &str, keeps: &dyn Fn(&Value) -> bool| {
        let expected: Vec<&Value> = everything.iter().filter(|row| keeps(row)).collect();
        let found = all(query);
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
        assert!(!found.is_empty() && found.len() < everything.len(), "{query} finds {}", found.len());
    };
    for (name, field, values) in [
        ("agent_status", "agent_status", &["online", "offline", "not_installed"][..]),
        ("protect_status", "protect_status", &["closed", "opened", "protection_exception"]),
        ("host_status", "host_status", &["ACTIVE", "SHUTOFF"]),
        ("detect_result", "detect_result", &["undetected", "clean", "risk", "scanning"]),
        ("os_type", "os_type", &["Linux", "Windows"]),
        ("version", "version", &["hss.version.null", "hss.version.container.enterprise"]),
    ] {
        for value in values {
            expect(&format!("{name}={value}"), &|row| row[field] == *value);
        }
    }
    expect("agent_status=not_online", &|row| row["agent_status"] != "online");
    expect("agent_status=installed", &|row| row["agent_status"] != "not_installed");
    expect("outside_host=true", &|row| row["outside_host"] == true);
    expect("outside_host=false", &|row| row["host_sources"] == "ecs");
    expect("incluster=true", &|row| row.get("cluster_id").is_some());
    expect("asset_value=important", &|row| row["host_name"].as_str().unwrap().starts_with("db-"));
    expect("host_name=b-001", &|row| row["host_name"].as_str().unwrap().contains("b-001"));
    expect("group_name=cache", &|row| row["group_name"].as_str().unwrap().contains("cache"));
    let row = &everything[17];
    let text = |field: &str| row[field].as_str().unwrap().to_owned();
    expect(&format!("host_id={}", text("host_id")), &|other| other == row);
    for name in ["group_id", "server_group"] {
        expect(&format!("{name}={}", text("group_id")), &|other| other["group_id"] == row["group_id"]);
    }
    let cluster = everything.iter().find_map(|row| row["cluster_id"].as_str()).unwrap();
    expect(&format!("cluster_id={cluster}"), &|row| row["cluster_id"] == cluster);
    let other = everything[40]["host_id"].as_str().unwrap();
    expect(&format!("host_id_list={},unknown,{other}", text("host_id")), &|some| {
        some == row || some["host_id"] == other
    });
    expect("host_name_list=web-0001,db-0002,", &|row| row["host_name"] == "web-0001" || row["host_name"] == "db-0002");
    // Filters are combined.
    expect("os_type=Windows&agent_status=offline", &|row| {
        row["os_type"] == "Windows" && row["agent_status"] == "offline"
    });
    assert!(all("host_id=unknown").is_empty() && all("agent_status=installing").is_empty());
    // Without a filter, everything is listed; `refresh` changes nothing here.
    assert_eq!(all("refresh=true"), everything);

    let risks = |row: &Value| {
        let of = |kind: &str| row[kind].as_u64().unwrap();
        of("asset") + of("vulnerability") + of("baseline") + of("intrusion")
    };
    let rising: Vec<u64> = all("sort_key=risk_num").iter().map(risks).collect();
    let falling: Vec<u64> = all("sort_key=risk_num&sort_dir=desc").iter().map(risks).collect();
    assert!(rising.is_sorted() && rising.iter().rev().eq(&falling) && rising.len() == 1000 && falling[0] > 0);
}

#[test]
fn groups_hold_every_host_once() {
    let service = Emulator::builder().with_hosts(1000).service().unwrap();
    let groups = |query: &str| get(&service, &format!("/v5/p/host-management/groups?{query}"));
    let body = groups("limit=200");
    assert_eq!(body["total_num"], service.inventory().groups().len());
    let rows = body["data_list"].as_array().unwrap();
    let mut ids = HashSet::new();
    for row in rows {
        let listed = row["host_id_list"].as_array().unwrap();
        assert_eq!(row["host_num"], listed.len());
        assert!(row["risk_host_num"].as_u64() <= row["host_num"].as_u64());
        ids.extend(listed.iter().map(|id| id.as_str().unwrap()));
        let found = hosts(&service, &format!("limit=200&group_id={}", row["group_id"].as_str().unwrap()));
        let unprotected = column(&found, "protect_status").into_iter().filter(|status| *status == "closed").count();
        assert_eq!((&found["total_num"], &row["unprotect_host_num"]), (&row["host_num"], &json!(unprotected)));
    }
    assert_eq!(ids.len(), 1000);
    assert_eq!(groups("")["data_list"].as_array().unwrap().len(), 10);
    assert_eq!(groups("offset=15")["data_list"][0], rows[15]);
    let cache = groups("group_name=cache");
    assert_eq!(column(&cache, "group_name"), ["cache-group-01", "cache-group-02", "cache-group-03"]);
}

#[test]
fn an_enterprise_project_lists_its_own_hosts_and_groups() {
    let service = Emulator::builder()
        .with_hosts(100)
        .with_enterprise_project("e1", "payments", 20)
        .with_enterprise_project("e2", "archive", 10)
        .service()
        .unwrap();
    let ids: Vec<&str> = service.inventory().hosts().iter().map(|host| host.id()).collect();
    for (id, range, name) in [
        ("", 0..70, "default"),
        ("&enterprise_project_id=0", 0..70, "default"),
        ("&enterprise_project_id=e1", 70..90, "payments"),
        ("&enterprise_project_id=e2", 90..100, "archive"),
        ("&enterprise_project_id=all_granted_eps", 0..100, ""),
        ("&enterprise_project_id=unknown", 0..0, ""),
    ] {
        let body = hosts(&service, &format!("limit=200{id}"));
        assert_eq!((column(&body, "host_id"), &body["total_num"]), (ids[range.clone()].to_vec(), &json!(range.len())));
        assert!(name.is_empty() || column(&body, "enterprise_project_name").iter().all(|own| *own == name), "{id}");
        let groups = get(&service, &format!("/v5/p/host-management/groups?limit=200{id}"));
        let listed = groups["data_list"].as_array().unwrap().iter().flat_map(|row| row["host_id_list"].as_array());
        assert_eq!(listed.flatten().count(), range.len(), "{id}");
        let scan = Request::post(format!("/v5/p/asset/assign-task?category=host{id}"))
            .header("x-auth-token", "t")
            .header("content-type", "application/json")
            .body(Bytes::from_static(br#"{"all_hosts": true}"#))
            .unwrap();
        let text = String::from_utf8(service.handle(&scan).body().to_vec()).unwrap();
        // The default one is scanned twice: the second time it is busy.
        assert!(text.contains(&format!("processed {} tasks", range.len())) || text.contains("already"), "{text}");
    }
}

#[test]
fn enterprise_projects_are_listed_with_their_filters() {
    let service = Emulator::builder().service().unwrap();
    let list = |query: &str| {
        let body = get(&service, &format!("/v1.0/enterprise-projects?{query}"));
        let names = body["enterprise_projects"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap());
        (names.map(str::to_owned).collect::<Vec<_>>().join(" "), body["total_count"].as_u64().unwrap())
    };
    for (query, names, total) in [
        ("", "default production trial", 3),
        ("id=0", "default", 1),
        ("id=nothing", "", 0),
        ("name=t", "default production trial", 3),
        ("name=tri", "trial", 1),
        ("status=1", "default production", 2),
        ("status=2", "trial", 1),
        ("type=poc", "trial", 1),
        ("limit=1", "default", 3),
        ("offset=1&limit=1", "production", 3),
        ("offset=3", "", 3),
        ("sort_key=name&sort_dir=desc", "trial production default", 3),
    ] {
        assert_eq!(list(query), (names.to_owned(), total), "{query}");
    }
}

#[test]
fn a_large_inventory_has_a_last_page() {
    let service = Emulator::builder().with_hosts(100_000).service().unwrap();
    let page = hosts(&service, "offset=99990&limit=200");
    assert_eq!((&page["total_num"], page["data_list"].as_array().unwrap().len()), (&json!(100_000), 10));
    assert_eq!(page["data_list"][9]["private_ip"], "10.1.134.159");
}
