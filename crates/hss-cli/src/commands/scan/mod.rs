//! `hss scan`: plans the calls, executes them, and prints the report.

mod estimate;
mod outcome;
mod plan;
mod reporter;

use std::cell::RefCell;
use std::sync::Arc;

use huaweicloud_hss::fleet::{
    Event, FleetOptions, Journal, QueuePlan, QueueReport, RunIdentity, RunReport, ShutdownHandle, TargetSet, Totals,
    execute_all,
};
use huaweicloud_hss::{Client, Queue, Region};

use crate::cli::ScanArgs;
use crate::commands::proof::look_up::{LookUp, look_up};
use crate::commands::proof::selection::merged;
use crate::commands::proof::verification::{Verified, before_scan, set_ordered, verify};
use crate::connect::{self, Connection};
use crate::exit::{CliError, ExitStatus};
use crate::metrics::Metrics;
use crate::output::file::is_standard_stream;
use crate::progress::Progress;
use crate::render::{Report, print_report};
use crate::signals::{Interrupts, interrupted, unless_interrupted};
use crate::targets::QueueSpec;
use crate::{output, targets};

pub(crate) use outcome::exit_status;
use outcome::{exit_status_of_verified, resume_hint};
use plan::{plan_queues, print_plan};
use reporter::Reporter;
pub(crate) use reporter::report_completion;

pub(crate) async fn run(args: ScanArgs, metrics: &mut Metrics) -> Result<ExitStatus, CliError> {
    let (mut specs, targets): (Vec<QueueSpec>, Vec<TargetSet>) =
        targets::read_all(&args.targets, &args.connection)?.into_iter().unzip();
    connect::set_default_regions(&mut specs, &args.connection, args.emulator)?;
    let needs_lookup = plan::needs_lookup(&args);
    if args.dry_run && !needs_lookup && !args.verify {
        connect::validate_dry_run(&specs, &args.connection, args.emulator)?;
        let queues = connect::plan_queues_offline(&specs, &args.queue, args.emulator)?;
        let plans = plan_queues(queues, targets, args.shard)?;
        estimate::print_scans(&plans, LookUp::default());
        return Ok(print_plan(plans, None, args.output.format));
    }
    // Interruptions are received from here on. Until the plan is complete, only reads are sent.
    let mut interrupts = Interrupts::listen();
    let (connection, planned) = unless_interrupted(async {
        let connection = connect::connect(&specs, &args.queue, &args.connection, args.emulator).await?;
        let planned = plan_run(&connection, &args, targets).await?;
        Ok((connection, planned))
    })
    .await?;
    if args.dry_run {
        estimate::print_scans(&planned.plans, planned.look_up);
        if args.verify {
            let options = args.verify_options.options();
            unless_interrupted(estimate::print_verification(&connection, &planned.plans, &options)).await?;
        }
        return Ok(print_plan(planned.plans, planned.left_out, args.output.format));
    }
    if interrupts.try_next() {
        return Err(interrupted());
    }
    execute(&args, &connection, planned, interrupts, metrics).await
}

