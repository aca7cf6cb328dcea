//! Draws how a cost grows: a line for each side over the sizes that were measured, both axes logarithmic, so that what grows as its size
//! does runs as the diagonals do.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::plot::{TOP_PX, escaped, opening, upright};
use super::row::{Row, number};

const SIDE_PX: f64 = 420.0;
const LEFT_PX: f64 = 70.0;
const NAME_PX: f64 = 230.0;

/// One colour a line, on both grounds.
const COLOURS: [&str; 4] = ["#1a7f37", "#bc4c00", "#0969da", "#8250df"];

/// The seconds of a bench over the sizes that its rows begin with, as "100 operations"; nothing where there are no two sizes.
pub(super) fn lines(name: &str, rows: &[Row]) -> Option<String> {
    // In the order in which they first appear: ours, then theirs.
    let mut lines: Vec<(String, BTreeMap<u32, f64>)> = Vec::new();
    for row in rows.iter().filter(|row| row.unit == "s") {
        let Some((size, what)) = row.bench.split_once(' ') else { continue };
        let Ok(size) = size.parse() else { continue };
        // "operation" and "operations" are the same line.
        let ours = match what.split_once(", ") {
            Some((_, how)) => format!("ours, {how}"),
            None => "ours".to_owned(),
        };
        for (line, seconds) in [(ours, row.ours), (row.competitor.clone(), row.theirs)] {
            let Some(seconds) = seconds else { continue };
            match lines.iter_mut().find(|(known, _)| *known == line) {
                Some((_, points)) => points.insert(size, seconds),
                None => {
                    lines.push((line, BTreeMap::from([(size, seconds)])));
                    None
                }
            };
        }
    }
    let points = || lines.iter().flat_map(|(_, points)| points.iter());
    let [least, most] = span(points().map(|(size, _)| f64::from(*size)))?;
    let [fastest, slowest] = span(points().map(|(_, seconds)| *seconds))?;
    let x = |size: f64| LEFT_PX + (size.log10() - least) / (most - least) * SIDE_PX;
    let y = |seconds: f64| TOP_PX + (slowest - seconds.log10()) / (slowest - fastest) * SIDE_PX;
    let (bottom, right) = (TOP_PX + SIDE_PX, LEFT_PX + SIDE_PX);
    let title = format!("{name}: seconds by size");
    let mut out = opening([right + NAME_PX, bottom + 30.0], &title, &title);
    for power in powers(least, most) {
        out += &upright("grid", x(power), bottom, power);
    }
    for power in powers(fastest, slowest) {
        let at = y(power);
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{LEFT_PX}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\n\
             <text class=\"note\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT_PX - 8.0,
            at + 4.5,
            number(Some(power))
        );
    }
    for ((line, points), colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        let places: Vec<String> =
            points.iter().map(|(size, seconds)| format!("{:.1},{:.1}", x(f64::from(*size)), y(*seconds))).collect();
        let end = points.last_key_value().map_or(bottom, |(_, seconds)| y(*seconds));
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" style=\"fill:{colour}\">{}</text>",
            places.join(" "),
            right + 8.0,
            end + 4.5,
            escaped(line)
        );
    }
    Some(out + "</svg>\n")
}

/// The whole powers of ten around all values; nothing where there are none, or where all are the same.
fn span(values: impl Iterator<Item = f64> + Clone) -> Option<[f64; 2]> {
    let logs = values.map(f64::log10);
    let (low, high) = (logs.clone().fold(f64::INFINITY, f64::min), logs.fold(f64::NEG_INFINITY, f64::max));
    (low < high).then(|| [low.floor(), high.ceil()])
}

fn powers(low: f64, high: f64) -> impl Iterator<Item = f64> {
    (low as i32..=high as i32).map(|power| 10_f64.powi(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_has_a_line_over_all_sizes() {
        let rows = [
            Row::new("1 operation", "other", "s", &[0.01], &[1.0]),
            Row::new("1 operation, slow", "other", "s", &[0.02], &[1.0]),
            Row::new("1 operation", "other", "MB", &[1.0], &[9.0]),
            Row::new("100 operations", "other", "s", &[1.0], &[2.0]),
            Row::new("100 operations, slow", "other", "s", &[3.0], &[2.0]),
            Row::skipped("100 operations", "a & b", "s", &[1.0], "not installed"),
            Row::new("xtask check", "the bar", "s", &[1.0], &[0.5]),
        ];
        insta::assert_snapshot!(lines("demo", &rows).unwrap());
        assert_eq!(lines("demo", &rows[..3]).map(|_| ()), None);
        assert_eq!(lines("demo", &rows[6..]).map(|_| ()), None);
    }
}
