//! The account of a run as one web page that needs nothing else: no script, no picture, no other host.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};
use std::time::SystemTime;

use huaweicloud_hss::CallOutcome;
use huaweicloud_hss::fleet::{QueueReport, RunReport, Totals};

use super::encode::milliseconds;
use super::report::{causes, counts, words};

/// Of more lanes than this, only the first are drawn; the table has them all.
const DRAWN_LANES: usize = 500;

/// Of more ids than this, only the first are listed beside a cause.
const LISTED_IDS: usize = 500;

/// Height of a lane's row in the drawing, and where its calls begin.
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

/// Writes the page. `name` is that of the journal.
pub(crate) fn page(out: &mut dyn Write, name: &str, report: &RunReport) -> io::Result<()> {
    let totals = Totals::from_reports(&report.queues);
    let name = Text(name);
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>HSS scan: {name}</title>\n<style>\n{}</style>\n</head>\n<body>\n<h1>HSS scan</h1>\n",
        include_str!("html.css")
    )?;
    let took = report.last_event_at.duration_since(report.started_at).unwrap_or_default();
    let runs = match report.resume_count {
        0 => "1 run".to_owned(),
        resumed => format!("{} runs", resumed + 1),
    };
    writeln!(
        out,
        "<p class=\"faint\">Journal {name}, {runs}, from {} to {} UTC ({})</p>",
        moment(report.started_at),
        moment(report.last_event_at),
        humantime::format_duration(std::time::Duration::from_millis(milliseconds(took)))
    )?;
    tiles(out, &totals)?;
    timeline(out, report)?;
    failures(out, report)?;
    lanes(out, &report.queues)?;
    out.write_all(b"</body>\n</html>\n")
}

/// A number for each outcome, and a bar that shows their shares.
fn tiles(out: &mut dyn Write, totals: &Totals) -> io::Result<()> {
    out.write_all(b"<div class=\"tiles\" id=\"totals\">\n")?;
    for (outcome, (name, count)) in OUTCOMES.iter().zip(counts(totals)) {
        let count = Thousands(count);
        writeln!(out, "<div class=\"tile {}\"><b>{count}</b>{name}</div>", outcome.as_str())?;
    }
    out.write_all(b"</div>\n<div class=\"share\">")?;
    for (outcome, (name, count)) in OUTCOMES.iter().zip(counts(totals)).filter(|(_, (_, count))| *count > 0) {
        let class = outcome.as_str();
        write!(out, "<span class=\"{class}\" style=\"flex-grow:{count}\" title=\"{name} {count}\"></span>")?;
    }
    writeln!(out, "</div>\n<p>{} hosts and groups in all.</p>", Thousands(totals.total()))
}

