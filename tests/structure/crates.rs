//! The crates of this workspace depend on one another in one direction.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::root;

/// Which crates of this workspace each may use in its code. Its tests may use the same.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("huaweicloud-hss-spec", &[]),
    ("huaweicloud-auth", &[]),
    // Reads reference pages and specs of any service.
    ("located-yaml", &[]),
    ("openapi-drift", &["located-yaml"]),
    ("huaweicloud-hss-codegen", &["located-yaml"]),
    ("huaweicloud-hss", &["huaweicloud-auth"]),
    ("huaweicloud-hss-httpmock", &["huaweicloud-hss"]),
    // Implements the service by itself, so that tests compare two readings of the rules. Only the YAML reader is shared.
    ("huaweicloud-hss-emulator", &["huaweicloud-hss-spec", "located-yaml"]),
    ("hss-cli", &["huaweicloud-auth", "huaweicloud-hss", "huaweicloud-hss-emulator"]),
    // Its tests run a page of the guide.
    ("xtask", &["huaweicloud-hss-codegen", "huaweicloud-hss-spec", "integration-tests", "openapi-drift"]),
    ("benches", &["huaweicloud-auth", "huaweicloud-hss"]),
    (
        "integration-tests",
        &[
            "huaweicloud-auth",
            "huaweicloud-hss",
            "huaweicloud-hss-emulator",
            "huaweicloud-hss-httpmock",
            "huaweicloud-hss-spec",
            "located-yaml",
        ],
    ),
];

/// Which crates of this workspace the build scripts may use.
const ALLOWED_IN_BUILD_SCRIPTS: [(&str, &[&str]); 3] = [
    ("huaweicloud-hss", &["huaweicloud-hss-codegen", "huaweicloud-hss-spec"]),
    ("huaweicloud-hss-httpmock", &["huaweicloud-hss-codegen", "huaweicloud-hss-spec"]),
    ("huaweicloud-hss-emulator", &["huaweicloud-hss-spec", "located-yaml"]),
];

/// A crate that depends on another, and whether only its build script does.
type Dependency = (String, String, bool);

/// Returns what the crates of a workspace depend on within it, and the names of them all.
fn dependencies(root: &Path) -> (Vec<String>, Vec<Dependency>) {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (mut names, mut found) = (Vec::new(), Vec::new());
    for package in metadata["packages"].as_array().unwrap() {
        names.push(text(&package["name"]));
        let ours = package["dependencies"].as_array().unwrap().iter().filter(|one| one["path"].is_string());
        found.extend(ours.map(|one| (text(&package["name"]), text(&one["name"]), one["kind"] == "build")));
    }
    (names, found)
}

fn allowed<'a>(table: &[(&str, &'a [&'a str])], package: &str) -> &'a [&'a str] {
    table.iter().find(|(name, _)| *name == package).map_or(&[], |(_, allowed)| allowed)
}

fn problems(names: &[String], dependencies: &[Dependency]) -> Vec<String> {
    let unknown = names.iter().filter(|name| !ALLOWED.iter().any(|(known, _)| known == name));
    let unknown = unknown.map(|name| format!("{name} is not in the table of crates: add what it may depend on"));
    let wrong = dependencies.iter().filter_map(|(from, to, build)| {
        let table = if *build { &ALLOWED_IN_BUILD_SCRIPTS[..] } else { &ALLOWED };
        let kind = if *build { "the build script of " } else { "" };
        (!allowed(table, from).contains(&&**to)).then(|| format!("{kind}{from} depends on {to}"))
    });
    unknown.chain(wrong).collect()
}

#[test]
fn crates_depend_on_one_another_in_one_direction() {
    let (names, dependencies) = dependencies(&root());
    assert!(names.len() >= 9 && dependencies.len() >= 9, "{names:?} {dependencies:?}");
    let problems = problems(&names, &dependencies);
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn planted_dependencies_are_reported() {
    let names = ["huaweicloud-hss", "new"].map(str::to_owned);
    let dependencies = [
        ("huaweicloud-hss", "huaweicloud-auth", false),
        ("huaweicloud-hss", "huaweicloud-hss-codegen", true),
        ("huaweicloud-hss", "huaweicloud-hss-codegen", false),
        ("huaweicloud-auth", "huaweicloud-hss", false),
        ("huaweicloud-hss-emulator", "huaweicloud-hss", true),
    ]
    .map(|(from, to, build)| (from.to_owned(), to.to_owned(), build));
    assert_eq!(
        problems(&names, &dependencies),
        [
            "new is not in the table of crates: add what it may depend on",
            "huaweicloud-hss depends on huaweicloud-hss-codegen",
            "huaweicloud-auth depends on huaweicloud-hss",
            "the build script of huaweicloud-hss-emulator depends on huaweicloud-hss",
        ]
    );
}
