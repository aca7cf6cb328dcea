//! Ctrl-C, termination requests, and the loss of the terminal.
//!
//! A thread of its own receives them, also while this program plans, reads or writes.

use std::sync::{OnceLock, mpsc};
use std::thread;

use huaweicloud_hss::fleet::ShutdownHandle;
use tokio::runtime::{Builder, Handle};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::exit::{CliError, ExitStatus};

/// Receives interruptions from the first use on; `None` if none can be received.
static LISTENER: OnceLock<Option<Listener>> = OnceLock::new();

/// The thread that receives interruptions.
struct Listener {
    /// Number of interruptions.
    count: watch::Receiver<u32>,
    runtime: Handle,
}

impl Listener {
    /// Starts the thread. Interruptions after its start are counted, and no longer end this program.
    fn start() -> Option<Self> {
        let (started, starts) = mpsc::channel();
        let listen = move || {
            let runtime = Builder::new_current_thread().enable_all().build().ok()?;
            let (counter, count) = watch::channel(0);
            runtime.block_on(async {
                let mut signals = Signals::listen()?;
                started.send(Self { count, runtime: Handle::current() }).ok()?;
                loop {
                    signals.next().await?;
                    counter.send_modify(|count| *count += 1);
                }
            })
        };
        thread::Builder::new().name("signals".to_owned()).spawn(move || -> Option<()> { listen() }).ok()?;
        starts.recv().ok()
    }
}

/// Returns how many interruptions were received. None are before something listens.
pub(crate) fn interruptions() -> u32 {
    LISTENER.get().and_then(Option::as_ref).map_or(0, |listener| *listener.count.borrow())
}

/// Receives every interruption since this program began to listen, including those that arrive while no one waits for
/// them.
#[derive(Clone)]
pub(crate) struct Interrupts {
    listener: Option<&'static Listener>,
    received: u32,
}

impl Interrupts {
    pub(crate) fn listen() -> Self {
        Self { listener: LISTENER.get_or_init(Listener::start).as_ref(), received: 0 }
    }

    /// Waits for the next interruption; forever, if none can be received.
    pub(crate) async fn next(&mut self) {
        let Some(listener) = self.listener else { return std::future::pending().await };
        let mut count = listener.count.clone();
        // The thread never ends, and with it the channel.
        if count.wait_for(|count| *count > self.received).await.is_err() {
            std::future::pending::<()>().await;
        }
        self.received += 1;
    }

    /// Receives the next interruption if it has arrived.
    pub(crate) fn try_next(&mut self) -> bool {
        let has_next = interruptions() > self.received;
        self.received += u32::from(has_next);
        has_next
    }

    /// Turns each interruption into a shutdown request, at once and whatever this program is busy with.
    pub(crate) fn shut_down(mut self, handle: ShutdownHandle) {
        while self.try_next() {
            handle.request();
        }
        if let Some(listener) = self.listener {
            listener.runtime.spawn(async move {
                loop {
                    self.next().await;
                    handle.request();
                }
            });
        }
    }
}

/// The signals that interrupt this program.
#[cfg(unix)]
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Option<Self> {
        // nohup ignores SIGHUP; listening would undo that.
        let hangup = (!hangup_is_ignored()).then(|| signal(SignalKind::hangup()).ok()).flatten();
        let (interrupt, terminate) = (signal(SignalKind::interrupt()).ok()?, signal(SignalKind::terminate()).ok()?);
        Some(Self { interrupt, terminate, hangup })
    }

    async fn next(&mut self) -> Option<()> {
        let hangup = async {
            match &mut self.hangup {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            received = self.interrupt.recv() => received,
            received = self.terminate.recv() => received,
            received = hangup => received,
        }
    }
}

/// The signals that interrupt this program.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Option<Self> {
        Some(Self)
    }

    async fn next(&mut self) -> Option<()> {
        tokio::signal::ctrl_c().await.ok()
    }
}

/// Returns whether this program was started with SIGHUP ignored. Where the system does not report it, SIGHUP counts as ignored and
/// keeps its default effect.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    is_ignored(&status, SignalKind::hangup().as_raw_value())
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
        biased;
        () = interrupts.next() => Err(interrupted()),
        result = work => result,
    }
}

/// Returns the error of work that was interrupted before it changed anything.
pub(crate) fn interrupted() -> CliError {
    CliError::new(ExitStatus::Interrupted, "interrupted; nothing was changed")
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

    #[tokio::test]
    async fn an_interruption_requests_a_shutdown_even_if_it_came_before() {
        let interrupt = || std::process::Command::new("kill").args(["-INT", &std::process::id().to_string()]).status();
        let mut interrupts = Interrupts::listen();
        assert!(!interrupts.clone().try_next());
        assert!(interrupt().unwrap().success());
        interrupts.next().await;
        let (handle, stop) = ShutdownHandle::new();
        Interrupts::listen().shut_down(handle);
        assert!(stop.is_requested(), "before anything is polled");
        assert!(interrupt().unwrap().success());
        stop.forced().await;
        assert_eq!(interruptions(), 2);
    }
}
