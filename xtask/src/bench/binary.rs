//! The binary: its size with the emulator and without, the time until it is there, and the memory of a single scan.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::process::{self, Emulator};
use super::python::Sdk;
use super::row::Row;
use crate::workspace::Workspace;

/// Enough that the best run met a quiet moment of the machine.
const STARTS: usize = 100;
const IMPORTS: usize = 5;
const SCANS: usize = 5;

const AK: &str = "BENCHKEY";
const SK: &str = "made-up-secret-of-a-bench";

pub(super) fn measure(workspace: &Workspace) -> io::Result<Vec<Row>> {
    let sdk = Sdk::find();
    let mut rows = Vec::new();
    // The one with the emulator is built last: it stays, and the emulator is needed below.
    let small = process::hss_with(workspace.root(), &["--no-default-features", "--features", "hss-cli/codegen"])?;
    let small_mb = megabytes(&small)?;
    let hss = process::hss(workspace.root())?;
    let whole_mb = megabytes(&hss)?;
    rows.push(Row::new("size with the emulator", "the bar", "MB", &[whole_mb], &[8.0]));
    rows.push(Row::new("size without the emulator", "the bar", "MB", &[small_mb], &[5.0]));
    rows.push(against(&sdk, "size without the emulator", "MB", &[small_mb], |sdk| {
        Ok(vec![sdk.installed_bytes()? / 1e6])
    })?);

    let mut starts = Vec::with_capacity(STARTS);
    let mut imports = Vec::with_capacity(IMPORTS);
    for run in 0..STARTS {
        let mut version = Command::new(&hss);
        version.arg("--version");
        starts.push(process::seconds(version)? * 1e3);
        // In turns, so that other work on the machine meets both.
        if let (true, Ok(sdk)) = (run % (STARTS / IMPORTS) == 0, &sdk) {
            imports.push(process::seconds(sdk.import())? * 1e3);
        }
    }
    rows.push(Row::new("hss --version", "the bar", "ms", &starts, &[5.0]));
    rows.push(against(&sdk, "hss --version", "ms", &starts, |_| Ok(imports))?);

    // Late enough for the memory to be read while the program waits for the answer.
    let emulator = Emulator::start(&hss, &["--latency", "50ms", "--scan-duration", "0s", "--ak", AK, "--sk", SK])?;
    let home = tempfile::tempdir()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..SCANS {
        let mut scan = Command::new(&hss);
        scan.args(["scan", "--all-hosts", "--project-id", "p", "--endpoint", &emulator.url]);
        scan.env("HUAWEICLOUD_SDK_AK", AK).env("HUAWEICLOUD_SDK_SK", SK).env("HOME", home.path());
        ours.extend(process::measure(scan)?.peak_mb);
        if let Ok(sdk) = &sdk {
            theirs.extend(process::measure(sdk.scan(home.path(), &emulator.url, AK, SK))?.peak_mb);
        }
    }
    rows.push(Row::new("memory of a scan", "the bar", "MB", &ours, &[15.0]));
    rows.push(against(&sdk, "memory of a scan", "MB", &ours, |_| Ok(theirs))?);
    Ok(rows)
}

/// A row against the Python SDK, where it is there.
fn against(
    sdk: &Result<Sdk, String>,
    bench: &str,
    unit: &str,
    ours: &[f64],
    theirs: impl FnOnce(&Sdk) -> io::Result<Vec<f64>>,
) -> io::Result<Row> {
    Ok(match sdk {
        Ok(sdk) => Row::new(bench, "Python SDK", unit, ours, &theirs(sdk)?),
        Err(why) => Row::skipped(bench, "Python SDK", unit, ours, why),
    })
}

fn megabytes(file: &Path) -> io::Result<f64> {
    Ok(fs::metadata(file)?.len() as f64 / 1e6)
}
