//! The exit status of a run, and how to resume it.

use huaweicloud_hss::fleet::{CallRecord, QueueReport, ScanCompletion};
use huaweicloud_hss::{CallOutcome, ErrorKind};

use crate::commands::proof::verification::all_accepted;
use crate::exit::ExitStatus;

/// Returns the exit status, as in the table in `exit.rs`.
pub(crate) fn exit_status(reports: &[QueueReport]) -> ExitStatus {
    let records = || reports.iter().flat_map(|report| &report.records);
    let any = |kinds: &[ErrorKind]| records().any(|record| record.error.is_some_and(|kind| kinds.contains(&kind)));
    let all_accepted =
        records().all(|record| record.outcome == CallOutcome::Accepted) && short_counts(reports).next().is_none();
    // A call with an ambiguous outcome may have been accepted.
    let may_be_accepted = |record: &CallRecord| {
        matches!(record.outcome, CallOutcome::Accepted | CallOutcome::Unknown | CallOutcome::Unrecognised)
    };
    let none_accepted = !records().any(may_be_accepted);
    let denied =
        reports.iter().any(|report| matches!(&report.completion, ScanCompletion::Failed(error) if error.is_auth()));
    let ended =
        reports.iter().all(|report| matches!(report.completion, ScanCompletion::NotTracked | ScanCompletion::Finished));
    if reports.iter().any(|report| report.cancelled) {
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

/// Returns the exit status of a run that was verified. The proof counts, not whether the scan was seen to end.
pub(super) fn exit_status_of_verified(reports: &[QueueReport], unproved: u64) -> ExitStatus {
    match exit_status(reports) {
        ExitStatus::Ok | ExitStatus::Partial if all_accepted(reports) => {
            if unproved == 0 {
                ExitStatus::Ok
            } else {
                ExitStatus::Unproved
            }
        }
        status => status,
    }
}

/// Returns how to send the remaining calls, or `None` if all calls were accepted.
pub(super) fn resume_hint(reports: &[QueueReport]) -> Option<&'static str> {
    let any_left = |ambiguous: bool| {
        let outcomes = reports.iter().flat_map(|report| &report.records).map(|record| record.outcome);
        let mut left = outcomes.filter(|outcome| *outcome != CallOutcome::Accepted);
        left.any(|outcome| matches!(outcome, CallOutcome::Unknown | CallOutcome::Unrecognised) == ambiguous)
    };
    if any_left(false) {
        Some("to resume this run, repeat the command with --resume")
    } else if any_left(true) {
        Some("to resend the calls that may have taken effect, repeat the command with --resume --retry-ambiguous")
    } else {
        None
    }
}

/// Returns the numbers of ids sent and processed, for the accepted calls of which the service reports fewer as processed.
pub(super) fn short_counts(reports: &[QueueReport]) -> impl Iterator<Item = (u64, u64)> {
    let records = reports.iter().flat_map(|report| &report.records);
    records.filter_map(|record| {
        let ids = record.selector.ids().len() as u64;
        record.processed.filter(|processed| *processed < ids).map(|processed| (ids, processed))
    })
}
