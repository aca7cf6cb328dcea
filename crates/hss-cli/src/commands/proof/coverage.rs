//! `hss coverage`: prints which servers a scan can refresh, and how old their data is.

use huaweicloud_hss::auth::{Environment as _, OsEnvironment};
use huaweicloud_hss::verify::HostSelection;

use crate::cli::CoverageArgs;
use crate::exit::{CliError, ExitStatus};
use crate::metrics::Metrics;
use crate::render::{CoverageReport, CoverageRow, print_coverage};

use super::selection::select;

pub(crate) async fn run(args: CoverageArgs, metrics: &mut Metrics) -> Result<ExitStatus, CliError> {
    let CoverageArgs { targets, older_than, fail_over, queue, list, metrics: _ } = args;
    let (connection, plans) = select(&targets, &queue, &list).await?;
    let mut report = CoverageReport::new(OsEnvironment.now(), older_than);
    for plan in plans {
        let client = connection.client(plan.region.as_ref())?;
        let selection = HostSelection::from_iter(&plan.requests);
        let mut survey = client.coverage(plan.queue.clone(), selection);
        while let Some(page) = survey.next_page().await? {
            for host in page {
                report.add(CoverageRow { region: plan.region.clone(), queue: plan.queue.clone(), host });
            }
        }
    }
    let older = report.older();
    metrics.add_coverage(&report);
    print_coverage(report, list.output.format);
    let is_over = fail_over.is_some_and(|most| older > most);
    Ok(if is_over { ExitStatus::Partial } else { ExitStatus::Ok })
}
