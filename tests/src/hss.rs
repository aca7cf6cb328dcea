//! Runs the binary `hss` with no credentials but those that a test gives it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::binary::hss_binary;

/// The result of a run.
#[derive(Debug)]
pub struct Run {
    /// The exit code, or -1 after a signal.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Returns standard output as one JSON object.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Returns the totals that are not zero, as `accepted 200, refused 1`.
    pub fn totals(&self) -> String {
        let totals = self.json()["totals"].as_object().unwrap().clone();
        let some = totals.iter().filter(|(_, count)| **count != 0).map(|(name, count)| format!("{name} {count}"));
        some.collect::<Vec<_>>().join(", ")
    }

    /// Returns the outcome of each call.
    pub fn outcomes(&self) -> Vec<String> {
        self.json()["calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call["outcome"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Returns a command without any environment variable that could hold credentials or a proxy.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(hss_binary());
    // No test looks for a metadata service: its address is not on this machine.
    command.env_clear().env("HSS_METADATA", "off").args(args).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn run(mut command: Command) -> Run {
    let output = command.output().unwrap();
    finished(output)
}

/// Converts the output of a command that has ended.
pub fn finished(output: std::process::Output) -> Run {
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs `hss` with these arguments.
pub fn hss(args: &[&str]) -> Run {
    run(command(args))
}

/// Runs `hss` with these arguments and this standard input.
pub fn hss_with_input(args: &[&str], input: &[u8]) -> Run {
    let mut child = command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that needs no more closes its end early.
    let _ = child.stdin.take().unwrap().write_all(input);
    finished(child.wait_with_output().unwrap())
}

/// Runs `hss scan -o json` for project `p` at this endpoint, with a token.
pub fn scan(endpoint: &str, args: &[&str]) -> Run {
    let mut all = vec!["scan", "--endpoint", endpoint, "--project-id", "p", "-o", "json"];
    all.extend(args);
    let mut command = command(&all);
    command.env("HW_AUTH_TOKEN", "test-token");
    run(command)
}