/// A row a lane, and in it each call from when it was sent to when it was answered.
fn timeline(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let drawn = report.queues.len().min(DRAWN_LANES);
    let span = report.last_event_at.duration_since(report.started_at).unwrap_or_default().as_secs_f64().max(0.001);
    let x = |at: SystemTime| {
        let since = at.duration_since(report.started_at).unwrap_or_default().as_secs_f64();
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
    for (row, (lane, times)) in report.queues.iter().zip(&report.times).take(drawn).enumerate() {
        let y = 22 + row * ROW;
        let label = format!("{}, {}, {}", lane.queue.project_id, lane.queue.enterprise_project, lane.queue.category);
        writeln!(out, "<text x=\"4\" y=\"{}\">{}<title>{}</title></text>", y + 10, Text(&short(&label)), Text(&label))?;
        for (record, times) in lane.records.iter().zip(times) {
            let Some(sent) = times.sent_at else { continue };
            let (from, to) = (x(sent), x(times.responded_at.unwrap_or(report.last_event_at)));
            let outcome = record.outcome.as_str();
            let title = format!("{} {}, {}", record.selector.weight(), record.selector.field(), words(record.outcome));
            writeln!(
                out,
                "<rect class=\"{outcome}\" x=\"{from:.1}\" y=\"{y}\" width=\"{:.1}\" height=\"{}\"><title>{title}</title></rect>",
                (to - from).max(1.5),
                ROW - 5
            )?;
        }
    }
    out.write_all(b"</svg>\n</div>\n")?;
    if drawn < report.queues.len() {
        writeln!(out, "<p class=\"faint\">The first {drawn} of {} queues are drawn.</p>", report.queues.len())?;
    }
    Ok(())
}

/// What was not accepted, by its cause.
fn failures(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let causes = causes(&report.queues);
    writeln!(out, "<h2>Not accepted</h2>\n<div id=\"causes\">")?;
    if causes.is_empty() {
        writeln!(out, "<p>Every host and group was accepted.</p>")?;
    }
    for cause in causes {
        let code = if cause.code.is_empty() { String::new() } else { format!(", code {}", cause.code) };
        write!(
            out,
            "<details class=\"{}\"><summary><b>{}{}</b>: {} hosts and groups in {} calls</summary>\n<p>{}</p>\n<pre>",
            cause.outcome.as_str(),
            words(cause.outcome),
            Text(&code),
            Thousands(cause.hosts),
            Thousands(cause.calls),
            Text(&cause.message)
        )?;
        let ids = report.queues.iter().flat_map(|lane| lane.records.iter().map(move |record| (lane, record)));
        let ids = ids.filter(|(_, record)| cause.is_of(record)).flat_map(|(lane, record)| {
            let all = Some("all hosts").filter(|_| record.selector.ids().is_empty());
            record.selector.ids().iter().chain(all).map(move |id| (lane, id))
        });
        for (lane, id) in ids.take(LISTED_IDS) {
            writeln!(out, "{} {}", Text(lane.queue.project_id.as_str()), Text(id))?;
        }
        out.write_all(b"</pre>")?;
        if cause.hosts > LISTED_IDS as u64 {
            write!(out, "<p class=\"faint\">The first {LISTED_IDS}; <code>hss report -o csv</code> lists all.</p>")?;
        }
        out.write_all(b"</details>\n")?;
    }
    out.write_all(b"</div>\n")
}

/// A row a lane with its numbers.
fn lanes(out: &mut dyn Write, lanes: &[QueueReport]) -> io::Result<()> {
    writeln!(out, "<h2>Queues</h2>\n<div class=\"scroll\"><table id=\"lanes\">\n<thead><tr>")?;
    for name in ["Region", "Project", "Enterprise project", "Category"] {
        write!(out, "<th>{name}</th>")?;
    }
    write!(out, "<th class=\"number\">calls</th>")?;
    for (name, _) in counts(&Totals::default()) {
        write!(out, "<th class=\"number\">{name}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for lane in lanes {
        let region = lane.region.as_ref().map_or("", |region| region.as_str());
        let category = lane.queue.category.to_string();
        let queue = [region, lane.queue.project_id.as_str(), lane.queue.enterprise_project.as_str(), &category];
        write!(out, "<tr>")?;
        for cell in queue {
            write!(out, "<td>{}</td>", Text(cell))?;
        }
        write!(out, "<td class=\"number\">{}</td>", Thousands(lane.records.len() as u64))?;
        for (_, count) in counts(&lane.totals()) {
            write!(out, "<td class=\"number\">{}</td>", Thousands(count))?;
        }
        writeln!(out, "</tr>")?;
    }
    out.write_all(b"</tbody></table></div>\n")
}

/// A text as it may stand in the page, in an attribute as well.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;"),
                '<' => f.write_str("&lt;"),
                '>' => f.write_str("&gt;"),
                '"' => f.write_str("&quot;"),
                '\'' => f.write_str("&#39;"),
                c => f.write_char(c),
            }?;
        }
        Ok(())
    }
}

/// A number with a comma between thousands.
struct Thousands(u64);

impl Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_char(',')?;
            }
            f.write_char(digit)?;
        }
        Ok(())
    }
}

/// Seconds since the begin, in the unit that fits.
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

fn moment(at: SystemTime) -> String {
    humantime::format_rfc3339_seconds(at).to_string().replace('T', " ").replace('Z', "")
}

/// A label that fits beside the drawing.
fn short(label: &str) -> String {
    const LONGEST: usize = 42;
    if label.chars().count() <= LONGEST {
        return label.to_owned();
    }
    label.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_says_cannot_become_markup() {
        assert_eq!(Text("<b a='1' b=\"2\">&").to_string(), "&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;");
    }

    #[test]
    fn numbers_are_readable() {
        let numbers = [0, 999, 1000, 123_456, 1_000_000].map(|number| Thousands(number).to_string());
        assert_eq!(numbers, ["0", "999", "1,000", "123,456", "1,000,000"]);
        let spans = [0.04, 9.9, 59.6, 3600.0, 86_400.0].map(|seconds| Seconds(seconds).to_string());
        assert_eq!(spans, ["0.0 s", "9.9 s", "60 s", "60 min", "24.0 h"]);
    }
}
