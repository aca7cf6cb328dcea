//! `hss scan`: plans the calls, runs them, and prints the account.

mod reporter;
mod select_by_name;

use std::cell::RefCell;
use std::sync::Arc;

use huaweicloud_hss::fleet::{
    CallRecord, Event, FleetOptions, Journal, PlanBuilder, QueuePlan, QueueReport, ScanCompletion, Shard,
    ShutdownHandle, TargetSet, execute_all,
};
use huaweicloud_hss::{CallOutcome, Client, ErrorKind, Queue, Region};

use crate::cli::{OutputFormat, ScanArgs};
use crate::exit::{CliError, ExitStatus};
use crate::progress::Progress;
use crate::render::Account;
use crate::signals::{Interrupts, unless_interrupted};
use crate::targets::QueueSpec;
use crate::{connect, output, targets};

use reporter::Teller;
pub(crate) use reporter::explain;

pub(crate) async fn run(args: ScanArgs) -> Result<ExitStatus, CliError> {
    let (mut partial, mut targets): (Vec<QueueSpec>, Vec<TargetSet>) = targets::read_all(&args)?.into_iter().unzip();
    let ScanArgs {
        queue,
        connection: connection_args,
        emulator,
        wait,
        wait_timeout,
        dry_run,
        journal,
        resume,
        shard,
        concurrency,
        output,
        host_name,
        group_name,
        only_online,
        ..
    } = args;
    let format = output.format;
    connect::fill_regions(&mut partial, &connection_args, emulator)?;
    let asks = only_online || !host_name.is_empty() || !group_name.is_empty();
    if dry_run && !asks {
        connect::check_unsent(&connection_args, emulator)?;
        let queues = connect::without_network(&partial, &queue, emulator)?;
        return Ok(plan_only(in_shard(shard, lanes(queues, targets)?), None, format));
    }
    let mut left_out = only_online.then_some(0);
    // Until there is a plan, everything only asks.
    let connection = unless_interrupted(async {
        let connection = connect::to(&partial, &queue, &connection_args, emulator).await?;
        for ((region, queue), targets) in connection.queues.iter().zip(&mut targets) {
            let client = connection.client(region.as_ref()).ok_or_else(|| no_client(queue))?;
            if !host_name.is_empty() {
                *targets = select_by_name::hosts(client, queue, &host_name).await?;
            }
            if !group_name.is_empty() {
                *targets = select_by_name::groups(client, queue, &group_name).await?;
            }
            if let Some(left_out) = &mut left_out {
                *left_out += select_by_name::only_online(client, queue, targets).await?;
            }
        }
        Ok(connection)
    })
    .await?;
    if dry_run {
        return Ok(plan_only(in_shard(shard, lanes(connection.queues, targets)?), left_out, format));
    }
    let mut lanes = in_shard(shard, lanes(connection.queues.clone(), targets)?);
    let journal = match &journal {
        Some(path) if resume => Some(Arc::new(Journal::resume(path, &mut lanes, connection_args.retry_ambiguous)?)),
        Some(path) => Some(Arc::new(Journal::create(path, &lanes)?)),
        None => None,
    };
    let duplicates: u64 = lanes.iter().map(|lane| lane.duplicates).sum();
    if duplicates > 0 {
        output::message(&format!("{duplicates} ids were given more than once; each is sent once"));
    }
    let (handle, stop) = ShutdownHandle::new();
    let progress = RefCell::new(Progress::new(lanes.len(), lanes.iter().map(QueuePlan::target_count).sum()));
    let teller = Teller { progress: &progress, lanes: lanes.len(), format };
    let lanes: Vec<(QueuePlan, Client)> = lanes
        .into_iter()
        .map(|lane| match connection.client(lane.region.as_ref()).cloned() {
            Some(client) => Ok((lane, client)),
            None => Err(no_client(&lane.queue)),
        })
        .collect::<Result<_, _>>()?;
    let mut options = FleetOptions::default().with_concurrency(concurrency);
    options.wait = wait;
    options.wait_timeout = wait_timeout;
    options.journal = journal.clone();
    let tell = |region: Option<&Region>, queue: &Queue, event: Event<'_>| teller.tell(region, queue, &event);
    let results = until_done(execute_all(lanes, &options, &stop, tell), &handle, &progress).await;
    progress.borrow().finish();

    let account = Account { lanes: &results, left_out, dry_run: false };
    print(&account, format, true);
    explain(&results);
    if let Some(why) = journal.as_ref().and_then(|journal| journal.failure()) {
        output::message(&format!("error: {why}"));
        return Ok(ExitStatus::Partial);
    }
    let status = exit_status(&results);
    if let Some(how) = journal.and_then(|_| how_to_go_on(&results)) {
        output::message(how);
    }
    Ok(status)
}

