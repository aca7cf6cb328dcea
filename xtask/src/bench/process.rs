//! Runs programs, and tells how long each took, how much processor time, and how much memory it had at most.

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// How often the memory of a running program is read. Its peak only grows, so little is missed.
const WATCH: Duration = Duration::from_millis(1);

/// Parts of a second in which Linux tells processor time to programs: the same number on every machine that Rust's own tools run on.
const TICKS_A_SECOND: f64 = 100.0;

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    pub(super) seconds: f64,
    /// Most memory in use, in MB (10^6 bytes); nothing where the system does not tell.
    pub(super) peak_mb: Option<f64>,
}

/// The cargo that runs this, without what it told this program about its own package: the build script of `ring` looks at that, and
/// would build anew what is built.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Builds the release binary and gives its path.
pub(super) fn hss(root: &Path) -> io::Result<PathBuf> {
    hss_with(root, &[])
}

/// The same with more flags for cargo. The path is always the same one.
pub(super) fn hss_with(root: &Path, flags: &[&str]) -> io::Result<PathBuf> {
    built(root, &[&["build", "--release", "--bin", "hss"], flags].concat())
}

/// Builds what these arguments of cargo build, and gives the path of the last program among it.
pub(crate) fn built(root: &Path, args: &[&str]) -> io::Result<PathBuf> {
    let built = cargo()
        .args(args)
        .args(["--locked", "--message-format=json-render-diagnostics"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()?;
    let messages = String::from_utf8_lossy(&built.stdout);
    let path = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back();
    path.filter(|_| built.status.success())
        .ok_or_else(|| io::Error::other(format!("`cargo {}` failed", args.join(" "))))
}

/// The command, kept to the machine's first core where `taskset` can do so.
pub(super) fn on_one_core(command: Command) -> Command {
    static CAN: OnceLock<bool> = OnceLock::new();
    let taskset = |core: &str| {
        let mut taskset = Command::new("taskset");
        taskset.args(["--cpu-list", core]);
        taskset
    };
    let can = CAN.get_or_init(|| {
        let tried = taskset("0").arg("true").stdout(Stdio::null()).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    });
    if !can {
        return command;
    }
    let mut kept = taskset("0");
    kept.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => kept.env(name, value),
            None => kept.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        kept.current_dir(folder);
    }
    kept
}

/// Runs to the end; a run that fails is no measurement.
pub(super) fn measure(mut command: Command) -> io::Result<Cost> {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak_mb = None;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_mb = peak(&child).or(peak_mb);
        thread::sleep(WATCH);
    };
    if !status.success() {
        return Err(io::Error::other(format!("{command:?} ended with {status}")));
    }
    Ok(Cost { seconds: started.elapsed().as_secs_f64(), peak_mb })
}

/// Runs to the end without looking at it meanwhile, which is exact to a fraction of a millisecond.
pub(super) fn seconds(mut command: Command) -> io::Result<f64> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let status = command.status()?;
    let seconds = started.elapsed().as_secs_f64();
    if status.success() { Ok(seconds) } else { Err(io::Error::other(format!("{command:?} ended with {status}"))) }
}

/// What they have taken since.
pub(super) fn cpu_since(before: Option<f64>) -> Option<f64> {
    cpu_of_children().zip(before).map(|(now, before)| now - before)
}

/// Processor time of all that this program has started and waited for, in seconds.
pub(super) fn cpu_of_children() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may hold anything; after it come the fields from the third on. See proc_pid_stat(5).
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(16 - 3);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_A_SECOND)
}

fn peak(child: &Child) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

/// An emulator in a process of its own. Dropping it ends it.
pub(super) struct Emulator {
    child: Child,
    pub(super) url: String,
}

impl Emulator {
    pub(super) fn start(hss: &Path, args: &[&str]) -> io::Result<Self> {
        let mut child =
            Command::new(hss).arg("emulator").args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        match line.trim().strip_prefix("listening on ") {
            Some(url) => Ok(Self { child, url: url.to_owned() }),
            None => Err(io::Error::other("the emulator did not start")),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_command_on_one_core_is_the_same_command() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo $GIVEN $HOME; pwd"]).env("GIVEN", "a b").env_remove("HOME").current_dir("/");
        let output = on_one_core(command).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "a b\n/\n");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn processor_time_and_memory_of_a_program_are_told() {
        let mut busy = Command::new("sh");
        busy.args(["-c", "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done"]);
        let before = cpu_of_children();
        assert!(measure(busy).unwrap().peak_mb.unwrap() > 0.1);
        assert!(cpu_since(before).unwrap() > 0.0);
    }
}
