//! What happens, on standard error, for those who ask with --verbose. Only this project's own spans and events: other libraries may
//! print what they send.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Says nothing at 0, each attempt at 1, and the ends of all spans at 2.
pub(crate) fn start(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let spans = if verbose > 1 { FmtSpan::CLOSE } else { FmtSpan::NONE };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_span_events(spans);
    let ours = Targets::new().with_target("huaweicloud_hss", level);
    // A second subscriber in one process is only possible in a test, and harmless.
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}
