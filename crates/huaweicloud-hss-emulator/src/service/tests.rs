//! Tests of whole requests without a socket: values at and beyond each documented limit, the order of checks, the
//! queues, and the request log.

use std::collections::HashSet;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::time::{Duration, advance};

use crate::builder::Emulator;
use crate::model::request_log::Selector;

use super::{InProcessService, MAX_BODY_BYTES};

const SCAN: &str = "/v5/p/asset/assign-task?category=host";
const ALL: &str = r#"{"all_hosts": true}"#;

/// A valid request that tests change in part.
struct Probe {
    method: &'static str,
    uri: String,
    token: Option<String>,
    media: Option<&'static str>,
    body: Vec<u8>,
}

impl Probe {
    fn post(body: impl Into<Vec<u8>>) -> Self {
        let media = Some("application/json");
        Self { method: "POST", uri: SCAN.to_owned(), token: Some("token".to_owned()), media, body: body.into() }
    }

    fn get() -> Self {
        Self { method: "GET", media: None, ..Self::post("") }
    }

    fn uri(self, uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), ..self }
    }

    fn send(&self, service: &InProcessService) -> HttpResponse {
        let mut request = Request::builder().method(self.method).uri(&self.uri);
        if let Some(token) = &self.token {
            request = request.header("x-auth-token", token);
        }
        if let Some(media) = self.media {
            request = request.header("content-type", media);
        }
        let response = service.handle(&request.body(Bytes::from(self.body.clone())).unwrap());
        HttpResponse::read(&response)
    }
}

#[derive(Debug)]
struct HttpResponse {
    status: u16,
    /// The error code; empty for a success.
    code: String,
    /// The error's text; for a success the `error` field or `exist` as text.
    text: String,
    request_id: String,
}

