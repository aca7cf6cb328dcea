//! Formats results: tables, lists and the report of a run, in every output format.

mod causes;
mod csv;
mod encode;
mod html;
mod labels;
mod listing;
mod proof;
mod report;
mod report_table;
mod table;

use crate::cli::OutputFormat;
use crate::output;

#[cfg(test)]
pub(crate) use csv::csv;
pub(crate) use csv::unguarded;
pub(crate) use encode::milliseconds;
pub(crate) use html::{write_html, write_verdicts_html};
pub(crate) use labels::{Thousands, counted, outcome_counts};
pub(crate) use listing::{GROUP_COLUMNS, HOST_COLUMNS, optional_text, print_pages};
pub(crate) use proof::{CoverageReport, CoverageRow, VerdictReport, VerdictRow, print_coverage, print_verdicts};
pub(crate) use report::{RESULT_COLUMNS, Report, TARGET_COLUMNS, write_call};
pub(crate) use table::rows;

/// Prints the report of a run. With `calls_printed`, JSON lines are the totals only, because each call was printed when it finished.
pub(crate) fn print_report(report: &Report<'_>, format: OutputFormat, calls_printed: bool) {
    match format {
        OutputFormat::Table => {
            output::print(&report.to_table());
            if let Some(verdicts) = report.verdicts {
                output::print("");
                print_verdicts(verdicts, format);
            }
        }
        OutputFormat::Json => output::print_with(|out| report.write_json(out)),
        OutputFormat::Jsonl if calls_printed => output::print_with(|out| report.write_json_end(out)),
        OutputFormat::Jsonl => output::print_with(|out| report.write_json_lines(out)),
        OutputFormat::Csv => match report.verdicts {
            Some(verdicts) => print_verdicts(verdicts, format),
            None => output::print_with(|out| report.write_csv(out)),
        },
    }
}

#[cfg(test)]
mod tests {
    use huaweicloud_hss::fleet::{CallRecord, QueuePlan, QueueReport};
    use huaweicloud_hss::{Queue, Selector, printable};
    use proptest::prelude::*;

    use super::*;

    /// Returns the first character that must not be printed, other than the line breaks that the format itself writes.
    fn unprintable(text: &str) -> Option<char> {
        text.chars().find(|c| *c != '\n' && *c != ' ' && printable(c.encode_utf8(&mut [0; 4])) != c.to_string())
    }

    proptest! {
        #[test]
        fn no_format_but_json_prints_control_characters(texts in prop::array::uniform4("[\u{1b}\n\r\u{9b}\u{202e}\u{200b}a=\"<,主]{0,6}"), text: String) {
            let [code, request_id, message, id] = texts;
            let mut record = CallRecord::not_sent(Selector::Hosts([format!("x{id}")].iter().collect()), message.clone());
            (record.code, record.request_id) = (Some(code.clone()), Some(request_id));
            let mut queue = QueueReport::planned(QueuePlan::new(Queue::new("p".parse().unwrap()), &Selector::AllHosts).unwrap());
            queue.records = vec![record];
            let queues = [queue];
            let report = Report { queues: &queues, verdicts: None, left_out: None, dry_run: false };
            let mut csv = Vec::new();
            report.write_csv(&mut csv).unwrap();
            let row = vec![id, message, text.clone()];
            for printed in [
                report.to_table(),
                String::from_utf8(csv).unwrap(),
                rows(OutputFormat::Table, &["a", "b", "c"], vec![row.clone()], String::new),
                rows(OutputFormat::Csv, &["a", "b", "c"], vec![row], String::new),
                output::printable_lines(&text),
                output::printable_lines(&code),
            ] {
                prop_assert_eq!(unprintable(&printed), None, "{:?}", printed);
            }
            // A header and one row: no cell makes a line of its own.
            prop_assert_eq!(rows(OutputFormat::Csv, &["a"], vec![vec![code]], String::new).lines().count(), 2);
        }
    }
}
