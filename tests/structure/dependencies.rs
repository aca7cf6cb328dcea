//! What each crate pulls in, as cargo itself reports it: see `tests/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use integration_tests::root;

/// The names of packages. `None` where cargo has not yet fetched all of them.
type Packages = Option<BTreeSet<String>>;

/// What cargo has reported already, by package and features.
static PULLED: Mutex<BTreeMap<(String, String), Packages>> = Mutex::new(BTreeMap::new());

/// Runs cargo in this workspace and returns what it prints.
///
/// `None` where cargo has not yet fetched every package it names (`cargo fetch` does): a build of less needs less.
fn cargo(args: &[&str]) -> Option<String> {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(args).args(["--offline", "--locked"]).current_dir(root()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("--offline was specified") {
        eprintln!("skipped: not all packages are fetched for cargo {args:?}");
        return None;
    }
    assert!(output.status.success(), "{stderr}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Returns the packages that are compiled for a crate with these features and no others, its build scripts included, itself not.
fn pulled(package: &str, features: &str) -> Packages {
    let mut known = PULLED.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry((package.to_owned(), features.to_owned())).or_insert_with(|| tree(package, features)).clone()
}

fn tree(package: &str, features: &str) -> Packages {
    let tree = ["tree", "-e", "normal,build", "--prefix", "none", "-f", "{p}"];
    let text = cargo(&[&tree[..], &["-p", package, "--no-default-features", "--features", features]].concat())?;
    let names = text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned);
    let mut names: BTreeSet<String> = names.collect();
    assert!(names.remove(package), "{text}");
    Some(names)
}

#[track_caller]
fn none_of(package: &str, features: &str, unwanted: &[&str]) {
    let Some(pulled) = pulled(package, features) else { return };
    let found: Vec<&&str> = unwanted.iter().filter(|name| pulled.contains(**name)).collect();
    assert!(found.is_empty(), "{package} with {features:?} pulls in {found:?}");
}

/// Tests for what is absent prove nothing when a name is misspelt: here each name is found where it belongs.
#[test]
fn every_name_looked_for_is_found_where_it_belongs() {
    let client = pulled("huaweicloud-hss", "codegen,rustls-ring").unwrap();
    let tool = pulled("hss-cli", "codegen,emulator").unwrap();
    let mocks = pulled("huaweicloud-hss-httpmock", "").unwrap();
    let reader = pulled("openapi-drift", "").unwrap();
    for (where_, pulled, names) in [
        ("the client", &client, GENERATOR),
        ("the client", &client, &["reqwest", "rustls", "ring"]),
        ("hss", &tool, EMULATOR),
        ("hss", &tool, TOOL),
        ("the mocks", &mocks, &["httpmock"]),
        ("openapi-drift", &reader, READER),
    ] {
        for name in names {
            assert!(pulled.contains(*name), "{where_} does without {name}");
        }
    }
}

const GENERATOR: &[&str] = &[
    "granit-parser",
    "huaweicloud-hss-codegen",
    "huaweicloud-hss-spec",
    "located-yaml",
    "openapiv3",
    "prettyplease",
    "progenitor",
    "progenitor-impl",
    "schemars",
    "typify",
];

const EMULATOR: &[&str] = &["huaweicloud-hss-emulator"];

const TOOL: &[&str] = &["clap", "comfy-table", "indicatif", "tracing-subscriber"];

const READER: &[&str] = &["html5gum", "toml"];

#[test]
fn the_client_pulls_in_no_tool_and_no_server() {
    for features in ["codegen,rustls-ring", "rustls-ring", "rustls-aws-lc", "native-tls", ""] {
        none_of("huaweicloud-hss", features, TOOL);
        none_of("huaweicloud-hss", features, READER);
        none_of("huaweicloud-hss", features, &["axum", "hss-cli", "httpmock", "huaweicloud-hss-emulator"]);
    }
}

#[test]
fn without_codegen_there_is_no_generator_not_even_in_a_build_script() {
    for features in ["rustls-ring", "rustls-aws-lc", "native-tls", ""] {
        none_of("huaweicloud-hss", features, GENERATOR);
    }
    none_of("huaweicloud-hss-httpmock", "", GENERATOR);
    // The emulator's build script reads the specs.
    let reader = ["granit-parser", "huaweicloud-hss-spec", "located-yaml"];
    let generator: Vec<&str> = GENERATOR.iter().copied().filter(|name| !reader.contains(name)).collect();
    none_of("hss-cli", "emulator", &generator);
    none_of("hss-cli", "", GENERATOR);
}

/// Returns what cargo prints of each package that is compiled for a program outside this workspace. `None` where cargo has
/// not yet fetched all of them.
fn tree_of_program(dependencies: &str, format: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let manifest = format!("[workspace]\n[package]\nname = \"program\"\nedition = \"2024\"\n{dependencies}");
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("src/main.rs"), "fn main() {}\n").unwrap();
    std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    std::fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "-e", "normal,build,dev", "--prefix", "none", "-f", format])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("--offline was specified") {
        eprintln!("skipped: not all packages are fetched for {dependencies}");
        return None;
    }
    assert!(output.status.success(), "{stderr}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn client_dependency(settings: &str) -> String {
    let path = root().join("crates/huaweicloud-hss");
    format!("[dependencies]\nhuaweicloud-hss = {{ path = '{}', {settings} }}\n", path.display())
}

