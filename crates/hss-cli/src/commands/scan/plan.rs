//! Plans the calls of a scan, and prints the plan of a dry run.

use glob::Pattern;
use huaweicloud_hss::fleet::{QueuePlan, QueueReport, Shard, TargetSet};
use huaweicloud_hss::{Queue, Region};

use crate::cli::{OutputFormat, ScanArgs};
use crate::commands::proof::look_up::{LeftOut, needs_look_up};
use crate::commands::proof::selection::merged;
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

/// Returns whether targets have to be looked up.
pub(super) fn needs_lookup(args: &ScanArgs) -> bool {
    left_out(args).is_some() || needs_look_up(&args.targets)
}

/// Returns which servers the flags leave out.
pub(super) fn left_out(args: &ScanArgs) -> Option<LeftOut> {
    let online = args.only_online.then_some(LeftOut::NotOnline);
    online.or_else(|| args.only_coverable.then_some(LeftOut::NotCoverable))
}

/// Describes how targets are looked up, for a journal.
pub(super) fn selection(args: &ScanArgs) -> String {
    let named = |flag: &'static str, patterns: &[Pattern]| {
        patterns.iter().map(|pattern| format!("{flag} {:?}", pattern.as_str())).collect::<Vec<_>>()
    };
    let mut parts = named("--host-name", &args.targets.host_name);
    parts.extend(named("--group-name", &args.targets.group_name));
    parts.extend(left_out(args).map(|left_out| left_out.flag().to_owned()));
    parts.extend(args.shard.map(|shard| format!("--shard {shard}")));
    parts.join(" ")
}

/// Prints the planned calls of a dry run.
pub(super) fn print_plan(
    plans: Vec<QueuePlan>,
    left_out: Option<(&'static str, u64)>,
    format: OutputFormat,
) -> ExitStatus {
    let reports: Vec<QueueReport> = plans.into_iter().map(QueueReport::planned).collect();
    print_report(&Report { queues: &reports, verdicts: None, left_out, dry_run: true }, format, false);
    ExitStatus::Ok
}
