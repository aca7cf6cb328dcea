//! The machine that was measured on, in one line: figures without it say little.

use std::fs;
use std::process::Command;
use std::thread;

/// Processor, cores, memory, system and compiler; what cannot be told is left out.
pub(super) fn describe() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| field(&text, "model name"));
    let memory = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| field(&text, "MemTotal"))
        .and_then(|text| text.strip_suffix(" kB")?.parse::<f64>().ok())
        .map(|kib| format!("{:.0} GiB of memory", kib / 1024.0 / 1024.0));
    let cores = thread::available_parallelism().ok().map(|cores| format!("{cores} cores, shared"));
    let system = fs::read_to_string("/proc/sys/kernel/osrelease")
        .map_or_else(|_| std::env::consts::OS.to_owned(), |release| format!("Linux {}", release.trim()));
    let rustc = Command::new("rustc").arg("--version").output().ok().filter(|output| output.status.success());
    let rustc = rustc.map(|output| {
        let text = String::from_utf8_lossy(&output.stdout);
        text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    });
    [cpu, cores, memory, Some(system), rustc].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The first value of a `name : value` line.
fn field(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