/// A program that tests its use of the client with the mocks.
#[test]
fn mocks_bring_no_generator_to_a_client_without_codegen() {
    let mocks = root().join("crates/huaweicloud-hss-httpmock");
    let mocks = format!("[dev-dependencies]\nhuaweicloud-hss-httpmock = {{ path = '{}' }}\n", mocks.display());
    for (client_features, has_generator) in
        [("default-features = false, features = ['rustls-ring']", false), ("features = ['codegen']", true)]
    {
        let tree = tree_of_program(&format!("{}{mocks}", client_dependency(client_features)), "{p}").unwrap();
        let compiled: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert!(compiled.contains("huaweicloud-hss-httpmock"), "{tree}");
        for name in GENERATOR {
            assert_eq!(compiled.contains(name), has_generator, "{client_features}: {name}");
        }
    }
}

/// A program that uses reqwest and rustls itself, as the crate's README describes it: two providers in one rustls make
/// its default ambiguous.
#[test]
fn a_program_with_a_tls_provider_of_its_own_can_avoid_a_second_one() {
    for (client_feature, program, ring, aws_lc) in [
        ("rustls-ring", "", true, false),
        ("rustls-aws-lc", "features = ['aws_lc_rs']", false, true),
        ("native-tls", "features = ['aws_lc_rs']", false, true),
        ("rustls-ring", "features = ['aws_lc_rs']", true, true),
    ] {
        let own = format!(
            "rustls = {{ version = '0.23', default-features = false, {program} }}\n\
             reqwest = {{ version = '0.13', default-features = false }}\n"
        );
        let client = client_dependency(&format!("default-features = false, features = ['{client_feature}']"));
        let Some(tree) = tree_of_program(&format!("{client}{own}"), "{p} {f}") else { continue };
        let features = |package: &str| {
            let line = tree.lines().find(|line| line.starts_with(&format!("{package} v"))).unwrap_or_default();
            line.rsplit(' ').next().unwrap_or_default().split(',').map(str::to_owned).collect::<BTreeSet<String>>()
        };
        let providers = (features("rustls").contains("ring"), features("rustls").contains("aws_lc_rs"));
        assert_eq!(providers, (ring, aws_lc), "{client_feature} {program}");
        assert_eq!(features("reqwest").contains("rustls-no-provider"), client_feature != "native-tls", "{tree}");
    }
}

