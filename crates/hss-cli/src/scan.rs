//! `hss scan`: plans the calls, runs them, and prints the account.

use std::collections::HashMap;
use std::sync::Arc;

use huaweicloud_hss::fleet::{
    Event, Followed, Journal, Lane, LaneResult, Options, Planner, StopHandle, Target, Totals, run_lanes,
};
use huaweicloud_hss::{CallOutcome, ErrorKind, Queue, Region, Selector};

use crate::arguments::{Format, ScanArguments};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::render::Account;
use crate::targets::{PartialQueue, TargetList, Targets};
use crate::{connect, output, render, targets};

pub(crate) async fn run(arguments: ScanArguments) -> Result<Exit, Failure> {
    let targets = targets::read_all(&arguments)?;
    let ScanArguments {
        queue,
        access,
        emulator,
        wait,
        wait_timeout,
        dry_run,
        journal,
        resume,
        concurrency,
        output: format,
        ..
    } = arguments;
    let (partial, targets) = match targets {
        Targets::One(selector) => (vec![PartialQueue::default()], Given::One(selector)),
        Targets::Many(TargetList { queues, targets }) => (queues, Given::Many(targets)),
    };
    if dry_run {
        let lanes = lanes(&connect::without_network(&partial, &queue, emulator)?, targets)?;
        return Ok(plan_only(lanes, format));
    }
    let connection = if emulator {
        connect::to_emulator(&partial, &queue, &access).await?
    } else {
        connect::to_service(&partial, &queue, &access, true).await?
    };
    let mut lanes = lanes(&connection.queues, targets)?;
    let journal = match &journal {
        Some(path) if resume => Some(Arc::new(Journal::resume(path, &mut lanes, access.retry_unknown)?)),
        Some(path) => Some(Arc::new(Journal::create(path, &lanes)?)),
        None => None,
    };
    let duplicates: u64 = lanes.iter().map(|lane| lane.duplicates).sum();
    if duplicates > 0 {
        output::note(&format!("{duplicates} ids were given more than once; each is sent once"));
    }
    let mut clients = HashMap::new();
    for lane in &lanes {
        let client = connection.client(lane.region.as_ref()).cloned();
        let client = client.ok_or_else(|| Failure::usage(format!("there is no client for {}", lane.queue)))?;
        clients.insert(lane.region.clone(), client);
    }
    // Every lane's region has its client, so the first is never taken in another's place.
    let Some(any) = clients.values().next().cloned() else { return Err(Failure::usage("there is nothing to scan")) };
    let client = |region: Option<&Region>| clients.get(&region.cloned()).unwrap_or(&any).clone();

    let mut options = Options::default().with_concurrency(concurrency);
    options.wait = wait;
    options.wait_timeout = wait_timeout;
    options.journal = journal.clone();
    let (handle, stop) = StopHandle::new();
    let several = lanes.len() > 1;
    let tell = |region: Option<&Region>, queue: &Queue, event: Event<'_>| tell(several, region, queue, format, &event);
    let results = until_done(run_lanes(lanes, client, &options, &stop, tell), &handle).await;

    let account = Account { lanes: &results, dry_run: false };
    output::result(&match format {
        Format::Table => account.table(),
        Format::Json => account.json(),
        Format::Jsonl => account.json_summary(),
    });
    explain(&results);
    if let Some(why) = journal.as_ref().and_then(|journal| journal.failure()) {
        output::note(&format!("error: {why}"));
        return Ok(Exit::Partial);
    }
    let exit = exit(&results);
    if exit != Exit::Ok && journal.is_some() {
        output::note("to go on where this run ended, give the same command with --resume");
    }
    Ok(exit)
}

/// What is to be scanned, with the numbers of its queues.
enum Given {
    One(Selector),
    Many(Vec<(u32, Target)>),
}

fn lanes(queues: &[(Option<Region>, Queue)], given: Given) -> Result<Vec<Lane>, Failure> {
    match given {
        Given::One(selector) => {
            let mut lanes = Vec::new();
            for (region, queue) in queues.iter().take(1) {
                let lane = Lane::new(queue.clone(), selector.clone())?;
                lanes.push(Lane { region: region.clone(), ..lane });
            }
            Ok(lanes)
        }
        Given::Many(targets) => {
            let mut planner = Planner::default();
            for (place, target) in targets {
                if let Some((region, queue)) = queues.get(place as usize) {
                    planner.add(region.clone(), queue.clone(), target)?;
                }
            }
            Ok(planner.finish())
        }
    }
}

