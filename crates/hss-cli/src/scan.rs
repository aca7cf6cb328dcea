//! `hss scan`: plans the calls, runs them, and prints the account.

use huaweicloud_hss::fleet::{CallRecord, Event, Followed, Lane, LaneReport, Options, StopHandle};
use huaweicloud_hss::{CallOutcome, ErrorKind};

use crate::arguments::{Format, ScanArguments};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::render::Frame;
use crate::{connect, output, render, targets};

pub(crate) async fn run(arguments: ScanArguments) -> Result<Exit, Failure> {
    let selector = targets::selector(&arguments)?;
    let ScanArguments { queue, access, emulator, wait, wait_timeout, dry_run, output: format, .. } = arguments;
    if dry_run {
        let lane = Lane::new(connect::queue_only(queue, emulator)?, selector)?;
        return Ok(plan_only(lane, format));
    }
    let connection =
        if emulator { connect::to_emulator(queue).await? } else { connect::to_service(queue, &access, true).await? };
    let lane = Lane::new(connection.queue.clone(), selector)?;
    let duplicates = lane.duplicates;
    if duplicates > 0 {
        output::note(&format!("{duplicates} ids were given more than once; each is sent once"));
    }

    let mut options = Options::default();
    options.wait = wait;
    options.wait_timeout = wait_timeout;
    let (handle, stop) = StopHandle::new();
    let queue = connection.queue.clone();
    let work = lane.run(&connection.client, &options, &stop, |event| tell(&queue, format, &event));
    let report = until_done(work, &handle).await;

    let frame = Frame { queue: &connection.queue, duplicates, followed: &report.followed, dry_run: false };
    output::result(&match format {
        Format::Table => frame.table(&report.records),
        Format::Json => frame.json(&report.records),
        Format::Jsonl => frame.json_summary(&report.records),
    });
    explain(&report);
    Ok(exit(&report))
}

fn plan_only(lane: Lane, format: Format) -> Exit {
    let Lane { queue, calls, duplicates } = lane;
    let records: Vec<CallRecord> = calls.into_iter().map(|selector| CallRecord::not_sent(selector, "")).collect();
    let frame = Frame { queue: &queue, duplicates, followed: &Followed::No, dry_run: true };
    match format {
        Format::Table => output::result(&frame.table(&records)),
        Format::Json => output::result(&frame.json(&records)),
        Format::Jsonl => {
            for record in &records {
                output::result(&render::call_line(&queue, record));
            }
            output::result(&frame.json_summary(&records));
        }
    }
    Exit::Ok
}

/// Runs to the end, and passes on every wish to stop.
async fn until_done(work: impl Future<Output = LaneReport>, handle: &StopHandle) -> LaneReport {
    tokio::pin!(work);
    let mut interrupts = Interrupts::listen();
    let mut told = false;
    loop {
        tokio::select! {
            report = &mut work => return report,
            () = interrupts.next() => {
                handle.stop();
                if !told {
                    output::note("stopping: waiting for the answer that is on its way; interrupt again to give it up");
                }
                told = true;
            }
        }
    }
}

fn tell(queue: &huaweicloud_hss::Queue, format: Format, event: &Event<'_>) {
    match event {
        Event::Done(record) if format == Format::Jsonl => output::result(&render::call_line(queue, record)),
        Event::Busy(selector) => {
            output::note(&format!(
                "the queue is busy: a call of {} {} waits for it",
                selector.weight(),
                selector.field()
            ));
        }
        Event::Following => output::note("waiting until the scan has ended"),
        Event::StatusFailed(error) => output::note(&format!("the status is asked again: {error}")),
        _ => {}
    }
}

/// Says on standard error what a person should know beside the account.
fn explain(report: &LaneReport) {
    match &report.followed {
        Followed::Ended => output::note("the scan has ended"),
        Followed::TimedOut => {
            output::note("time ran out while the scan was still pending; `hss status` tells when it ends")
        }
        Followed::Failed(error) => output::note(&format!("whether the scan has ended is not known: {error}")),
        _ => {}
    }
    for record in &report.records {
        let ids = record.selector.ids().len() as u64;
        if let Some(processed) = record.processed.filter(|processed| *processed < ids) {
            output::note(&format!("the service took a call of {ids} ids and says that it processed {processed}"));
        }
    }
    if report.totals().unknown > 0 {
        output::note("unknown: those calls may have taken effect; look at `hss status` before sending them again");
    }
    if report.stopped {
        output::note("interrupted: the ids that were not sent are in the result");
    }
}

/// The exit code, by the table.
fn exit(report: &LaneReport) -> Exit {
    let records = &report.records;
    let any = |kinds: &[ErrorKind]| records.iter().any(|record| record.error.is_some_and(|kind| kinds.contains(&kind)));
    let all_accepted = records.iter().all(|record| record.outcome == CallOutcome::Accepted);
    let none_accepted = !records.iter().any(|record| record.outcome == CallOutcome::Accepted);
    let denied = matches!(&report.followed, Followed::Failed(error) if error.is_access());
    if report.stopped {
        Exit::Interrupted
    } else if denied || any(&[ErrorKind::Credentials, ErrorKind::Permission]) {
        Exit::Access
    } else if all_accepted && matches!(report.followed, Followed::No | Followed::Ended) {
        Exit::Ok
    } else if none_accepted && any(&[ErrorKind::Unreachable, ErrorKind::Unavailable]) {
        Exit::Unreachable
    } else {
        Exit::Partial
    }
}