impl HttpResponse {
    fn read(response: &Response<Bytes>) -> Self {
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let request_id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(request_id.len() == 32 && request_id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(response.headers()["content-type"], "application/json");
        if let Some(in_body) = body.get("request_id") {
            assert_eq!(*in_body, request_id);
        }
        let text = match (&body["error_msg"], &body["error"], &body["exist"]) {
            (Value::String(text), _, _) | (_, Value::String(text), _) => text.clone(),
            (_, _, exist) => exist.to_string(),
        };
        let code = body["error_code"].as_str().unwrap_or_default().to_owned();
        assert_eq!(code.starts_with("APIGW."), body.get("request_id").is_some() && !code.starts_with("EMULATOR."));
        Self { status: response.status().as_u16(), code, text, request_id }
    }

    #[track_caller]
    fn is(&self, status: u16, code: &str, part: &str) {
        assert!(
            self.status == status && self.code == code && self.text.contains(part),
            "{self:?}, not {status} {code} {part}"
        );
    }
}

fn service() -> InProcessService {
    Emulator::builder().with_hosts(3).service().unwrap()
}

#[track_caller]
fn taken(probe: &Probe) {
    probe.send(&service()).is(200, "", if probe.method == "GET" { "false" } else { "processed" });
}

#[track_caller]
fn bad(probe: &Probe, part: &str) {
    probe.send(&service()).is(400, "HSS.0001", part);
}

/// Returns `count` characters of a URI; `one` may be an escaped character of several bytes.
fn chars(one: &str, count: usize) -> String {
    one.repeat(count)
}

#[test]
fn the_project_id_has_1_to_256_characters_of_any_alphabet() {
    for one in ["a", "%E4%B8%BB", "%F0%9F%A6%80", "%C3%A9", "%2F", "%00"] {
        for make in [Probe::get, || Probe::post(ALL)] {
            let at = |count| make().uri(format!("/v5/{}/asset/assign-task?category=host", chars(one, count)));
            taken(&at(1));
            taken(&at(256));
            bad(&at(257), "project_id has 257 characters, at most 256 are allowed");
            bad(&at(0), "project_id has 0 characters, at least 1 are needed");
        }
    }
    taken(&Probe::get().uri("/v5/%2E%2E/asset/assign-task?category=host"));
    bad(&Probe::get().uri("/v5/%E4%B8/asset/assign-task?category=host"), "project_id is not UTF-8");
    bad(&Probe::get().uri("/v5/%G1/asset/assign-task?category=host"), "project_id has a %");
}

#[test]
fn the_enterprise_project_id_has_1_to_256_characters_or_is_missing() {
    for one in ["a", "%E4%B8%BB", "%F0%9F%A6%80", "+", "%26"] {
        for make in [Probe::get, || Probe::post(ALL)] {
            let at = |count| make().uri(format!("{SCAN}&enterprise_project_id={}", chars(one, count)));
            taken(&make());
            taken(&at(1));
            taken(&at(256));
            bad(&at(257), "enterprise_project_id has 257 characters, at most 256 are allowed");
            bad(&at(0), "enterprise_project_id has 0 characters, at least 1 are needed");
        }
    }
    bad(&Probe::get().uri(format!("{SCAN}&enterprise_project_id=a&enterprise_project_id=a")), "given 2 times");
    bad(&Probe::get().uri(format!("{SCAN}&enterprise_project_id")), "has 0 characters");
}

#[test]
fn the_category_is_host_or_container_and_mandatory() {
    for make in [Probe::get, || Probe::post(ALL)] {
        let with = |query: &str| make().uri(format!("/v5/p/asset/assign-task{query}"));
        taken(&with("?category=host"));
        taken(&with("?category=container"));
        taken(&with("?c%61tegory=h%6Fst"));
        for wrong in ["other", "HOST", "host%20", "", "hosts"] {
            bad(&with(&format!("?category={wrong}")), "allowed are \"host\", \"container\"");
        }
        bad(&with("?category=other"), "category is \"other\"");
        bad(&with(""), "the parameter category is missing");
        bad(&with("?"), "the parameter category is missing");
        bad(&with("?enterprise_project_id=0"), "the parameter category is missing");
        bad(&with("?category=host&category=host"), "category is given 2 times, once is allowed");
        bad(&with("?category=host&categry=host"), "\"categry\" is not a query parameter");
    }
}

#[test]
fn the_token_has_1_to_32768_characters() {
    for make in [Probe::get, || Probe::post(ALL)] {
        let with = |token: Option<String>| Probe { token, ..make() };
        taken(&with(Some("t".to_owned())));
        taken(&with(Some("t".repeat(32_768))));
        for (token, part) in [
            (Some("t".repeat(32_769)), "X-Auth-Token has 32769 characters, 1 to 32768 are allowed"),
            (Some(String::new()), "X-Auth-Token has 0 characters"),
            (Some("two words".to_owned()), "visible ASCII"),
            (None, "X-Auth-Token is missing"),
        ] {
            with(token).send(&service()).is(401, "APIGW.0301", part);
        }
    }
    let fixed = Emulator::builder().with_token("the-right-one").service().unwrap();
    Probe::get().send(&fixed).is(401, "APIGW.0301", "not valid here");
    Probe { token: Some("the-right-one".to_owned()), ..Probe::get() }.send(&fixed).is(200, "", "false");
    assert!(!format!("{fixed:?}").contains("right"));
    assert!(!format!("{:?}", Emulator::builder().with_token("the-right-one")).contains("right"));
    for token in [String::new(), "t".repeat(32_769)] {
        let error = Emulator::builder().with_token(token).service().unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::Token);
    }
}

#[test]
fn each_id_list_has_0_to_200_items() {
    for name in ["host_ids", "server_group"] {
        let with = |ids: Value| Probe::post(json!({ name: ids }).to_string());
        let many = |count: usize| json!((0..count).map(|index| format!("id-{index}")).collect::<Vec<_>>());
        with(many(1)).send(&service()).is(200, "", "p-0 processed 1 tasks successfully.");
        with(many(200)).send(&service()).is(200, "", "p-0 processed 200 tasks successfully.");
        bad(&with(many(201)), &format!("{name} has 201 items, at most 200 are allowed"));
        // No item is within the limits, but selects nothing.
        bad(&with(many(0)), "nothing is selected");
        taken(&Probe::post(json!({ name: [], "all_hosts": true }).to_string()));
        bad(&Probe::post(json!({ name: many(201), "all_hosts": true }).to_string()), "has 201 items");
        bad(&with(json!("id")), &format!("{name} is \"id\", of type string, not array"));
        bad(&with(json!(null)), &format!("{name} is null, of type null, not array"));
        bad(&with(json!(["id", 5])), &format!("{name}[1] is 5, of type number, not string"));
        bad(&with(json!([null])), &format!("{name}[0] is null, of type null, not string"));
    }
}

