//! Runs the pages of the guide: see `tests/docs/README.md`.

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

/// Does what the page says, on this machine, and returns the first lines of the blocks it does not run.
///
/// # Panics
/// When the page shows anything else than what came, unless `UPDATE_GUIDE` is set: then the page is renewed.
pub fn run(root: &Path, name: &str, machine: &Machine) -> Vec<String> {
    match follow(root, name, machine, std::env::var_os("UPDATE_GUIDE").is_some()) {
        Ok(not_run) => not_run,
        Err(failed) => panic!("\n{failed}UPDATE_GUIDE=1 renews what pages show; read the difference then."),
    }
}

/// `Err` tells each place of the page that is not true, with page, line and difference.
pub fn follow(root: &Path, name: &str, machine: &Machine, renew: bool) -> Result<Vec<String>, String> {
    let file = root.join(name);
    let page = Page::read(fs::read_to_string(&file).unwrap());
    let mut failed: String = page.strange.iter().map(|problem| format!("{name}:{problem}\n")).collect();
    let mut reader =
        Reader { root, machine, shell: machine.shell(), page: &page, beside: BTreeMap::new(), found: Vec::new() };
    for (number, step) in page.steps.iter().enumerate() {
        if let Some(problem) = reader.follow(step, page.steps.get(number + 1)) {
            writeln!(failed, "{name}:{problem}").unwrap();
        }
    }
    let ports: Vec<u16> = reader.beside.keys().copied().collect();
    let mut differences = reader.found;
    differences.retain(|found| !shown::matches(&page.text[found.shown.clone()], &found.real));
    if renew && !differences.is_empty() {
        let mut text = page.text.clone();
        for found in differences.iter().rev() {
            text.replace_range(found.shown.clone(), &shown::renewed(&found.real, &ports));
        }
        fs::write(&file, text).unwrap();
    } else {
        for found in &differences {
            let shown = &page.text[found.shown.clone()];
            let diff = TextDiff::from_lines(shown, &found.real).unified_diff().header("shown", "came").to_string();
            writeln!(failed, "{name}:{}: {}\n{diff}", found.line, found.what.trim_end()).unwrap();
        }
    }
    if failed.is_empty() { Ok(page.not_run) } else { Err(failed) }
}

/// What came, beside what is shown of it.
struct Difference {
    line: usize,
    what: String,
    shown: Range<usize>,
    real: String,
}

/// Somebody who does what a page says.
struct Reader<'a> {
    root: &'a Path,
    machine: &'a Machine,
    shell: Shell,
    page: &'a Page,
    /// The programs of the second terminal, by the port that the page gives them. Here they get a free one.
    beside: BTreeMap<u16, (Background, u16)>,
    found: Vec<Difference>,
}

impl Reader<'_> {
    /// Does one step, and tells what went wrong beside the text that is shown.
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
                let told = matches!(next, Some(Step::Command { text, .. }) if text.starts_with("echo $?"));
                let problem = (ran.code != 0 && !told).then(|| {
                    format!("{line}: {}: exit code {}, and no `echo $?` follows\n{output}", text.trim_end(), ran.code)
                });
                if let Some(shown) = shown {
                    self.found(*line, text, shown, output);
                }
                problem
            }
        }
    }

    /// Starts a program of the second terminal on a free port, in the place of one that the page started before on the same.
    fn start(&mut self, line: usize, text: &str, shown: &Range<usize>) {
        let listen = Regex::new(r"--listen 127\.0\.0\.1:(\d+)").unwrap();
        let documented = listen.captures(text).unwrap_or_else(|| panic!("line {line}: it names no port"))[1].to_owned();
        let command = listen.replace(text, "--listen 127.0.0.1:0");
        let lines = self.page.text[shown.clone()].lines().count();
        let mut program = self.machine.background(&command, lines);
        let (documented, port) = (documented.parse().unwrap(), program.port());
        let told = program.told.clone();
        self.beside.insert(documented, (program, port));
        let told = self.as_shown(&told);
        self.found(line, text, shown, told);
    }

    fn found(&mut self, line: usize, what: &str, shown: &Range<usize>, real: String) {
        self.found.push(Difference { line, what: what.to_owned(), shown: shown.clone(), real });
    }

    /// An output with the ports and folders of the page.
    fn as_shown(&self, output: &str) -> String {
        self.with_ports(&self.machine.anonymous(&shown::trimmed(output)), false)
    }

    /// The text with the ports of the page made real ones, or the other way round.
    fn with_ports(&self, text: &str, real: bool) -> String {
        self.beside.iter().fold(text.to_owned(), |text, (documented, (_, port))| {
            let (from, to) = if real { (documented, port) } else { (port, documented) };
            text.replace(&format!("127.0.0.1:{from}"), &format!("127.0.0.1:{to}"))
        })
    }
}
