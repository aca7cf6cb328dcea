//! Tests at and beyond each limit in the specs, and each limit that the reference pages document.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::builder::Emulator;
use crate::service::InProcessService;
use crate::spec::document::{Document, Node};
use crate::spec::embedded::SPECS;

/// Operations that need the id or the password of something that exists.
const OTHERS: [&str; 3] = ["KeystoneCreateUserTokenByPassword", "ListQueryExportTask", "ListDownloadExportedFile"];

/// A valid request of an operation, with everything that is required.
struct Base<'d> {
    document: &'d Document,
    method: String,
    path: String,
    operation: Node<'d>,
}

/// Returns a value of a schema: a text with this many characters (valid JSON, if that is needed), a list with this many items, or this number.
fn of_size(name: &str, schema: &Value, size: i64) -> Value {
    if name == "search_param" && size > 1 {
        return format!("{{{}}}", " ".repeat(usize::try_from(size - 2).unwrap())).into();
    }
    match schema["type"].as_str().unwrap() {
        "string" => "a".repeat(usize::try_from(size).unwrap()).into(),
        "array" => (0..size).map(|item| format!("id-{item}")).collect::<Vec<_>>().into(),
        _ => size.into(),
    }
}

/// Returns the lower and upper limit of a schema.
fn edges(schema: &Value) -> [Option<i64>; 2] {
    [["minLength", "minItems", "minimum"], ["maxLength", "maxItems", "maximum"]]
        .map(|names| names.iter().find_map(|name| schema.get(name)?.as_i64()))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl<'d> Base<'d> {
    fn parameters(&self) -> Vec<(Node<'d>, Node<'d>)> {
        let count = self.operation.value["parameters"].as_array().map_or(0, Vec::len);
        let at = |index| {
            let node = self.document.follow(&format!("{}/parameters/{index}", self.operation.pointer)).unwrap();
            let schema = self.document.child(&node, "schema").unwrap().unwrap();
            (node, schema)
        };
        (0..count).map(at).collect()
    }

    /// Sends the valid request with one parameter changed.
    fn send(&self, service: &InProcessService, changed: &str, value: &str, body: &Value) -> (u16, Value) {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for (node, schema) in self.parameters() {
            let name = node.value["name"].as_str().unwrap();
            let usual = if schema.value["type"] == "integer" { "10" } else { "p" };
            let usual = schema.value["enum"][0].as_str().unwrap_or(usual);
            let given = if name == changed { value } else { usual };
            match node.value["in"].as_str().unwrap() {
                "path" => path = path.replace(&format!("{{{name}}}"), given),
                _ if name == changed || node.value["required"] == true => query.push(format!("{name}={given}")),
                _ => {}
            }
        }
        let request = Request::builder()
            .method(self.method.to_ascii_uppercase().as_str())
            .uri(format!("{path}?{}", query.join("&")))
            .header("x-auth-token", "t")
            .header("content-type", "application/json");
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let response = service.handle(&request.body(body).unwrap());
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
    }

    /// Returns a valid body.
    fn body(&self) -> Value {
        match self.operation.value["operationId"].as_str().unwrap() {
            "CreateGlobalAssetScanTask" => json!({ "all_hosts": true }),
            "DownloadAssetFile" => json!({ "export_headers": [["host_name", "Server"]] }),
            _ => Value::Null,
        }
    }
}

/// Returns every operation that this test can call successfully.
fn operations(document: &Document) -> Vec<Base<'_>> {
    let mut found = Vec::new();
    for (path, item) in document.root()["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let pointer = format!("/paths/{}/{method}", crate::spec::document::escape(path));
            let operation = document.follow(&pointer).unwrap();
            if !OTHERS.iter().any(|id| operation.value["operationId"] == *id) {
                found.push(Base { document, method: method.clone(), path: path.clone(), operation });
            }
        }
    }
    found
}

fn service() -> InProcessService {
    Emulator::builder().with_hosts(300).with_scan_duration(tokio::time::Duration::ZERO).service().unwrap()
}

#[track_caller]
fn assert_response(response: &(u16, Value), valid: bool, name: &str, size: i64) {
    let (status, body) = response;
    assert_eq!(*status, if valid { 200 } else { 400 }, "{name} of size {size}: {body}");
    assert!(valid || (body["error_code"] == "HSS.0001" && text(&body["error_msg"]).contains(name)), "{body}");
}

