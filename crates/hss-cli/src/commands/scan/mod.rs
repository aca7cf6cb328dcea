//! `hss scan`: plans the calls, executes them, and prints the report.

mod outcome;
mod plan;
mod reporter;
mod select_by_name;

use std::cell::RefCell;
use std::sync::Arc;

use huaweicloud_hss::fleet::{
    Event, FleetOptions, Journal, QueuePlan, QueueReport, ShutdownHandle, TargetSet, execute_all,
};
use huaweicloud_hss::{Client, Queue, Region};

use crate::cli::ScanArgs;
use crate::connect::{self, Connection};
use crate::exit::{CliError, ExitStatus};
use crate::progress::Progress;
use crate::render::{Report, print_report};
use crate::signals::{Interrupts, unless_interrupted};
use crate::targets::QueueSpec;
use crate::{output, targets};

pub(crate) use outcome::exit_status;
use outcome::resume_hint;
use plan::{plan_queues, print_plan};
use reporter::Reporter;
pub(crate) use reporter::report_completion;

pub(crate) async fn run(args: ScanArgs) -> Result<ExitStatus, CliError> {
    let (mut specs, mut targets): (Vec<QueueSpec>, Vec<TargetSet>) = targets::read_all(&args)?.into_iter().unzip();
    connect::set_default_regions(&mut specs, &args.connection, args.emulator)?;
    let needs_lookup = args.only_online || !args.host_name.is_empty() || !args.group_name.is_empty();
    if args.dry_run && !needs_lookup {
        connect::validate_dry_run(&args.connection, args.emulator)?;
        let queues = connect::plan_queues_offline(&specs, &args.queue, args.emulator)?;
        return Ok(print_plan(plan_queues(queues, targets, args.shard)?, None, args.output.format));
    }
    // Until the plan is complete, only reads are sent.
    let (connection, left_out) = unless_interrupted(async {
        let connection = connect::connect(&specs, &args.queue, &args.connection, args.emulator).await?;
        let left_out = look_up_targets(&connection, &args, &mut targets).await?;
        Ok((connection, left_out))
    })
    .await?;
    let plans = plan_queues(connection.queues.clone(), targets, args.shard)?;
    if args.dry_run {
        return Ok(print_plan(plans, left_out, args.output.format));
    }
    execute(&args, &connection, plans, left_out).await
}

/// Replaces name patterns by the ids that match, and removes servers that are not online. With --only-online, returns how many were
/// removed.
async fn look_up_targets(
    connection: &Connection,
    args: &ScanArgs,
    targets: &mut [TargetSet],
) -> Result<Option<u64>, CliError> {
    let mut left_out = args.only_online.then_some(0);
    for ((region, queue), targets) in connection.queues.iter().zip(targets) {
        let client = connection.client(region.as_ref()).ok_or_else(|| no_client(queue))?;
        if !args.host_name.is_empty() {
            *targets = select_by_name::hosts(client, queue, &args.host_name).await?;
        }
        if !args.group_name.is_empty() {
            *targets = select_by_name::groups(client, queue, &args.group_name).await?;
        }
        if let Some(left_out) = &mut left_out {
            *left_out += select_by_name::retain_online(client, queue, targets).await?;
        }
    }
    Ok(left_out)
}

/// Sends the planned calls and prints the report.
async fn execute(
    args: &ScanArgs,
    connection: &Connection,
    mut plans: Vec<QueuePlan>,
    left_out: Option<u64>,
) -> Result<ExitStatus, CliError> {
    let format = args.output.format;
    let journal = match &args.journal {
        Some(path) if args.resume => {
            Some(Arc::new(Journal::resume(path, &mut plans, args.connection.retry_ambiguous)?))
        }
        Some(path) => Some(Arc::new(Journal::create(path, &plans)?)),
        None => None,
    };
    let duplicates: u64 = plans.iter().map(|plan| plan.duplicates).sum();
    if duplicates > 0 {
        output::message(&format!("ignored duplicate ids: {duplicates}"));
    }
    let (handle, stop) = ShutdownHandle::new();
    let progress = RefCell::new(Progress::new(plans.len(), plans.iter().map(QueuePlan::target_count).sum()));
    let reporter = Reporter { progress: &progress, queues: plans.len(), format };
    let plans: Vec<(QueuePlan, Client)> = plans
        .into_iter()
        .map(|plan| match connection.client(plan.region.as_ref()).cloned() {
            Some(client) => Ok((plan, client)),
            None => Err(no_client(&plan.queue)),
        })
        .collect::<Result<_, _>>()?;
    let mut options = FleetOptions::default().with_concurrency(args.concurrency);
    options.wait = args.wait;
    options.wait_timeout = args.wait_timeout;
    options.deadline = args.connection.deadline;
    options.journal = journal.clone();
    let on_event = |region: Option<&Region>, queue: &Queue, event: Event<'_>| reporter.report(region, queue, &event);
    let reports = with_interrupts(execute_all(plans, &options, &stop, on_event), &handle, &progress).await;
    progress.borrow().finish();

    print_report(&Report { queues: &reports, left_out, dry_run: false }, format, true);
    report_completion(&reports);
    if let Some(error) = journal.as_ref().and_then(|journal| journal.failure()) {
        output::message(&format!("error: {error}"));
        return Ok(ExitStatus::Partial);
    }
    if let Some(hint) = journal.and_then(|_| resume_hint(&reports)) {
        output::message(hint);
    }
    Ok(exit_status(&reports))
}

fn no_client(queue: &Queue) -> CliError {
    CliError::usage(format!("no client for {queue}"))
}

/// Waits for the reports, and turns each interruption into a shutdown request.
async fn with_interrupts(
    work: impl Future<Output = Vec<QueueReport>>,
    handle: &ShutdownHandle,
    progress: &RefCell<Progress>,
) -> Vec<QueueReport> {
    tokio::pin!(work);
    let mut interrupts = Interrupts::listen();
    let mut reported = false;
    loop {
        tokio::select! {
            reports = &mut work => return reports,
            () = interrupts.next() => {
                handle.request();
                if !reported {
                    let text = "stopping: waiting for the calls in flight; interrupt again to stop at once";
                    progress.borrow().message(text);
                }
                reported = true;
            }
        }
    }
}
