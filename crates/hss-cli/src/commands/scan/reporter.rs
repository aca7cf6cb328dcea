//! What a run says on standard error, while it goes on and at its end.

use std::cell::RefCell;

use huaweicloud_hss::fleet::{Event, QueueReport, ScanCompletion, Totals};
use huaweicloud_hss::{Queue, Region};

use crate::cli::OutputFormat;
use crate::progress::Progress;
use crate::{output, render};

/// Of more lanes than this, not each is spoken of: the sums say it.
const SPOKEN_OF: usize = 10;

/// Says what happens in which lane.
pub(super) struct Teller<'a> {
    pub(super) progress: &'a RefCell<Progress>,
    pub(super) lanes: usize,
    pub(super) format: OutputFormat,
}

impl Teller<'_> {
    pub(super) fn tell(&self, region: Option<&Region>, queue: &Queue, event: &Event<'_>) {
        let whose = if self.lanes > 1 { whose(region, queue) } else { String::new() };
        let note = |text: &str| {
            if self.lanes <= SPOKEN_OF {
                self.progress.borrow().message(&format!("{whose}{text}"));
            }
        };
        match event {
            Event::CallFinished(record) => {
                let mut progress = self.progress.borrow_mut();
                if self.format == OutputFormat::Jsonl {
                    progress.suspend(|| output::print_with(|out| render::call_line(out, region, queue, record)));
                }
                progress.call_finished(record);
            }
            Event::QueueBusy(selector) => {
                let (weight, field) = (selector.weight(), selector.field());
                note(&format!("the queue is busy: a call of {weight} {field} waits for it"));
            }
            Event::AwaitingScanEnd => note("waiting until the scan has ended"),
            Event::StatusPollFailed(error) => note(&format!("the status is asked again: {error}")),
            Event::QueueFinished => self.progress.borrow_mut().queue_finished(),
            _ => {}
        }
    }
}

/// Says on standard error what a person should know beside the account.
pub(crate) fn explain(results: &[QueueReport]) {
    if results.len() > SPOKEN_OF {
        all(results);
    } else {
        results.iter().for_each(|lane| one(lane, results.len() > 1));
    }
    if Totals::from_reports(results).unknown > 0 {
        output::message("unknown: those calls may have taken effect; look at `hss status` before sending them again");
    }
    if results.iter().any(|lane| lane.cancelled) {
        output::message("interrupted: the ids that were not sent are in the result");
    }
}

/// Which lane is spoken of. A project of the same id in another region is another one.
fn whose(region: Option<&Region>, queue: &Queue) -> String {
    let region = region.map_or_else(String::new, |region| format!("region {region}, "));
    format!("{region}{queue}: ")
}

/// What there is to say of one lane.
fn one(report: &QueueReport, of_several: bool) {
    let whose = if of_several { whose(report.region.as_ref(), &report.queue) } else { String::new() };
    match &report.completion {
        ScanCompletion::Finished => output::message(&format!("{whose}the scan has ended")),
        ScanCompletion::TimedOut => {
            output::message(&format!(
                "{whose}time ran out while the scan was still pending; `hss status` tells when it ends"
            ));
        }
        ScanCompletion::Failed(error) => {
            output::message(&format!("{whose}whether the scan has ended is not known: {error}"))
        }
        _ => {}
    }
    for (ids, processed) in short(std::slice::from_ref(report)) {
        output::message(&format!("{whose}the service took a call of {ids} ids and says that it processed {processed}"));
    }
}

/// What there is to say of many lanes together.
fn all(results: &[QueueReport]) {
    let count = |is: fn(&ScanCompletion) -> bool| results.iter().filter(|lane| is(&lane.completion)).count();
    for (count, what) in [
        (count(|followed| matches!(followed, ScanCompletion::Finished)), "the scan has ended"),
        (
            count(|followed| matches!(followed, ScanCompletion::TimedOut)),
            "time ran out while the scan was still pending",
        ),
        (count(|followed| matches!(followed, ScanCompletion::Failed(_))), "whether the scan has ended is not known"),
    ] {
        if count > 0 {
            output::message(&format!("in {count} of {} queues {what}", results.len()));
        }
    }
    let (mut calls, mut missing) = (0, 0);
    for (ids, processed) in short(results) {
        calls += 1;
        missing += ids - processed;
    }
    if calls > 0 {
        output::message(&format!(
            "the service took {calls} calls of which it says that it processed {missing} ids fewer than given"
        ));
    }
}

/// The accepted calls of which the service says that it processed fewer ids than were given: how many were given, and processed.
fn short(reports: &[QueueReport]) -> impl Iterator<Item = (u64, u64)> {
    let records = reports.iter().flat_map(|report| &report.records);
    records.filter_map(|record| {
        let ids = record.selector.ids().len() as u64;
        record.processed.filter(|processed| *processed < ids).map(|processed| (ids, processed))
    })
}
