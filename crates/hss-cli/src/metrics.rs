//! Writes what a run found as OpenMetrics text, for the textfile collector of a Prometheus node exporter.
//!
//! There are gauges only, and every value of a label is a word of this program, so that nothing has to be escaped.

use std::fmt::{Display, Write as _};
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use huaweicloud_hss::auth::{Environment as _, OsEnvironment};
use huaweicloud_hss::fleet::Totals;

use crate::exit::{CliError, ExitStatus};
use crate::output;
use crate::output::file::{Readers, check_not_in_use, write_file};
use crate::render::{CoverageReport, VerdictReport, outcome_counts};

/// The metrics of a run, as far as it got.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    text: String,
}

impl Metrics {
    /// Adds the outcomes of a scan.
    pub(crate) fn add_outcomes(&mut self, totals: &Totals) {
        let outcomes = outcome_counts(totals).map(|(outcome, count)| (outcome.replace(' ', "_"), count));
        let help = "Hosts and server groups by outcome; a call for all hosts counts as one.";
        self.add("hss_scan_targets", None, help, "outcome", outcomes);
    }

    /// Adds the verdicts of a verification.
    pub(crate) fn add_verdicts(&mut self, report: &VerdictReport) {
        let help = "Servers by verdict.";
        self.add("hss_verify_servers", None, help, "verdict", report.counts());
        let help = "Servers that a scan can refresh, or may refresh, and that are not proved to be scanned.";
        self.add("hss_verify_unproved_servers", None, help, "", [("", report.unproved())]);
    }

    /// Adds the coverage of servers.
    pub(crate) fn add_coverage(&mut self, report: &CoverageReport) {
        let help = "Servers by whether a scan can refresh them.";
        self.add("hss_coverage_servers", None, help, "class", report.counts());
        if report.has_limit() {
            let help = "Servers whose data is older than --older-than, or missing.";
            self.add("hss_coverage_older_servers", None, help, "", [("", report.older())]);
        }
    }

    /// Adds a gauge with a sample for each value of a label. Without a label, it has one sample.
    fn add<V: Display>(
        &mut self,
        name: &str,
        unit: Option<&str>,
        help: &str,
        label: &str,
        samples: impl IntoIterator<Item = (V, impl Display)>,
    ) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "# TYPE {name} gauge");
        if let Some(unit) = unit {
            let _ = writeln!(self.text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.text, "# HELP {name} {help}");
        for (value, number) in samples {
            let _ = match label {
                "" => writeln!(self.text, "{name} {number}"),
                label => writeln!(self.text, "{name}{{{label}=\"{value}\"}} {number}"),
            };
        }
    }

    /// Adds how the run ended.
    fn end(&mut self, command: &str, status: ExitStatus, seconds: f64, at: SystemTime) {
        let at = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let help = "Exit code of the last run.";
        self.add("hss_run_exit_code", None, help, "command", [(command, status as u8)]);
        let help = "Duration of the last run.";
        self.add("hss_run_duration_seconds", Some("seconds"), help, "command", [(command, format!("{seconds:.3}"))]);
        let help = "End of the last run.";
        self.add("hss_run_end_timestamp_seconds", Some("seconds"), help, "command", [(command, at)]);
        self.text += "# EOF\n";
    }
}

/// Runs a command, and writes its metrics to a file, also if it fails. Readers of the file see all or nothing of a run.
/// The file must be neither the journal of the run nor the file that the result is written to.
pub(crate) async fn recorded(
    path: Option<&Path>,
    journal: Option<&Path>,
    command: &str,
    work: impl AsyncFnOnce(&mut Metrics) -> Result<ExitStatus, CliError>,
) -> Result<ExitStatus, CliError> {
    if let Some(path) = path {
        check_not_in_use(path, journal)?;
    }
    let started = Instant::now();
    let mut metrics = Metrics::default();
    let result = work(&mut metrics).await;
    let Some(path) = path else { return result };
    let status = result.as_ref().map_or_else(CliError::exit_status, |status| *status);
    metrics.end(command, status, started.elapsed().as_secs_f64(), OsEnvironment.now());
    // The journal exists only now: a link may lead to it.
    let written = check_not_in_use(path, journal).map_err(|error| error.to_string()).and_then(|()| {
        let write = write_file(path, Readers::Everyone, |out| out.write_all(metrics.text.as_bytes()));
        write.map_err(|error| error.to_string())
    });
    match written {
        Ok(()) => result,
        Err(error) => {
            output::message(&format!("error: cannot write the metrics to {}: {error}", path.display()));
            // A run that failed already keeps its code.
            result.map(|status| if status == ExitStatus::Ok { ExitStatus::Partial } else { status })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_text_has_every_outcome_and_an_end() {
        let mut metrics = Metrics::default();
        metrics.add_outcomes(&Totals::default());
        metrics.end("scan", ExitStatus::Partial, 1.5, UNIX_EPOCH + Duration::from_secs(1_800_000_000));
        insta::assert_snapshot!(metrics.text, @r#"
        # TYPE hss_scan_targets gauge
        # HELP hss_scan_targets Hosts and server groups by outcome; a call for all hosts counts as one.
        hss_scan_targets{outcome="accepted"} 0
        hss_scan_targets{outcome="already_queued"} 0
        hss_scan_targets{outcome="refused"} 0
        hss_scan_targets{outcome="unrecognised"} 0
        hss_scan_targets{outcome="unknown"} 0
        hss_scan_targets{outcome="not_sent"} 0
        # TYPE hss_run_exit_code gauge
        # HELP hss_run_exit_code Exit code of the last run.
        hss_run_exit_code{command="scan"} 1
        # TYPE hss_run_duration_seconds gauge
        # UNIT hss_run_duration_seconds seconds
        # HELP hss_run_duration_seconds Duration of the last run.
        hss_run_duration_seconds{command="scan"} 1.500
        # TYPE hss_run_end_timestamp_seconds gauge
        # UNIT hss_run_end_timestamp_seconds seconds
        # HELP hss_run_end_timestamp_seconds End of the last run.
        hss_run_end_timestamp_seconds{command="scan"} 1800000000
        # EOF
        "#);
    }
}
