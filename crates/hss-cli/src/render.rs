//! The account of a run as a table, as JSON, or as JSON lines.

use std::time::Duration;

use comfy_table::{Cell, Table, presets};
use huaweicloud_hss::fleet::{CallRecord, Followed, Totals};
use huaweicloud_hss::{CallOutcome, Category, Queue};
use serde::Serialize;

/// The whole result as one JSON object.
#[derive(Serialize)]
struct Report<'a> {
    totals: Totals,
    duplicates: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scan_ended: Option<bool>,
    dry_run: bool,
    calls: Vec<Call<'a>>,
}

/// The last of the JSON lines.
#[derive(Serialize)]
struct Summary {
    totals: Totals,
    duplicates: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scan_ended: Option<bool>,
    dry_run: bool,
}

/// One call as JSON.
#[derive(Serialize)]
struct Call<'a> {
    project_id: &'a str,
    enterprise_project_id: &'a str,
    category: Category,
    selector: &'static str,
    ids: &'a [String],
    outcome: CallOutcome,
    processed: Option<u64>,
    code: Option<&'a str>,
    message: &'a str,
    request_id: Option<&'a str>,
    http_status: Option<u16>,
    attempts: u32,
    elapsed_ms: u64,
}

impl<'a> Call<'a> {
    fn new(queue: &'a Queue, record: &'a CallRecord) -> Self {
        Self {
            project_id: queue.project_id.as_str(),
            enterprise_project_id: queue.enterprise_project.as_str(),
            category: queue.category,
            selector: record.selector.field(),
            ids: record.selector.ids(),
            outcome: record.outcome,
            processed: record.processed,
            code: record.code.as_deref(),
            message: &record.message,
            request_id: record.request_id.as_deref(),
            http_status: record.http_status,
            attempts: record.attempts,
            elapsed_ms: milliseconds(record.elapsed),
        }
    }
}

/// What is printed of a run beside its calls.
pub(crate) struct Frame<'a> {
    pub(crate) queue: &'a Queue,
    pub(crate) duplicates: u64,
    pub(crate) followed: &'a Followed,
    pub(crate) dry_run: bool,
}

impl Frame<'_> {
    /// One JSON object.
    pub(crate) fn json(&self, records: &[CallRecord]) -> String {
        let Summary { totals, duplicates, scan_ended, dry_run } = self.summary(records);
        let calls = records.iter().map(|record| Call::new(self.queue, record)).collect();
        line(&Report { totals, duplicates, scan_ended, dry_run, calls })
    }

    /// The last of the JSON lines.
    pub(crate) fn json_summary(&self, records: &[CallRecord]) -> String {
        line(&self.summary(records))
    }

    fn summary(&self, records: &[CallRecord]) -> Summary {
        let scan_ended = match self.followed {
            Followed::No => None,
            followed => Some(matches!(followed, Followed::Ended)),
        };
        Summary { totals: Totals::of(records), duplicates: self.duplicates, scan_ended, dry_run: self.dry_run }
    }

    /// The calls and the totals, for the eye.
    pub(crate) fn table(&self, records: &[CallRecord]) -> String {
        let rows = records.iter().enumerate().map(|(index, record)| {
            vec![
                (index + 1).to_string(),
                record.selector.field().to_owned(),
                match record.selector.ids() {
                    [] => "all".to_owned(),
                    ids => ids.len().to_string(),
                },
                if self.dry_run { "planned".to_owned() } else { record.outcome.as_str().replace('_', " ") },
                record.processed.map_or_else(String::new, |processed| processed.to_string()),
                record.attempts.to_string(),
                record.http_status.map_or_else(String::new, |status| status.to_string()),
                record.message.clone(),
            ]
        });
        let calls = table(&["call", "selector", "ids", "outcome", "processed", "attempts", "HTTP", "message"], rows);
        let Totals { accepted, already_queued, refused, unrecognised, unknown, not_sent } = Totals::of(records);
        let totals = if self.dry_run {
            format!("{not_sent} hosts and groups in {} calls; nothing was sent", records.len())
        } else {
            [
                ("accepted", accepted),
                ("already queued", already_queued),
                ("refused", refused),
                ("unrecognised", unrecognised),
                ("unknown", unknown),
                ("not sent", not_sent),
            ]
            .map(|(name, count)| format!("{name} {count}"))
            .join(", ")
        };
        format!("{}\n\n{calls}\n\n{totals}", self.queue)
    }
}

/// One call as a JSON line.
pub(crate) fn call_line(queue: &Queue, record: &CallRecord) -> String {
    line(&Call::new(queue, record))
}

fn line(value: &impl Serialize) -> String {
    // Plain structs of texts and numbers: there is nothing in them that cannot be written as JSON.
    serde_json::to_string(value).unwrap_or_default()
}

/// A table without lines: columns for the eye, and for cut and awk.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head.iter().map(Cell::new));
    for row in rows {
        table.add_row(row);
    }
    table.trim_fmt()
}

pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
