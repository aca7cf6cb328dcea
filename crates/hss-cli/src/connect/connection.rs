//! Connects to the service or to the built-in emulator, with a client for each region.

use std::collections::{HashMap, HashSet};

use huaweicloud_hss::fleet::RunIdentity;
use huaweicloud_hss::{Client, MetadataEndpoint, ProjectId, Queue, Region, ResolvedCredentials};

use crate::cli::{ConnectionArgs, QueueArgs};
use crate::exit::CliError;
use crate::output;
use crate::targets::QueueSpec;

use super::connection_settings::{ConnectionSettings, print_notes};
use super::emulator::{self, EmbeddedEmulator};
use super::environment::{PROJECT_HELP, http_config, other_projects, project};
use super::queues::{complete_queue, plan_queues_offline};

/// The clients of all regions in use, the queues in the order of the targets, and the built-in emulator if it is used.
pub(crate) struct Connection {
    clients: HashMap<Option<Region>, Client>,
    pub(crate) queues: Vec<(Option<Region>, Queue)>,
    /// Stops when dropped.
    emulator: Option<EmbeddedEmulator>,
}

impl Connection {
    /// Returns the client for a region. Regions that share one endpoint share one client.
    pub(crate) fn client(&self, region: Option<&Region>) -> Result<&Client, CliError> {
        let client = self.clients.get(&region.cloned()).or_else(|| self.clients.get(&None));
        client.ok_or_else(|| CliError::internal("a queue has no client"))
    }

    /// Returns the queue of a command that has only one, with its client.
    pub(crate) fn only_queue(&self) -> Result<(&Client, &Queue), CliError> {
        match &self.queues[..] {
            [(region, queue)] => Ok((self.client(region.as_ref())?, queue)),
            queues => Err(CliError::internal(&format!("expected 1 queue, not {}", queues.len()))),
        }
    }

    /// Returns which service and account the clients belong to, for a journal.
    pub(crate) fn identity(&self) -> RunIdentity {
        if self.emulator.is_some() {
            return RunIdentity::emulator();
        }
        let without_region = self.clients.get(&None).map_or_else(RunIdentity::default, RunIdentity::new);
        let regions = self.clients.iter().filter_map(|(region, client)| Some((region.clone()?, client)));
        regions.fold(without_region, |identity, (region, client)| identity.with_region(region, client))
    }
}

/// Connects to the built-in emulator or to the service.
pub(crate) async fn connect(
    queues: &[QueueSpec],
    queue_args: &QueueArgs,
    args: &ConnectionArgs,
    emulator: bool,
) -> Result<Connection, CliError> {
    if emulator {
        connect_emulator(queues, queue_args, args).await
    } else {
        connect_service(queues, queue_args, args, true).await
    }
}

/// Connects to the service. `emulator_possible` is whether the command could use the built-in emulator instead.
pub(crate) async fn connect_service(
    queues: &[QueueSpec],
    queue_args: &QueueArgs,
    args: &ConnectionArgs,
    emulator_possible: bool,
) -> Result<Connection, CliError> {
    let given = project(queue_args.project.project_id.as_ref())?;
    let settings = ConnectionSettings::new(args, given.as_ref())?;
    let needs_project = any_without_project(queues);
    let Some(endpoints) = endpoints(&settings, queues)? else {
        // One error lists everything that is missing. Without an endpoint, credentials are not looked up over the network.
        let credentials = settings.resolver.clone().with_metadata_endpoint(MetadataEndpoint::Disabled).resolve().await;
        let project = needs_project && given.is_none();
        let missing = Missing { endpoint: true, project, credentials: credentials.is_err() };
        return Err(missing.into_error(emulator_possible));
    };
    let found = settings.resolve().await.map_err(|error| {
        let also = if needs_project && given.is_none() && settings.region.is_none() {
            format!("\nA project id is missing as well: {PROJECT_HELP}.")
        } else {
            String::new()
        };
        let hint = if emulator_possible { emulator::HINT } else { "" };
        CliError::new(error.exit_status(), format!("{error}{also}{hint}"))
    })?;
    print_notes(&found);
    if needs_project && let Some(text) = other_projects(queue_args.project.project_id.as_ref(), &found)? {
        output::message(&format!("note: {text}"));
    }
    let queues = complete_queues(&settings, &found, queues, given.as_ref(), queue_args).await?;
    let mut clients = HashMap::with_capacity(endpoints.len());
    for (region, endpoint) in endpoints {
        let builder = Client::builder().with_endpoint(endpoint).with_credentials(found.provider.clone());
        clients.insert(region, builder.with_http_config(settings.http_config.clone()).build()?);
    }
    Ok(Connection { clients, queues, emulator: None })
}

