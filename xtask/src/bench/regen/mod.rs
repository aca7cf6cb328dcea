//! Regeneration: time and memory of `cargo xtask gen` by the number of operations, beside two other generators on the same specs.
//!
//! The others are releases, and so ours is optimised too; how long the unoptimised program of `cargo xtask` takes is told as well.

mod spec;

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process;
use super::row::Row;
use crate::workspace::Workspace;

pub(crate) use spec::made_spec;

const SIZES: [usize; 4] = [1, 10, 100, 1000];
const ROUNDS: usize = 3;

/// What a run of one generator took.
#[derive(Clone, Debug, Default)]
struct Taken {
    seconds: Vec<f64>,
    peak_mb: Vec<f64>,
}

impl Taken {
    fn run(&mut self, command: Command) -> io::Result<()> {
        let cost = process::measure(command)?;
        self.seconds.push(cost.seconds);
        self.peak_mb.extend(cost.peak_mb);
        Ok(())
    }
}

/// Another generator, and how it is run on a spec. Without a program it is not there.
struct Competitor {
    name: &'static str,
    program: Option<PathBuf>,
    missing: &'static str,
    run: fn(&Path, &Path, &Path) -> Command,
}

const COMPETITORS: [fn() -> Competitor; 2] = [
    || Competitor {
        name: "openapi-generator",
        program: env::var_os("HSS_BENCH_OPENAPI_GENERATOR_JAR").map(PathBuf::from).filter(|jar| jar.is_file()),
        missing: "HSS_BENCH_OPENAPI_GENERATOR_JAR names no jar",
        // The jar itself: the program around it would only start a process more.
        run: |jar, spec, to| {
            let mut java = Command::new("java");
            java.arg("-jar").arg(jar).args(["generate", "-g", "rust", "--skip-validate-spec", "-i"]).arg(spec);
            java.arg("-o").arg(to);
            java
        },
    },
    || Competitor {
        name: "openapi-to-rust",
        program: env::var_os("HSS_BENCH_OPENAPI_TO_RUST").map(PathBuf::from).filter(|program| program.is_file()),
        missing: "HSS_BENCH_OPENAPI_TO_RUST names no program",
        run: |program, spec, to| {
            let mut generate = Command::new(program);
            generate.arg("generate").arg(spec).arg("--output-dir").arg(to).arg("--quiet");
            generate
        },
    },
];

pub(super) fn measure(workspace: &Workspace) -> io::Result<Vec<Row>> {
    let optimised =
        process::built(workspace.root(), &["build", "--profile", "bench", "--package", "xtask", "--bin", "xtask"])?;
    let everyday = env::current_exe()?;
    let competitors = COMPETITORS.map(|make| make());
    let folder = tempfile::tempdir()?;
    let mut rows = Vec::new();
    let mut growth = Vec::new();
    for operations in SIZES {
        let spec = folder.path().join(format!("{operations}.yaml"));
        fs::write(&spec, made_spec(operations))?;
        let (mut ours, mut ours_everyday) = (Taken::default(), Taken::default());
        let mut theirs = vec![Taken::default(); competitors.len()];
        for _ in 0..ROUNDS {
            for (xtask, taken) in [(&optimised, &mut ours), (&everyday, &mut ours_everyday)] {
                let mut generate = Command::new(xtask);
                generate.arg("gen").arg("--spec").arg(&spec).arg("--out").arg(folder.path().join("ours.rs"));
                taken.run(generate)?;
            }
            for (competitor, taken) in competitors.iter().zip(&mut theirs) {
                if let Some(program) = &competitor.program {
                    let to = tempfile::tempdir_in(folder.path())?;
                    taken.run((competitor.run)(program, &spec, to.path()))?;
                }
            }
        }
        let name = format!("{operations} operation{}", if operations == 1 { "" } else { "s" });
        for (competitor, taken) in competitors.iter().zip(&theirs) {
            if competitor.program.is_none() {
                rows.push(Row::skipped(&name, competitor.name, "s", &ours.seconds, competitor.missing));
                continue;
            }
            rows.push(Row::new(&name, competitor.name, "s", &ours.seconds, &taken.seconds));
            rows.push(Row::new(&name, competitor.name, "MB", &ours.peak_mb, &taken.peak_mb));
            let name = format!("{name}, not optimised");
            rows.push(Row::new(&name, competitor.name, "s", &ours_everyday.seconds, &taken.seconds));
        }
        if operations == SIZES[SIZES.len() - 1] {
            rows.push(Row::new(&name, "the bar", "MB", &ours.peak_mb, &[600.0]));
        }
        growth.push(ours.seconds.iter().map(|seconds| seconds / operations as f64 * 1e3).collect::<Vec<_>>());
    }
    let [.., hundred, thousand] = &growth[..] else { return Ok(rows) };
    rows.push(Row::new("an operation of 1000", "one of 100", "ms", thousand, hundred));
    let mut checks = Vec::new();
    for _ in 0..ROUNDS {
        let mut check = Command::new(&everyday);
        check.arg("check").current_dir(workspace.root());
        checks.push(process::seconds(check)?);
    }
    rows.push(Row::new("xtask check, nothing changed", "the bar", "s", &checks, &[0.5]));
    Ok(rows)
}
