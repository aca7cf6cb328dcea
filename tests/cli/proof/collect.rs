//! `hss collect`.

use huaweicloud_hss_emulator::Emulator;
use integration_tests::emulator::with_emulator;

use super::verify::{builder, hss};

/// Returns a server that can be collected.
fn coverable(emulator: &Emulator) -> &str {
    let is_coverable = |id: &&str| emulator.asset_truth(id).unwrap().not_coverable.is_none();
    emulator.inventory().hosts().iter().map(|host| host.id()).find(is_coverable).unwrap()
}

#[test]
fn each_kind_of_a_server_is_followed_to_its_end() {
    with_emulator(
        || builder(""),
        |emulator| {
            let id = coverable(emulator);
            let collect = |args: &[&str]| {
                let mut all = vec!["collect", "--project-id", "p", "-o", "json", "--host", id];
                all.extend(args);
                hss(emulator, &all)
            };
            let ordered = collect(&["--kind", "midware"]);
            assert_eq!((ordered.code, ordered.json()[0]["result"].as_str()), (0, Some("ordered")), "{ordered:#?}");
            let ended = collect(&["--wait"]);
            let results: Vec<_> = ended.json().as_array().unwrap().iter().map(|one| one["result"].clone()).collect();
            assert_eq!((ended.code, results), (0, vec!["scanned".into(); 7]), "{ended:#?}");
            assert_eq!(collect(&["--max-hosts", "0"]).code, 2);
        },
    );
}

#[test]
fn servers_that_are_not_proved_are_collected_from_a_result() {
    with_emulator(
        || builder("CreateGlobalAssetScanTask:skip-hosts share=50%"),
        |emulator| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("verdicts.csv");
            let scan = ["scan", "--all-hosts", "--project-id", "p", "--verify", "-o", "csv"];
            let found = hss(emulator, &scan);
            assert_eq!(found.code, 5);
            std::fs::write(&file, &found.stdout).unwrap();
            let unproved = found
                .stdout
                .lines()
                .skip(1)
                .filter(|line| !line.contains(",scanned,") && !line.contains(",not_covered,"));
            let args = ["collect", "--project-id", "p", "-o", "csv", "--kind", "midware", "--from-verify"];
            let mut all = args.to_vec();
            all.push(file.to_str().unwrap());
            let collected = hss(emulator, &all);
            assert_eq!((collected.code, collected.stdout.lines().count()), (0, 1 + unproved.count()), "{collected:#?}");
        },
    );
}
