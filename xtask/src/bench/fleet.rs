//! A fleet against the emulator: how near to the ideal the lanes are, and what a million hosts cost.
//!
//! The ideal of a run is its longest lane: its calls, each with the latency of an answer and the time that the queue is busy behind
//! it. Nothing can be faster, for the calls of one queue go one after the other.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::Command;

use super::process::{self, Emulator};
use super::row::Row;
use crate::workspace::Workspace;

const LANES: usize = 50;
const LATENCY_MS: u64 = 20;

pub(super) fn measure(workspace: &Workspace) -> io::Result<Vec<Row>> {
    let hss = process::hss(workspace.root())?;
    let folder = tempfile::tempdir()?;
    let (fleet, million) = (folder.path().join("fleet.csv"), folder.path().join("million.csv"));
    targets(&fleet, 100_000)?;
    targets(&million, 1_000_000)?;
    let mut rows = Vec::new();
    for (name, busy_ms, runs) in [("fleet, queues free at once", 0, 5), ("fleet, queues busy for 2 s", 2000, 2)] {
        let (latency, busy) = (format!("{LATENCY_MS}ms"), format!("{busy_ms}ms"));
        let emulator = Emulator::start(&hss, &["--latency", &latency, "--scan-duration", &busy])?;
        let calls = 100_000 / LANES / 200;
        let ideal = calls as f64 * (LATENCY_MS + busy_ms) as f64 / 1000.0;
        let mut seconds = Vec::new();
        for _ in 0..runs {
            let mut scan = scan(&hss, &fleet, &emulator);
            scan.args(["--concurrency", &LANES.to_string(), "--wait"]);
            seconds.push(process::measure(scan)?.seconds);
        }
        rows.push(Row::new(name, "the ideal", "s", &seconds, &[ideal]));
    }
    let mut plan = Command::new(&hss);
    plan.args(["scan", "--dry-run", "--targets"]).arg(&million);
    let plan = process::measure(plan)?;
    rows.push(Row::new("plan a million lines", "the bar", "s", &[plan.seconds], &[10.0]));
    rows.extend(plan.peak_mb.map(|peak| Row::new("plan a million lines", "the bar", "MB", &[peak], &[500.0])));
    let emulator = Emulator::start(&hss, &["--scan-duration", "0s"])?;
    let whole = process::measure(scan(&hss, &million, &emulator))?;
    rows.extend(whole.peak_mb.map(|peak| Row::new("scan a million hosts", "the bar", "MB", &[peak], &[100.0])));
    let mut noted = scan(&hss, &million, &emulator);
    noted.arg("--journal").arg(folder.path().join("journal"));
    let noted = process::measure(noted)?;
    rows.extend(noted.peak_mb.map(|peak| Row::new("the same with a journal", "the bar", "MB", &[peak], &[100.0])));
    rows.push(Row::new("the same with a journal", "without one", "s", &[noted.seconds], &[whole.seconds]));
    Ok(rows)
}

fn scan(hss: &Path, targets: &Path, emulator: &Emulator) -> Command {
    let mut scan = Command::new(hss);
    scan.args(["scan", "--endpoint", &emulator.url, "--targets"]).arg(targets).env("HW_AUTH_TOKEN", "bench");
    scan
}

/// Hosts with ids like the service's, spread over the lanes one by one.
fn targets(path: &Path, hosts: usize) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "project_id,id")?;
    for number in 0..hosts {
        // Any numbers will do, as long as the ids differ and are as long as real ones.
        let mixed = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        writeln!(
            out,
            "project-{},{number:08x}-{:04x}-4000-8000-{:012x}",
            number % LANES,
            mixed >> 48,
            mixed & 0xFFFF_FFFF_FFFF
        )?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_made_up_targets_are_distinct_and_spread_evenly() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("targets.csv");
        targets(&path, 1000).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let ids: std::collections::HashSet<&str> =
            text.lines().skip(1).map(|line| line.split_once(',').unwrap().1).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 36));
        assert_eq!(text.lines().filter(|line| line.starts_with("project-7,")).count(), 20);
    }
}
