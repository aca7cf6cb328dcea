//! From flags, environment and files to a client and a queue, with everything that is missing named in one message.

mod emulator;
mod settings;

use std::collections::{HashMap, HashSet};

use huaweicloud_hss::api::limits::credentials::X_AUTH_TOKEN;
use huaweicloud_hss::iam::IamClient;
use huaweicloud_hss::{
    Client, Credentials, CredentialsProvider, CredentialsResolver, HttpConfig, MetadataEndpoint, OsEnvironment,
    ProjectId, Queue, Region, ResolvedCredentials, SourceLocation,
};

use crate::cli::{ConnectionArgs, QueueArgs};
use crate::exit::CliError;
use crate::output;
use crate::targets::QueueSpec;

use emulator::EmbeddedEmulator;
#[cfg(not(feature = "emulator"))]
pub(crate) use emulator::emulator_missing;
use settings::{
    DOMAIN_VARIABLES, IAM_VARIABLES, endpoint_of, first_variable, metadata, named_endpoint, without_version,
};
pub(crate) use settings::{endpoint, network, other_projects, project, region};

/// Project used with the built-in emulator when none is named.
const EMULATOR_PROJECT: &str = "emulator-project";

/// The clients of all regions in use, the queues in the order asked for, and the emulator behind them, if any: dropping that
/// ends it.
pub(crate) struct Connection {
    clients: HashMap<Option<Region>, Client>,
    pub(crate) queues: Vec<(Option<Region>, Queue)>,
    _emulator: Option<EmbeddedEmulator>,
}

impl Connection {
    /// The client for a region; for all regions there is one where all go to one endpoint.
    pub(crate) fn client(&self, region: Option<&Region>) -> Option<&Client> {
        self.clients.get(&region.cloned()).or_else(|| self.clients.get(&None))
    }
}

/// Where to, as flags and environment say; nothing of it needs the network.
pub(crate) struct Place {
    pub(crate) region: Option<Region>,
    pub(crate) endpoint: Option<String>,
    /// Whether the endpoint is a flag's: then it counts for every region.
    endpoint_is_given: bool,
    pub(crate) network: HttpConfig,
    pub(crate) resolver: CredentialsResolver,
}

impl Place {
    pub(crate) fn new(access: &ConnectionArgs, project: Option<&ProjectId>) -> Result<Self, CliError> {
        let region = region(access)?;
        let endpoint = endpoint(access, region.as_ref())?;
        Self::of(access, project, region, endpoint, network(access)?)
    }

    /// The same with parts that are known already.
    pub(crate) fn of(
        access: &ConnectionArgs,
        project: Option<&ProjectId>,
        region: Option<Region>,
        endpoint: Option<String>,
        network: HttpConfig,
    ) -> Result<Self, CliError> {
        let iam_endpoint = match &access.iam_endpoint {
            Some(endpoint) => Some(endpoint.clone()),
            None => first_variable(&IAM_VARIABLES)?.map(|(_, url)| without_version(&url)),
        };
        let resolver = CredentialsResolver::default()
            .with_token_file(access.token_file.clone())
            .with_region(region.clone())
            .with_project_id(project.map(ToString::to_string))
            .with_iam_endpoint(iam_endpoint)
            .with_network(network.clone())
            .with_metadata_endpoint(metadata()?);
        Ok(Self { region, endpoint, endpoint_is_given: access.endpoint.is_some(), network, resolver })
    }

    /// Looks for credentials, and holds a token that is known at once to its limit.
    pub(crate) async fn resolve(&self) -> Result<ResolvedCredentials, CliError> {
        let found = self.resolver.resolve(&OsEnvironment).await?;
        if matches!(found.source, SourceLocation::TokenFile(_) | SourceLocation::TokenVariable)
            && let Credentials::Token { token, .. } = found.provider.credentials().await?
        {
            X_AUTH_TOKEN
                .check_str(token.expose())
                .map_err(|error| CliError::access(format!("{}: {error}. Give a whole token", found.source)))?;
        }
        Ok(found)
    }

