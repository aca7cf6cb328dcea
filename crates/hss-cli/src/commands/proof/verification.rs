//! Verifies the servers of all queues of a run.

use huaweicloud_hss::fleet::{Journal, QueuePlan, QueueReport, RunReport};
use huaweicloud_hss::verify::{HostSelection, HostVerdict, Verification, VerifyOptions};
use huaweicloud_hss::{CallOutcome, Client, Queue, Region};

use crate::exit::{CliError, ExitStatus};
use crate::output;
use crate::render::{VerdictReport, VerdictRow, counted};
use crate::signals::Interrupts;

use super::look_up::warn_of_gaps;

/// The verification of a queue.
pub(crate) struct QueueVerification {
    pub(super) region: Option<Region>,
    pub(super) queue: Queue,
    pub(super) verification: Verification,
}

/// Reads the times before a scan. Warns of servers that a scan cannot refresh, unless their names were looked up before. A queue of
/// which an earlier run sent calls has the times that its journal recorded.
pub(crate) async fn before_scan(
    plans: &[(QueuePlan, Client)],
    earlier: Option<&RunReport>,
    journal: Option<&Journal>,
    are_ids_given: bool,
) -> Result<Vec<QueueVerification>, CliError> {
    let mut verifications = Vec::with_capacity(plans.len());
    for (number, (plan, client)) in plans.iter().enumerate() {
        let (region, queue) = (plan.region.clone(), plan.queue.clone());
        let earlier = earlier
            .filter(|run| run.times.get(number).is_some_and(|calls| calls.iter().any(|call| call.sent_at.is_some())));
        let verification = match earlier {
            Some(run) => Verification::of_run(client, run, number).await?,
            None => {
                let selection = HostSelection::from_iter(&plan.requests);
                let verification = Verification::before_scan(client, queue.clone(), selection).await?;
                if are_ids_given {
                    warn_of_gaps(verification.not_coverable());
                }
                if let Some(journal) = journal {
                    // A failure ends the run before its next call.
                    verification.record_baseline(journal, number).await;
                }
                verification
            }
        };
        verifications.push(QueueVerification { region, queue, verification });
    }
    Ok(verifications)
}

/// Records which servers a run ordered.
pub(crate) fn set_ordered(verifications: &mut [QueueVerification], reports: &[QueueReport]) {
    for (one, report) in verifications.iter_mut().zip(reports) {
        one.verification.set_ordered_by(report);
    }
}

/// How the verification of a run ended.
pub(crate) struct Verified {
    pub(crate) report: VerdictReport,
    /// Why it is incomplete.
    pub(crate) failure: Option<ExitStatus>,
}

/// Makes all rounds, until everything is proved, the time is over, or the program is interrupted.
pub(crate) async fn verify(
    mut verifications: Vec<QueueVerification>,
    options: &VerifyOptions,
    journal: Option<&Journal>,
    mut interrupts: Interrupts,
) -> Verified {
    let mut failure = None;
    tokio::select! {
        biased;
        () = interrupts.next() => failure = Some(ExitStatus::Interrupted),
        failed = make_rounds(&mut verifications, options, journal) => failure = failure.or(failed),
    }
    let mut report = VerdictReport::default();
    for (number, QueueVerification { region, queue, verification }) in verifications.into_iter().enumerate() {
        report.status_calls += verification.status_calls();
        let verdicts: Vec<HostVerdict> = verification.verdicts().collect();
        if let Some(journal) = journal {
            HostVerdict::record(&verdicts, journal, number).await;
        }
        for host in verdicts {
            report.add(VerdictRow { region: region.clone(), queue: queue.clone(), host });
        }
    }
    Verified { report, failure }
}

/// Returns the exit status of the last failure.
async fn make_rounds(
    verifications: &mut [QueueVerification],
    options: &VerifyOptions,
    journal: Option<&Journal>,
) -> Option<ExitStatus> {
    let mut failure = None;
    let mut failed = vec![false; verifications.len()];
    loop {
        let mut is_any_left = false;
        for (number, one) in verifications.iter_mut().enumerate() {
            if failed[number] {
                continue;
            }
            match one.verification.next_round(options).await {
                Ok(Some(proved)) => {
                    is_any_left |= one.verification.next_round_in().is_some();
                    if let Some(journal) = journal {
                        HostVerdict::record(&proved, journal, number).await;
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    let error = CliError::from(error);
                    output::message(&format!("error: cannot verify {}: {error}", one.queue));
                    failure = Some(error.exit_status());
                    failed[number] = true;
                }
            }
        }
        let unproved = verifications.iter().map(|one| one.verification.unproved()).sum();
        let next = verifications.iter().filter_map(|one| one.verification.next_round_in()).min();
        let Some(next) = next.filter(|_| is_any_left) else { return failure };
        let next = humantime::format_duration(std::time::Duration::from_secs(next.as_secs_f64().ceil() as u64));
        output::message(&format!(
            "{} not proved to be scanned yet; reading again in {next}",
            counted(unproved, "server")
        ));
    }
}

/// Returns whether the service accepted every call.
pub(crate) fn all_accepted(reports: &[QueueReport]) -> bool {
    reports.iter().flat_map(|report| &report.records).all(|record| record.outcome == CallOutcome::Accepted)
}
