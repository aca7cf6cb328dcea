//! The account of a run as a table, as JSON, or as JSON lines.

use std::time::Duration;

use comfy_table::{Cell, Table, presets};
use huaweicloud_hss::fleet::{CallRecord, Followed, LaneResult, Totals};
use huaweicloud_hss::{CallOutcome, Category, Queue, Region};
use serde::Serialize;

/// The whole result as one JSON object.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    summary: Summary,
    calls: Vec<Call<'a>>,
}

/// What is said of a run beside its calls: also the last of the JSON lines.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
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
    fn new(region: Option<&'a Region>, queue: &'a Queue, record: &'a CallRecord) -> Self {
        Self {
            region: region.map(Region::as_str),
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

/// The account of a run, to be printed.
pub(crate) struct Account<'a> {
    pub(crate) lanes: &'a [LaneResult],
    pub(crate) dry_run: bool,
}

impl Account<'_> {
    /// One JSON object.
    pub(crate) fn json(&self) -> String {
        let calls = self.lanes.iter().flat_map(|lane| {
            lane.report.records.iter().map(|record| Call::new(lane.region.as_ref(), &lane.queue, record))
        });
        line(&Report { summary: self.summary(), calls: calls.collect() })
    }

    /// The last of the JSON lines.
    pub(crate) fn json_summary(&self) -> String {
        line(&self.summary())
    }

    fn summary(&self) -> Summary {
        let followed =
            self.lanes.iter().map(|lane| &lane.report.followed).filter(|followed| !matches!(followed, Followed::No));
        let ended: Vec<bool> = followed.map(|followed| matches!(followed, Followed::Ended)).collect();
        Summary {
            totals: Totals::of_lanes(self.lanes),
            duplicates: self.lanes.iter().map(|lane| lane.duplicates).sum(),
            scan_ended: (!ended.is_empty()).then(|| ended.iter().all(|ended| *ended)),
            dry_run: self.dry_run,
        }
    }

    /// The calls and the totals, for the eye. The queue of a single lane stands above its calls, those of many beside theirs.
    pub(crate) fn table(&self) -> String {
        let single = match self.lanes {
            [lane] => Some(&lane.queue),
            _ => None,
        };
        let queue_columns: &[&str] =
            if single.is_some() { &[] } else { &["region", "project", "enterprise project", "category"] };
        let head: Vec<&str> = ["call"]
            .iter()
            .chain(queue_columns)
            .chain(&["selector", "ids", "outcome", "processed", "attempts", "HTTP", "message"])
            .copied()
            .collect();
        let records = self.lanes.iter().flat_map(|lane| lane.report.records.iter().map(move |record| (lane, record)));
        let rows: Vec<Vec<String>> = records
            .enumerate()
            .map(|(index, (lane, record))| {
                let mut row = vec![(index + 1).to_string()];
                if single.is_none() {
                    let Queue { project_id, enterprise_project, category } = &lane.queue;
                    row.push(lane.region.as_ref().map_or_else(String::new, ToString::to_string));
                    row.extend([project_id.to_string(), enterprise_project.to_string(), category.to_string()]);
                }
                row.extend(self.cells(record));
                row
            })
            .collect();
        let count = rows.len();
        let calls = table(&head, rows);
        let Totals { accepted, already_queued, refused, unrecognised, unknown, not_sent } =
            Totals::of_lanes(self.lanes);
        let totals = if self.dry_run {
            format!("{not_sent} hosts and groups in {count} calls; nothing was sent")
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
        let title = single.map_or_else(|| format!("{} queues", self.lanes.len()), ToString::to_string);
        format!("{title}\n\n{calls}\n\n{totals}")
    }

    fn cells(&self, record: &CallRecord) -> [String; 7] {
        [
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
    }
}

/// One call as a JSON line.
pub(crate) fn call_line(region: Option<&Region>, queue: &Queue, record: &CallRecord) -> String {
    line(&Call::new(region, queue, record))
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
