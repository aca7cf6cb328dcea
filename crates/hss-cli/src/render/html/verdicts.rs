//! The verdicts about servers as HTML.

use std::io::{self, Write};

use huaweicloud_hss::verify::{Coverage, Verdict};

use crate::render::labels::{Thousands, timestamp};
use crate::render::proof::{VerdictReport, strength};

use super::parts::{Escaped, head};

/// Maximum number of servers in the table.
const MAX_LISTED_SERVERS: usize = 5_000;

/// Writes a page with the verdicts alone. `name` is the name of the journal, if there is one.
pub(crate) fn write_verdicts_html(out: &mut dyn Write, name: Option<&str>, report: &VerdictReport) -> io::Result<()> {
    head(out, "HSS verification", name)?;
    if let Some(name) = name {
        writeln!(out, "<p class=\"faint\">Journal {}</p>", Escaped(name))?;
    }
    section(out, report)?;
    out.write_all(b"</body>\n</html>\n")
}

/// Writes the number of servers for each verdict, and a row per server.
pub(super) fn section(out: &mut dyn Write, report: &VerdictReport) -> io::Result<()> {
    writeln!(out, "<h2>Proof</h2>\n<div class=\"tiles\" id=\"verdicts\">")?;
    for (verdict, count) in report.counted() {
        let (class, name) = (class(verdict), verdict.as_str().replace('_', " "));
        writeln!(out, "<div class=\"tile {class}\"><b>{}</b>{name}</div>", Thousands(count))?;
    }
    writeln!(out, "</div>\n<div class=\"scroll\"><table id=\"hosts\">\n<thead><tr>")?;
    for column in ["Server", "Name", "Verdict", "Coverage", "Time (UTC)", "Witness", "Strength"] {
        write!(out, "<th>{column}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    let rows = report.sorted();
    for row in rows.iter().take(MAX_LISTED_SERVERS) {
        let host = &row.host;
        let coverage = Some(host.coverage).filter(|coverage| *coverage != Coverage::Coverable);
        let cells = [
            host.host_id.clone(),
            host.host_name.clone().unwrap_or_default(),
            host.verdict.as_str().replace('_', " "),
            coverage.map_or_else(String::new, |coverage| coverage.as_str().replace('_', " ")),
            host.at.map_or_else(String::new, timestamp),
            host.source.as_ref().map_or_else(String::new, ToString::to_string),
            strength(host.strength).unwrap_or_default().to_owned(),
        ];
        write!(out, "<tr>")?;
        for cell in &cells {
            write!(out, "<td>{}</td>", Escaped(cell))?;
        }
        writeln!(out, "</tr>")?;
    }
    out.write_all(b"</tbody></table></div>\n")?;
    if rows.len() > MAX_LISTED_SERVERS {
        writeln!(
            out,
            "<p class=\"faint\">The first {MAX_LISTED_SERVERS} of {} servers are shown; <code>-o csv</code> lists all.</p>",
            Thousands(rows.len() as u64)
        )?;
    }
    Ok(())
}

/// Returns the style of a verdict: that of the outcome which is as good.
fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Scanned => "accepted",
        Verdict::Refreshed => "already_queued",
        Verdict::Failed | Verdict::TimedOut => "refused",
        Verdict::Stale => "unknown",
        _ => "not_sent",
    }
}