    /// The project's id, where nobody names it: from the credentials, else from IAM by the region's name.
    ///
    /// `region` is that of the queue, where it has one of its own.
    pub(crate) async fn project(
        &self,
        found: &ResolvedCredentials,
        region: Option<&Region>,
    ) -> Result<ProjectId, CliError> {
        let own = region.is_none_or(|region| self.region.as_ref() == Some(region));
        if own && let Some(id) = &found.project_id {
            return Ok(id.parse()?);
        }
        if own && let Some(id) = found.provider.credentials().await?.project_id() {
            return Ok(id.parse()?);
        }
        let Some(region) = region.or(self.region.as_ref()) else {
            return Err(CliError::usage(format!("no project is known. Give {NEEDS_PROJECT}")));
        };
        let resolver = self.resolver.clone().with_region(Some(region.clone()));
        let endpoint = resolver.iam_endpoint(found.iam_endpoint.as_deref());
        let iam = IamClient::with_credentials(&endpoint, self.network.clone(), found.provider.clone())?;
        Ok(iam.project_id(region.as_str()).await?.parse()?)
    }

    /// The endpoint for a queue's region: one that was given counts for all.
    fn endpoint(&self, region: Option<&Region>) -> Result<Option<String>, CliError> {
        match region {
            Some(region) if !self.endpoint_is_given => endpoint_of(region).map(Some),
            _ => Ok(self.endpoint.clone()),
        }
    }
}

/// Connects for these queues, to the built-in emulator or to the service.
pub(crate) async fn to(
    queues: &[QueueSpec],
    arguments: &QueueArgs,
    access: &ConnectionArgs,
    emulator: bool,
) -> Result<Connection, CliError> {
    if emulator {
        to_emulator(queues, arguments, access).await
    } else {
        to_service(queues, arguments, access, true).await
    }
}

/// Connects to the service for these queues. `emulator_is_a_way` tells whether the verb could use the built-in emulator instead.
pub(crate) async fn to_service(
    queues: &[QueueSpec],
    arguments: &QueueArgs,
    access: &ConnectionArgs,
    emulator_is_a_way: bool,
) -> Result<Connection, CliError> {
    let named = project(arguments.project.project_id.as_ref())?;
    let place = Place::new(access, named.as_ref())?;
    let needs_project = named.is_none() && needs_named(queues);
    let regions: HashSet<&Option<Region>> = queues.iter().map(|queue| &queue.region).collect();
    let mut endpoints = HashMap::with_capacity(regions.len());
    for region in regions {
        let Some(endpoint) = place.endpoint(region.as_ref())? else {
            // Everything that is missing is named at once; but without an endpoint the network is not asked for credentials.
            let offline =
                place.resolver.clone().with_metadata_endpoint(MetadataEndpoint::Disabled).resolve(&OsEnvironment).await;
            let missing = Missing { endpoint: true, project: needs_project, credentials: offline.is_err() };
            return Err(missing.failure(emulator_is_a_way));
        };
        place.network.validate_endpoint(&endpoint)?;
        endpoints.insert(region.clone(), endpoint);
    }
    let found = place.resolve().await.map_err(|failure| {
        let also = if needs_project && place.region.is_none() {
            format!("\nAlso give {NEEDS_PROJECT}.")
        } else {
            String::new()
        };
        let more = if emulator_is_a_way { emulator::HINT } else { "" };
        CliError::new(failure.exit_status(), format!("{failure}{also}{more}"))
    })?;
    for note in &found.notes {
        output::message(&format!("note: {note}"));
    }
    if needs_named(queues)
        && let Some(told) = other_projects(arguments.project.project_id.as_ref(), &found)?
    {
        output::message(&format!("note: {told}"));
    }
    let mut projects: HashMap<Option<Region>, ProjectId> = HashMap::new();
    let mut whole = Vec::with_capacity(queues.len());
    for queue in queues {
        let known = queue.project.as_ref().or(named.as_ref()).or_else(|| projects.get(&queue.region)).cloned();
        let project = match known {
            Some(project) => project,
            None => {
                let project = place.project(&found, queue.region.as_ref()).await?;
                projects.insert(queue.region.clone(), project.clone());
                project
            }
        };
        whole.push((queue.region.clone(), fill(queue, project, arguments)));
    }
    let mut clients = HashMap::with_capacity(endpoints.len());
    for (region, endpoint) in endpoints {
        let builder = Client::builder().with_endpoint(endpoint).with_credentials(found.provider.clone());
        clients.insert(region, builder.with_http_config(place.network.clone()).build()?);
    }
    Ok(Connection { clients, queues: whole, _emulator: None })
}

