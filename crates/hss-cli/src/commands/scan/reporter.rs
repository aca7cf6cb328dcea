//! The messages of a run on standard error: progress and completion.

use std::cell::RefCell;

use huaweicloud_hss::fleet::{Event, QueueReport, ScanCompletion, Totals};
use huaweicloud_hss::{ErrorKind, Queue, Region, Selector};

use crate::cli::OutputFormat;
use crate::exit::{CA_FILE_HELP, CONCURRENCY_HELP, OPEN_FILES};
use crate::progress::Progress;
use crate::render::counted;
use crate::{output, render};

use super::outcome::short_counts;

/// Maximum number of queues with messages of their own. Above it, only totals are reported.
const MAX_DETAILED_QUEUES: usize = 10;

/// What the service reports of a scan that it accepted, but never showed as pending.
const NOT_SEEN_PENDING: &str =
    "the scan was not seen pending: it ended at once, or the service does not report scans of this kind";

/// Reports the events of a run.
pub(super) struct Reporter<'a> {
    pub(super) progress: &'a RefCell<Progress>,
    pub(super) queues: usize,
    pub(super) format: OutputFormat,
}

impl Reporter<'_> {
    pub(super) fn report(&self, region: Option<&Region>, queue: &Queue, event: &Event<'_>) {
        let prefix = if self.queues > 1 { queue_prefix(region, queue) } else { String::new() };
        let message = |text: &str| {
            if self.queues <= MAX_DETAILED_QUEUES {
                self.progress.borrow().message(&format!("{prefix}{text}"));
            }
        };
        match event {
            Event::CallFinished(record) => {
                let mut progress = self.progress.borrow_mut();
                if self.format == OutputFormat::Jsonl {
                    progress.suspend(|| output::print_with(|out| render::write_call(out, region, queue, record)));
                }
                progress.call_finished(record);
            }
            Event::QueueBusy(selector) => {
                message(&format!(
                    "the queue is busy with another scan; the call for {} will be sent when it ends",
                    describe(selector)
                ));
            }
            Event::AwaitingScanEnd => message("waiting for the scan to end"),
            Event::StatusPollFailed(error) => message(&format!("cannot read the scan status, will try again: {error}")),
            Event::QueueFinished => self.progress.borrow_mut().queue_finished(),
            _ => {}
        }
    }
}

/// Reports what the result itself does not show.
pub(crate) fn report_completion(reports: &[QueueReport]) {
    if reports.len() > MAX_DETAILED_QUEUES {
        report_totals(reports);
    } else {
        reports.iter().for_each(|report| report_queue(report, reports.len() > 1));
    }
    let named_otherwise = |report: &QueueReport| {
        report.records.iter().filter(|record| record.names_other_project(&report.queue.project_id)).count() as u64
    };
    let named_otherwise: u64 = reports.iter().map(named_otherwise).sum();
    if named_otherwise > 0 {
        let calls = counted(named_otherwise, "call");
        output::message(&format!("note: the responses to {calls} name another project than the one of the call"));
    }
    if Totals::from_reports(reports).unknown > 0 {
        output::message("unknown: these calls may have taken effect; check `hss status` before sending them again");
    }
    let unreachable = |part: &str| {
        let mut records = reports.iter().flat_map(|report| &report.records);
        records.any(|record| record.error == Some(ErrorKind::Unreachable) && record.message.contains(part))
    };
    if unreachable("UnknownIssuer") {
        output::message(&format!("the service's certificate is not trusted. {CA_FILE_HELP}"));
    }
    if unreachable(OPEN_FILES) {
        output::message(&format!("there were too many open files. {CONCURRENCY_HELP}"));
    }
    if reports.iter().any(|report| report.cancelled) {
        output::message("interrupted: the remaining calls are reported as not sent");
    }
}

/// Names the queue of a message, with its region: the same project id in another region is another project.
fn queue_prefix(region: Option<&Region>, queue: &Queue) -> String {
    let region = region.map_or_else(String::new, |region| format!("region {region}, "));
    format!("{region}{queue}: ")
}

/// Describes the targets of a call.
fn describe(selector: &Selector) -> String {
    match selector {
        Selector::AllHosts => "all hosts".to_owned(),
        Selector::Hosts(ids) => counted(ids.len() as u64, "host"),
        other => counted(other.target_count(), "server group"),
    }
}

/// Reports on one queue.
fn report_queue(report: &QueueReport, of_several: bool) {
    let prefix = if of_several { queue_prefix(report.region.as_ref(), &report.queue) } else { String::new() };
    match &report.completion {
        ScanCompletion::Finished => output::message(&format!("{prefix}the scan has ended")),
        ScanCompletion::NotSeenPending => output::message(&format!("{prefix}{NOT_SEEN_PENDING}")),
        ScanCompletion::TimedOut => {
            output::message(&format!(
                "{prefix}the wait timed out while the scan was still pending; `hss status` shows whether it has ended"
            ));
        }
        ScanCompletion::Failed(error) => {
            output::message(&format!("{prefix}cannot determine whether the scan has ended: {error}"))
        }
        _ => {}
    }
    for (ids, processed) in short_counts(std::slice::from_ref(report)) {
        output::message(&format!(
            "{prefix}the service accepted a call with {ids} ids, but reports only {processed} as processed, and not which"
        ));
    }
}

/// Reports on many queues together.
fn report_totals(reports: &[QueueReport]) {
    let count = |is: fn(&ScanCompletion) -> bool| reports.iter().filter(|report| is(&report.completion)).count();
    for (count, what) in [
        (count(|completion| matches!(completion, ScanCompletion::Finished)), "the scan has ended"),
        (count(|completion| matches!(completion, ScanCompletion::NotSeenPending)), NOT_SEEN_PENDING),
        (
            count(|completion| matches!(completion, ScanCompletion::TimedOut)),
            "the wait timed out while the scan was still pending",
        ),
        (
            count(|completion| matches!(completion, ScanCompletion::Failed(_))),
            "cannot determine whether the scan has ended",
        ),
    ] {
        if count > 0 {
            output::message(&format!("{count} of {} queues: {what}", reports.len()));
        }
    }
    let (mut calls, mut missing) = (0, 0);
    for (ids, processed) in short_counts(reports) {
        calls += 1;
        missing += ids - processed;
    }
    if calls > 0 {
        output::message(&format!(
            "the service accepted {}, but reports {} fewer as processed than they contain, and not which",
            counted(calls, "call"),
            counted(missing, "id")
        ));
    }
}
