//! The metrics of a run. `.ci/metrics` reads them with the official Prometheus client.

use std::fs;
use std::path::Path;

use huaweicloud_hss_emulator::Emulator;
use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, run};

fn hss(endpoint: &str, metrics: &Path, args: &[&str]) -> Run {
    let mut command = command(args);
    command.args(["--endpoint", endpoint, "--project-id", "p"]).arg("--metrics").arg(metrics);
    command.env("HW_AUTH_TOKEN", "test-token");
    run(command)
}

/// Returns the samples without times, which differ between runs.
fn samples(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.contains("_seconds"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_run_writes_its_outcomes_and_its_exit_code() {
    with_emulator(
        || Emulator::builder().with_hosts(3),
        |emulator| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("scan.prom");
            let ran = hss(emulator.url(), &path, &["scan", "--host", "a", "b"]);
            assert_eq!(ran.code, 0, "{ran:#?}");
            assert_eq!(
                samples(&path),
                "hss_scan_targets{outcome=\"accepted\"} 2\n\
                 hss_scan_targets{outcome=\"already_queued\"} 0\n\
                 hss_scan_targets{outcome=\"refused\"} 0\n\
                 hss_scan_targets{outcome=\"unrecognised\"} 0\n\
                 hss_scan_targets{outcome=\"unknown\"} 0\n\
                 hss_scan_targets{outcome=\"not_sent\"} 0\n\
                 hss_run_exit_code{command=\"scan\"} 0"
            );
            let ran = hss(emulator.url(), &path, &["coverage"]);
            assert_eq!(ran.code, 0, "{ran:#?}");
            assert!(samples(&path).contains("hss_coverage_servers{class=\"coverable\"} "), "{}", samples(&path));
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                // A collector is another user.
                let mode = fs::metadata(&path).unwrap().permissions().mode();
                assert_eq!(mode & 0o444, 0o444, "{mode:o}");
            }
        },
    );
}

#[test]
fn a_run_that_fails_writes_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.prom");
    fs::write(&path, "old").unwrap();
    let ran = hss("http://example.invalid", &path, &["scan", "--all-hosts"]);
    assert_eq!(ran.code, 2, "{ran:#?}");
    assert_eq!(samples(&path), "hss_run_exit_code{command=\"scan\"} 2");
}

#[test]
fn metrics_that_cannot_be_written_fail_the_run() {
    with_emulator(Emulator::builder, |emulator| {
        let folder = tempfile::tempdir().unwrap();
        let ran = hss(emulator.url(), &folder.path().join("missing/scan.prom"), &["scan", "--host", "a"]);
        assert_eq!(ran.code, 1, "{ran:#?}");
        assert!(ran.stderr.contains("cannot write the metrics to "), "{ran:#?}");
    });
}