/// Starts the built-in emulator and connects to it, whatever the region.
async fn to_emulator(
    queues: &[QueueSpec],
    arguments: &QueueArgs,
    access: &ConnectionArgs,
) -> Result<Connection, CliError> {
    let whole = without_network(queues, arguments, true)?;
    let emulator = EmbeddedEmulator::start().await?;
    let client = Client::builder()
        .with_endpoint(emulator.url.as_str())
        .with_credentials(emulator.credentials.clone())
        .with_http_config(network(access)?)
        .build()?;
    Ok(Connection { clients: HashMap::from([(None, client)]), queues: whole, _emulator: Some(emulator) })
}

/// Credentials and where the services are that know the account, as HSS itself is not needed for that.
pub(crate) struct Identity {
    place: Option<Place>,
    iam_endpoint: String,
    pub(crate) network: HttpConfig,
    pub(crate) provider: CredentialsProvider,
    emulator: Option<EmbeddedEmulator>,
}

/// Finds credentials for the services that know the account.
pub(crate) async fn identity(access: &ConnectionArgs, emulator: bool) -> Result<Identity, CliError> {
    if emulator {
        let emulator = EmbeddedEmulator::start().await?;
        let iam_endpoint = emulator.url.clone();
        return Ok(Identity {
            place: None,
            iam_endpoint,
            network: network(access)?,
            provider: emulator.credentials.clone(),
            emulator: Some(emulator),
        });
    }
    let place = Place::new(access, None)?;
    let found = place.resolve().await?;
    for note in &found.notes {
        output::message(&format!("note: {note}"));
    }
    let iam_endpoint = place.resolver.iam_endpoint(found.iam_endpoint.as_deref());
    let network = place.network.clone();
    Ok(Identity { place: Some(place), iam_endpoint, network, provider: found.provider, emulator: None })
}

impl Identity {
    pub(crate) fn iam(&self) -> Result<IamClient, CliError> {
        Ok(IamClient::with_credentials(&self.iam_endpoint, self.network.clone(), self.provider.clone())?)
    }

    /// Where EPS is: as the flag says, else the environment, else in the region.
    pub(crate) fn eps_endpoint(&self, flag: Option<String>) -> Result<String, CliError> {
        if let Some(endpoint) = flag {
            return Ok(endpoint);
        }
        if let Some(emulator) = &self.emulator {
            return Ok(emulator.url.clone());
        }
        let Some(region) = self.place.as_ref().and_then(|place| place.region.as_ref()) else {
            return Err(CliError::usage(
                "enterprise projects cannot be listed without a region (--region cn-north-4, or HW_REGION_NAME in the environment) \
                 or an endpoint (--eps-endpoint URL)",
            ));
        };
        Ok(named_endpoint(region, "EPS")?.unwrap_or_else(|| region.eps_endpoint()))
    }

    /// The account, where somebody names it: the flag, the environment, or the credentials.
    pub(crate) async fn domain_id(&self, flag: Option<String>) -> Result<Option<String>, CliError> {
        if flag.is_some() {
            return Ok(flag);
        }
        if let Some((_, id)) = first_variable(&DOMAIN_VARIABLES)? {
            return Ok(Some(id));
        }
        Ok(self.provider.credentials().await?.domain_id().map(str::to_owned))
    }

    /// Whether requests are signed with a key, and not sent with a token.
    pub(crate) async fn signs(&self) -> Result<bool, CliError> {
        Ok(matches!(self.provider.credentials().await?, Credentials::AccessKey { .. }))
    }
}

