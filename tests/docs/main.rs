//! The guide in docs/ and the README do what they show: see `tests/docs/README.md`.

mod changing_the_spec;
mod runner;
mod with_emulator;
mod with_fake_client;
mod with_mocks;

use std::fs;
use std::process::Command;

use huaweicloud_hss_emulator::{Emulator, EmulatorBuilder};

use integration_tests::binary::{built, hss_binary};
use integration_tests::doc_runner::{self, Machine};
use integration_tests::root;

/// Runs a page on a machine that has `hss`. The blocks that it does not run are these.
fn page(name: &str, not_run: &[&str], prepare: impl FnOnce(Machine) -> Machine) {
    let Some(machine) = Machine::with_bash() else { return };
    let left_out = doc_runner::run(root(), name, &prepare(machine.program(hss_binary())));
    assert_eq!(left_out, not_run, "{name}: the blocks that no test runs");
}

/// Runs a page whose regions are emulators, with the keys that the page makes up.
fn page_with_regions(
    name: &str,
    not_run: &[&str],
    build: impl Fn() -> EmulatorBuilder,
    prepare: impl Fn(Machine) -> Machine,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let service = || runtime.block_on(build().with_access_key("YOURACCESSKEY", "YOURSECRETKEY").start()).unwrap();
    let (north, east) = (service(), service());
    page(name, not_run, |machine| {
        prepare(machine)
            .variable("HUAWEICLOUD_SDK_REGION_HSS_CN_NORTH_4", north.url())
            .variable("HUAWEICLOUD_SDK_REGION_HSS_CN_EAST_3", east.url())
            .variable("HUAWEICLOUD_SDK_IAM_ENDPOINT", north.url())
    });
}

#[test]
fn readme() {
    let quick = || Emulator::builder().with_scan_duration(std::time::Duration::ZERO);
    let not_run = ["cargo run --bin hss -- scan --all-hosts --emulator --wait"];
    page_with_regions("README.md", &not_run, quick, |machine| {
        fs::write(machine.work().join("hosts.txt"), "server-1\nserver-2\n").unwrap();
        machine
    });
}

#[test]
fn first_scan() {
    page_with_regions("docs/first-scan.md", &["cargo install --path crates/hss-cli"], Emulator::builder, |machine| {
        machine
    });
}

#[test]
fn fleet() {
    page("docs/fleet.md", &[], |machine| machine);
}

#[test]
fn credentials() {
    page("docs/credentials.md", &[], |machine| machine);
}

#[test]
fn testing() {
    if Command::new("curl").arg("--version").output().is_err() {
        return eprintln!("skipped: docs/testing.md, there is no curl");
    }
    page("docs/testing.md", &[], |machine| machine);
}

/// Measuring takes long, and says something only on a machine that does nothing else.
#[test]
fn performance() {
    let not_run = "cargo bench -p benches   # in-process steps: signing, building, parsing, planning";
    page("docs/performance.md", &[not_run], |machine| machine);
}

#[test]
fn contents() {
    page("docs/README.md", &["UPDATE_GUIDE=1 cargo test -p integration-tests --test docs"], |machine| machine);
}

#[test]
fn every_page_is_run() {
    let run = [
        "README.md",
        "changing-the-spec.md",
        "first-scan.md",
        "fleet.md",
        "credentials.md",
        "testing.md",
        "performance.md",
    ];
    let contents = fs::read_to_string(root().join("docs/README.md")).unwrap();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".md") {
            continue;
        }
        assert!(run.contains(&name.as_str()), "docs/{name}: no test runs it");
        assert!(name == "README.md" || contents.contains(&format!("({name})")), "docs/README.md does not name {name}");
    }
}

#[test]
fn the_readmes_program_does_what_it_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let emulator =
        runtime.block_on(Emulator::builder().with_scan_duration(std::time::Duration::from_secs(3600)).start()).unwrap();
    let program = built("examples/scan", "cargo build -p huaweicloud-hss --example scan");
    let run = |address: &str| {
        let mut program = Command::new(&program);
        program.env_clear().env("HSS_ENDPOINT", address).env("HW_AUTH_TOKEN", "t").env("HW_PROJECT_ID", "p");
        String::from_utf8(program.output().unwrap().stdout).unwrap()
    };
    assert_eq!(run(emulator.url()), "accepted: 100 tasks\npending: true\n");
    assert_eq!(run(emulator.url()), "a scan is pending already\npending: true\n");
}
