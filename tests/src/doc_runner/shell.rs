//! The reader's two terminals: a bash that keeps its state from command to command, and programs that go on beside it.

use std::fs;
use std::io::{BufRead as _, BufReader, PipeReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

/// A line that no command prints.
const MARK: &str = "--- end of the command, exit code";

/// A machine with nothing on it but the programs and settings a test gives it.
pub struct Machine {
    home: TempDir,
    programs: Vec<PathBuf>,
    variables: Vec<(String, String)>,
}

/// What a command gave: standard output and standard error in one, as on a terminal.
#[derive(Debug)]
pub struct Ran {
    pub output: String,
    pub code: i32,
}

impl Machine {
    /// `None`, said loudly, where there is no bash.
    pub fn with_bash() -> Option<Self> {
        if Command::new("bash").arg("--version").output().is_err() {
            eprintln!("skipped: the guide's commands, there is no bash");
            return None;
        }
        let machine = Self { home: TempDir::new().unwrap(), programs: Vec::new(), variables: Vec::new() };
        fs::create_dir(machine.work()).unwrap();
        Some(machine)
    }

    /// Puts the folder of this program before all others.
    #[must_use]
    pub fn program(mut self, path: &Path) -> Self {
        self.programs.push(path.parent().unwrap().to_owned());
        self
    }

    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder that the reader is in.
    pub fn work(&self) -> PathBuf {
        self.home.path().join("hss")
    }

    /// The text as it would be on a machine of which `you` are the user.
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

    /// The first terminal.
    pub fn shell(&self) -> Shell {
        let (output, write) = std::io::pipe().unwrap();
        let mut bash = self.bash();
        bash.arg("-s").stdin(Stdio::piped()).stdout(write.try_clone().unwrap()).stderr(write);
        let mut child = bash.spawn().unwrap();
        drop(bash);
        let input = child.stdin.take().unwrap();
        let script = self.home.path().join("command");
        let mut shell = Shell { child, input, output: BufReader::new(output), script };
        // What others may read is remarked on, so that the usual mode of new files shows.
        assert_eq!(shell.run("umask 022").code, 0);
        shell
    }

    /// A program in the second terminal, once it has printed as many lines, and the first of them at least.
    pub fn background(&self, command: &str, lines: usize) -> Background {
        let (output, write) = std::io::pipe().unwrap();
        let mut bash = self.bash();
        // Without `exec`, the shell would be ended and the program live on.
        bash.args(["-c", &format!("exec {command}")]).stdin(Stdio::null());
        let child = bash.stdout(write.try_clone().unwrap()).stderr(write).spawn().unwrap();
        drop(bash);
        let mut background = Background { child, told: String::new(), output: BufReader::new(output) };
        for _ in 0..lines.max(1) {
            background.output.read_line(&mut background.told).unwrap();
        }
        background
    }
}

/// A shell that runs one command after the other.
pub struct Shell {
    child: Child,
    input: ChildStdin,
    output: BufReader<PipeReader>,
    script: PathBuf,
}

impl Shell {
    /// Runs commands in the shell itself, so that what they export or change is there for the next.
    pub fn run(&mut self, commands: &str) -> Ran {
        fs::write(&self.script, commands).unwrap();
        // The exit code is handed on, for a command that shows it.
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
                // Before the mark stands the end of line that was printed with it.
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

/// A program that goes on while the page does.
pub struct Background {
    child: Child,
    /// The first lines of what it printed.
    pub told: String,
    output: BufReader<PipeReader>,
}

impl Background {
    /// The port it listens on, as it tells itself.
    pub fn port(&mut self) -> u16 {
        let port =
            self.told.lines().next().and_then(|line| line.rsplit_once(':')).and_then(|(_, port)| port.parse().ok());
        port.unwrap_or_else(|| {
            let _ = self.child.kill();
            let _ = self.output.read_to_string(&mut self.told);
            panic!("it does not tell where it listens: {}", self.told)
        })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
