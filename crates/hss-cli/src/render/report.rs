//! The report of a run, and how it is written as JSON, JSON lines and CSV.

use std::io::{self, Write};

use huaweicloud_hss::fleet::{CallRecord, QueueReport, ScanCompletion, Totals};
use huaweicloud_hss::{Category, IdList, Queue, Region, Selector};
use serde::Serialize;
use serde::ser::SerializeSeq as _;

use super::csv::CsvWriter;
use super::encode::json_line;
use super::proof::{VerdictReport, VerdictSummary};

/// The columns of a list of targets.
pub(crate) const TARGET_COLUMNS: [&str; 6] =
    ["region", "project_id", "enterprise_project_id", "category", "selector", "id"];

/// The columns of a CSV result besides those of a list of targets. A CSV result is itself a valid list of targets.
pub(crate) const RESULT_COLUMNS: [&str; 6] = ["outcome", "code", "http_status", "attempts", "request_id", "message"];

/// The report as one JSON object.
#[derive(Serialize)]
struct JsonReport<'a> {
    #[serde(flatten)]
    summary: Summary,
    calls: Calls<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<&'a VerdictReport>,
}

/// All calls, serialised one by one: those of a large run may not fit into memory twice.
struct Calls<'a>(&'a [QueueReport]);

impl Serialize for Calls<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (report, record) in records(self.0) {
            list.serialize_element(&Call::new(report.region.as_ref(), &report.queue, record))?;
        }
        list.end()
    }
}

/// Iterates over all calls with the report of their queue.
pub(super) fn records(queues: &[QueueReport]) -> impl Iterator<Item = (&QueueReport, &CallRecord)> {
    queues.iter().flat_map(|report| report.records.iter().map(move |record| (report, record)))
}

/// Everything but the calls; the last of the JSON lines.
#[derive(Serialize)]
struct Summary {
    totals: Totals,
    duplicates: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scan_ended: Option<bool>,
    /// What was seen of the scans' end, for the queue in which it went worst.
    #[serde(skip_serializing_if = "Option::is_none")]
    scan_end: Option<ScanEnd>,
    /// Number of hosts that were skipped by a flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u64>,
    /// The totals of the verdicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<VerdictSummary>,
    dry_run: bool,
}

/// What was seen of the end of a queue's scan, from best to worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum ScanEnd {
    Ended,
    NotSeenPending,
    TimedOut,
    Stopped,
    Failed,
}

impl ScanEnd {
    /// Returns `None` if the scan was not tracked.
    fn new(completion: &ScanCompletion) -> Option<Self> {
        match completion {
            ScanCompletion::NotTracked => None,
            ScanCompletion::Finished => Some(Self::Ended),
            ScanCompletion::NotSeenPending => Some(Self::NotSeenPending),
            ScanCompletion::TimedOut => Some(Self::TimedOut),
            ScanCompletion::Cancelled => Some(Self::Stopped),
            _ => Some(Self::Failed),
        }
    }
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
    #[serde(flatten)]
    record: &'a CallRecord,
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
            record,
        }
    }
}

/// The report of a run.
pub(crate) struct Report<'a> {
    pub(crate) queues: &'a [QueueReport],
    /// What is proved about the servers, if the run was verified.
    pub(crate) verdicts: Option<&'a VerdictReport>,
    /// Why hosts were skipped, and how many.
    pub(crate) left_out: Option<(&'static str, u64)>,
    pub(crate) dry_run: bool,
}

impl Report<'_> {
    /// Writes the report as one JSON object.
    pub(crate) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        json_line(out, &JsonReport { summary: self.summary(), calls: Calls(self.queues), verification: self.verdicts })
    }

    /// Writes each call as a JSON line, then the totals.
    pub(crate) fn write_json_lines(&self, out: &mut dyn Write) -> io::Result<()> {
        for (report, record) in records(self.queues) {
            json_line(out, &Call::new(report.region.as_ref(), &report.queue, record))?;
        }
        self.write_json_end(out)
    }

    /// Writes the JSON lines after the calls: the verdicts, then the totals.
    pub(super) fn write_json_end(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(verdicts) = self.verdicts {
            verdicts.write_json_rows(out)?;
        }
        let verification = self.verdicts.map(VerdictReport::summary);
        json_line(out, &Summary { verification, ..self.summary() })
    }

    /// Writes a row for each target: the columns of a list of targets, then those of the result.
    pub(crate) fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut csv = CsvWriter::new(out);
        csv.write_row(TARGET_COLUMNS.iter().chain(&RESULT_COLUMNS))?;
        for (report, record) in records(self.queues) {
            let Queue { project_id, enterprise_project, category } = &report.queue;
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
                csv.write_row([
                    report.region.as_ref().map_or("", Region::as_str),
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
                ])?;
            }
        }
        csv.flush()
    }

    fn summary(&self) -> Summary {
        let scan_end = self.queues.iter().filter_map(|report| ScanEnd::new(&report.completion)).max();
        Summary {
            totals: Totals::from_reports(self.queues),
            duplicates: self.queues.iter().map(|report| report.duplicates).sum(),
            scan_ended: scan_end.map(|end| end == ScanEnd::Ended),
            scan_end,
            left_out: self.left_out.map(|(_, count)| count),
            verification: None,
            dry_run: self.dry_run,
        }
    }
}

/// Writes one call as a JSON line.
pub(crate) fn write_call(
    out: &mut dyn Write,
    region: Option<&Region>,
    queue: &Queue,
    record: &CallRecord,
) -> io::Result<()> {
    json_line(out, &Call::new(region, queue, record))
}
