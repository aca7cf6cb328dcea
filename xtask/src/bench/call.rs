//! One signed call on loopback: ours, the same written by hand over reqwest and over hyper, and the vendor's Python SDK.
//!
//! Instructions are counted by callgrind, as the difference of a long and a short run, so that start and set-up do not count. Where
//! processor time is measured, client and server share a core: waking an idle one takes longer than a call, and who pays for it is chance.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::process;
use super::python::Sdk;
use super::row::Row;
use crate::workspace::Workspace;

/// The ways of `benches/call`, with what each is called here. Ours comes first.
const WAYS: [(&str, &str); 3] = [("ours", "ours"), ("reqwest", "reqwest by hand"), ("hyper", "hyper by hand")];
const PYTHON: &str = "Python SDK";
const ROUNDS: usize = 5;
const CALLS: usize = 20_000;
const PYTHON_CALLS: usize = 1024;
const SIGNATURES: usize = 100_000;
/// A short and a long run under callgrind.
const COUNTED: [usize; 2] = [500, 1500];

pub(super) fn measure(workspace: &Workspace) -> io::Result<Vec<Row>> {
    let program = build(workspace.root())?;
    let server = Server::start(&program)?;
    let home = tempfile::tempdir()?;
    let sdk = Sdk::find();
    let mut rows = Vec::new();
    for (name, in_flight) in [("a call, one in flight", 1), ("a call, 32 in flight", 32)] {
        rows.extend(instructions(name, &program, &server, in_flight)?);
        let mut taken: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for _ in 0..ROUNDS {
            for (way, _) in WAYS {
                let mut run = Command::new(&program);
                run.args([way, &server.url, &CALLS.to_string(), &in_flight.to_string()]);
                taken.entry(way).or_default().push(cpu_us(process::on_one_core(run))?);
            }
            if let Ok(sdk) = &sdk {
                let what = [server.url.clone(), PYTHON_CALLS.to_string(), in_flight.to_string()];
                taken.entry(PYTHON).or_default().push(cpu_us(process::on_one_core(sdk.calls(home.path(), &what)))?);
            }
        }
        let of = |way: &str| taken.get(way).map_or(&[][..], Vec::as_slice);
        for (way, told) in &WAYS[1..] {
            rows.push(Row::new(name, told, "us of CPU", of("ours"), of(way)));
        }
        rows.push(against(&sdk, name, of("ours"), of(PYTHON)));
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut sign = Command::new(&program);
        sign.args(["sign", &SIGNATURES.to_string()]);
        ours.push(cpu_us(sign)?);
        if let Ok(sdk) = &sdk {
            theirs.push(cpu_us(sdk.calls(home.path(), &["sign".to_owned(), (SIGNATURES / 10).to_string()]))?);
        }
    }
    rows.push(Row::new("sign 2 KB", "the bar", "us of CPU", &ours, &[3.0]));
    rows.push(against(&sdk, "sign 2 KB", &ours, &theirs));
    Ok(rows)
}

fn against(sdk: &Result<Sdk, String>, name: &str, ours: &[f64], theirs: &[f64]) -> Row {
    match sdk {
        Ok(_) => Row::new(name, PYTHON, "us of CPU", ours, theirs),
        Err(why) => Row::skipped(name, PYTHON, "us of CPU", ours, why),
    }
}

/// Instructions of a call, in each way.
fn instructions(name: &str, program: &Path, server: &Server, in_flight: usize) -> io::Result<Vec<Row>> {
    let mut counted = Vec::new();
    for (way, told) in WAYS {
        let mut runs = [0.0; 2];
        for (run, calls) in runs.iter_mut().zip(COUNTED) {
            match count(program, &[way, &server.url, &calls.to_string(), &in_flight.to_string()])? {
                Some(instructions) => *run = instructions,
                None => {
                    let why = "valgrind is not installed";
                    return Ok(WAYS[1..]
                        .iter()
                        .map(|(_, told)| Row::skipped(name, told, "instructions", &[], why))
                        .collect());
                }
            }
        }
        counted.push((told, (runs[1] - runs[0]) / (COUNTED[1] - COUNTED[0]) as f64));
    }
    let (_, ours) = counted.remove(0);
    Ok(counted.iter().map(|(told, theirs)| Row::new(name, told, "instructions", &[ours], &[*theirs])).collect())
}

/// All instructions of a run under callgrind; nothing where there is no valgrind.
pub(crate) fn count(program: &Path, args: &[&str]) -> io::Result<Option<f64>> {
    let mut run = Command::new("valgrind");
    run.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).args(args);
    let output = match run.output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    let told = String::from_utf8_lossy(&output.stderr);
    let collected = told.lines().filter_map(|line| line.split_once("Collected :")).next_back();
    match collected.and_then(|(_, number)| number.trim().parse().ok()) {
        Some(instructions) if output.status.success() => Ok(Some(instructions)),
        _ => Err(io::Error::other(format!("{run:?} ended with {}: {told}", output.status))),
    }
}

/// Runs one that prints what a call takes.
fn cpu_us(mut run: Command) -> io::Result<f64> {
    let output = run.stderr(Stdio::inherit()).output()?;
    let told = serde_json::from_slice::<serde_json::Value>(&output.stdout).ok();
    match told.and_then(|told| told["cpu_us"].as_f64()) {
        Some(cpu_us) if output.status.success() => Ok(cpu_us),
        _ => Err(io::Error::other(format!("{run:?} ended with {}", output.status))),
    }
}

/// Builds the program of `benches/call` and gives its path.
fn build(root: &Path) -> io::Result<PathBuf> {
    process::built(root, &["bench", "--no-run", "--package", "huaweicloud-hss", "--bench", "call"])
}

/// The program as a server, in a process of its own. It ends when this is dropped, or when this program ends.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(program: &Path) -> io::Result<Self> {
        let mut serve = Command::new(program);
        serve.arg("serve");
        let mut child = process::on_one_core(serve).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        Ok(Self { child, url: url.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
