//! Logging to standard error with --verbose. Only this project's spans and events: other libraries may log secrets they send.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Logs nothing at 0, each attempt at 1, and the end of every span at 2.
pub(crate) fn start(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let spans = if verbose > 1 { FmtSpan::CLOSE } else { FmtSpan::NONE };
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_span_events(spans);
    let own_targets = Targets::new().with_target("huaweicloud_hss", level).with_target("huaweicloud_auth", level);
    // Only a test can start a second subscriber in one process, and that is harmless.
    let _ = tracing_subscriber::registry().with(layer).with(own_targets).try_init();
}