fn plan_only(lanes: Vec<Lane>, format: Format) -> Exit {
    let results: Vec<LaneResult> = lanes.into_iter().map(LaneResult::not_run).collect();
    let account = Account { lanes: &results, dry_run: true };
    match format {
        Format::Table => output::result(&account.table()),
        Format::Json => output::result(&account.json()),
        Format::Jsonl => {
            for lane in &results {
                for record in &lane.report.records {
                    output::result(&render::call_line(lane.region.as_ref(), &lane.queue, record));
                }
            }
            output::result(&account.json_summary());
        }
    }
    Exit::Ok
}

/// Runs to the end, and passes on every wish to stop.
async fn until_done(work: impl Future<Output = Vec<LaneResult>>, handle: &StopHandle) -> Vec<LaneResult> {
    tokio::pin!(work);
    let mut interrupts = Interrupts::listen();
    let mut told = false;
    loop {
        tokio::select! {
            results = &mut work => return results,
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

fn tell(several: bool, region: Option<&Region>, queue: &Queue, format: Format, event: &Event<'_>) {
    let whose = if several { format!("{queue}: ") } else { String::new() };
    match event {
        Event::Done(record) if format == Format::Jsonl => output::result(&render::call_line(region, queue, record)),
        Event::Busy(selector) => {
            let (weight, field) = (selector.weight(), selector.field());
            output::note(&format!("{whose}the queue is busy: a call of {weight} {field} waits for it"));
        }
        Event::Following => output::note(&format!("{whose}waiting until the scan has ended")),
        Event::StatusFailed(error) => output::note(&format!("{whose}the status is asked again: {error}")),
        _ => {}
    }
}

/// Says on standard error what a person should know beside the account.
fn explain(results: &[LaneResult]) {
    for LaneResult { queue, report, .. } in results {
        let whose = if results.len() > 1 { format!("{queue}: ") } else { String::new() };
        match &report.followed {
            Followed::Ended => output::note(&format!("{whose}the scan has ended")),
            Followed::TimedOut => {
                output::note(&format!(
                    "{whose}time ran out while the scan was still pending; `hss status` tells when it ends"
                ));
            }
            Followed::Failed(error) => {
                output::note(&format!("{whose}whether the scan has ended is not known: {error}"))
            }
            _ => {}
        }
        for record in &report.records {
            let ids = record.selector.ids().len() as u64;
            if let Some(processed) = record.processed.filter(|processed| *processed < ids) {
                output::note(&format!(
                    "{whose}the service took a call of {ids} ids and says that it processed {processed}"
                ));
            }
        }
    }
    if Totals::of_lanes(results).unknown > 0 {
        output::note("unknown: those calls may have taken effect; look at `hss status` before sending them again");
    }
    if results.iter().any(|lane| lane.report.stopped) {
        output::note("interrupted: the ids that were not sent are in the result");
    }
}

/// The exit code, by the table.
fn exit(results: &[LaneResult]) -> Exit {
    let reports = || results.iter().map(|lane| &lane.report);
    let records = || reports().flat_map(|report| &report.records);
    let any = |kinds: &[ErrorKind]| records().any(|record| record.error.is_some_and(|kind| kinds.contains(&kind)));
    let all_accepted = records().all(|record| record.outcome == CallOutcome::Accepted);
    let none_accepted = !records().any(|record| record.outcome == CallOutcome::Accepted);
    let denied = reports().any(|report| matches!(&report.followed, Followed::Failed(error) if error.is_access()));
    let ended = reports().all(|report| matches!(report.followed, Followed::No | Followed::Ended));
    if reports().any(|report| report.stopped) {
        Exit::Interrupted
    } else if denied || any(&[ErrorKind::Credentials, ErrorKind::Permission]) {
        Exit::Access
    } else if all_accepted && ended {
        Exit::Ok
    } else if none_accepted && any(&[ErrorKind::Unreachable, ErrorKind::Unavailable]) {
        Exit::Unreachable
    } else {
        Exit::Partial
    }
}
