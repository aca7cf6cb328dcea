//! The coverage of servers and the age of their data.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use huaweicloud_hss::verify::{Coverage, HostCoverage};
use huaweicloud_hss::{Queue, Region};
use serde_json::{Map, Value, json};

use crate::cli::OutputFormat;
use crate::output;
use crate::render::csv::CsvWriter;
use crate::render::encode::{json_line, milliseconds_since_1970};
use crate::render::labels::{Thousands, counted, rfc3339, rounded};
use crate::render::listing::optional_text as text;
use crate::render::table::table;

/// The columns of the table.
const COLUMNS: [&str; 8] = ["id", "name", "coverage", "age", "witness", "agent", "protection", "edition"];

/// The columns of CSV: a valid list of targets, and the coverage.
const CSV_COLUMNS: [&str; 14] = [
    "region",
    "project_id",
    "enterprise_project_id",
    "category",
    "selector",
    "id",
    "name",
    "coverage",
    "age_seconds",
    "seen_at",
    "witness",
    "agent_status",
    "protect_status",
    "edition",
];

/// A server and its queue.
pub(crate) struct CoverageRow {
    pub(crate) region: Option<Region>,
    pub(crate) queue: Queue,
    pub(crate) host: HostCoverage,
}

/// The coverage of the selected servers.
pub(crate) struct CoverageReport {
    now: SystemTime,
    older_than: Option<Duration>,
    counts: [u64; Coverage::ALL.len()],
    older: u64,
    rows: Vec<CoverageRow>,
}

impl CoverageReport {
    pub(crate) fn new(now: SystemTime, older_than: Option<Duration>) -> Self {
        Self { now, older_than, counts: [0; Coverage::ALL.len()], older: 0, rows: Vec::new() }
    }

    /// Counts a server, and keeps it if it is to be listed.
    pub(crate) fn add(&mut self, row: CoverageRow) {
        for (count, class) in self.counts.iter_mut().zip(Coverage::ALL) {
            *count += u64::from(class == row.host.coverage);
        }
        let is_older = self.older_than.is_some_and(|limit| self.age(&row.host).is_none_or(|age| age > limit));
        self.older += u64::from(is_older);
        if is_older || self.older_than.is_none() {
            self.rows.push(row);
        }
    }

    /// Returns how many servers have older data than allowed, or none.
    pub(crate) fn older(&self) -> u64 {
        self.older
    }

    /// Returns whether the age of the data is limited.
    pub(crate) fn has_limit(&self) -> bool {
        self.older_than.is_some()
    }

    /// Returns how many servers are in each class.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Coverage::ALL.map(Coverage::as_str).into_iter().zip(self.counts)
    }

    /// Returns the age of the newest data. It is 0 if the clock of the machine is behind.
    fn age(&self, host: &HostCoverage) -> Option<Duration> {
        host.seen_at.map(|at| self.now.duration_since(at).unwrap_or_default())
    }

    /// Returns the counts of the classes that have any server.
    fn counted(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts().filter(|(_, count)| *count > 0)
    }

    fn to_table(&self) -> String {
        let total: u64 = self.counts.iter().sum();
        let mut summary = counted(total, "server");
        for (index, (class, count)) in self.counted().enumerate() {
            let separator = if index == 0 { ": " } else { ", " };
            summary += &format!("{separator}{} {}", class.replace('_', " "), Thousands(count));
        }
        if let Some(limit) = self.older_than {
            let (older, limit) = (Thousands(self.older), humantime::format_duration(limit));
            summary += &format!("; without data of the last {limit}: {older}");
        }
        if self.rows.is_empty() {
            return summary;
        }
        let rows = self.rows.iter().map(|CoverageRow { host, .. }| {
            vec![
                host.host_id.clone(),
                text(&host.host_name).to_owned(),
                host.coverage.as_str().replace('_', " "),
                self.age(host).map_or_else(|| "never seen".to_owned(), rounded),
                host.witness.as_ref().map_or_else(String::new, ToString::to_string),
                text(&host.agent_status).to_owned(),
                text(&host.protect_status).to_owned(),
                text(&host.edition).trim_start_matches("hss.version.").to_owned(),
            ]
        });
        format!("{summary}\n\n{}", table(&COLUMNS, rows))
    }

    fn summary(&self) -> Value {
        let counts: Map<String, Value> = self.counts().map(|(class, count)| (class.to_owned(), count.into())).collect();
        let mut summary = json!({ "servers": self.counts.iter().sum::<u64>(), "coverage": counts });
        if let Some(limit) = self.older_than {
            summary["older_than_seconds"] = limit.as_secs().into();
            summary["older"] = self.older.into();
        }
        summary
    }

    fn json(&self, CoverageRow { region, queue, host }: &CoverageRow) -> Value {
        json!({
            "region": region.as_ref().map(Region::as_str),
            "project_id": queue.project_id.as_str(),
            "enterprise_project_id": queue.enterprise_project.as_str(),
            "category": queue.category,
            "host_id": host.host_id,
            "host_name": host.host_name,
            "coverage": host.coverage,
            "age_seconds": self.age(host).map(|age| age.as_secs()),
            "seen_at_ms": host.seen_at.map(milliseconds_since_1970),
            "witness": host.witness.as_ref().map(|witness| json!({ "kind": witness.kind.name(), "name": &*witness.name })),
            "agent_status": host.agent_status,
            "protect_status": host.protect_status,
            "edition": host.edition,
        })
    }

    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut report = self.summary();
        report["hosts"] = self.rows.iter().map(|row| self.json(row)).collect();
        json_line(out, &report)
    }

    fn write_json_lines(&self, out: &mut dyn Write) -> io::Result<()> {
        self.rows.iter().try_for_each(|row| json_line(out, &self.json(row)))?;
        json_line(out, &self.summary())
    }

    fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut csv = CsvWriter::new(out);
        csv.write_row(CSV_COLUMNS)?;
        for CoverageRow { region, queue, host } in &self.rows {
            let category = queue.category.to_string();
            csv.write_row([
                region.as_ref().map_or("", Region::as_str),
                queue.project_id.as_str(),
                queue.enterprise_project.as_str(),
                &category,
                "host",
                &host.host_id,
                text(&host.host_name),
                host.coverage.as_str(),
                &self.age(host).map_or_else(String::new, |age| age.as_secs().to_string()),
                &host.seen_at.map_or_else(String::new, rfc3339),
                &host.witness.as_ref().map_or_else(String::new, ToString::to_string),
                text(&host.agent_status),
                text(&host.protect_status),
                text(&host.edition),
            ])?;
        }
        csv.flush()
    }
}

/// Prints the report. Servers without data come first, then those with the oldest.
pub(crate) fn print_coverage(mut report: CoverageReport, format: OutputFormat) {
    report.rows.sort_by(|one, other| {
        let key = |row: &CoverageRow| row.host.seen_at;
        key(one).cmp(&key(other)).then_with(|| one.host.host_id.cmp(&other.host.host_id))
    });
    match format {
        OutputFormat::Table => output::print(&report.to_table()),
        OutputFormat::Json => output::print_with(|out| report.write_json(out)),
        OutputFormat::Jsonl => output::print_with(|out| report.write_json_lines(out)),
        OutputFormat::Csv => output::print_with(|out| report.write_csv(out)),
    }
}
