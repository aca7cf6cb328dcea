//! The reader's two terminals: a bash that keeps its state between commands, and programs that run beside it.

use std::fs;
use std::io::{BufRead as _, BufReader, PipeReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

/// A line that no command prints.
const MARK: &str = "--- end of the command, exit code";

/// A machine with nothing on it but the programs and variables that a test adds.
pub struct Machine {
    home: TempDir,
    programs: Vec<PathBuf>,
    variables: Vec<(String, String)>,
}

/// The result of a command: standard output and standard error in one, as on a terminal.
#[derive(Debug)]
pub struct Ran {
    /// What it printed.
    pub output: String,
    /// The exit code.
    pub code: i32,
}

impl Machine {
    /// Returns a machine, or prints that there is no bash.
    pub fn with_bash() -> Option<Self> {
        if Command::new("bash").arg("--version").output().is_err() {
            eprintln!("skipped: bash cannot be started");
            return None;
        }
        let machine = Self { home: TempDir::new().unwrap(), programs: Vec::new(), variables: Vec::new() };
        fs::create_dir(machine.work()).unwrap();
        Some(machine)
    }

    /// Puts the folder of this program first on the path.
    #[must_use]
    pub fn program(mut self, path: &Path) -> Self {
        self.programs.push(path.parent().unwrap().to_owned());
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the folder that commands run in.
    pub fn work(&self) -> PathBuf {
        self.home.path().join("hss")
    }

    /// Replaces the home folder by `/home/you`.
    pub fn anonymous(&self, text: &str) -> String {
        text.replace(&self.home.path().display().to_string(), "/home/you")
    }

    fn bash(&self) -> Command {
        let mut bash = Command::new("bash");
        let system = std::env::var_os("PATH").unwrap_or_default();
        let path = self.programs.iter().cloned().chain(std::env::split_paths(&system));
        bash.args(["--noprofile", "--norc"])
            .env_clear()
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("HOME", self.home.path())
            .env("LC_ALL", "C")
            // The address of the metadata service is not on this machine.
            .env("HSS_METADATA", "off")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.work());
        bash
    }

    /// Opens the first terminal.
    pub fn shell(&self) -> Shell {
        let (output, write) = std::io::pipe().unwrap();
        let mut bash = self.bash();
        bash.arg("-s").stdin(Stdio::piped()).stdout(write.try_clone().unwrap()).stderr(write);
        let mut child = bash.spawn().unwrap();
        drop(bash);
        let input = child.stdin.take().unwrap();
        let script = self.home.path().join("command");
        let mut shell = Shell { child, input, output: BufReader::new(output), script };
        // `hss` warns about files that others may read, so that the mode of new files matters.
        assert_eq!(shell.run("umask 022").code, 0);
        shell
    }

    /// Starts a program in the second terminal, and waits for this many lines of its output, at least one.
    pub fn background(&self, command: &str, lines: usize) -> Background {
        let (output, write) = std::io::pipe().unwrap();
        let mut bash = self.bash();
        // Without `exec`, ending the shell would leave the program running.
        bash.args(["-c", &format!("exec {command}")]).stdin(Stdio::null());
        let child = bash.stdout(write.try_clone().unwrap()).stderr(write).spawn().unwrap();
        drop(bash);
        let mut background = Background { child, printed: String::new(), output: BufReader::new(output) };
        for _ in 0..lines.max(1) {
            background.output.read_line(&mut background.printed).unwrap();
        }
        background
    }
}

/// A shell that runs commands in order.
pub struct Shell {
    child: Child,
    input: ChildStdin,
    output: BufReader<PipeReader>,
    script: PathBuf,
}

impl Shell {
    /// Runs commands in the shell itself, so that the next command sees what they export or change.
    pub fn run(&mut self, commands: &str) -> Ran {
        fs::write(&self.script, commands).unwrap();
        // Keeps the exit code for a command that shows it.
        let script = self.script.display();
        let line = format!(". '{script}' </dev/null; code=$?; printf '\\n{MARK} %s\\n' $code; (exit $code)\n");
        self.input.write_all(line.as_bytes()).unwrap();
        let mut output = String::new();
        loop {
            let start = output.len();
            if self.output.read_line(&mut output).unwrap() == 0 {
                return Ran { output: output + "the shell has ended\n", code: -1 };
            }
            if let Some(code) = output[start..].strip_prefix(MARK) {
                let code = code.trim().parse().unwrap();
                // The mark is printed after an end of line of its own.
                output.truncate(start - 1);
                return Ran { output, code };
            }
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that runs until the page ends.
pub struct Background {
    child: Child,
    /// The first lines of what it printed.
    pub printed: String,
    output: BufReader<PipeReader>,
}

impl Background {
    /// Returns the port that it listens on, as its first line states.
    pub fn port(&mut self) -> u16 {
        let port =
            self.printed.lines().next().and_then(|line| line.rsplit_once(':')).and_then(|(_, port)| port.parse().ok());
        port.unwrap_or_else(|| {
            let _ = self.child.kill();
            let _ = self.output.read_to_string(&mut self.printed);
            panic!("the first line names no port: {}", self.printed)
        })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
