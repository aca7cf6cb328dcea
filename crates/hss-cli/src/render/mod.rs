//! Formats results: tables, lists and the report of a run, in every output format.

mod causes;
mod encode;
mod html;
mod labels;
mod listing;
mod report;
mod report_table;
mod table;

use crate::cli::OutputFormat;
use crate::output;

pub(crate) use encode::milliseconds;
pub(crate) use html::write_html;
pub(crate) use labels::counted;
pub(crate) use listing::{optional_text, print_pages};
pub(crate) use report::{RESULT_COLUMNS, Report, TARGET_COLUMNS, write_call};
pub(crate) use table::rows;

/// Prints the report of a run. With `calls_printed`, JSON lines are the totals only, because each call was printed when it finished.
pub(crate) fn print_report(report: &Report<'_>, format: OutputFormat, calls_printed: bool) {
    match format {
        OutputFormat::Table => output::print(&report.to_table()),
        OutputFormat::Json => output::print_with(|out| report.write_json(out)),
        OutputFormat::Jsonl if calls_printed => output::print_with(|out| report.write_json_summary(out)),
        OutputFormat::Jsonl => output::print_with(|out| report.write_json_lines(out)),
        OutputFormat::Csv => output::print_with(|out| report.write_csv(out)),
    }
}
