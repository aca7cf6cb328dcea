//! The progress line of a run. Nothing is drawn if standard error is not a terminal.

use std::fmt;
use std::time::Duration;

use huaweicloud_hss::CallOutcome;
use huaweicloud_hss::fleet::CallRecord;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

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
    queues: usize,
    queues_finished: usize,
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
        // The end is cut off in a narrow terminal.
        if let Ok(style) =
            ProgressStyle::with_template("{bar:20} {human_pos}/{human_len} after {elapsed}{left}{wide_msg}")
        {
            bar.set_style(style.progress_chars("=> ").with_key("left", write_remaining_time));
        }
        let (queues_finished, accepted, queued, refused, unknown) = (0, 0, 0, 0, 0);
        let counts = Counts { queues, queues_finished, accepted, queued, refused, unknown };
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
            self.bar.set_message(self.counts.text());
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
    fn text(&self) -> String {
        let Self { queues, queues_finished, accepted, queued, refused, unknown } = self;
        let outcomes = [("accepted", accepted), ("queued", queued), ("refused", refused), ("unknown", unknown)];
        let outcomes = outcomes.into_iter().filter(|(_, count)| **count > 0);
        let outcomes: String = outcomes.map(|(outcome, count)| format!("{outcome} {count}, ")).collect();
        format!(": {outcomes}queues {queues_finished}/{queues}")
    }
}

/// Writes the remaining time, which grows while a run waits.
fn write_remaining_time(state: &ProgressState, line: &mut dyn fmt::Write) {
    if state.pos() > 0 {
        let left = remaining_time(state.elapsed(), state.pos(), state.len().unwrap_or(0));
        // The line cannot fail.
        let _ = write!(line, ", {left} left");
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
        assert!(line.ends_with("201/401 after 0s, 0s left: accepted 200, queued 1, queues 1/2"), "{line}");
        progress.finish();
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn the_remaining_time_follows_from_the_rate_so_far() {
        assert_eq!(remaining_time(Duration::from_secs(60), 100, 400).to_string(), "3m");
        assert_eq!(remaining_time(Duration::from_secs(60), 400, 400).to_string(), "0s");
    }
}
