//! Completes the queues of the targets from flags, environment and defaults.

use huaweicloud_hss::{Client, CredentialsProvider, ProjectId, Queue, Region};

use crate::cli::{ConnectionArgs, QueueArgs};
use crate::exit::CliError;
use crate::targets::QueueSpec;

use super::emulator;
use super::environment::{PROJECT_ID_HELP, endpoint_of, http_config, named_endpoint, project, region};

/// Default project with the built-in emulator.
const EMULATOR_PROJECT: &str = "emulator-project";

/// Completes the queues without the network.
pub(crate) fn plan_queues_offline(
    queues: &[QueueSpec],
    queue_args: &QueueArgs,
    emulator: bool,
) -> Result<Vec<(Option<Region>, Queue)>, CliError> {
    let named = project(queue_args.project.project_id.as_ref())?;
    let mut completed = Vec::with_capacity(queues.len());
    for queue in queues {
        let project = match queue.project.as_ref().or(named.as_ref()) {
            Some(project) => project.clone(),
            None if emulator => EMULATOR_PROJECT.parse()?,
            None => {
                return Err(CliError::usage(format!(
                    "no project id is known, and --dry-run does not look it up. To fix this, {PROJECT_ID_HELP}; `hss projects list` lists \
                     the ids{}",
                    emulator::HINT
                )));
            }
        };
        completed.push((queue.region.clone(), complete_queue(queue, project, queue_args)));
    }
    Ok(completed)
}

/// Sets the default region on queues without one, so that they equal queues that name it.
pub(crate) fn set_default_regions(
    queues: &mut [QueueSpec],
    args: &ConnectionArgs,
    emulator: bool,
) -> Result<(), CliError> {
    if emulator {
        return emulator::ensure_available();
    }
    let default = region(args)?;
    for queue in queues.iter_mut().filter(|queue| queue.region.is_none()) {
        queue.region.clone_from(&default);
    }
    Ok(())
}

/// Validates the connection settings of a dry run as the run itself would, without sending anything.
pub(crate) fn validate_dry_run(queues: &[QueueSpec], args: &ConnectionArgs, emulator: bool) -> Result<(), CliError> {
    let http_config = http_config(args)?;
    if emulator {
        return Ok(());
    }
    let mut endpoints: Vec<String> = args.endpoint.iter().cloned().collect();
    if endpoints.is_empty() {
        let mut regions: Vec<&Region> = queues.iter().filter_map(|queue| queue.region.as_ref()).collect();
        regions.sort_unstable_by_key(|region| region.as_str());
        regions.dedup();
        for region in regions {
            match named_endpoint(region, "HSS")? {
                Some(named) => endpoints.push(named),
                // Always valid. A region that is not known gets its note.
                None => drop(endpoint_of(region)?),
            }
        }
    }
    for endpoint in endpoints {
        Client::builder()
            .with_endpoint(endpoint)
            .with_credentials(CredentialsProvider::anonymous())
            .with_http_config(http_config.clone())
            .build()?;
    }
    Ok(())
}

/// Completes the missing parts of a queue from flags.
pub(crate) fn complete_queue(queue: &QueueSpec, project: ProjectId, queue_args: &QueueArgs) -> Queue {
    let enterprise_project = queue.enterprise_project.clone().or_else(|| queue_args.project.enterprise_project.clone());
    Queue::new(project)
        .with_enterprise_project(enterprise_project.unwrap_or_default())
        .with_category(queue.category.unwrap_or_else(|| queue_args.category.into()))
}
