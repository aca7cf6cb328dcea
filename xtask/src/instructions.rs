//! `cargo xtask instructions`: counts the instructions of the steps in `benches/steps.rs` and holds them against the baseline.
//!
//! Callgrind counts the same on a busy machine as on an idle one. One repetition is the difference of a long and a short run, so that
//! start and set-up do not count.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::Verdict;
use crate::bench::{count, process};
use crate::workspace::Workspace;

/// Where the baseline stands.
const BASELINE: &str = "xtask/instructions.json";
const RENEW: &str = "cargo xtask instructions --write";

/// By how many percent a step may grow before it is told, and shrink before the baseline should be renewed.
const TOLERATED: u64 = 5;

/// The steps, and how often each is repeated in the short and in the long run.
const STEPS: [(&str, [u32; 2]); 5] = [
    ("sign", [100, 1100]),
    ("build-request", [20, 220]),
    ("parse-outcome", [100, 1100]),
    ("plan-100000-hosts", [1, 3]),
    ("read-page", [5, 55]),
];

/// What was counted, and with which compiler.
#[derive(Debug, Serialize, Deserialize)]
struct Baseline {
    compiler: String,
    instructions: BTreeMap<String, u64>,
}

pub(crate) fn run(workspace: &Workspace, renew: bool, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Verdict> {
    let counted = match measure(workspace.root()) {
        Ok(Some(counted)) => counted,
        Ok(None) => {
            writeln!(err, "the instructions cannot be counted: valgrind is not installed")?;
            return Ok(Verdict::Unknown);
        }
        Err(error) => {
            writeln!(err, "the instructions cannot be counted: {error}")?;
            return Ok(Verdict::Unknown);
        }
    };
    let path = workspace.root().join(BASELINE);
    if renew {
        fs::write(&path, serde_json::to_string_pretty(&counted)? + "\n")?;
        writeln!(out, "{BASELINE}: written")?;
        return Ok(Verdict::Fine);
    }
    let read = fs::read_to_string(&path).and_then(|text| Ok(serde_json::from_str(&text)?));
    match read {
        Ok(baseline) => compare(&baseline, &counted, out),
        Err(error) => {
            writeln!(err, "{BASELINE} cannot be read: {error}; write it with `{RENEW}`")?;
            Ok(Verdict::Unknown)
        }
    }
}

/// Counts all steps; nothing where there is no valgrind.
fn measure(root: &Path) -> io::Result<Option<Baseline>> {
    let build = ["bench", "--no-run", "--package", "huaweicloud-hss", "--bench", "steps"];
    let program = process::built(root, &build)?;
    let mut instructions = BTreeMap::new();
    for (step, times) in STEPS {
        let mut runs = [0.0; 2];
        for (run, times) in runs.iter_mut().zip(times) {
            let Some(counted) = count(&program, &[step, &times.to_string()])? else { return Ok(None) };
            *run = counted;
        }
        let one = (runs[1] - runs[0]) / f64::from(times[1] - times[0]);
        instructions.insert(step.to_owned(), one.round() as u64);
    }
    let version = Command::new("rustc").arg("--version").output()?;
    let compiler = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    Ok(Some(Baseline { compiler, instructions }))
}

/// Tells each step, and whether one grew too much.
fn compare(baseline: &Baseline, counted: &Baseline, out: &mut dyn Write) -> io::Result<Verdict> {
    let mut verdict = Verdict::Fine;
    for (step, now) in &counted.instructions {
        let Some(before) = baseline.instructions.get(step) else {
            writeln!(out, "{step}: {now} instructions, and the baseline does not know it")?;
            verdict = Verdict::Drift;
            continue;
        };
        let change = *now as f64 / *before as f64 - 1.0;
        let note = if now * 100 > before * (100 + TOLERATED) {
            verdict = Verdict::Drift;
            ": too many"
        } else if now * 100 < before * (100 - TOLERATED) {
            ": renew the baseline, so that it cannot grow back"
        } else {
            ""
        };
        writeln!(out, "{step}: {now} instructions, {:+.1} % of {before}{note}", change * 100.0)?;
    }
    if verdict == Verdict::Drift {
        if baseline.compiler != counted.compiler {
            writeln!(out, "the baseline was counted with {}, this with {}", baseline.compiler, counted.compiler)?;
        }
        writeln!(out, "more than {TOLERATED} % over the baseline; if it is worth it: `{RENEW}`")?;
    }
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(compiler: &str, steps: &[(&str, u64)]) -> Baseline {
        let instructions = steps.iter().map(|(step, count)| ((*step).to_owned(), *count)).collect();
        Baseline { compiler: compiler.to_owned(), instructions }
    }

    fn told(before: &Baseline, now: &Baseline) -> (Verdict, String) {
        let mut out = Vec::new();
        let verdict = compare(before, now, &mut out).unwrap();
        (verdict, String::from_utf8(out).unwrap())
    }

    #[test]
    fn at_and_past_the_edge() {
        let before = counts("rustc 1", &[("sign", 1000)]);
        for (now, expected) in
            [(1050, Verdict::Fine), (1051, Verdict::Drift), (1000, Verdict::Fine), (1, Verdict::Fine)]
        {
            assert_eq!(told(&before, &counts("rustc 1", &[("sign", now)])).0, expected, "{now}");
        }
        assert_eq!(told(&before, &counts("rustc 1", &[("new", 1)])).0, Verdict::Drift);
    }

    #[test]
    fn what_grew_is_told_with_the_command_that_renews() {
        let before = counts("rustc 1", &[("plan", 2000), ("read", 1000), ("sign", 1000)]);
        let now = counts("rustc 2", &[("plan", 1000), ("read", 1010), ("sign", 1100)]);
        insta::assert_snapshot!(told(&before, &now).1, @r"
        plan: 1000 instructions, -50.0 % of 2000: renew the baseline, so that it cannot grow back
        read: 1010 instructions, +1.0 % of 1000
        sign: 1100 instructions, +10.0 % of 1000: too many
        the baseline was counted with rustc 1, this with rustc 2
        more than 5 % over the baseline; if it is worth it: `cargo xtask instructions --write`
        ");
    }

    #[test]
    fn the_baseline_has_every_step() {
        let text = fs::read_to_string(Workspace::here().root().join(BASELINE)).unwrap();
        let baseline: Baseline = serde_json::from_str(&text).unwrap();
        let mut steps: Vec<&str> = STEPS.iter().map(|(step, _)| *step).collect();
        steps.sort_unstable();
        assert!(baseline.instructions.keys().eq(steps));
    }
}
