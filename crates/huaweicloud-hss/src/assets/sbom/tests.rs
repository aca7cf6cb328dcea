use std::time::Duration;

use serde_json::{Value, json};

use super::*;

fn asset(row: Value) -> Asset {
    serde_json::from_value(row).unwrap()
}

fn software(host: &str, name: &str, version: &str) -> Asset {
    asset(
        json!({ "kind": "software", "host_id": host, "name": name, "version": version, "path": format!("/opt/{host}"),
                  "seen_at": "2026-11-01T00:00:00Z" }),
    )
}

fn package(name: &str, file_type: &str, hash: &str) -> Asset {
    asset(json!({ "kind": "packages", "host_id": "h1", "name": name, "version": "1.0", "path": "/srv/x", "hash": hash,
                  "container": { "name": "shop" }, "seen_at": "2026-11-02T00:00:00Z", "extra": { "file_type": file_type } }))
}

fn small() -> Vec<Asset> {
    vec![
        software("h1", "zlib", "1"),
        software("h2", "zlib", "1"),
        software("h2", "zlib", "2"),
        package("requests-1.0", "python", &"A".repeat(64)),
        package("log4j-core-1.0", "jar", "strange"),
    ]
}

fn sbom(assets: &[Asset]) -> Sbom {
    let mut sbom = Sbom::default();
    let host = |id: &str, os: &str| {
        serde_json::from_value::<Host>(json!({ "host_id": id, "host_name": format!("name of {id}"), "os_name": os }))
            .unwrap()
    };
    sbom.add_host(&host("h1", "Ubuntu 22.04"));
    sbom.add_host(&host("h2", "Windows"));
    sbom.add_host(&host("empty", "Windows"));
    assert!(assets.iter().all(|asset| sbom.add(asset)));
    sbom
}

fn json(document: SbomDocument) -> Value {
    serde_json::to_value(document).unwrap()
}

#[test]
fn a_document_of_a_server_has_its_components_with_evidence() {
    let document = json(sbom(&small()).server("h1", None).unwrap());
    assert_eq!(document["metadata"]["timestamp"], "2026-11-02T00:00:00Z");
    assert_eq!(document["metadata"]["component"]["name"], "name of h1");
    let components = document["components"].as_array().unwrap();
    let names: Vec<_> = components.iter().map(|component| component["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["log4j-core-1.0", "requests-1.0", "zlib"]);
    let [jar, python, system] = &components[..] else { panic!("{components:?}") };
    assert_eq!((&jar["purl"], &jar["hashes"]), (&json!(null), &json!(null)));
    assert_eq!(jar["properties"][2], json!({ "name": "hss:hash", "value": "strange" }));
    assert_eq!(python["purl"], "pkg:pypi/requests@1.0");
    assert_eq!(python["hashes"], json!([{ "alg": "SHA-256", "content": "a".repeat(64) }]));
    let place = json!([{ "location": "/srv/x", "additionalContext": "container shop" }]);
    assert_eq!(python["evidence"]["occurrences"], place);
    assert_eq!(system["purl"], "pkg:deb/ubuntu/zlib@1?distro=ubuntu-22.04");
    assert!(system["properties"][1]["value"].as_str().unwrap().starts_with("best effort"));
    let depends_on = document["dependencies"][0]["dependsOn"].as_array().unwrap();
    assert_eq!((document["dependencies"][0]["ref"].as_str(), depends_on.len()), (Some("server:h1"), 3));
}

#[test]
fn a_document_of_all_servers_has_each_component_once() {
    let document = json(sbom(&small()).all_servers(None));
    // Two servers, two packages, zlib 1 of Ubuntu, zlib 1 and 2 of an unknown system.
    assert_eq!(document["components"].as_array().unwrap().len(), 2 + 2 + 3);
    let dependencies: Vec<_> = document["dependencies"].as_array().unwrap().iter().collect();
    assert_eq!(dependencies[0], &json!({ "ref": "servers", "dependsOn": ["server:h1", "server:h2"] }));
    assert_eq!(dependencies.len(), 3);
    assert_eq!(sbom(&small()).servers().collect::<Vec<_>>(), ["h1", "h2"]);
}

#[test]
fn the_same_assets_make_the_same_document() {
    let (mut reversed, all) = (small(), small());
    reversed.reverse();
    let [one, other] = [sbom(&all), sbom(&[reversed, all.clone()].concat())];
    assert_eq!(json(one.all_servers(None)), json(other.all_servers(None)));
    assert_eq!(json(one.server("h2", None).unwrap()), json(other.server("h2", None).unwrap()));
    let serial = |sbom: &Sbom, time| json(sbom.all_servers(time))["serialNumber"].as_str().unwrap().to_owned();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    assert_ne!(serial(&one, None), serial(&one, Some(time)));
    assert_ne!(serial(&one, None), serial(&sbom(&all[1..]), None));
    let serial = serial(&one, None);
    let groups: Vec<_> = serial.strip_prefix("urn:uuid:").unwrap().split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12]);
}

#[test]
fn other_kinds_and_nameless_rows_are_left_out() {
    let mut sbom = Sbom::default();
    assert!(!sbom.add(&asset(json!({ "kind": "ports", "host_id": "h", "name": "x" }))));
    assert!(!sbom.add(&asset(json!({ "kind": "software", "host_id": "h" }))));
    assert_eq!(sbom.servers().count(), 0);
    assert!(sbom.server("h", None).is_none());
}