#[test]
fn all_hosts_is_a_boolean_and_selects_only_when_true() {
    Probe::post(ALL).send(&service()).is(200, "", "p-0 processed 3 tasks successfully.");
    for body in [r#"{"all_hosts": false}"#, "{}", r#"{"all_hosts": false, "host_ids": []}"#, r#"{"unknown": 1}"#] {
        bad(&Probe::post(body), "nothing is selected");
    }
    for (wrong, given) in [("\"true\"", "string"), ("1", "number"), ("null", "null"), ("[true]", "array")] {
        let probe = Probe::post(format!("{{\"all_hosts\": {wrong}}}"));
        bad(&probe, &format!("all_hosts is {wrong}, of type {given}, not boolean"));
    }
    // The reference page does not mention other fields, and the spec's schema allows them.
    taken(&Probe::post(r#"{"all_hosts": true, "unknown": {"deep": [1]}}"#));
}

#[test]
fn the_body_is_one_json_object() {
    bad(&Probe::post(""), "the request body is missing");
    bad(&Probe { media: None, ..Probe::post("") }, "the request body is missing");
    for (body, kind) in [("[]", "array"), ("null", "null"), ("true", "boolean"), ("7", "number"), ("\"x\"", "string")] {
        bad(&Probe::post(body), &format!("the request body is {body}, of type {kind}, not object"));
    }
    let deep = format!("{{\"x\": {}{}}}", "[".repeat(200), "]".repeat(200));
    for body in
        [" ", "{", "{]", "{'all_hosts': true}", "{\"all_hosts\": true} x", "{\"all_hosts\": tru", "\u{feff}{}", &deep]
    {
        Probe::post(body).send(&service()).is(400, "HSS.0002", "the request body is not JSON");
    }
    Probe::post(&b"{\"host_ids\": [\"\xFF\"]}"[..]).send(&service()).is(400, "HSS.0002", "not JSON");
    Probe { media: Some("text/plain"), ..Probe::post(ALL) }.send(&service()).is(415, "APIGW.0201", "text/plain");
    Probe { media: None, ..Probe::post(ALL) }.send(&service()).is(415, "APIGW.0201", "Content-Type is missing");
}

#[test]
fn the_body_may_have_12_mebibytes() {
    let mut body = ALL.as_bytes().to_vec();
    body.resize(MAX_BODY_BYTES, b' ');
    taken(&Probe::post(body.clone()));
    body.push(b' ');
    Probe::post(body.clone()).send(&service()).is(413, "APIGW.0201", "larger than 12582912 bytes");
    Probe { media: None, ..Probe::post(body) }.send(&service()).is(415, "APIGW.0201", "Content-Type is missing");
}

#[test]
fn checks_run_from_the_route_to_the_body() {
    let mut probe = Probe { method: "PUT", token: None, media: Some("text/plain"), ..Probe::post("{") }
        .uri("/v5/p/asset/assign-tasks?category=x");
    let service = service();
    probe.send(&service).is(404, "APIGW.0101", "does not exist");
    probe.uri = "/v5/p/asset/assign-task?category=x".to_owned();
    probe.send(&service).is(405, "APIGW.0101", "GET, POST");
    probe.method = "POST";
    probe.send(&service).is(401, "APIGW.0301", "X-Auth-Token");
    probe.token = Some("t".to_owned());
    probe.send(&service).is(400, "HSS.0001", "category");
    probe.uri = SCAN.to_owned();
    probe.send(&service).is(415, "APIGW.0201", "text/plain");
    probe.media = Some("application/json");
    probe.send(&service).is(400, "HSS.0002", "JSON");
    probe.body = b"{}".to_vec();
    probe.send(&service).is(400, "HSS.0001", "nothing is selected");
    probe.body = ALL.into();
    probe.send(&service).is(200, "", "processed");
}

#[test]
fn other_methods_get_the_allowed_ones() {
    for method in ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW"] {
        let request = Request::builder().method(method).uri(SCAN).body(Bytes::new()).unwrap();
        let response = service().handle(&request);
        assert_eq!(response.status(), 405, "{method}");
        assert_eq!(response.headers()["allow"], "GET, POST");
        assert_eq!(response.headers().get_all("allow").iter().count(), 1);
    }
}

#[test]
fn ids_of_any_alphabet_are_kept_as_they_are() {
    let service = service();
    let response = Probe::post(r#"{"host_ids": ["主机-\u0031", "é\"\\\n", "", "🦀"]}"#)
        .uri("/v5/%E9%A1%B9%E7%9B%AE/asset/assign-task?category=host&enterprise_project_id=%F0%9F%A6%80")
        .send(&service);
    response.is(200, "", "项目-🦀 processed 4 tasks successfully.");
    let calls = service.requests();
    let accepted = calls[0].accepted.as_ref().unwrap();
    assert_eq!((accepted.selector, accepted.processed), (Selector::HostIds, 4));
    assert_eq!(accepted.ids, ["主机-1", "é\"\\\n", "", "🦀"]);
}

#[tokio::test(start_paused = true)]
async fn a_scan_keeps_its_queue_busy_until_it_ends() {
    let service = Emulator::builder().with_hosts(3).with_scan_duration(Duration::from_secs(2)).service().unwrap();
    let (post, get) = (Probe::post(ALL), Probe::get());
    get.send(&service).is(200, "", "false");
    post.send(&service).is(200, "", "p-0 processed 3 tasks successfully.");
    get.send(&service).is(200, "", "true");
    advance(Duration::from_millis(1999)).await;
    post.send(&service).is(200, "", "Current project p-0 is already in the task queue.");
    // A request that starts no scan does not extend the pending one, and an invalid one is rejected even now.
    bad(&Probe::post("{}"), "nothing is selected");
    get.send(&service).is(200, "", "true");
    advance(Duration::from_millis(1)).await;
    get.send(&service).is(200, "", "false");
    Probe::post(r#"{"server_group": ["a", "b"]}"#).send(&service).is(200, "", "p-0 processed 2 tasks successfully.");
    get.send(&service).is(200, "", "true");
    assert_eq!(service.requests().iter().filter(|call| call.accepted.is_some()).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn queues_are_separate_by_project_enterprise_project_and_category() {
    let service = service();
    let at = |project: &str, rest: &str| format!("/v5/{project}/asset/assign-task?{rest}");
    let queues = [
        at("p", "category=host"),
        at("p", "category=container"),
        at("q", "category=host"),
        at("p", "category=host&enterprise_project_id=e"),
        at("p", "category=host&enterprise_project_id=all_granted_eps"),
    ];
    for (index, queue) in queues.iter().enumerate() {
        Probe::get().uri(queue).send(&service).is(200, "", "false");
        // An unknown enterprise project has no hosts, but still a queue.
        let hosts = if queue.ends_with("=e") { 0 } else { 3 };
        Probe::post(ALL).uri(queue).send(&service).is(200, "", &format!("processed {hosts} tasks"));
        for busy in &queues[..=index] {
            Probe::get().uri(busy).send(&service).is(200, "", "true");
            Probe::post(ALL).uri(busy).send(&service).is(200, "", "already in the task queue");
        }
    }
    // The default enterprise project is the same one with and without a name, and so is an id with other escapes.
    for same in [at("p", "enterprise_project_id=0&category=host"), at("%70", "category=host")] {
        Probe::post(ALL).uri(same).send(&service).is(200, "", "Current project p-0 is already in the task queue.");
    }
}

#[test]
fn of_many_simultaneous_posts_one_is_accepted() {
    let service = Emulator::builder().with_scan_duration(Duration::MAX).service().unwrap();
    let taken: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| (0..50).filter(|_| Probe::post(ALL).send(&service).text.contains("processed")).count())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(taken, 1);
    let ids: HashSet<String> = service.requests().into_iter().map(|call| call.request_id).collect();
    assert_eq!(ids.len(), 400);
}

#[test]
fn every_request_is_recorded() {
    let service = service();
    let responses = [
        Probe::post(r#"{"server_group": ["g"], "host_ids": ["h"]}"#).send(&service),
        Probe::post(ALL).send(&service),
        Probe { token: None, ..Probe::get() }.send(&service),
        Probe::get().uri("/a%20b").send(&service),
    ];
    let calls = service.requests();
    let seen: Vec<_> = calls
        .iter()
        .map(|call| {
            (call.sequence, call.method.as_str(), call.operation_id.as_deref(), call.status, call.error_code.as_deref())
        })
        .collect();
    assert_eq!(
        seen,
        [
            (1, "POST", Some("CreateGlobalAssetScanTask"), 200, None),
            (2, "POST", Some("CreateGlobalAssetScanTask"), 200, None),
            (3, "GET", Some("ListGlobalAssetScanTask"), 401, Some("APIGW.0301")),
            (4, "GET", None, 404, Some("APIGW.0101")),
        ]
    );
    assert!(calls.iter().zip(&responses).all(|(call, response)| call.request_id == response.request_id));
    assert_eq!((calls[0].path.as_str(), calls[0].query.as_deref()), ("/v5/p/asset/assign-task", Some("category=host")));
    assert_eq!((calls[3].path.as_str(), calls[3].query.as_deref()), ("/a%20b", None));
    let accepted = calls[0].accepted.as_ref().unwrap();
    assert_eq!((accepted.selector, &accepted.ids[..]), (Selector::ServerGroup, &["g".to_owned()][..]));
    assert!(calls[1..].iter().all(|call| call.accepted.is_none()));
    let line = serde_json::to_value(&calls[0]).unwrap();
    assert_eq!(line["accepted"], json!({"selector": "server_group", "ids": ["g"], "processed": 1}));
}

/// Returns a service with a changed spec of HSS.
fn changed(from: &str, to: &str) -> InProcessService {
    let yaml = huaweicloud_hss_spec::HSS;
    let other = yaml.replace(from, to);
    assert!(other != yaml, "{from} is not in the spec");
    let builder = Emulator::builder().with_hosts(3).with_scan_duration(Duration::MAX);
    builder.service_with_specs(&[("hss.yaml", &crate::spec::document::json(&other))]).unwrap()
}

#[test]
fn the_limits_are_those_of_the_spec() {
    let ids = |count| Probe::post(json!({ "host_ids": vec!["x"; count] }).to_string());
    let service = changed("maxItems: 200", "maxItems: 3");
    ids(4).send(&service).is(400, "HSS.0001", "host_ids has 4 items, at most 3 are allowed");
    ids(3).send(&service).is(200, "", "processed 3");
    let service = changed("max: 32768", "max: 4");
    Probe::get().send(&service).is(401, "APIGW.0301", "1 to 4 are allowed");
    let service = changed("enum: [host, container]", "enum: [host, vm]");
    Probe::get().uri("/v5/p/asset/assign-task?category=vm").send(&service).is(200, "", "false");
    let service = changed("default: '0'", "default: 'd'");
    Probe::post(ALL).send(&service).is(200, "", "p-d processed 0");
    let service = changed("maxLength: 256", "maxLength: 2");
    Probe::get().uri("/v5/abc/asset/assign-task?category=host").send(&service).is(400, "HSS.0001", "at most 2");
}

#[test]
fn an_operation_without_a_handler_is_validated_and_then_returns_501() {
    let service = changed("operationId: ListGlobalAssetScanTask", "operationId: ListSomethingNew");
    Probe::get().send(&service).is(501, "EMULATOR.0501", "ListSomethingNew is in the spec, but");
    Probe::get().uri("/v5/p/asset/assign-task").send(&service).is(400, "HSS.0001", "category is missing");
    Probe::post(ALL).send(&service).is(200, "", "processed");
}

#[test]
fn a_response_that_violates_the_spec_is_an_internal_error() {
    let service = changed("is not documented.\n          type: boolean", "is not documented.\n          type: string");
    Probe::get().send(&service).is(500, "EMULATOR.0500", "the response.exist is false, of type boolean, not string");
    let calls = service.requests();
    assert_eq!((calls[0].status, calls[0].error_code.as_deref()), (500, Some("EMULATOR.0500")));
}
