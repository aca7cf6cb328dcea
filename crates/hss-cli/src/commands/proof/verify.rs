//! `hss verify`: prints which servers were really scanned.

use std::path::Path;

use huaweicloud_hss::fleet::{Journal, RunReport};
use huaweicloud_hss::verify::{HostSelection, Verification};

use crate::cli::VerifyArgs;
use crate::connect::{self, Connection};
use crate::exit::{CliError, ExitStatus};
use crate::metrics::Metrics;
use crate::output;
use crate::output::file::{Readers, check_not_in_use, write_file};
use crate::render::{VerdictReport, print_verdicts, write_verdicts_html};
use crate::signals::{Interrupts, unless_interrupted};
use crate::targets::QueueSpec;

use super::selection::select;
use super::verification::{QueueVerification, Verified, all_accepted, verify};

pub(crate) async fn run(args: VerifyArgs, metrics: &mut Metrics) -> Result<ExitStatus, CliError> {
    let interrupts = Interrupts::listen();
    if let Some(path) = &args.html {
        check_not_in_use(path, args.journal.as_deref())?;
    }
    let (connection, verifications, run) = unless_interrupted(prepare(&args)).await?;
    let journal = run.as_ref().map(|(journal, _)| journal);
    let Verified { report, failure } = verify(verifications, &args.options.options(), journal, interrupts).await;
    drop(connection);
    metrics.add_verdicts(&report);
    print_verdicts(&report, args.list.output.format);
    if let Some(path) = &args.html {
        write_page(path, args.journal.as_deref(), &report)?;
    }
    if let Some(error) = journal.and_then(Journal::failure) {
        output::message(&format!("error: {error}"));
        return Ok(ExitStatus::Partial);
    }
    let all_accepted = run.is_none_or(|(_, run)| all_accepted(&run.queues));
    Ok(match failure {
        Some(failure) => failure,
        None if !all_accepted => ExitStatus::Partial,
        None if report.unproved() > 0 => ExitStatus::Unproved,
        None => ExitStatus::Ok,
    })
}

fn write_page(path: &Path, journal: Option<&Path>, report: &VerdictReport) -> Result<(), CliError> {
    let name = journal.and_then(Path::file_name).map(|name| name.to_string_lossy());
    write_file(path, Readers::Owner, |out| write_verdicts_html(out, name.as_deref(), report))
        .map_err(|error| CliError::usage(format!("cannot write {}: {error}", path.display())))
}

type Prepared = (Connection, Vec<QueueVerification>, Option<(Journal, RunReport)>);

/// Connects, and lists the servers.
async fn prepare(args: &VerifyArgs) -> Result<Prepared, CliError> {
    let mut verifications = Vec::new();
    let Some(path) = &args.journal else {
        let (connection, plans) = select(&args.targets, &args.queue, &args.list).await?;
        // Without a journal, clap requires a time.
        let since = args.since.ok_or_else(|| CliError::internal("neither a journal nor a time is given"))?;
        for plan in plans {
            let client = connection.client(plan.region.as_ref())?;
            let selection = HostSelection::from_iter(&plan.requests);
            let verification = Verification::since(client, plan.queue.clone(), selection, since).await?;
            verifications.push(QueueVerification { region: plan.region, queue: plan.queue, verification });
        }
        return Ok((connection, verifications, None));
    };
    let queues = RunReport::read(path)?.queues;
    let mut specs: Vec<QueueSpec> =
        queues.iter().map(|report| QueueSpec::of(report.region.as_ref(), &report.queue)).collect();
    connect::set_default_regions(&mut specs, &args.list.service.connection, args.list.service.emulator)?;
    let connection =
        connect::connect(&specs, &args.queue, &args.list.service.connection, args.list.service.emulator).await?;
    let (journal, run) = Journal::open_for_verdicts(path, &connection.identity())?;
    for (number, report) in run.queues.iter().enumerate() {
        let client = connection.client(report.region.as_ref())?;
        let verification = Verification::of_run(client, &run, number).await?;
        let (region, queue) = (report.region.clone(), report.queue.clone());
        verifications.push(QueueVerification { region, queue, verification });
    }
    Ok((connection, verifications, Some((journal, run))))
}