/// Returns the endpoint for each region of the queues, or `None` if a queue has neither region nor endpoint.
fn endpoints(
    settings: &ConnectionSettings,
    queues: &[QueueSpec],
) -> Result<Option<HashMap<Option<Region>, String>>, CliError> {
    let regions: HashSet<&Option<Region>> = queues.iter().map(|queue| &queue.region).collect();
    let mut endpoints = HashMap::with_capacity(regions.len());
    for region in regions {
        let Some(endpoint) = settings.endpoint_for(region.as_ref())? else { return Ok(None) };
        settings.http_config.validate_endpoint(&endpoint)?;
        endpoints.insert(region.clone(), endpoint);
    }
    Ok(Some(endpoints))
}

/// Completes the queues, and looks up the project of each region where none is given.
async fn complete_queues(
    settings: &ConnectionSettings,
    found: &ResolvedCredentials,
    queues: &[QueueSpec],
    given: Option<&ProjectId>,
    queue_args: &QueueArgs,
) -> Result<Vec<(Option<Region>, Queue)>, CliError> {
    let mut projects: HashMap<Option<Region>, ProjectId> = HashMap::new();
    let mut completed = Vec::with_capacity(queues.len());
    for queue in queues {
        let known = queue.project.as_ref().or(given).or_else(|| projects.get(&queue.region)).cloned();
        let project = match known {
            Some(project) => project,
            None => {
                let project = settings.find_project(found, queue.region.as_ref()).await?;
                projects.insert(queue.region.clone(), project.clone());
                project
            }
        };
        completed.push((queue.region.clone(), complete_queue(queue, project, queue_args)));
    }
    Ok(completed)
}

/// Starts the built-in emulator and connects to it. The regions of the queues do not matter.
async fn connect_emulator(
    queues: &[QueueSpec],
    queue_args: &QueueArgs,
    args: &ConnectionArgs,
) -> Result<Connection, CliError> {
    let queues = plan_queues_offline(queues, queue_args, true)?;
    let emulator = EmbeddedEmulator::start().await?;
    let client = Client::builder()
        .with_endpoint(emulator.url.as_str())
        .with_credentials(emulator.credentials.clone())
        .with_http_config(http_config(args)?)
        .build()?;
    Ok(Connection { clients: HashMap::from([(None, client)]), queues, emulator: Some(emulator) })
}

/// Returns whether any queue takes its project from flags or the environment.
fn any_without_project(queues: &[QueueSpec]) -> bool {
    queues.iter().any(|queue| queue.project.is_none())
}

/// What is missing for a connection.
#[derive(Default)]
struct Missing {
    endpoint: bool,
    project: bool,
    credentials: bool,
}

impl Missing {
    /// Returns the error that lists everything that is missing and how to provide it.
    fn into_error(self, emulator_possible: bool) -> CliError {
        let needs: Vec<String> = [
            (self.endpoint, "a region: pass --region cn-north-4 or set HW_REGION_NAME; or an endpoint: pass --endpoint URL".to_owned()),
            (self.project, format!("a project id: {PROJECT_HELP}")),
            (
                self.credentials,
                "credentials: set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, set HW_AUTH_TOKEN, or pass --token-file FILE; \
                 `hss auth whoami` lists all sources"
                    .to_owned(),
            ),
        ]
        .into_iter()
        .filter_map(|(missing, need)| missing.then_some(need))
        .collect();
        let hint = if emulator_possible { emulator::HINT } else { "" };
        CliError::usage(format!("cannot call the service; missing:\n  - {}{hint}", needs.join("\n  - ")))
    }
}
