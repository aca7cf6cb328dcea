//! How far a run is, on a terminal; where standard error is none, nothing is drawn.

use std::time::{Duration, Instant};

use huaweicloud_hss::CallOutcome;
use huaweicloud_hss::fleet::CallRecord;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output;

/// How often the line is drawn anew at most.
const DRAWS_A_SECOND: u8 = 8;

/// The line that tells how far a run is.
pub(crate) struct Progress {
    bar: ProgressBar,
    counts: Counts,
}

/// What the line says.
struct Counts {
    started: Instant,
    lanes: usize,
    lanes_ended: usize,
    calls: u64,
    accepted: u64,
    queued: u64,
    refused: u64,
    unknown: u64,
}

impl Progress {
    /// A run of so many lanes and so many hosts and groups.
    pub(crate) fn new(lanes: usize, targets: u64) -> Self {
        Self::on(ProgressDrawTarget::stderr_with_hz(DRAWS_A_SECOND), lanes, targets)
    }

    fn on(target: ProgressDrawTarget, lanes: usize, targets: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(targets), target);
        // The template is a constant that a test draws; without a style the bar would have its own.
        if let Ok(style) = ProgressStyle::with_template("{bar:20} {human_pos}/{human_len} {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        let (lanes_ended, calls, accepted, queued, refused, unknown) = (0, 0, 0, 0, 0, 0);
        let started = Instant::now();
        let counts = Counts { started, lanes, lanes_ended, calls, accepted, queued, refused, unknown };
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(500));
        }
        Self { bar, counts }
    }

    /// A call has its outcome.
    pub(crate) fn done(&mut self, record: &CallRecord) {
        let weight = record.selector.weight();
        let counts = &mut self.counts;
        match record.outcome {
            CallOutcome::Accepted => counts.accepted += weight,
            CallOutcome::AlreadyQueued => counts.queued += weight,
            CallOutcome::Refused | CallOutcome::Unrecognised => counts.refused += weight,
            CallOutcome::Unknown => counts.unknown += weight,
            CallOutcome::NotSent => {}
        }
        counts.calls += u64::from(record.attempts);
        self.bar.inc(weight);
        self.say();
    }

    /// A lane has come to its end.
    pub(crate) fn lane_ended(&mut self) {
        self.counts.lanes_ended += 1;
        self.say();
    }

    fn say(&self) {
        if !self.bar.is_hidden() {
            self.bar.set_message(self.counts.text(self.bar.position(), self.bar.length().unwrap_or(0)));
        }
    }

    /// Writes something else without spoiling the line.
    pub(crate) fn aside(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    /// Writes a note without spoiling the line.
    pub(crate) fn note(&self, text: &str) {
        self.aside(|| output::message(text));
    }

    /// The run is over: the line goes, the result says it all.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Counts {
    fn text(&self, position: u64, length: u64) -> String {
        let Self { started, lanes, lanes_ended, calls, accepted, queued, refused, unknown } = self;
        let elapsed = started.elapsed();
        let rate = *calls as f64 / elapsed.as_secs_f64().max(0.001);
        let left = match position {
            0 => String::new(),
            _ => format!(", {} left", left(elapsed, position, length)),
        };
        format!(
            "lanes {lanes_ended}/{lanes}, accepted {accepted}, queued {queued}, refused {refused}, unknown {unknown}, \
             {rate:.1} calls/s{left}"
        )
    }
}

/// How long the rest takes when it goes on like this, in whole seconds.
fn left(elapsed: Duration, position: u64, length: u64) -> humantime::FormattedDuration {
    let rest = length.saturating_sub(position) as f64 / position.max(1) as f64;
    humantime::format_duration(Duration::from_secs((elapsed.as_secs_f64() * rest) as u64))
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    #[test]
    fn the_line_says_how_far_the_run_is() {
        let terminal = InMemoryTerm::new(4, 150);
        let mut progress = Progress::on(ProgressDrawTarget::term_like(Box::new(terminal.clone())), 2, 401);
        let record = |outcome, hosts: usize| {
            let ids = (0..hosts).map(|n| n.to_string()).collect();
            let mut record = CallRecord::not_sent(huaweicloud_hss::Selector::Hosts(ids), "");
            (record.outcome, record.attempts) = (outcome, 1);
            record
        };
        progress.done(&record(CallOutcome::Accepted, 200));
        progress.done(&record(CallOutcome::AlreadyQueued, 1));
        progress.lane_ended();
        progress.bar.tick();
        let line = terminal.contents();
        assert!(line.contains("201/401 lanes 1/2, accepted 200, queued 1, refused 0, unknown 0, "), "{line}");
        assert!(line.contains(" calls/s, 0s left"), "{line}");
        progress.finish();
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn the_time_left_is_that_of_the_hosts_left() {
        assert_eq!(left(Duration::from_secs(60), 100, 400).to_string(), "3m");
        assert_eq!(left(Duration::from_secs(60), 400, 400).to_string(), "0s");
    }
}
