//! Plans the calls of a scan, and prints the plan of a dry run.

use glob::Pattern;
use huaweicloud_hss::fleet::{PlanBuilder, QueuePlan, QueueReport, Shard, TargetSet};
use huaweicloud_hss::{Queue, Region};

use crate::cli::{OutputFormat, ScanArgs};
use crate::exit::{CliError, ExitStatus};
use crate::output;
use crate::render::{Report, print_report};

/// Plans the calls of all queues, or of those in the shard. Entries that name the same queue are merged into one plan.
pub(super) fn plan_queues(
    queues: Vec<(Option<Region>, Queue)>,
    targets: Vec<TargetSet>,
    shard: Option<Shard>,
) -> Result<Vec<QueuePlan>, CliError> {
    let mut plans = merged(queues, targets)?;
    if let Some(shard) = shard {
        let all = plans.len();
        plans.retain(|plan| shard.contains(plan));
        output::message(&format!("shard {shard}: {} of {all} queues", plans.len()));
    }
    Ok(plans)
}

/// Plans the calls of all queues.
pub(super) fn merged(
    queues: Vec<(Option<Region>, Queue)>,
    targets: Vec<TargetSet>,
) -> Result<Vec<QueuePlan>, CliError> {
    let mut builder = PlanBuilder::default();
    for ((region, queue), targets) in queues.into_iter().zip(targets) {
        builder.extend(region, queue, targets)?;
    }
    Ok(builder.build())
}

/// Returns whether targets have to be looked up.
pub(super) fn needs_lookup(args: &ScanArgs) -> bool {
    args.only_online || !args.host_name.is_empty() || !args.group_name.is_empty()
}

/// Describes how targets are looked up, for a journal.
pub(super) fn selection(args: &ScanArgs) -> String {
    let named = |flag: &'static str, patterns: &[Pattern]| {
        patterns.iter().map(|pattern| format!("{flag} {:?}", pattern.as_str())).collect::<Vec<_>>()
    };
    let mut parts = named("--host-name", &args.host_name);
    parts.extend(named("--group-name", &args.group_name));
    parts.extend(args.only_online.then(|| "--only-online".to_owned()));
    parts.extend(args.shard.map(|shard| format!("--shard {shard}")));
    parts.join(" ")
}

/// Prints the planned calls of a dry run.
pub(super) fn print_plan(plans: Vec<QueuePlan>, left_out: Option<u64>, format: OutputFormat) -> ExitStatus {
    let reports: Vec<QueueReport> = plans.into_iter().map(QueueReport::planned).collect();
    print_report(&Report { queues: &reports, left_out, dry_run: true }, format, false);
    ExitStatus::Ok
}
