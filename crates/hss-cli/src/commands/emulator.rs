//! The emulator in this program: `hss emulator` runs it until it is interrupted, `--emulator` behind one command.

use std::fs;
use std::path::PathBuf;

use huaweicloud_hss::{Credentials, CredentialsProvider, Secret, Token};
use huaweicloud_hss_emulator::{Builder, Emulator, ErrorKind, Faults};

use crate::cli::EmulatorArguments;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::signals::Interrupts;

/// So many connections may be open at a time, where the system lets them.
#[cfg(unix)]
const OPEN_FILES: u64 = 65_536;

/// What is advised where a service is missing.
pub(crate) const HINT: &str = "\nOr add --emulator to try the same command against a made-up fleet on this machine.";

/// Whether `--emulator` can be used: in this program, yes.
#[expect(clippy::unnecessary_wraps, reason = "a program without the emulator refuses it here")]
pub(crate) fn check() -> Result<(), Failure> {
    Ok(())
}

/// The emulator behind one command. Dropping it ends it.
pub(crate) struct BuiltIn(Emulator);

impl BuiltIn {
    /// Starts it, says so, and gives credentials that it takes.
    pub(crate) async fn start() -> Result<(Self, CredentialsProvider), Failure> {
        let emulator = Emulator::builder()
            .start()
            .await
            .map_err(|error| Failure::usage(format!("the emulator cannot be started: {error}")))?;
        output::note(&format!(
            "emulator: this is a made-up fleet of {} servers at {}; nothing leaves this machine",
            emulator.fleet().hosts().len(),
            emulator.url()
        ));
        let token =
            Token::new(Secret::new("built-in".to_owned())).map_err(|error| Failure::usage(error.to_string()))?;
        Ok((Self(emulator), CredentialsProvider::from_static(Credentials::token(token))))
    }

    pub(crate) fn url(&self) -> &str {
        self.0.url()
    }
}

pub(crate) async fn run(arguments: EmulatorArguments) -> Result<Exit, Failure> {
    // Each connection is an open file, and the usual 1,024 are soon gone. Where no more can be had, fewer connections it is.
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(OPEN_FILES);
    let listen = arguments.listen;
    let builder = settings(arguments)?;
    // Before the first line is printed: whoever reads it may end this program at once.
    let mut interrupts = Interrupts::listen();
    let emulator = builder.start().await.map_err(|error| {
        let why = match error.kind() {
            ErrorKind::Remote => {
                format!("{listen} can be reached from other machines; take a loopback address, or add --allow-remote")
            }
            _ => error.to_string(),
        };
        Failure::usage(format!("the emulator cannot be started: {why}"))
    })?;
    output::result(&format!("listening on {}", emulator.url()));
    if !listen.ip().to_canonical().is_loopback() {
        output::note(&format!(
            "warning: {listen} can be reached from other machines, and whoever reaches it can use and steer this emulator"
        ));
    }
    output::note("Every call is answered from a made-up fleet; the address is a page to watch it on. End with Ctrl-C.");
    interrupts.next().await;
    emulator.shutdown().await;
    Ok(Exit::Ok)
}

fn settings(arguments: EmulatorArguments) -> Result<Builder, Failure> {
    let faults = faults(&arguments)?;
    let open = arguments.token.is_none() && arguments.user.is_empty() && arguments.ak.is_none();
    let mut builder = Emulator::builder()
        .listen(arguments.listen)
        .allow_remote(arguments.allow_remote)
        .scan_duration(arguments.scan_duration)
        .hosts(arguments.hosts)
        .latency(arguments.latency)
        .faults(faults);
    if let Some(file) = arguments.state {
        builder = with_state(builder, file)?;
    }
    // With no credentials named there would be no way in at all.
    if !open && !arguments.any_token {
        builder = match arguments.token {
            Some(token) => builder.token(token),
            None => builder.issued_tokens_only(),
        };
    }
    for (domain, name, password) in arguments.user {
        builder = builder.user(domain, name, password);
    }
    if let (Some(ak), Some(sk)) = (arguments.ak, arguments.sk) {
        builder = builder.access_key(ak, sk);
    }
    for (id, name) in arguments.project {
        builder = builder.project(id, name);
    }
    for (id, hosts) in arguments.enterprise_project {
        builder = builder.enterprise_project(id.clone(), id, hosts);
    }
    Ok(builder)
}

/// The rules of the file, then those of the command line.
fn faults(arguments: &EmulatorArguments) -> Result<Faults, Failure> {
    let mut faults = Faults::default();
    if let Some(file) = &arguments.faults_from {
        let text = fs::read_to_string(file)
            .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", file.display())))?;
        faults = text.parse().map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    }
    let faults = arguments.fault.iter().cloned().fold(faults, Faults::and);
    Ok(match arguments.fault_seed {
        Some(seed) => faults.with_seed(seed),
        None => faults,
    })
}

#[cfg(feature = "state")]
fn with_state(builder: Builder, file: PathBuf) -> Result<Builder, Failure> {
    Ok(builder.state(file))
}

#[cfg(not(feature = "state"))]
fn with_state(_: Builder, _: PathBuf) -> Result<Builder, Failure> {
    Err(Failure::usage("this hss was built without the feature `state`, which --state needs"))
}
