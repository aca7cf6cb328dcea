//! Runs the commands and programs of a page of Markdown: see `tests/docs/README.md`.
//!
//! Crates such as trycmd run each command by itself and without a shell. Here a page is one session: variables, functions and the
//! folder stay between commands, servers run in a second terminal on free ports, and files and programs come from the page.

pub mod page;
mod shell;
pub mod shown;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::Path;

use regex::Regex;
use similar::TextDiff;

use page::{Page, Step};
use shell::{Background, Shell};

pub use shell::Machine;

/// Follows a page on this machine, and returns the first lines of the blocks that it does not run.
///
/// # Panics
/// When an output differs from what the page shows, unless `UPDATE_GUIDE` is set: then the page is updated.
pub fn run(root: &Path, name: &str, machine: &Machine) -> Vec<String> {
    match follow(root, name, machine, std::env::var_os("UPDATE_GUIDE").is_some()) {
        Ok(not_run) => not_run,
        Err(failed) => panic!("\n{failed}UPDATE_GUIDE=1 updates the outputs in the pages; review the difference."),
    }
}

/// As [`run`], without a panic.
///
/// # Errors
/// Each place where an output differs from what the page shows, with page, line and difference, unless `update` is set.
pub fn follow(root: &Path, name: &str, machine: &Machine, update: bool) -> Result<Vec<String>, String> {
    let file = root.join(name);
    let page = Page::read(fs::read_to_string(&file).unwrap());
    let mut failed: String = page.problems.iter().map(|problem| format!("{name}:{problem}\n")).collect();
    let mut reader =
        Reader { root, machine, shell: machine.shell(), page: &page, background: BTreeMap::new(), found: Vec::new() };
    for (number, step) in page.steps.iter().enumerate() {
        if let Some(problem) = reader.follow(step, page.steps.get(number + 1)) {
            writeln!(failed, "{name}:{problem}").unwrap();
        }
    }
    let ports: Vec<u16> = reader.background.keys().copied().collect();
    let mut differences = reader.found;
    differences.retain(|found| !shown::matches(&page.text[found.shown.clone()], &found.real));
    if update && !differences.is_empty() {
        let mut text = page.text.clone();
        for found in differences.iter().rev() {
            text.replace_range(found.shown.clone(), &shown::updated(&found.real, &ports));
        }
        fs::write(&file, text).unwrap();
    } else {
        for found in &differences {
            let shown = &page.text[found.shown.clone()];
            let diff = TextDiff::from_lines(shown, &found.real).unified_diff().header("page", "output").to_string();
            writeln!(failed, "{name}:{}: {}\n{diff}", found.line, found.what.trim_end()).unwrap();
        }
    }
    if failed.is_empty() { Ok(page.not_run) } else { Err(failed) }
}

/// An output, and where the page shows it.
struct Difference {
    line: usize,
    what: String,
    shown: Range<usize>,
    real: String,
}

/// A reader who follows a page.
struct Reader<'a> {
    root: &'a Path,
    machine: &'a Machine,
    shell: Shell,
    page: &'a Page,
    /// The programs of the second terminal, by the port that the page gives them. Each runs on a free one.
    background: BTreeMap<u16, (Background, u16)>,
    found: Vec<Difference>,
}

impl Reader<'_> {
    /// Takes one step. Returns what went wrong, other than a different output.
    fn follow(&mut self, step: &Step, next: Option<&Step>) -> Option<String> {
        match step {
            Step::File { name, text } => {
                let file = self.machine.work().join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
                None
            }
            Step::Source { line, path, shown } => {
                let source = fs::read_to_string(self.root.join(path)).unwrap();
                let (_, real) = source.split_once("\n\n").unwrap();
                self.found(*line, path, shown, real.to_owned());
                None
            }
            Step::Background { line, text, shown } => {
                self.start(*line, text, shown);
                None
            }
            Step::Command { line, text, shown } => {
                let command = self.with_ports(text, true);
                // A block without outputs is a list of commands, none of which may fail.
                let commands = if shown.is_some() { command } else { format!("set -e\n{command}\nset +e\n") };
                let ran = self.shell.run(&commands);
                let output = self.as_shown(&ran.output);
                let shows_code = matches!(next, Some(Step::Command { text, .. }) if text.starts_with("echo $?"));
                let problem = (ran.code != 0 && !shows_code).then(|| {
                    format!("{line}: {}: exit code {}, and no `echo $?` follows\n{output}", text.trim_end(), ran.code)
                });
                if let Some(shown) = shown {
                    self.found(*line, text, shown, output);
                }
                problem
            }
        }
    }

    /// Starts a program of the second terminal on a free port. It replaces one that the page started on the same port before.
    fn start(&mut self, line: usize, text: &str, shown: &Range<usize>) {
        let listen = Regex::new(r"--listen 127\.0\.0\.1:(\d+)").unwrap();
        let documented =
            listen.captures(text).unwrap_or_else(|| panic!("line {line}: the command names no port"))[1].to_owned();
        let command = listen.replace(text, "--listen 127.0.0.1:0");
        let lines = self.page.text[shown.clone()].lines().count();
        let mut program = self.machine.background(&command, lines);
        let (documented, port) = (documented.parse().unwrap(), program.port());
        let printed = program.printed.clone();
        self.background.insert(documented, (program, port));
        let printed = self.as_shown(&printed);
        self.found(line, text, shown, printed);
    }

    fn found(&mut self, line: usize, what: &str, shown: &Range<usize>, real: String) {
        self.found.push(Difference { line, what: what.to_owned(), shown: shown.clone(), real });
    }

    /// Returns an output with the ports and folders of the page.
    fn as_shown(&self, output: &str) -> String {
        self.with_ports(&self.machine.anonymous(&shown::trimmed(output)), false)
    }

    /// Replaces the ports of the page by the real ones, or the other way round.
    fn with_ports(&self, text: &str, real: bool) -> String {
        self.background.iter().fold(text.to_owned(), |text, (documented, (_, port))| {
            let (from, to) = if real { (documented, port) } else { (port, documented) };
            text.replace(&format!("127.0.0.1:{from}"), &format!("127.0.0.1:{to}"))
        })
    }
}
