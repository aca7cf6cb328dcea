//! The report of a run as a table for people.

use huaweicloud_hss::fleet::{CallRecord, QueueReport, Totals};
use huaweicloud_hss::{Queue, printable};

use super::causes::{Cause, causes};
use super::labels::{counted, outcome_counts, outcome_text};
use super::report::{Report, records};
use super::table::table;

/// Maximum number of calls that a table lists one by one. Above it, the table has one row per queue.
const MAX_LISTED_CALLS: usize = 50;

/// The columns that name a queue.
const QUEUE_COLUMNS: [&str; 4] = ["region", "project", "enterprise project", "category"];

impl Report<'_> {
    /// Formats the calls and the totals. For many calls, there is one row per queue, and one per cause of a failure.
    pub(super) fn to_table(&self) -> String {
        let title = match self.queues {
            [report] => printable(&report.queue.to_string()).into_owned(),
            queues => format!("{} queues", queues.len()),
        };
        let calls = records(self.queues).count();
        let body = if calls <= MAX_LISTED_CALLS { self.calls_table() } else { self.queues_table() };
        let totals = Totals::from_reports(self.queues);
        let mut summary = if self.dry_run {
            format!("{} in {}; nothing was sent", counted(totals.not_sent, "target"), counted(calls as u64, "call"))
        } else {
            outcome_counts(&totals).map(|(name, count)| format!("{name} {count}")).join(", ")
        };
        if let Some((reason, count)) = self.left_out {
            summary += &format!("; skipped because {reason}: {count}");
        }
        let causes = if calls > MAX_LISTED_CALLS && !self.dry_run { self.causes_table() } else { String::new() };
        format!("{title}\n\n{body}\n\n{causes}{summary}")
    }

    /// Formats one row per call. A single queue is in the title above the table; several are in columns.
    fn calls_table(&self) -> String {
        let single = self.queues.len() == 1;
        let header: Vec<&str> = ["call"]
            .iter()
            .chain(if single { &[] } else { &QUEUE_COLUMNS[..] })
            .chain(&["selector", "ids", "outcome", "processed", "attempts", "HTTP", "message"])
            .copied()
            .collect();
        let rows = records(self.queues).enumerate().map(|(index, (report, record))| {
            let mut row = vec![(index + 1).to_string()];
            if !single {
                row.extend(queue_cells(report));
            }
            row.extend(self.cells(record));
            row
        });
        table(&header, rows)
    }

    /// Formats one row per queue.
    fn queues_table(&self) -> String {
        let outcomes = outcome_counts(&Totals::default()).map(|(name, _)| name);
        let counted = if self.dry_run { &["targets"][..] } else { &outcomes };
        let header: Vec<&str> = QUEUE_COLUMNS.iter().chain(&["calls"]).chain(counted).copied().collect();
        let rows = self.queues.iter().map(|report| {
            let mut row = queue_cells(report).to_vec();
            row.push(report.records.len().to_string());
            let totals = report.totals();
            if self.dry_run {
                row.push(totals.total().to_string());
            } else {
                row.extend(outcome_counts(&totals).map(|(_, count)| count.to_string()));
            }
            row
        });
        table(&header, rows)
    }

    fn causes_table(&self) -> String {
        let rows: Vec<Vec<String>> = causes(self.queues)
            .into_iter()
            .map(|cause| {
                let Cause { outcome, code, message, calls, targets } = cause;
                vec![outcome_text(outcome), code, targets.to_string(), calls.to_string(), message]
            })
            .collect();
        if rows.is_empty() {
            return String::new();
        }
        format!("{}\n\n", table(&["outcome", "code", "targets", "calls", "example message"], rows))
    }

    fn cells(&self, record: &CallRecord) -> [String; 7] {
        [
            record.selector.field().to_owned(),
            match record.selector.ids().len() {
                0 => "all".to_owned(),
                ids => ids.to_string(),
            },
            if self.dry_run { "planned".to_owned() } else { outcome_text(record.outcome) },
            record.processed.map_or_else(String::new, |processed| processed.to_string()),
            record.attempts.to_string(),
            record.http_status.map_or_else(String::new, |status| status.to_string()),
            record.message.clone(),
        ]
    }
}

fn queue_cells(report: &QueueReport) -> [String; 4] {
    let Queue { project_id, enterprise_project, category } = &report.queue;
    let region = report.region.as_ref().map_or_else(String::new, ToString::to_string);
    [region, project_id.to_string(), enterprise_project.to_string(), category.to_string()]
}