/// The lanes of these queues and their targets; queues that turned out to be the same become one.
fn lanes(queues: Vec<(Option<Region>, Queue)>, targets: Vec<TargetSet>) -> Result<Vec<QueuePlan>, CliError> {
    let mut planner = PlanBuilder::default();
    for ((region, queue), targets) in queues.into_iter().zip(targets) {
        planner.extend(region, queue, targets)?;
    }
    Ok(planner.build())
}

/// The lanes of a shard, and a word about it.
fn in_shard(shard: Option<Shard>, mut lanes: Vec<QueuePlan>) -> Vec<QueuePlan> {
    if let Some(shard) = shard {
        let all = lanes.len();
        lanes.retain(|lane| shard.contains(lane));
        output::message(&format!("shard {shard}: {} of {all} queues", lanes.len()));
    }
    lanes
}

fn no_client(queue: &Queue) -> CliError {
    CliError::usage(format!("there is no client for {queue}"))
}

fn plan_only(lanes: Vec<QueuePlan>, left_out: Option<u64>, format: OutputFormat) -> ExitStatus {
    let results: Vec<QueueReport> = lanes.into_iter().map(QueueReport::planned).collect();
    print(&Account { lanes: &results, left_out, dry_run: true }, format, false);
    ExitStatus::Ok
}

/// Prints an account; of JSON lines the calls only where they were not printed before, one by one.
pub(crate) fn print(account: &Account<'_>, format: OutputFormat, calls_are_printed: bool) {
    match format {
        OutputFormat::Table => output::print(&account.table()),
        OutputFormat::Json => output::print_with(|out| account.json(out)),
        OutputFormat::Jsonl if calls_are_printed => output::print_with(|out| account.json_summary(out)),
        OutputFormat::Jsonl => output::print_with(|out| account.json_lines(out)),
        OutputFormat::Csv => output::print_with(|out| account.csv(out)),
    }
}

/// Runs to the end, and passes on every wish to stop.
async fn until_done(
    work: impl Future<Output = Vec<QueueReport>>,
    handle: &ShutdownHandle,
    progress: &RefCell<Progress>,
) -> Vec<QueueReport> {
    tokio::pin!(work);
    let mut interrupts = Interrupts::listen();
    let mut told = false;
    loop {
        tokio::select! {
            results = &mut work => return results,
            () = interrupts.next() => {
                handle.request();
                if !told {
                    let what = "stopping: waiting for the answer that is on its way; interrupt again to give it up";
                    progress.borrow().message(what);
                }
                told = true;
            }
        }
    }
}

/// How what was not accepted is sent again; nothing where it all was.
fn how_to_go_on(results: &[QueueReport]) -> Option<&'static str> {
    let left = |kept_back: bool| {
        let outcomes = results.iter().flat_map(|lane| &lane.records).map(|record| record.outcome);
        let mut left = outcomes.filter(|outcome| *outcome != CallOutcome::Accepted);
        left.any(|outcome| matches!(outcome, CallOutcome::Unknown | CallOutcome::Unrecognised) == kept_back)
    };
    if left(false) {
        Some("to go on where this run ended, give the same command with --resume")
    } else if left(true) {
        Some("to send again what may have arrived, give the same command with --resume and --retry-ambiguous")
    } else {
        None
    }
}

/// The exit code, by the table.
pub(crate) fn exit_status(results: &[QueueReport]) -> ExitStatus {
    let records = || results.iter().flat_map(|report| &report.records);
    let any = |kinds: &[ErrorKind]| records().any(|record| record.error.is_some_and(|kind| kinds.contains(&kind)));
    let all_accepted = records().all(|record| record.outcome == CallOutcome::Accepted);
    // What may have arrived may have been accepted.
    let may_be_accepted = |record: &CallRecord| {
        matches!(record.outcome, CallOutcome::Accepted | CallOutcome::Unknown | CallOutcome::Unrecognised)
    };
    let none_accepted = !records().any(may_be_accepted);
    let denied =
        results.iter().any(|report| matches!(&report.completion, ScanCompletion::Failed(error) if error.is_auth()));
    let ended =
        results.iter().all(|report| matches!(report.completion, ScanCompletion::NotTracked | ScanCompletion::Finished));
    if results.iter().any(|report| report.cancelled) {
        ExitStatus::Interrupted
    } else if denied || any(&[ErrorKind::Credentials, ErrorKind::Permission]) {
        ExitStatus::Access
    } else if all_accepted && ended {
        ExitStatus::Ok
    } else if none_accepted && any(&[ErrorKind::Unreachable, ErrorKind::Unavailable]) {
        ExitStatus::Unreachable
    } else {
        ExitStatus::Partial
    }
}