/// The planned calls of a run.
struct Planned {
    plans: Vec<QueuePlan>,
    /// Why hosts were skipped, and how many.
    left_out: Option<(&'static str, u64)>,
    look_up: LookUp,
    identity: RunIdentity,
}

/// Plans the calls. A run that is resumed has the targets that were looked up when it began.
async fn plan_run(connection: &Connection, args: &ScanArgs, mut targets: Vec<TargetSet>) -> Result<Planned, CliError> {
    let mut identity = connection.identity();
    if let Some(journal) = args.journal.as_ref().filter(|_| plan::needs_lookup(args)) {
        let given = merged(connection.queues.clone(), targets.clone())?;
        identity = identity.with_selection(&plan::selection(args), &given);
        if let Some(plans) = args.resume.then(|| Journal::plans(journal)).transpose()?.flatten() {
            output::message(
                "note: the targets are those of the journal; names, --only-online and --only-coverable are not looked up again",
            );
            return Ok(Planned { plans, left_out: None, look_up: LookUp::default(), identity });
        }
    }
    let left_out = plan::left_out(args);
    let look_up = look_up(connection, &args.targets, left_out, &mut targets).await?;
    let left_out = left_out.map(|left_out| (left_out.reason(), look_up.left_out));
    let plans = plan_queues(connection.queues.clone(), targets, args.shard)?;
    Ok(Planned { plans, left_out, look_up, identity })
}

/// Sends the planned calls and prints the report.
async fn execute(
    args: &ScanArgs,
    connection: &Connection,
    Planned { mut plans, left_out, identity, .. }: Planned,
    interrupts: Interrupts,
    metrics: &mut Metrics,
) -> Result<ExitStatus, CliError> {
    let format = args.output.format;
    if let Some(path) = args.journal.as_ref().filter(|path| is_standard_stream(path)) {
        let what = "standard output or standard error is written to this file";
        return Err(CliError::usage(format!("journal {}: {what}; choose another file", path.display())));
    }
    // A journal that was cut off within its plan has nothing to report.
    let earlier = args.journal.as_ref().filter(|_| args.resume).and_then(|path| RunReport::read(path).ok());
    let journal = match &args.journal {
        Some(path) if args.resume => {
            Some(Arc::new(Journal::resume(path, &mut plans, &identity, args.connection.retry_ambiguous)?))
        }
        Some(path) => Some(Arc::new(Journal::create(path, &plans, &identity)?)),
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
        .map(|plan| {
            let client = connection.client(plan.region.as_ref())?.clone();
            Ok((plan, client))
        })
        .collect::<Result<_, CliError>>()?;
    let mut options = FleetOptions::default().with_concurrency(args.concurrency);
    options.wait = args.wait || args.verify;
    options.wait_timeout = args.wait_timeout;
    options.deadline = args.connection.deadline;
    options.journal = journal.clone();
    let mut verifications = Vec::new();
    if args.verify {
        let are_ids_given = args.targets.host_name.is_empty() && !args.targets.all_hosts;
        let work = before_scan(&plans, earlier.as_ref(), journal.as_deref(), are_ids_given);
        verifications = unless_interrupted(work).await?;
    }
    drop(earlier);
    let on_event = |region: Option<&Region>, queue: &Queue, event: Event<'_>| reporter.report(region, queue, &event);
    interrupts.clone().shut_down(handle);
    let work = execute_all(plans, &options, &stop, on_event);
    let reports = with_interrupts(work, interrupts.clone(), &progress).await;
    progress.borrow().finish();
    metrics.add_outcomes(&Totals::from_reports(&reports));

    let mut verified = None;
    if args.verify {
        set_ordered(&mut verifications, &reports);
        verified = Some(verify(verifications, &args.verify_options.options(), journal.as_deref(), interrupts).await);
    }
    let verdicts = verified.as_ref().map(|verified| &verified.report);
    if let Some(verdicts) = verdicts {
        metrics.add_verdicts(verdicts);
    }
    print_report(&Report { queues: &reports, verdicts, left_out, dry_run: false }, format, true);
    report_completion(&reports);
    if let Some(error) = journal.as_ref().and_then(|journal| journal.failure()) {
        output::message(&format!("error: {error}"));
        return Ok(ExitStatus::Partial);
    }
    if let Some(hint) = journal.and_then(|_| resume_hint(&reports)) {
        output::message(hint);
    }
    Ok(match verified {
        None => exit_status(&reports),
        Some(Verified { failure: Some(failure), .. }) => failure,
        Some(Verified { report, .. }) => exit_status_of_verified(&reports, report.unproved()),
    })
}

/// Waits for the reports, and prints that the first interruption was received.
async fn with_interrupts(
    work: impl Future<Output = Vec<QueueReport>>,
    mut interrupts: Interrupts,
    progress: &RefCell<Progress>,
) -> Vec<QueueReport> {
    tokio::pin!(work);
    tokio::select! {
        biased;
        () = interrupts.next() => {
            progress.borrow().message("stopping: waiting for the calls in flight; interrupt again to stop at once");
        }
        reports = &mut work => return reports,
    }
    work.await
}