/// The queues alone, for a plan that is not sent.
pub(crate) fn without_network(
    queues: &[QueueSpec],
    arguments: &QueueArgs,
    emulator: bool,
) -> Result<Vec<(Option<Region>, Queue)>, CliError> {
    let named = project(arguments.project.project_id.as_ref())?;
    let mut whole = Vec::with_capacity(queues.len());
    for queue in queues {
        let project = match queue.project.as_ref().or(named.as_ref()) {
            Some(project) => project.clone(),
            None if emulator => EMULATOR_PROJECT.parse()?,
            None => {
                return Err(CliError::usage(format!(
                    "a dry run asks nobody for the project: give {PROJECT_ID}; `hss projects list` tells the ids{}",
                    emulator::HINT
                )));
            }
        };
        whole.push((queue.region.clone(), fill(queue, project, arguments)));
    }
    Ok(whole)
}

/// Names the region of the flag or the environment where a queue names none: it is the same queue as one that names it.
pub(crate) fn fill_regions(queues: &mut [QueueSpec], access: &ConnectionArgs, emulator: bool) -> Result<(), CliError> {
    if emulator {
        return emulator::ensure_available();
    }
    let default = region(access)?;
    for queue in queues.iter_mut().filter(|queue| queue.region.is_none()) {
        queue.region.clone_from(&default);
    }
    Ok(())
}

/// Checks what a dry run was told of the network, as the run itself would; nothing is sent.
pub(crate) fn check_unsent(access: &ConnectionArgs, emulator: bool) -> Result<(), CliError> {
    let network = network(access)?;
    if emulator {
        return Ok(());
    }
    let endpoint = match (&access.endpoint, region(access)?) {
        (Some(endpoint), _) => Some(endpoint.clone()),
        // The region's own is as it should be.
        (None, Some(region)) => named_endpoint(&region, "HSS")?,
        (None, None) => None,
    };
    if let Some(endpoint) = endpoint {
        Client::builder()
            .with_endpoint(endpoint)
            .with_credentials(CredentialsProvider::anonymous())
            .with_http_config(network)
            .build()?;
    }
    Ok(())
}

/// A whole queue: what a line leaves out is as the flags say.
pub(crate) fn fill(queue: &QueueSpec, project: ProjectId, arguments: &QueueArgs) -> Queue {
    let enterprise_project = queue.enterprise_project.clone().or_else(|| arguments.project.enterprise_project.clone());
    Queue::new(project)
        .with_enterprise_project(enterprise_project.unwrap_or_default())
        .with_category(queue.category.unwrap_or_else(|| arguments.category.into()))
}

/// Whether a queue leaves its project to the flags.
fn needs_named(queues: &[QueueSpec]) -> bool {
    queues.iter().any(|queue| queue.project.is_none())
}

const PROJECT_ID: &str =
    "a project id (--project-id, or HUAWEICLOUD_SDK_PROJECT_ID or HW_PROJECT_ID in the environment)";

const NEEDS_PROJECT: &str = "a project id (--project-id, or HUAWEICLOUD_SDK_PROJECT_ID or HW_PROJECT_ID in the environment), or a \
                             region, whose main project is then asked of IAM";

/// What a connection still needs.
#[derive(Default)]
struct Missing {
    endpoint: bool,
    project: bool,
    credentials: bool,
}

impl Missing {
    /// Names all that is missing and both ways on.
    fn failure(&self, emulator_is_a_way: bool) -> CliError {
        let needs: Vec<&str> = [
            (self.endpoint, "a region (--region cn-north-4, or HW_REGION_NAME in the environment) or an endpoint (--endpoint URL)"),
            (self.project, NEEDS_PROJECT),
            (
                self.credentials,
                "credentials (HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK in the environment, a token in HW_AUTH_TOKEN or with \
                 --token-file FILE, or one of the other sources that `hss auth whoami` lists)",
            ),
        ]
        .into_iter()
        .filter_map(|(missing, need)| missing.then_some(need))
        .collect();
        let hint = if emulator_is_a_way { emulator::HINT } else { "" };
        CliError::usage(format!("the service cannot be called without\n  - {}{hint}", needs.join("\n  - ")))
    }
}
