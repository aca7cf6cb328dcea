//! The emulator: in this process, and as `hss emulator`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use huaweicloud_hss_emulator::{Emulator, EmulatorBuilder};

use crate::binary::hss_binary;
use crate::hss::command;

/// A time of the week that is far from the weekly collection: Wednesday noon, for `EmulatorBuilder::with_time_of_week`.
pub const WEDNESDAY: Duration = Duration::from_secs(60 * 60 * 60);

/// Runs a test with an emulator on a thread of its own, so that the test can wait for the binary.
pub fn with_emulator<T>(build: impl FnOnce() -> EmulatorBuilder, test: impl FnOnce(&Emulator) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let emulator = runtime.block_on(build().start()).unwrap();
    test(&emulator)
}

/// `hss emulator` in a process of its own, ended when dropped.
pub struct EmulatorProcess {
    /// The address that it prints.
    pub url: String,
    child: Child,
}

impl EmulatorProcess {
    /// Starts `hss emulator` with these flags, and waits until it listens.
    pub fn start(args: &[&str]) -> Self {
        let mut all = vec!["emulator"];
        all.extend(args);
        Self::spawn(command(&all))
    }

    /// Starts it with a limit on the size of the files that it writes, in blocks of 512 or 1,024 bytes.
    pub fn start_with_file_limit(blocks: u32, args: &[&str]) -> Self {
        let mut shell = Command::new("sh");
        // Without the trap, a signal would end the process at the limit.
        shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" emulator \"$@\"")]);
        shell.arg(hss_binary()).args(args);
        Self::spawn(shell)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("{first:?}")).trim().to_owned();
        Self { url, child }
    }

    /// Returns the id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it by a signal.
    pub fn end(mut self, name: &str) -> ExitStatus {
        signal(&self.child, name);
        self.child.wait().unwrap()
    }
}

impl Drop for EmulatorProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal by name, as a shell would.
pub fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
    assert!(status.success());
}
