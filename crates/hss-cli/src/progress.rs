//! The progress line of a run. Nothing is drawn if standard error is not a terminal.

use std::time::{Duration, Instant};

use huaweicloud_hss::CallOutcome;
use huaweicloud_hss::fleet::CallRecord;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output;

/// Maximum number of redraws per second.
const REDRAWS_PER_SECOND: u8 = 8;

/// The progress line.
pub(crate) struct Progress {
    bar: ProgressBar,
    counts: Counts,
}

/// The numbers in the line.
struct Counts {
    started: Instant,
    queues: usize,
    queues_finished: usize,
    calls: u64,
    accepted: u64,
    queued: u64,
    refused: u64,
    unknown: u64,
}

impl Progress {
    /// Starts the line of a run with this number of queues and of targets.
    pub(crate) fn new(queues: usize, targets: u64) -> Self {
        Self::on(ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND), queues, targets)
    }

    fn on(target: ProgressDrawTarget, queues: usize, targets: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(targets), target);
        // Parsing the template cannot fail: it is a constant that a test draws.
        if let Ok(style) = ProgressStyle::with_template("{bar:20} {human_pos}/{human_len} after {elapsed}{wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        let (queues_finished, calls, accepted, queued, refused, unknown) = (0, 0, 0, 0, 0, 0);
        let started = Instant::now();
        let counts = Counts { started, queues, queues_finished, calls, accepted, queued, refused, unknown };
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(500));
        }
        Self { bar, counts }
    }

    /// Counts a finished call.
    pub(crate) fn call_finished(&mut self, record: &CallRecord) {
        let target_count = record.selector.target_count();
        let counts = &mut self.counts;
        match record.outcome {
            CallOutcome::Accepted => counts.accepted += target_count,
            CallOutcome::AlreadyQueued => counts.queued += target_count,
            CallOutcome::Refused | CallOutcome::Unrecognised => counts.refused += target_count,
            CallOutcome::Unknown => counts.unknown += target_count,
            CallOutcome::NotSent => {}
        }
        counts.calls += u64::from(record.attempts);
        self.bar.inc(target_count);
        self.update();
    }

    /// Counts a finished queue.
    pub(crate) fn queue_finished(&mut self) {
        self.counts.queues_finished += 1;
        self.update();
    }

    fn update(&self) {
        if !self.bar.is_hidden() {
            self.bar.set_message(self.counts.text(self.bar.position(), self.bar.length().unwrap_or(0)));
        }
    }

    /// Hides the line while the caller prints.
    pub(crate) fn suspend(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    /// Prints a message above the line.
    pub(crate) fn message(&self, text: &str) {
        self.suspend(|| output::message(text));
    }

    /// Removes the line at the end of the run. The result has all its numbers.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Counts {
    fn text(&self, position: u64, length: u64) -> String {
        let Self { started, queues, queues_finished, calls, accepted, queued, refused, unknown } = self;
        let elapsed = started.elapsed();
        let rate = *calls as f64 / elapsed.as_secs_f64().max(0.001);
        let outcomes = [("accepted", accepted), ("queued", queued), ("refused", refused), ("unknown", unknown)];
        let mut text = String::from(": ");
        for (outcome, count) in outcomes.into_iter().filter(|(_, count)| **count > 0) {
            text += &format!("{outcome} {count}, ");
        }
        // The end is cut in a narrow terminal.
        if position > 0 {
            text += &format!("{} left, ", remaining_time(elapsed, position, length));
        }
        text + &format!("queues {queues_finished}/{queues}, {rate:.1} calls/s")
    }
}

/// Estimates the remaining time in whole seconds, at the average rate so far.
fn remaining_time(elapsed: Duration, position: u64, length: u64) -> humantime::FormattedDuration {
    let rest = length.saturating_sub(position) as f64 / position.max(1) as f64;
    humantime::format_duration(Duration::from_secs((elapsed.as_secs_f64() * rest) as u64))
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    #[test]
    fn the_line_shows_the_progress_of_the_run() {
        let terminal = InMemoryTerm::new(4, 150);
        let mut progress = Progress::on(ProgressDrawTarget::term_like(Box::new(terminal.clone())), 2, 401);
        let record = |outcome, hosts: usize| {
            let ids = (0..hosts).map(|n| n.to_string()).collect();
            let mut record = CallRecord::not_sent(huaweicloud_hss::Selector::Hosts(ids), "");
            (record.outcome, record.attempts) = (outcome, 1);
            record
        };
        progress.call_finished(&record(CallOutcome::Accepted, 200));
        progress.call_finished(&record(CallOutcome::AlreadyQueued, 1));
        progress.queue_finished();
        progress.bar.tick();
        let line = terminal.contents();
        assert!(line.contains("201/401 after 0s: accepted 200, queued 1, 0s left, queues 1/2, "), "{line}");
        assert!(line.ends_with(" calls/s"), "{line}");
        progress.finish();
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn the_remaining_time_follows_from_the_rate_so_far() {
        assert_eq!(remaining_time(Duration::from_secs(60), 100, 400).to_string(), "3m");
        assert_eq!(remaining_time(Duration::from_secs(60), 400, 400).to_string(), "0s");
    }
}
