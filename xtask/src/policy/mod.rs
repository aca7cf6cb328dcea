//! `cargo xtask policy`: licences, duplicates, sources and wildcards of all packages, held against deny.toml.
//!
//! deny.toml is cargo-deny's own file, and what it says means the same here. A key that only cargo-deny applies is refused in
//! `[graph]`, `[licenses]`, `[bans]` and `[sources]`, so that none is thought to be kept; rules.rs has those that are known.
//! Left to cargo-deny are `[advisories]`, which need a database, licences read from texts instead of manifests, and the address
//! of the public registry: here all packages must only be of the same one.

mod graph;
mod judge;
mod rules;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::Verdict;
use crate::bench::process;
use crate::format::{Outcome, tell};
use crate::workspace::Workspace;
use graph::{Graph, Metadata};
use rules::{FILE, Policy};

pub(crate) fn run(workspace: &Workspace, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Verdict> {
    tell(outcome(workspace.root(), &[]), out, err)
}

/// The judgement, with more flags for cargo.
fn outcome(root: &Path, flags: &[&str]) -> Outcome {
    let text = fs::read_to_string(root.join(FILE)).map_err(|error| format!("{FILE}: cannot be read: {error}"))?;
    let policy = Policy::read(&text)?;
    let metadata = metadata(root, policy.all_features, flags).map_err(|error| {
        format!("cargo does not tell the packages: {error}; `cargo fetch --locked` gets those not yet here")
    })?;
    Ok(report(&policy, &metadata))
}

/// All packages as cargo resolved them.
fn metadata(root: &Path, all_features: bool, flags: &[&str]) -> io::Result<Metadata> {
    let mut cargo = process::cargo();
    cargo.args(["metadata", "--format-version", "1", "--locked"]).args(flags).current_dir(root);
    if all_features {
        cargo.arg("--all-features");
    }
    let output = cargo.output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Every problem on a line of its own, or one line that there is none.
fn report(policy: &Policy, metadata: &Metadata) -> (String, Verdict, String) {
    let graph = Graph::new(metadata);
    let problems = judge::judge(policy, &graph);
    if problems.is_empty() {
        let kept = "licences, duplicates, sources and wildcards are as";
        return (
            format!("{} packages: {kept} {FILE} has them\n", graph.packages().len()),
            Verdict::Fine,
            String::new(),
        );
    }
    (problems.iter().map(|problem| format!("{problem}\n")).collect(), Verdict::Drift, String::new())
}

#[cfg(test)]
mod tests;
