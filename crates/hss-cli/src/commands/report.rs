//! `hss report`: prints the report of a run from its journal.

use huaweicloud_hss::fleet::RunReport;

use crate::cli::ReportArgs;
use crate::commands::scan;
use crate::exit::{CliError, ExitStatus};
use crate::output::file::{Readers, check_not_in_use, write_file};
use crate::render::{Report, VerdictReport, print_report, write_html};

pub(crate) fn run(args: &ReportArgs) -> Result<ExitStatus, CliError> {
    let ReportArgs { journal, html, output } = args;
    let run = RunReport::read(journal)?;
    if let Some(path) = html {
        check_not_in_use(path, Some(journal))?;
        let name =
            journal.file_name().map_or_else(|| journal.display().to_string(), |name| name.to_string_lossy().into());
        write_file(path, Readers::Owner, |out| write_html(out, &name, &run))
            .map_err(|error| CliError::usage(format!("cannot write {}: {error}", path.display())))?;
    }
    let verdicts = VerdictReport::of_run(&run);
    let verdicts = Some(&verdicts).filter(|verdicts| !verdicts.is_empty());
    print_report(&Report { queues: &run.queues, verdicts, left_out: None, dry_run: false }, output.format, false);
    scan::report_completion(&run.queues);
    Ok(match scan::exit_status(&run.queues) {
        ExitStatus::Ok => ExitStatus::Ok,
        _ => ExitStatus::Partial,
    })
}
