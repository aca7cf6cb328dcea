//! `hss report`: prints the report of a run from its journal.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use huaweicloud_hss::fleet::RunReport;

use crate::cli::ReportArgs;
use crate::commands::scan;
use crate::exit::{CliError, ExitStatus};
use crate::render::{Report, print_report, write_html};

pub(crate) fn run(args: &ReportArgs) -> Result<ExitStatus, CliError> {
    let ReportArgs { journal, html, output } = args;
    let run = RunReport::read(journal)?;
    if let Some(path) = html {
        let name =
            journal.file_name().map_or_else(|| journal.display().to_string(), |name| name.to_string_lossy().into());
        let written = create(path).and_then(|file| {
            let mut out = BufWriter::new(file);
            write_html(&mut out, &name, &run)?;
            out.flush()
        });
        written.map_err(|error| CliError::usage(format!("cannot write {}: {error}", path.display())))?;
    }
    print_report(&Report { queues: &run.queues, left_out: None, dry_run: false }, output.format, false);
    scan::report_completion(&run.queues);
    Ok(match scan::exit_status(&run.queues) {
        ExitStatus::Ok => ExitStatus::Ok,
        _ => ExitStatus::Partial,
    })
}

/// Creates a file that only its owner can read, as for the journal.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
