//! Draws ratios as an SVG: a bar for each comparison on a logarithmic scale, left of the line where ours is the smaller.

use std::fmt::Write as _;

use super::row::{Row, number};

const LINE_PX: f64 = 26.0;
const TEXT_PX: f64 = 430.0;
const PLOT_PX: f64 = 420.0;
/// Where what is drawn begins, below the heading.
pub(super) const TOP_PX: f64 = 44.0;
const VALUE_PX: f64 = 90.0;

/// Colours for both grounds; whoever looks at it chooses.
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}.note{fill:#59636e}.axis{stroke:#59636e}\
    .grid{stroke:#d1d9e0}.less{fill:#1a7f37}.more{fill:#bc4c00}\
    @media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}.grid{stroke:#3d444d}.less{fill:#3fb950}.more{fill:#f0883e}}";

/// The ratios of a bench. What was skipped has a line without a bar.
pub(super) fn ratios(name: &str, rows: &[Row]) -> String {
    let logs = || rows.iter().filter_map(|row| row.ratio).map(f64::log10);
    // Whole powers of ten around all ratios, and 1 among them.
    let low = logs().fold(0.0, f64::min).floor().min(-1.0);
    let high = logs().fold(0.0, f64::max).ceil().max(1.0);
    let x = |log: f64| TEXT_PX + (log - low) / (high - low) * PLOT_PX;
    let bottom = TOP_PX + LINE_PX * rows.len() as f64;
    let (width, height) = (TEXT_PX + PLOT_PX + VALUE_PX, bottom + 30.0);
    let title = format!("{name}: ours to theirs");
    let mut out = opening([width, height], &title, &format!("{title}, to the left is less"));
    let mut power = low;
    while power <= high {
        out += &upright(if power == 0.0 { "axis" } else { "grid" }, x(power), bottom, 10_f64.powf(power));
        power += 1.0;
    }
    for (index, row) in rows.iter().enumerate() {
        let middle = TOP_PX + LINE_PX * (index as f64 + 0.5);
        let label = format!("{} / {} ({})", row.bench, row.competitor, row.unit);
        let _ = writeln!(out, "<text x=\"8\" y=\"{:.1}\">{}</text>", middle + 4.5, escaped(&label));
        let (from, to, class, told) = match row.ratio.map(f64::log10) {
            Some(log) if log <= 0.0 => (x(log), x(0.0), "less", number(row.ratio)),
            Some(log) => (x(0.0), x(log), "more", number(row.ratio)),
            None => (x(0.0), x(0.0), "less", "skipped".to_owned()),
        };
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"14\" rx=\"2\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\">{told}</text>",
            middle - 7.0,
            (to - from).max(1.0),
            TEXT_PX + PLOT_PX + 10.0,
            middle + 4.5
        );
    }
    out + "</svg>\n"
}

/// The start of a plot of this width and height, up to its heading.
pub(super) fn opening([width, height]: [f64; 2], title: &str, heading: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n<text class=\"title\" x=\"8\" y=\"22\">{}</text>\n",
        escaped(title),
        escaped(heading)
    )
}

/// A line from the heading down to the bottom, and what it stands for below it.
pub(super) fn upright(class: &str, at: f64, bottom: f64, value: f64) -> String {
    format!(
        "<line class=\"{class}\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP_PX}\" y2=\"{bottom}\"/>\n\
         <text class=\"note\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
        bottom + 18.0,
        number(Some(value))
    )
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_begins_or_ends_at_the_line() {
        let rows = [
            Row::new("less", "a & b", "s", &[1.0], &[100.0]),
            Row::new("more", "c", "s", &[2.0], &[1.0]),
            Row::skipped("none", "d", "s", &[1.0], "not installed"),
        ];
        insta::assert_snapshot!(ratios("demo", &rows));
    }
}
