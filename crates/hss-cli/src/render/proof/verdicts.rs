//! The verdicts about servers.

use std::io::{self, Write};

use huaweicloud_hss::assets::WitnessStrength;
use huaweicloud_hss::fleet::RunReport;
use huaweicloud_hss::verify::{Coverage, HostVerdict, Verdict};
use huaweicloud_hss::{Category, Queue, Region};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::cli::OutputFormat;
use crate::output;
use crate::render::csv::CsvWriter;
use crate::render::encode::{json_line, milliseconds_since_1970};
use crate::render::labels::{Thousands, counted, rfc3339, timestamp};
use crate::render::listing::optional_text as text;
use crate::render::table::table;

/// Maximum number of servers that a table lists. Above it, servers that were scanned are left out.
const MAX_LISTED: usize = 50;

/// The columns of the table.
const COLUMNS: [&str; 7] = ["id", "name", "verdict", "coverage", "time (UTC)", "witness", "strength"];

/// The columns of CSV: a valid list of targets, and the verdict.
const CSV_COLUMNS: [&str; 14] = [
    "region",
    "project_id",
    "enterprise_project_id",
    "category",
    "selector",
    "id",
    "name",
    "verdict",
    "coverage",
    "ordered_at",
    "seen_at",
    "witness",
    "strength",
    "compared",
];

/// A verdict and the queue of its server.
pub(crate) struct VerdictRow {
    pub(crate) region: Option<Region>,
    pub(crate) queue: Queue,
    pub(crate) host: HostVerdict,
}

/// The number of servers with each verdict.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct VerdictCounts {
    scanned: u64,
    refreshed: u64,
    stale: u64,
    failed: u64,
    timed_out: u64,
    not_covered: u64,
    no_witness: u64,
}

impl VerdictCounts {
    fn of(&mut self, verdict: Verdict) -> &mut u64 {
        match verdict {
            Verdict::Scanned => &mut self.scanned,
            Verdict::Refreshed => &mut self.refreshed,
            Verdict::Stale => &mut self.stale,
            Verdict::Failed => &mut self.failed,
            Verdict::TimedOut => &mut self.timed_out,
            Verdict::NotCovered => &mut self.not_covered,
            // The rest has nothing to show.
            _ => &mut self.no_witness,
        }
    }
}

/// The totals of the verdicts.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct VerdictSummary {
    servers: u64,
    verdicts: VerdictCounts,
    /// How many servers that a scan can or may refresh are not proved to be scanned.
    unproved: u64,
    status_calls: u64,
}

/// The verdicts of a run.
#[derive(Default)]
pub(crate) struct VerdictReport {
    rows: Vec<VerdictRow>,
    counts: VerdictCounts,
    unproved: u64,
    /// How many calls for single servers were made.
    pub(crate) status_calls: u64,
}

impl VerdictReport {
    /// Returns the verdicts that a journal records.
    pub(crate) fn of_run(run: &RunReport) -> Self {
        let mut report = Self::default();
        for (number, queue) in run.queues.iter().enumerate() {
            for host in run.verdicts(number) {
                report.add(VerdictRow { region: queue.region.clone(), queue: queue.queue.clone(), host });
            }
        }
        report
    }

    pub(crate) fn add(&mut self, row: VerdictRow) {
        *self.counts.of(row.host.verdict) += 1;
        self.unproved += u64::from(row.host.is_unproved());
        self.rows.push(row);
    }

    /// Returns whether there are no verdicts.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns how many servers that a scan can or may refresh are not proved to be scanned.
    pub(crate) fn unproved(&self) -> u64 {
        self.unproved
    }

    /// Returns the rows: what needs attention first.
    pub(crate) fn sorted(&self) -> Vec<&VerdictRow> {
        let mut rows: Vec<&VerdictRow> = self.rows.iter().collect();
        let rank = |verdict: Verdict| match verdict {
            Verdict::Failed => 0,
            Verdict::TimedOut => 1,
            Verdict::Stale => 2,
            Verdict::NoWitness => 3,
            Verdict::Refreshed => 4,
            Verdict::NotCovered => 5,
            _ => 6,
        };
        rows.sort_by(|one, other| {
            let key = |row: &VerdictRow| (rank(row.host.verdict), row.host.at);
            key(one).cmp(&key(other)).then_with(|| one.host.host_id.cmp(&other.host.host_id))
        });
        rows
    }

