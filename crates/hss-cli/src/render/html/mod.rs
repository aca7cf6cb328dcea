//! The report of a run as a self-contained HTML page, without scripts, images or other hosts.

mod parts;
mod verdicts;

use std::fmt::{self, Display};
use std::io::{self, Write};
use std::time::SystemTime;

use huaweicloud_hss::fleet::{QueueReport, RunReport, Totals};
use huaweicloud_hss::{CallOutcome, Queue};

use super::causes::causes;
use super::labels::{Thousands, counted, outcome_counts, outcome_text, timestamp};
use super::proof::VerdictReport;
use super::report::records;
use parts::{Escaped, head};
pub(crate) use verdicts::write_verdicts_html;

/// Maximum number of queues in the timeline. The table has all of them.
const MAX_DRAWN_QUEUES: usize = 500;

/// Maximum number of ids listed for a cause.
const MAX_LISTED_IDS: usize = 500;

/// Dimensions of the timeline: the height of a row, the left edge of the calls, and the total width.
const ROW: usize = 18;
const LEFT: f64 = 260.0;
const WIDTH: f64 = 1000.0;

const OUTCOMES: [CallOutcome; 6] = [
    CallOutcome::Accepted,
    CallOutcome::AlreadyQueued,
    CallOutcome::Refused,
    CallOutcome::Unrecognised,
    CallOutcome::Unknown,
    CallOutcome::NotSent,
];

/// Writes the page. `name` is the name of the journal.
pub(crate) fn write_html(out: &mut dyn Write, name: &str, run: &RunReport) -> io::Result<()> {
    let totals = Totals::from_reports(&run.queues);
    head(out, "HSS scan", Some(name))?;
    let took = run.last_event_at.duration_since(run.started_at).unwrap_or_default();
    let runs = match run.resume_count {
        0 => "1 run".to_owned(),
        resumed => format!("{} runs", resumed + 1),
    };
    writeln!(
        out,
        "<p class=\"faint\">Journal {}: {runs}, from {} to {} UTC ({})</p>",
        Escaped(name),
        timestamp(run.started_at),
        timestamp(run.last_event_at),
        Seconds(took.as_secs_f64())
    )?;
    tiles(out, &totals)?;
    timeline(out, run)?;
    failures(out, run)?;
    let verdicts = VerdictReport::of_run(run);
    if !verdicts.is_empty() {
        verdicts::section(out, &verdicts)?;
    }
    queues(out, &run.queues)?;
    out.write_all(b"</body>\n</html>\n")
}

/// Writes the number of targets for each outcome, and a bar with their shares.
fn tiles(out: &mut dyn Write, totals: &Totals) -> io::Result<()> {
    out.write_all(b"<div class=\"tiles\" id=\"totals\">\n")?;
    for (outcome, (name, count)) in OUTCOMES.iter().zip(outcome_counts(totals)) {
        let count = Thousands(count);
        writeln!(out, "<div class=\"tile {}\"><b>{count}</b>{name}</div>", outcome.as_str())?;
    }
    out.write_all(b"</div>\n<div class=\"share\">")?;
    for (outcome, (name, count)) in OUTCOMES.iter().zip(outcome_counts(totals)).filter(|(_, (_, count))| *count > 0) {
        let class = outcome.as_str();
        write!(out, "<span class=\"{class}\" style=\"flex-grow:{count}\" title=\"{name} {count}\"></span>")?;
    }
    writeln!(out, "</div>\n<p class=\"faint\">{} targets in total</p>", Thousands(totals.total()))
}

/// Writes a row per queue, with each call from its request to its response.
fn timeline(out: &mut dyn Write, run: &RunReport) -> io::Result<()> {
    let drawn = run.queues.len().min(MAX_DRAWN_QUEUES);
    let span = run.last_event_at.duration_since(run.started_at).unwrap_or_default().as_secs_f64().max(0.001);
    let x = |at: SystemTime| {
        let since = at.duration_since(run.started_at).unwrap_or_default().as_secs_f64();
        LEFT + (since / span).min(1.0) * (WIDTH - LEFT - 10.0)
    };
    let height = 24 + drawn * ROW;
    writeln!(out, "<h2>Timeline</h2>\n<div class=\"scroll\">")?;
    writeln!(
        out,
        "<svg id=\"timeline\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Calls of each queue over time\">"
    )?;
    for step in 0..=4 {
        let at = LEFT + f64::from(step) / 4.0 * (WIDTH - LEFT - 10.0);
        let (seconds, anchor) = (span * f64::from(step) / 4.0, if step == 4 { "end" } else { "start" });
        writeln!(out, "<line x1=\"{at:.1}\" y1=\"16\" x2=\"{at:.1}\" y2=\"{height}\"/>")?;
        writeln!(
            out,
            "<text class=\"axis\" x=\"{at:.1}\" y=\"12\" text-anchor=\"{anchor}\">{}</text>",
            Seconds(seconds)
        )?;
    }
    for (row, (report, times)) in run.queues.iter().zip(&run.times).take(drawn).enumerate() {
        let y = 22 + row * ROW;
        let region = report.region.as_ref().map_or_else(String::new, |region| format!("{region}, "));
        let Queue { project_id, enterprise_project, category } = &report.queue;
        let label = format!("{region}{project_id}, {enterprise_project}, {category}");
        writeln!(
            out,
            "<text x=\"4\" y=\"{}\">{}<title>{}</title></text>",
            y + 10,
            Escaped(&truncated(&label)),
            Escaped(&label)
        )?;
        for (record, times) in report.records.iter().zip(times) {
            let Some(sent) = times.sent_at else { continue };
            let (from, to) = (x(sent), x(times.responded_at.unwrap_or(run.last_event_at)));
            let outcome = record.outcome.as_str();
            let title = format!(
                "{} ({}), {}",
                counted(record.selector.target_count(), "target"),
                record.selector.field(),
                outcome_text(record.outcome)
            );
            writeln!(
                out,
                "<rect class=\"{outcome}\" x=\"{from:.1}\" y=\"{y}\" width=\"{:.1}\" height=\"{}\"><title>{title}</title></rect>",
                (to - from).max(1.5),
                ROW - 5
            )?;
        }
    }
    out.write_all(b"</svg>\n</div>\n")?;
    if drawn < run.queues.len() {
        writeln!(out, "<p class=\"faint\">The first {drawn} of {} queues are shown.</p>", run.queues.len())?;
    }
    Ok(())
}

