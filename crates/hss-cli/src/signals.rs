//! Ctrl-C, termination requests, and the loss of the terminal.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::{CliError, ExitStatus};

/// Receives every interruption from its creation on, including those that arrive while no one waits for them.
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signals: Option<(Signal, Signal)>,
    #[cfg(unix)]
    hangup: Option<Signal>,
}

impl Interrupts {
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        let signals = signal(SignalKind::interrupt()).ok().zip(signal(SignalKind::terminate()).ok());
        // nohup ignores SIGHUP; listening would undo that.
        let hangup = (!hangup_is_ignored()).then(|| signal(SignalKind::hangup()).ok()).flatten();
        Self { signals, hangup }
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Self {}
    }

    /// Waits for the next interruption; forever, if none can be received.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        let Some((interrupt, terminate)) = &mut self.signals else { return std::future::pending().await };
        let hangup = async {
            match &mut self.hangup {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup => {}
        }
    }

    /// Waits for the next interruption; forever, if none can be received.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Returns whether this program was started with SIGHUP ignored. Where the system does not report it, SIGHUP counts as ignored and
/// keeps its default effect.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    static IGNORED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    // Read once, before this program installs its own handler.
    *IGNORED.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        is_ignored(&status, SignalKind::hangup().as_raw_value())
    })
}

/// Parses the ignored signals in Linux's `/proc/self/status`: a hexadecimal mask whose lowest bit is signal 1.
#[cfg(unix)]
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|text| u64::from_str_radix(text.trim(), 16).ok());
    mask.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Runs work that changes nothing, and cancels it at the first interruption.
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
    fn the_mask_of_ignored_signals_is_parsed() {
        let hangup = SignalKind::hangup().as_raw_value();
        for (status, ignored) in [
            ("Name:\thss\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n", false),
            ("Name:\thss\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n", true),
            ("", true),
            ("SigIgn:\tnothing\n", true),
        ] {
            assert_eq!(is_ignored(status, hangup), ignored, "{status:?}");
        }
    }
}