    /// Returns the verdicts that any server has, with their names for people.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (Verdict, u64)> {
        self.counts().filter(|(_, count)| *count > 0)
    }

    /// Returns how many servers have each verdict.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (Verdict, u64)> {
        let mut counts = self.counts.clone();
        Verdict::ALL.into_iter().map(move |verdict| (verdict, *counts.of(verdict)))
    }

    pub(crate) fn summary(&self) -> VerdictSummary {
        VerdictSummary {
            servers: self.rows.len() as u64,
            verdicts: self.counts.clone(),
            unproved: self.unproved,
            status_calls: self.status_calls,
        }
    }

    fn to_table(&self) -> String {
        let mut summary = counted(self.rows.len() as u64, "server");
        for (index, (verdict, count)) in self.counted().enumerate() {
            let separator = if index == 0 { ": " } else { ", " };
            summary += &format!("{separator}{} {}", verdict.as_str().replace('_', " "), Thousands(count));
        }
        let lists_all = self.rows.len() <= MAX_LISTED;
        let rows: Vec<Vec<String>> = self
            .sorted()
            .into_iter()
            .filter(|row| lists_all || row.host.verdict != Verdict::Scanned)
            .map(|VerdictRow { host, .. }| {
                vec![
                    host.host_id.clone(),
                    text(&host.host_name).to_owned(),
                    host.verdict.as_str().replace('_', " "),
                    match host.coverage {
                        Coverage::Coverable => String::new(),
                        reason => reason.as_str().replace('_', " "),
                    },
                    host.at.map_or_else(String::new, timestamp),
                    host.source.as_ref().map_or_else(String::new, ToString::to_string),
                    strength(host.strength).unwrap_or_default().to_owned(),
                ]
            })
            .collect();
        if rows.is_empty() {
            return summary;
        }
        format!("{summary}\n\n{}", table(&COLUMNS, rows))
    }

    /// Writes each verdict as a JSON line.
    pub(crate) fn write_json_rows(&self, out: &mut dyn Write) -> io::Result<()> {
        self.rows.iter().try_for_each(|row| json_line(out, row))
    }

    fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut csv = CsvWriter::new(out);
        csv.write_row(CSV_COLUMNS)?;
        for VerdictRow { region, queue, host } in &self.rows {
            let category = queue.category.to_string();
            csv.write_row([
                region.as_ref().map_or("", Region::as_str),
                queue.project_id.as_str(),
                queue.enterprise_project.as_str(),
                &category,
                "host",
                &host.host_id,
                text(&host.host_name),
                host.verdict.as_str(),
                host.coverage.as_str(),
                &rfc3339(host.ordered_at),
                &host.at.map_or_else(String::new, rfc3339),
                &host.source.as_ref().map_or_else(String::new, ToString::to_string),
                strength(host.strength).unwrap_or_default(),
                if host.is_compared { "true" } else { "false" },
            ])?;
        }
        csv.flush()
    }
}

/// Returns the name of a strength, unless it is none.
pub(crate) fn strength(strength: WitnessStrength) -> Option<&'static str> {
    match strength {
        WitnessStrength::Strong => Some("strong"),
        WitnessStrength::Middle => Some("middle"),
        WitnessStrength::Weak => Some("weak"),
        _ => None,
    }
}

/// One verdict as JSON.
#[derive(Serialize)]
struct JsonVerdict<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    project_id: &'a str,
    enterprise_project_id: &'a str,
    category: Category,
    host_id: &'a str,
    host_name: Option<&'a str>,
    verdict: Verdict,
    coverage: Coverage,
    ordered_at_ms: u64,
    seen_at_ms: Option<u64>,
    witness: Option<String>,
    strength: Option<&'static str>,
    compared: bool,
}

impl Serialize for VerdictRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { region, queue, host } = self;
        let json = JsonVerdict {
            region: region.as_ref().map(Region::as_str),
            project_id: queue.project_id.as_str(),
            enterprise_project_id: queue.enterprise_project.as_str(),
            category: queue.category,
            host_id: &host.host_id,
            host_name: host.host_name.as_deref(),
            verdict: host.verdict,
            coverage: host.coverage,
            ordered_at_ms: milliseconds_since_1970(host.ordered_at),
            seen_at_ms: host.at.map(milliseconds_since_1970),
            witness: host.source.as_ref().map(ToString::to_string),
            strength: strength(host.strength),
            compared: host.is_compared,
        };
        json.serialize(serializer)
    }
}

/// As one JSON object: the totals and the servers, one by one.
impl Serialize for VerdictReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let VerdictSummary { servers, verdicts, unproved, status_calls } = self.summary();
        let mut report = serializer.serialize_struct("VerdictReport", 5)?;
        report.serialize_field("servers", &servers)?;
        report.serialize_field("verdicts", &verdicts)?;
        report.serialize_field("unproved", &unproved)?;
        report.serialize_field("status_calls", &status_calls)?;
        report.serialize_field("hosts", &self.rows)?;
        report.end()
    }
}

/// Prints the verdicts.
pub(crate) fn print_verdicts(report: &VerdictReport, format: OutputFormat) {
    match format {
        OutputFormat::Table => output::print(&report.to_table()),
        OutputFormat::Json => output::print_with(|out| json_line(out, report)),
        OutputFormat::Jsonl => output::print_with(|out| {
            report.write_json_rows(out)?;
            json_line(out, &report.summary())
        }),
        OutputFormat::Csv => output::print_with(|out| report.write_csv(out)),
    }
}