/// Writes the targets that were not accepted, by cause.
fn failures(out: &mut dyn Write, run: &RunReport) -> io::Result<()> {
    let causes = causes(&run.queues);
    writeln!(out, "<h2>Not accepted</h2>\n<div id=\"causes\">")?;
    if causes.is_empty() {
        writeln!(out, "<p>All targets were accepted.</p>")?;
    }
    for cause in causes {
        let code = if cause.code.is_empty() { String::new() } else { format!(", code {}", cause.code) };
        write!(
            out,
            "<details class=\"{}\"><summary><b>{}{}</b>: {} in {}</summary>\n<p>{}</p>\n<pre>",
            cause.outcome.as_str(),
            outcome_text(cause.outcome),
            Escaped(&code),
            counted(cause.targets, "target"),
            counted(cause.calls, "call"),
            Escaped(&cause.message)
        )?;
        let ids = records(&run.queues).filter(|(_, record)| cause.matches(record)).flat_map(|(report, record)| {
            let all = Some("all hosts").filter(|_| record.selector.ids().is_empty());
            record.selector.ids().iter().chain(all).map(move |id| (report, id))
        });
        for (report, id) in ids.take(MAX_LISTED_IDS) {
            writeln!(out, "{} {}", Escaped(report.queue.project_id.as_str()), Escaped(id))?;
        }
        out.write_all(b"</pre>")?;
        if cause.targets > MAX_LISTED_IDS as u64 {
            write!(
                out,
                "<p class=\"faint\">The first {MAX_LISTED_IDS} ids; <code>hss report -o csv</code> lists all.</p>"
            )?;
        }
        out.write_all(b"</details>\n")?;
    }
    out.write_all(b"</div>\n")
}

/// Writes a row per queue with its totals.
fn queues(out: &mut dyn Write, queues: &[QueueReport]) -> io::Result<()> {
    writeln!(out, "<h2>Queues</h2>\n<div class=\"scroll\"><table id=\"queues\">\n<thead><tr>")?;
    for name in ["Region", "Project", "Enterprise project", "Category"] {
        write!(out, "<th>{name}</th>")?;
    }
    write!(out, "<th class=\"number\">Calls</th>")?;
    for (name, _) in outcome_counts(&Totals::default()) {
        write!(out, "<th class=\"number\">{name}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for report in queues {
        let region = report.region.as_ref().map_or("", |region| region.as_str());
        let category = report.queue.category.to_string();
        let cells = [region, report.queue.project_id.as_str(), report.queue.enterprise_project.as_str(), &category];
        write!(out, "<tr>")?;
        for cell in cells {
            write!(out, "<td>{}</td>", Escaped(cell))?;
        }
        write!(out, "<td class=\"number\">{}</td>", Thousands(report.records.len() as u64))?;
        for (_, count) in outcome_counts(&report.totals()) {
            write!(out, "<td class=\"number\">{}</td>", Thousands(count))?;
        }
        writeln!(out, "</tr>")?;
    }
    out.write_all(b"</tbody></table></div>\n")
}

/// Seconds since the start, in a readable unit.
struct Seconds(f64);

impl Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            s if s < 10.0 => write!(f, "{s:.1} s"),
            s if s < 600.0 => write!(f, "{s:.0} s"),
            s if s < 36_000.0 => write!(f, "{:.0} min", s / 60.0),
            s => write!(f, "{:.1} h", s / 3600.0),
        }
    }
}

/// Truncates a label so that it fits beside the timeline.
fn truncated(label: &str) -> String {
    const MAX_CHARS: usize = 42;
    if label.chars().count() <= MAX_CHARS {
        return label.to_owned();
    }
    label.chars().take(MAX_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_service_is_escaped() {
        assert_eq!(Escaped("<b a='1' b=\"2\">&").to_string(), "&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;");
        assert_eq!(Escaped("a\u{202e}<\n").to_string(), "a\\u{202e}&lt;\\n");
    }

    #[test]
    fn durations_have_a_readable_unit() {
        let spans = [0.04, 9.9, 59.6, 3600.0, 86_400.0].map(|seconds| Seconds(seconds).to_string());
        assert_eq!(spans, ["0.0 s", "9.9 s", "60 s", "60 min", "24.0 h"]);
    }
}
