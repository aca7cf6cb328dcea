//! The account of a run as a table, as JSON, as JSON lines, or as CSV.

use std::collections::BTreeMap;
use std::io::{self, Write};

use huaweicloud_hss::fleet::{CallRecord, QueueReport, ScanCompletion, Totals};
use huaweicloud_hss::{CallOutcome, Category, IdList, Queue, Region, Selector};
use serde::Serialize;
use serde::ser::SerializeSeq as _;

use super::encode::{csv_error, json_line, milliseconds};
use super::table::table;

/// How many calls are shown one by one in a table; more are summed up by lane.
const SHOWN_CALLS: usize = 50;

/// The columns of a list of targets.
pub(crate) const TARGET_COLUMNS: [&str; 6] =
    ["region", "project_id", "enterprise_project_id", "category", "selector", "id"];

/// What a CSV says of a host beside the columns that a list of targets has. Such a CSV is a list of targets again.
pub(crate) const RESULT_COLUMNS: [&str; 6] = ["outcome", "code", "http_status", "attempts", "request_id", "message"];

/// The whole result as one JSON object.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    summary: Summary,
    calls: Calls<'a>,
}

/// All calls, written one by one: a fleet's do not fit into memory twice.
struct Calls<'a>(&'a [QueueReport]);

impl Serialize for Calls<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (lane, record) in records(self.0) {
            list.serialize_element(&Call::new(lane.region.as_ref(), &lane.queue, record))?;
        }
        list.end()
    }
}

fn records(lanes: &[QueueReport]) -> impl Iterator<Item = (&QueueReport, &CallRecord)> {
    lanes.iter().flat_map(|lane| lane.records.iter().map(move |record| (lane, record)))
}

/// What is said of a run beside its calls: also the last of the JSON lines.
#[derive(Serialize)]
struct Summary {
    totals: Totals,
    duplicates: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scan_ended: Option<bool>,
    /// Hosts that were left out because their agent is not online.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u64>,
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
    ids: &'a IdList,
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
    pub(crate) lanes: &'a [QueueReport],
    /// Hosts that were left out because their agent is not online, where that was asked for.
    pub(crate) left_out: Option<u64>,
    pub(crate) dry_run: bool,
}

impl Account<'_> {
    /// One JSON object.
    pub(crate) fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json_line(out, &Report { summary: self.summary(), calls: Calls(self.lanes) })
    }

    /// Each call as a JSON line, then the totals.
    pub(crate) fn json_lines(&self, out: &mut dyn Write) -> io::Result<()> {
        for (lane, record) in records(self.lanes) {
            json_line(out, &Call::new(lane.region.as_ref(), &lane.queue, record))?;
        }
        self.json_summary(out)
    }

    /// The last of the JSON lines.
    pub(crate) fn json_summary(&self, out: &mut dyn Write) -> io::Result<()> {
        json_line(out, &self.summary())
    }

    /// A line for each host and group, in the columns of a list of targets and some more.
    pub(crate) fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(TARGET_COLUMNS.iter().chain(&RESULT_COLUMNS)).map_err(csv_error)?;
        for (lane, record) in records(self.lanes) {
            let Queue { project_id, enterprise_project, category } = &lane.queue;
            let category = category.to_string();
            let selector = match record.selector {
                Selector::AllHosts => "all_hosts",
                Selector::Hosts(_) => "host",
                _ => "server_group",
            };
            let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
            let (status, attempts) = (number(record.http_status.map(u64::from)), record.attempts.to_string());
            let outcome = if self.dry_run { "planned" } else { record.outcome.as_str() };
            let all = Some("").filter(|_| record.selector == Selector::AllHosts);
            for id in record.selector.ids().iter().chain(all) {
                csv.write_record([
                    lane.region.as_ref().map_or("", Region::as_str),
                    project_id.as_str(),
                    enterprise_project.as_str(),
                    &category,
                    selector,
                    id,
                    outcome,
                    record.code.as_deref().unwrap_or_default(),
                    &status,
                    &attempts,
                    record.request_id.as_deref().unwrap_or_default(),
                    &record.message,
                ])
                .map_err(csv_error)?;
            }
        }
        csv.flush()
    }

    fn summary(&self) -> Summary {
        let followed = self
            .lanes
            .iter()
            .map(|lane| &lane.completion)
            .filter(|followed| !matches!(followed, ScanCompletion::NotTracked));
        let ended: Vec<bool> = followed.map(|followed| matches!(followed, ScanCompletion::Finished)).collect();
        Summary {
            totals: Totals::from_reports(self.lanes),
            duplicates: self.lanes.iter().map(|lane| lane.duplicates).sum(),
            scan_ended: (!ended.is_empty()).then(|| ended.iter().all(|ended| *ended)),
            left_out: self.left_out,
            dry_run: self.dry_run,
        }
    }

    /// The calls and the totals, for the eye; of many calls a line for each lane, and what went wrong by its cause.
    pub(crate) fn table(&self) -> String {
        let title = match self.lanes {
            [lane] => lane.queue.to_string(),
            lanes => format!("{} queues", lanes.len()),
        };
        let calls = records(self.lanes).count();
        let body = if calls <= SHOWN_CALLS { self.calls_table() } else { self.lanes_table() };
        let totals = Totals::from_reports(self.lanes);
        let mut last = if self.dry_run {
            format!("{} hosts and groups in {calls} calls; nothing was sent", totals.not_sent)
        } else {
            counts(&totals).map(|(name, count)| format!("{name} {count}")).join(", ")
        };
        if let Some(left_out) = self.left_out {
            last += &format!("; {left_out} left out because their agent is not online");
        }
        let causes = if calls > SHOWN_CALLS && !self.dry_run { self.causes_table() } else { String::new() };
        format!("{title}\n\n{body}\n\n{causes}{last}")
    }

    /// A line a call. The queue of a single lane stands above its calls, those of many beside theirs.
    fn calls_table(&self) -> String {
        let single = self.lanes.len() == 1;
        let head: Vec<&str> = ["call"]
            .iter()
            .chain(if single { &[] } else { &QUEUE_COLUMNS[..] })
            .chain(&["selector", "ids", "outcome", "processed", "attempts", "HTTP", "message"])
            .copied()
            .collect();
        let rows = records(self.lanes).enumerate().map(|(index, (lane, record))| {
            let mut row = vec![(index + 1).to_string()];
            if !single {
                row.extend(queue_cells(lane));
            }
            row.extend(self.cells(record));
            row
        });
        table(&head, rows)
    }

    /// A line a lane.
    fn lanes_table(&self) -> String {
        let counted = counts(&Totals::default()).map(|(name, _)| name);
        let counted = if self.dry_run { &["hosts and groups"][..] } else { &counted };
        let head: Vec<&str> = QUEUE_COLUMNS.iter().chain(&["calls"]).chain(counted).copied().collect();
        let rows = self.lanes.iter().map(|lane| {
            let mut row = queue_cells(lane).to_vec();
            row.push(lane.records.len().to_string());
            let totals = lane.totals();
            if self.dry_run {
                row.push(totals.total().to_string());
            } else {
                row.extend(counts(&totals).map(|(_, count)| count.to_string()));
            }
            row
        });
        table(&head, rows)
    }

    fn causes_table(&self) -> String {
        let rows: Vec<Vec<String>> = causes(self.lanes)
            .into_iter()
            .map(|cause| {
                let Cause { outcome, code, message, calls, hosts } = cause;
                vec![words(outcome), code, hosts.to_string(), calls.to_string(), message]
            })
            .collect();
        if rows.is_empty() {
            return String::new();
        }
        format!("{}\n\n", table(&["outcome", "code", "hosts and groups", "calls", "for example"], rows))
    }

    fn cells(&self, record: &CallRecord) -> [String; 7] {
        [
            record.selector.field().to_owned(),
            match record.selector.ids().len() {
                0 => "all".to_owned(),
                ids => ids.to_string(),
            },
            if self.dry_run { "planned".to_owned() } else { words(record.outcome) },
            record.processed.map_or_else(String::new, |processed| processed.to_string()),
            record.attempts.to_string(),
            record.http_status.map_or_else(String::new, |status| status.to_string()),
            record.message.clone(),
        ]
    }
}