#[test]
fn every_limit_of_the_specs_is_exact() {
    let mut seen = Vec::new();
    let service = service();
    for (name, json) in SPECS {
        let document = Document::read(name, json).unwrap();
        for base in operations(&document) {
            let id = base.operation.value["operationId"].as_str().unwrap();
            for (node, schema) in base.parameters() {
                let name = node.value["name"].as_str().unwrap();
                for (edge, step) in edges(schema.value).into_iter().zip([-1, 1]) {
                    let Some(edge) = edge else { continue };
                    for (size, good) in [(edge, true), (edge + step, false)] {
                        if size >= 0 || schema.value["type"] == "integer" {
                            let value = text(&of_size(name, schema.value, size));
                            assert_response(&base.send(&service, name, &value, &base.body()), good, name, size);
                        }
                    }
                    seen.push(format!("{id} {name} {edge}"));
                }
                for option in schema.value["enum"].as_array().into_iter().flatten() {
                    assert_response(&base.send(&service, name, &text(option), &base.body()), true, name, 0);
                }
                if schema.value.get("enum").is_some() {
                    assert_response(&base.send(&service, name, "another", &base.body()), false, name, 0);
                    seen.push(format!("{id} {name} enum"));
                }
            }
            let body = format!("{}/requestBody/content/application~1json/schema", base.operation.pointer);
            let Ok(body) = document.follow(&body) else { continue };
            for name in body.value["properties"].as_object().unwrap().keys() {
                let schema = document.follow(&format!("{}/properties/{name}", body.pointer)).unwrap();
                for (edge, step) in edges(schema.value).into_iter().zip([-1, 1]) {
                    let Some(edge) = edge else { continue };
                    for (size, good) in [(edge, true), (edge + step, false)] {
                        if size >= 0 {
                            // An empty list is within its limits, but selects nothing.
                            let mut body = base.body();
                            body[name] = of_size(name, schema.value, size);
                            assert_response(&base.send(&service, "", "", &body), good, name, size);
                        }
                    }
                    seen.push(format!("{id} {name} {edge}"));
                }
            }
        }
    }
    // Without this the test would pass if it found nothing.
    for expected in [
        "CreateGlobalAssetScanTask project_id 256",
        "CreateGlobalAssetScanTask category enum",
        "CreateGlobalAssetScanTask host_ids 200",
        "CreateGlobalAssetScanTask server_group 200",
        "ListGlobalAssetScanTask enterprise_project_id 1",
        "ListHostStatus offset 2000000",
        "ListHostStatus limit 10",
        "ListHostStatus server_group 64",
        "ListHostGroups limit 200",
        "ListEnterpriseProject limit 1000",
        "KeystoneListProjects per_page 5000",
        "ListUsers user_name 32",
        "ListPortHost port 65535",
        "RunHostAssetManualCollect type enum",
        "DownloadAssetFile search_param 128",
    ] {
        assert!(seen.iter().any(|edge| edge == expected), "{expected} is not among {seen:#?}");
    }
}

#[test]
fn the_documented_limits_hold() {
    let service = service();
    let get = |uri: String, token: &str| {
        let request = Request::get(uri).header("x-auth-token", token).body(Bytes::new()).unwrap();
        service.handle(&request).status().as_u16()
    };
    let status = |query: String| get(format!("/v5/p/asset/assign-task?category=host{query}"), "t");
    let hosts = |query: String| get(format!("/v5/p/host-management/hosts?{query}"), "t");
    let long = |length: usize| "a".repeat(length);
    // Not read from the spec, so that a wrong limit in it is detected.
    for (edge, at, past) in [
        ("project_id 256", get(format!("/v5/{}/asset/assign-task?category=host", long(256)), "t"), {
            get(format!("/v5/{}/asset/assign-task?category=host", long(257)), "t")
        }),
        (
            "enterprise_project_id 256",
            status(format!("&enterprise_project_id={}", long(256))),
            status(format!("&enterprise_project_id={}", long(257))),
        ),
        (
            "enterprise_project_id 1",
            status("&enterprise_project_id=a".to_owned()),
            status("&enterprise_project_id=".to_owned()),
        ),
        (
            "server_group 1..64",
            hosts(format!("server_group={}", long(64))),
            hosts(format!("server_group={}", long(65))),
        ),
        ("server_group 1", hosts("server_group=a".to_owned()), hosts("server_group=".to_owned())),
        ("limit 10", hosts("limit=10".to_owned()), hosts("limit=9".to_owned())),
        ("limit 200", hosts("limit=200".to_owned()), hosts("limit=201".to_owned())),
        ("offset 0", hosts("offset=0".to_owned()), hosts("offset=-1".to_owned())),
        ("offset 2000000", hosts("offset=2000000".to_owned()), hosts("offset=2000001".to_owned())),
        (
            "limit of enterprise projects 1000",
            get("/v1.0/enterprise-projects?limit=1000".to_owned(), "t"),
            get("/v1.0/enterprise-projects?limit=1001".to_owned(), "t"),
        ),
        (
            "per_page 5000",
            get("/v3/projects?per_page=5000".to_owned(), "t"),
            get("/v3/projects?per_page=5001".to_owned(), "t"),
        ),
    ] {
        assert_eq!((at, past), (200, 400), "{edge}");
    }
    let at = |length| get("/v5/p/asset/assign-task?category=host".to_owned(), &long(length));
    assert_eq!((at(1), at(32_768), at(32_769)), (200, 200, 401));
}