#[test]
fn each_way_of_tls_brings_its_own_library_alone() {
    none_of("huaweicloud-hss", "rustls-ring", &["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl"]);
    none_of("huaweicloud-hss", "rustls-aws-lc", &["ring", "native-tls", "openssl"]);
    none_of("huaweicloud-hss", "native-tls", &["aws-lc-rs", "ring", "rustls"]);
    none_of("huaweicloud-hss", "", &["aws-lc-rs", "ring", "rustls", "native-tls", "openssl"]);
}

#[test]
fn credentials_need_no_network() {
    none_of("huaweicloud-auth", "", &["huaweicloud-hss", "hyper", "mio", "reqwest", "rustls", "socket2", "tokio"]);
}

#[test]
fn the_emulator_shares_no_code_with_the_client() {
    let client = ["huaweicloud-auth", "huaweicloud-hss", "progenitor-client", "reqwest"];
    none_of("huaweicloud-hss-emulator", "", &client);
}

/// The first two of these were a third of the binary. Tests compare the emulator with them.
#[test]
fn the_emulator_validates_by_itself() {
    none_of("huaweicloud-hss-emulator", "", &["jsonschema", "regex-automata", "axum"]);
}

#[test]
fn reading_drift_needs_nothing_else_of_this_workspace() {
    let pulled = pulled("openapi-drift", "").unwrap();
    let ours: Vec<&String> =
        pulled.iter().filter(|name| name.starts_with("huaweicloud-") || *name == "hss-cli").collect();
    assert!(ours.is_empty(), "openapi-drift pulls in {ours:?}");
    none_of("located-yaml", "", READER);
}

#[test]
fn an_hss_without_the_emulator_has_none_of_it() {
    none_of("hss-cli", "", EMULATOR);
    none_of("hss-cli", "", &["granit-parser"]);
}

/// The compiler that the workspace states is a false promise if a dependency needs a newer one. Clippy checks our own use of the standard
/// library (`incompatible_msrv`).
#[test]
fn no_dependency_needs_a_newer_compiler_than_is_stated() {
    let Some(metadata) = cargo(&["metadata", "--format-version", "1"]) else { return };
    let tree = ["tree", "--workspace", "--exclude", "xtask", "--exclude", "integration-tests"];
    let Some(tree) = cargo(&[&tree[..], &["-e", "normal,build", "--prefix", "none", "-f", "{p}"]].concat()) else {
        return;
    };
    let compiled: BTreeSet<String> =
        tree.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect();
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let number = |version: &str| -> Vec<u32> { version.split('.').map(|part| part.parse().unwrap()).collect() };
    let stated = number(env!("CARGO_PKG_RUST_VERSION"));
    let mut looked_at = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let name = format!("{} v{}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        if let (true, Some(needed)) = (compiled.contains(&name), package["rust_version"].as_str()) {
            assert!(
                number(needed)[..2] <= stated[..2],
                "{name} needs Rust {needed}, and {} is stated",
                env!("CARGO_PKG_RUST_VERSION")
            );
            looked_at += 1;
        }
    }
    assert!(looked_at > 50, "{looked_at}");
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(concat!("Rust ", env!("CARGO_PKG_RUST_VERSION"))), "README.md states another compiler");
}

/// `cargo run --bin hss`, build scripts and tests select the same features of each package, so that it is compiled once.
#[test]
fn no_package_is_compiled_twice() {
    let mut features: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for edges in ["normal,build", "normal,build,dev"] {
        let tree = ["tree", "--workspace", "-e", edges, "--prefix", "none", "-f", "{p}: {f}"];
        let Some(tree) = cargo(&tree) else { return };
        for (package, selected) in tree.lines().filter_map(|line| line.split_once(": ")) {
            let selected = selected.trim_end_matches(" (*)");
            features.entry(package.replace(" (proc-macro)", "")).or_default().insert(selected.to_owned());
        }
    }
    assert!(features.len() > 100, "{features:?}");
    features.retain(|_, selected| selected.len() > 1);
    assert!(features.is_empty(), "select the same features for all, in tests/Cargo.toml: {features:#?}");
}