/// The columns that name a queue in a table.
const QUEUE_COLUMNS: [&str; 4] = ["region", "project", "enterprise project", "category"];

fn queue_cells(lane: &QueueReport) -> [String; 4] {
    let Queue { project_id, enterprise_project, category } = &lane.queue;
    let region = lane.region.as_ref().map_or_else(String::new, ToString::to_string);
    [region, project_id.to_string(), enterprise_project.to_string(), category.to_string()]
}

/// An outcome as people write it.
pub(crate) fn words(outcome: CallOutcome) -> String {
    outcome.as_str().replace('_', " ")
}

/// The totals with their names, in a fixed order.
pub(crate) fn counts(totals: &Totals) -> [(&'static str, u64); 6] {
    let Totals { accepted, already_queued, refused, unrecognised, unknown, not_sent } = *totals;
    [
        ("accepted", accepted),
        ("already queued", already_queued),
        ("refused", refused),
        ("unrecognised", unrecognised),
        ("unknown", unknown),
        ("not sent", not_sent),
    ]
}

/// Why some hosts were not accepted, and how many.
pub(crate) struct Cause {
    pub(crate) outcome: CallOutcome,
    pub(crate) code: String,
    /// The message of one of the calls.
    pub(crate) message: String,
    pub(crate) calls: u64,
    pub(crate) hosts: u64,
}

impl Cause {
    /// What tells causes apart: outcome and code; where there is no code, the message, if that is all there is. Other messages name
    /// requests and queues, and would make a cause of every call.
    fn key(record: &CallRecord) -> (CallOutcome, &str, &str) {
        let code = record.code.as_deref().unwrap_or_default();
        let message = match (code, record.outcome) {
            ("", CallOutcome::NotSent | CallOutcome::Unrecognised) => record.message.as_str(),
            _ => "",
        };
        (record.outcome, code, message)
    }

    /// Whether a call was not accepted for this cause.
    pub(crate) fn is_of(&self, record: &CallRecord) -> bool {
        let (outcome, code, message) = Self::key(record);
        outcome == self.outcome && code == self.code && (message.is_empty() || message == self.message)
    }
}

/// What was not accepted, by its cause. The most hosts stand first.
pub(crate) fn causes(lanes: &[QueueReport]) -> Vec<Cause> {
    let mut causes: BTreeMap<(CallOutcome, &str, &str), Cause> = BTreeMap::new();
    for (_, record) in records(lanes).filter(|(_, record)| record.outcome != CallOutcome::Accepted) {
        let cause = causes.entry(Cause::key(record)).or_insert_with(|| Cause {
            outcome: record.outcome,
            code: record.code.clone().unwrap_or_default(),
            message: record.message.clone(),
            calls: 0,
            hosts: 0,
        });
        cause.calls += 1;
        cause.hosts += record.selector.weight();
    }
    let mut causes: Vec<Cause> = causes.into_values().collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.hosts));
    causes
}

/// One call as a JSON line.
pub(crate) fn call_line(
    out: &mut dyn Write,
    region: Option<&Region>,
    queue: &Queue,
    record: &CallRecord,
) -> io::Result<()> {
    json_line(out, &Call::new(region, queue, record))
}
