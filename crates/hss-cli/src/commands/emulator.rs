//! `hss emulator`: runs the emulator until it is interrupted.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use huaweicloud_hss_emulator::{Emulator, EmulatorBuilder, ErrorKind, Faults};

use crate::cli::EmulatorArgs;
use crate::exit::{CliError, ExitStatus};
use crate::output;
use crate::signals::Interrupts;

/// Number of open files to ask the system for. Each connection needs one.
#[cfg(unix)]
const MAX_OPEN_FILES: u64 = 65_536;

/// Maximum size of a file of faults: thousands of rules.
const MAX_FAULTS_BYTES: u64 = 1024 * 1024;

pub(crate) async fn run(args: EmulatorArgs) -> Result<ExitStatus, CliError> {
    // The usual limit of 1,024 is too low for load tests. If the system does not allow more, fewer connections are possible.
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(MAX_OPEN_FILES);
    let listen = args.listen;
    let builder = builder(args)?;
    // Listens before printing the first line, because whoever reads it may interrupt this program at once.
    let mut interrupts = Interrupts::listen();
    let emulator = builder.start().await.map_err(|error| {
        let reason = match error.kind() {
            ErrorKind::NonLoopbackAddress => {
                format!("{listen} is reachable from other machines. Use a loopback address, or add --allow-remote")
            }
            _ => error.to_string(),
        };
        CliError::usage(format!("cannot start the emulator: {reason}"))
    })?;
    output::print(&format!("listening on {}", emulator.url()));
    for warning in emulator.warnings() {
        output::message(&format!("warning: {warning}"));
    }
    if !listen.ip().to_canonical().is_loopback() {
        output::message(&format!(
            "warning: {listen} is reachable from other machines; anyone who can reach it can use and control this emulator"
        ));
    }
    output::message("Serving simulated servers. Open the address in a browser for a live view. Press Ctrl-C to stop.");
    interrupts.next().await;
    emulator.shutdown().await;
    Ok(ExitStatus::Ok)
}

fn builder(args: EmulatorArgs) -> Result<EmulatorBuilder, CliError> {
    let faults = faults(&args)?;
    let open = args.token.is_none() && args.user.is_empty() && args.ak.is_none();
    let mut builder = Emulator::builder()
        .with_listen_address(args.listen)
        .with_remote_access(args.allow_remote.is_some())
        .with_scan_duration(args.scan_duration)
        .with_hosts(args.hosts)
        .with_latency(args.latency)
        .with_faults(faults);
    builder = args.allow_remote.unwrap_or_default().into_iter().fold(builder, EmulatorBuilder::with_host_name);
    if let Some(file) = args.state {
        builder = builder.with_state_file(file);
    }
    // If no credentials are given, every token is accepted: otherwise, nobody could call the emulator.
    if !open && !args.accept_any_token {
        builder = match args.token {
            Some(token) => builder.with_token(token),
            None => builder.require_issued_token(),
        };
    }
    for (domain, name, password) in args.user {
        builder = builder.with_user(domain, name, password);
    }
    if let (Some(ak), Some(sk)) = (args.ak, args.sk) {
        builder = builder.with_access_key(ak, sk);
    }
    for (id, name) in args.project {
        builder = builder.with_project(id, name);
    }
    for (id, hosts) in args.enterprise_project {
        builder = builder.with_enterprise_project(id.clone(), id, hosts);
    }
    Ok(builder)
}

/// Reads a file of faults. An endless one, such as a device, would fill the memory.
fn read_bounded(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    if File::open(file)?.take(MAX_FAULTS_BYTES + 1).read_to_string(&mut text)? as u64 > MAX_FAULTS_BYTES {
        let reason = format!("it is larger than {MAX_FAULTS_BYTES} bytes, so it is not a list of faults");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    Ok(text)
}

/// Returns the fault rules of the file, then those of the command line.
fn faults(args: &EmulatorArgs) -> Result<Faults, CliError> {
    let mut faults = Faults::default();
    if let Some(file) = &args.faults_from {
        let text =
            read_bounded(file).map_err(|error| CliError::usage(format!("cannot read {}: {error}", file.display())))?;
        faults = text.parse().map_err(|error| CliError::usage(format!("{}: {error}", file.display())))?;
    }
    let faults = args.fault.iter().cloned().fold(faults, Faults::merge);
    Ok(match args.fault_seed {
        Some(seed) => faults.with_seed(seed),
        None => faults,
    })
}
