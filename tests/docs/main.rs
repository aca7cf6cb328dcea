//! The commands and programs of the guide and the README do what these show: see `tests/docs/README.md`.

mod pictures;
mod runner;
mod saved_lists;
mod with_emulator;
mod with_fake_client;
mod with_mocks;

use std::fs;
use std::process::Command;

use huaweicloud_hss_emulator::{Emulator, EmulatorBuilder};

use integration_tests::binary::{built, hss_binary};
use integration_tests::doc_runner::{self, Machine};
use integration_tests::emulator::{WEDNESDAY, with_emulator};
use integration_tests::root;

/// Runs a page on a machine that has `hss`. `not_run` lists the blocks that are not run.
fn page(name: &str, not_run: &[&str], prepare: impl FnOnce(Machine) -> Machine) {
    let Some(machine) = Machine::with_bash() else { return };
    let left_out = doc_runner::run(root(), name, &prepare(machine.program(hss_binary())));
    assert_eq!(left_out, not_run, "{name}: the blocks that are not run");
}

/// Runs a page whose regions are emulators that accept the access key of the pages.
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
    let not_run = [
        "cargo run --bin hss -- scan --all-hosts --emulator --wait",
        "hss emulator --listen 127.0.0.1:8080 --fault 'CreateGlobalAssetScanTask:reset-after@5%'",
        "cargo xtask drift --page CreateGlobalAssetScanTask.html",
    ];
    page_with_regions("README.md", &not_run, quick, |machine| {
        let targets = "region,project_id,selector,id\ncn-north-4,shop,host,server-1\ncn-east-3,shop,all_hosts,\n";
        fs::write(machine.work().join("fleet.csv"), targets).unwrap();
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
fn verify() {
    let service = || {
        let faults = "skip-hosts hosts=407bab87-377c-4251-956b-caf7403e5456".parse().unwrap();
        let builder = Emulator::builder().with_hosts(12).with_scan_duration(std::time::Duration::from_secs(1));
        builder.with_time_of_week(WEDNESDAY).with_faults(faults)
    };
    with_emulator(service, |emulator| {
        page("docs/verify.md", &[], |machine| {
            machine
                .variable("HUAWEICLOUD_SDK_REGION_HSS_CN_NORTH_4", emulator.url())
                .variable("HW_AUTH_TOKEN", "example-token")
                .variable("HW_PROJECT_ID", "shop")
        });
    });
}

#[test]
fn inventory() {
    let service = || Emulator::builder().with_hosts(12).with_time_of_week(WEDNESDAY);
    with_emulator(service, |emulator| {
        page("docs/inventory.md", &[], |machine| {
            saved_lists::write(&machine.work());
            machine
                .variable("HUAWEICLOUD_SDK_REGION_HSS_CN_NORTH_4", emulator.url())
                .variable("HW_AUTH_TOKEN", "example-token")
                .variable("HW_PROJECT_ID", "shop")
        });
    });
}

#[test]
fn credentials() {
    page("docs/credentials.md", &[], |machine| machine);
}

#[test]
fn testing() {
    if Command::new("curl").arg("--version").output().is_err() {
        return eprintln!("skipped: docs/testing.md, because curl is not installed");
    }
    page("docs/testing.md", &[], |machine| machine);
}

/// Measurements take long, and need a machine that does nothing else.
#[test]
fn performance() {
    let not_run = "cargo bench -p benches   # in-process steps: signing, building, parsing, planning";
    page("docs/performance.md", &[not_run], |machine| machine);
}

#[test]
fn contents() {
    page("docs/README.md", &[], |machine| machine);
}

#[test]
fn every_page_is_run() {
    let run = [
        "README.md",
        // By `xtask/tests/guide.rs`.
        "changing-the-spec.md",
        "first-scan.md",
        "fleet.md",
        "credentials.md",
        "testing.md",
        "verify.md",
        "inventory.md",
        "performance.md",
    ];
    let contents = fs::read_to_string(root().join("docs/README.md")).unwrap();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".md") {
            continue;
        }
        assert!(run.contains(&name.as_str()), "docs/{name}: no test runs it");
        assert!(name == "README.md" || contents.contains(&format!("({name})")), "docs/README.md has no link to {name}");
    }
}

#[test]
fn the_readmes_program_does_what_it_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let hour = std::time::Duration::from_secs(3600);
    let builder = Emulator::builder().with_access_key("YOURACCESSKEY", "YOURSECRETKEY").with_scan_duration(hour);
    let emulator = runtime.block_on(builder.start()).unwrap();
    let program = built("examples/scan", "cargo build -p huaweicloud-hss --example scan");
    let run = || {
        let mut program = Command::new(&program);
        program.env_clear().env("HSS_ENDPOINT", emulator.url()).env("HUAWEICLOUD_SDK_PROJECT_ID", "p");
        program.env("HUAWEICLOUD_SDK_AK", "YOURACCESSKEY").env("HUAWEICLOUD_SDK_SK", "YOURSECRETKEY");
        String::from_utf8(program.output().unwrap().stdout).unwrap()
    };
    assert_eq!(run(), "accepted: 100 tasks\n");
    assert_eq!(run(), "not accepted: a scan is already pending\n");
}
