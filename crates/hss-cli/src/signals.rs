//! Ctrl-C, the system's request to end, and the end of the terminal.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::{CliError, ExitStatus};

/// Hears every interruption from the moment it is made, also those that come while nobody waits.
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signals: Option<(Signal, Signal)>,
    #[cfg(unix)]
    hang_up: Option<Signal>,
}

impl Interrupts {
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        let signals = signal(SignalKind::interrupt()).ok().zip(signal(SignalKind::terminate()).ok());
        // Under nohup the end of the terminal is to be nothing: to listen would undo that.
        let hang_up = (!hang_up_is_ignored()).then(|| signal(SignalKind::hangup()).ok()).flatten();
        Self { signals, hang_up }
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Self {}
    }

    /// The next interruption; never, where none can be heard.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        let Some((interrupt, terminate)) = &mut self.signals else { return std::future::pending().await };
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up => {}
        }
    }

    /// The next interruption; never, where none can be heard.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Whether this program was started with SIGHUP ignored. Where the system does not tell, it is taken for ignored: then the signal
/// does what it always did.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    static ANSWER: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    // Asked once, before this program listens itself.
    *ANSWER.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        ignores(&status, SignalKind::hangup().as_raw_value())
    })
}

/// Reads the ignored signals out of Linux's `/proc/self/status`: a mask in hexadecimal, its lowest bit for signal 1.
#[cfg(unix)]
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|text| u64::from_str_radix(text.trim(), 16).ok());
    mask.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Does what only asks, and gives it up at the first interruption.
pub(crate) async fn unless_interrupted<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let mut interrupts = Interrupts::listen();
    tokio::select! {
        result = work => result,
        () = interrupts.next() => Err(CliError::new(ExitStatus::Interrupted, "interrupted; nothing was changed")),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_terminal_is_heard_unless_it_is_ignored() {
        let hang_up = SignalKind::hangup().as_raw_value();
        for (status, ignored) in [
            ("Name:\thss\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n", false),
            ("Name:\thss\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n", true),
            ("", true),
            ("SigIgn:\tnothing\n", true),
        ] {
            assert_eq!(ignores(status, hang_up), ignored, "{status:?}");
        }
    }
}
