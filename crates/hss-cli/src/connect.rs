//! From flags, environment and files to a client and a queue, with everything that is missing named in one message.

use std::collections::{HashMap, HashSet};
use std::fs;

use huaweicloud_hss::iam::Iam;
use huaweicloud_hss::{
    Client, Credentials, CredentialsProvider, Metadata, Network, OsSystem, ProjectId, Queue, Region, Resolution,
    Resolver, Retry, Secret, System as _, Token,
};
use huaweicloud_hss_emulator::Emulator;

use crate::arguments::{AccessArguments, QueueArguments};
use crate::exit::Failure;
use crate::output;
use crate::targets::PartialQueue;

/// Environment variables that may hold the project id; the first that is set counts.
const PROJECT_VARIABLES: [&str; 2] = ["HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID"];

/// Environment variable that may hold the region.
const REGION_VARIABLE: &str = "HW_REGION_NAME";

/// Environment variables that may hold the endpoint of IAM; the first that is set counts.
const IAM_VARIABLES: [&str; 2] = ["HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"];

/// Environment variables that may hold the account's id; the first that is set counts.
const DOMAIN_VARIABLES: [&str; 2] = ["HUAWEICLOUD_SDK_DOMAIN_ID", "HW_DOMAIN_ID"];

/// Where the metadata of the cloud server is looked for: `off`, or another address.
const METADATA_VARIABLE: &str = "HSS_METADATA";

/// Project used with the built-in emulator when none is named.
const EMULATOR_PROJECT: &str = "emulator-project";

/// The clients of all regions in use, the queues in the order asked for, and the emulator behind them, if any: dropping that
/// ends it.
pub(crate) struct Connection {
    clients: HashMap<Option<Region>, Client>,
    pub(crate) queues: Vec<(Option<Region>, Queue)>,
    _emulator: Option<Emulator>,
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
    pub(crate) network: Network,
    pub(crate) resolver: Resolver,
}

impl Place {
    pub(crate) fn new(access: &AccessArguments, project: Option<&ProjectId>) -> Result<Self, Failure> {
        let region = match (&access.region, variable(REGION_VARIABLE)?) {
            (Some(region), _) => Some(region.clone()),
            (None, Some(text)) => Some(
                text.parse()
                    .map_err(|error| Failure::usage(format!("environment variable {REGION_VARIABLE}: {error}")))?,
            ),
            (None, None) => None,
        };
        let endpoint = match (&access.endpoint, &region) {
            (Some(endpoint), _) => Some(endpoint.clone()),
            (None, Some(region)) => Some(endpoint_of(region)?),
            (None, None) => None,
        };
        let network = network(access)?;
        let iam_endpoint = match &access.iam_endpoint {
            Some(endpoint) => Some(endpoint.clone()),
            None => first_variable(&IAM_VARIABLES)?.map(|(_, url)| without_version(&url)),
        };
        let metadata = match variable(METADATA_VARIABLE)? {
            None => Metadata::Standard,
            Some(text) if text == "off" => Metadata::Off,
            Some(address) => Metadata::At(address),
        };
        let resolver = Resolver::default()
            .with_token_file(access.token_file.clone())
            .with_region(region.clone())
            .with_project_id(project.map(ToString::to_string))
            .with_iam_endpoint(iam_endpoint)
            .with_network(network.clone())
            .with_metadata(metadata);
        Ok(Self { region, endpoint, endpoint_is_given: access.endpoint.is_some(), network, resolver })
    }

    /// The project's id, where nobody names it: from the credentials, else from IAM by the region's name.
    ///
    /// `region` is that of the queue, where it has one of its own.
    pub(crate) async fn project(&self, found: &Resolution, region: Option<&Region>) -> Result<ProjectId, Failure> {
        let own = region.is_none_or(|region| self.region.as_ref() == Some(region));
        if own && let Some(id) = &found.project_id {
            return Ok(id.parse()?);
        }
        if own && let Some(id) = found.provider.credentials().await?.project_id() {
            return Ok(id.parse()?);
        }
        let Some(region) = region.or(self.region.as_ref()) else {
            return Err(Failure::usage(format!("no project is known. Give {NEEDS_PROJECT}")));
        };
        let resolver = self.resolver.clone().with_region(Some(region.clone()));
        let endpoint = resolver.iam_endpoint(found.iam_endpoint.as_deref());
        let iam = Iam::with_credentials(&endpoint, self.network.clone(), found.provider.clone())?;
        Ok(iam.project_id(region.as_str()).await?.parse()?)
    }

    /// The endpoint for a queue's region: one that was given counts for all.
    fn endpoint(&self, region: Option<&Region>) -> Result<Option<String>, Failure> {
        match region {
            Some(region) if !self.endpoint_is_given => endpoint_of(region).map(Some),
            _ => Ok(self.endpoint.clone()),
        }
    }
}

/// Connects for these queues, to the built-in emulator or to the service.
pub(crate) async fn to(
    queues: &[PartialQueue],
    arguments: &QueueArguments,
    access: &AccessArguments,
    emulator: bool,
) -> Result<Connection, Failure> {
    if emulator {
        to_emulator(queues, arguments, access).await
    } else {
        to_service(queues, arguments, access, true).await
    }
}

/// Connects to the service for these queues. `emulator_is_a_way` tells whether the verb could use the built-in emulator instead.
pub(crate) async fn to_service(
    queues: &[PartialQueue],
    arguments: &QueueArguments,
    access: &AccessArguments,
    emulator_is_a_way: bool,
) -> Result<Connection, Failure> {
    let named = project(arguments.project.project_id.as_ref())?;
    let place = Place::new(access, named.as_ref())?;
    let needs_project = named.is_none() && queues.iter().any(|queue| queue.project.is_none());
    let regions: HashSet<&Option<Region>> = queues.iter().map(|queue| &queue.region).collect();
    let mut endpoints = HashMap::with_capacity(regions.len());
    for region in regions {
        let Some(endpoint) = place.endpoint(region.as_ref())? else {
            // Everything that is missing is named at once; but without an endpoint the network is not asked for credentials.
            let offline = place.resolver.clone().with_metadata(Metadata::Off).resolve(&OsSystem).await;
            let missing = Missing { endpoint: true, project: needs_project, credentials: offline.is_err() };
            return Err(missing.failure(emulator_is_a_way));
        };
        place.network.check_endpoint(&endpoint)?;
        endpoints.insert(region.clone(), endpoint);
    }
    let found = place.resolver.resolve(&OsSystem).await.map_err(|error| {
        let failure = Failure::from(error);
        let also = if needs_project && place.region.is_none() {
            format!("\nAlso give {NEEDS_PROJECT}.")
        } else {
            String::new()
        };
        let more = if emulator_is_a_way { EMULATOR_HINT } else { "" };
        Failure::new(failure.exit(), format!("{failure}{also}{more}"))
    })?;
    for note in &found.notes {
        output::note(&format!("note: {note}"));
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
        let builder = Client::builder().endpoint(endpoint).credentials(found.provider.clone());
        clients.insert(region, builder.network(place.network.clone()).build()?);
    }
    Ok(Connection { clients, queues: whole, _emulator: None })
}

/// Starts the built-in emulator and connects to it, whatever the region.
async fn to_emulator(
    queues: &[PartialQueue],
    arguments: &QueueArguments,
    access: &AccessArguments,
) -> Result<Connection, Failure> {
    let whole = without_network(queues, arguments, true)?;
    let (emulator, provider) = start_emulator().await?;
    let client = Client::builder().endpoint(emulator.url()).credentials(provider).network(network(access)?).build()?;
    Ok(Connection { clients: HashMap::from([(None, client)]), queues: whole, _emulator: Some(emulator) })
}

/// Starts the built-in emulator, says so, and gives credentials that it takes.
async fn start_emulator() -> Result<(Emulator, CredentialsProvider), Failure> {
    let emulator = Emulator::builder()
        .start()
        .await
        .map_err(|error| Failure::usage(format!("the emulator cannot be started: {error}")))?;
    output::note(&format!(
        "emulator: this is a made-up fleet of {} servers at {}; nothing leaves this machine",
        emulator.fleet().hosts().len(),
        emulator.url()
    ));
    let token = Token::new(Secret::new("built-in".to_owned())).map_err(|error| Failure::usage(error.to_string()))?;
    Ok((emulator, CredentialsProvider::fixed(Credentials::token(token))))
}

/// Credentials and where the services are that know the account, as HSS itself is not needed for that.
pub(crate) struct Identity {
    place: Option<Place>,
    iam_endpoint: String,
    pub(crate) network: Network,
    pub(crate) provider: CredentialsProvider,
    emulator: Option<Emulator>,
}

/// Finds credentials for the services that know the account.
pub(crate) async fn identity(access: &AccessArguments, emulator: bool) -> Result<Identity, Failure> {
    if emulator {
        let (emulator, provider) = start_emulator().await?;
        let iam_endpoint = emulator.url().to_owned();
        return Ok(Identity {
            place: None,
            iam_endpoint,
            network: network(access)?,
            provider,
            emulator: Some(emulator),
        });
    }
    let place = Place::new(access, None)?;
    let found = place.resolver.resolve(&OsSystem).await?;
    for note in &found.notes {
        output::note(&format!("note: {note}"));
    }
    let iam_endpoint = place.resolver.iam_endpoint(found.iam_endpoint.as_deref());
    let network = place.network.clone();
    Ok(Identity { place: Some(place), iam_endpoint, network, provider: found.provider, emulator: None })
}

impl Identity {
    pub(crate) fn iam(&self) -> Result<Iam, Failure> {
        Ok(Iam::with_credentials(&self.iam_endpoint, self.network.clone(), self.provider.clone())?)
    }

    /// Where EPS is: as the flag says, else the environment, else in the region.
    pub(crate) fn eps_endpoint(&self, flag: Option<String>) -> Result<String, Failure> {
        if let Some(endpoint) = flag {
            return Ok(endpoint);
        }
        if let Some(emulator) = &self.emulator {
            return Ok(emulator.url().to_owned());
        }
        let Some(region) = self.place.as_ref().and_then(|place| place.region.as_ref()) else {
            return Err(Failure::usage(
                "enterprise projects cannot be listed without a region (--region cn-north-4, or HW_REGION_NAME in the environment) \
                 or an endpoint (--eps-endpoint URL)",
            ));
        };
        Ok(named_endpoint(region, "EPS")?.unwrap_or_else(|| region.eps_endpoint()))
    }

    /// The account, where somebody names it: the flag, the environment, or the credentials.
    pub(crate) async fn domain_id(&self, flag: Option<String>) -> Result<Option<String>, Failure> {
        if flag.is_some() {
            return Ok(flag);
        }
        if let Some((_, id)) = first_variable(&DOMAIN_VARIABLES)? {
            return Ok(Some(id));
        }
        Ok(self.provider.credentials().await?.domain_id().map(str::to_owned))
    }

    /// Whether requests are signed with a key, and not sent with a token.
    pub(crate) async fn signs(&self) -> Result<bool, Failure> {
        Ok(matches!(self.provider.credentials().await?, Credentials::AccessKey { .. }))
    }
}

/// The queues alone, for a plan that is not sent.
pub(crate) fn without_network(
    queues: &[PartialQueue],
    arguments: &QueueArguments,
    emulator: bool,
) -> Result<Vec<(Option<Region>, Queue)>, Failure> {
    let named = project(arguments.project.project_id.as_ref())?;
    let mut whole = Vec::with_capacity(queues.len());
    for queue in queues {
        let project = match queue.project.as_ref().or(named.as_ref()) {
            Some(project) => project.clone(),
            None if emulator => EMULATOR_PROJECT.parse()?,
            None => return Err(Missing { project: true, ..Missing::default() }.failure(true)),
        };
        whole.push((queue.region.clone(), fill(queue, project, arguments)));
    }
    Ok(whole)
}

/// A whole queue: what a line leaves out is as the flags say.
pub(crate) fn fill(queue: &PartialQueue, project: ProjectId, arguments: &QueueArguments) -> Queue {
    let enterprise_project = queue.enterprise_project.clone().or_else(|| arguments.project.enterprise_project.clone());
    Queue::new(project)
        .with_enterprise_project(enterprise_project.unwrap_or_default())
        .with_category(queue.category.unwrap_or_else(|| arguments.category.into()))
}

/// The project id from the flag, else from the environment.
pub(crate) fn project(flag: Option<&ProjectId>) -> Result<Option<ProjectId>, Failure> {
    if let Some(project) = flag {
        return Ok(Some(project.clone()));
    }
    let Some((name, text)) = first_variable(&PROJECT_VARIABLES)? else { return Ok(None) };
    text.parse().map(Some).map_err(|error| Failure::usage(format!("environment variable {name}: {error}")))
}

/// The endpoint of a service that the environment names for a region. Of several the first counts, as for the vendor's SDKs.
fn named_endpoint(region: &Region, service: &str) -> Result<Option<String>, Failure> {
    let named = variable(&region.endpoint_variable(service))?;
    let first = named.as_deref().and_then(|list| list.split(',').map(str::trim).find(|url| !url.is_empty()));
    Ok(first.map(|first| if first.contains("://") { first.to_owned() } else { format!("https://{first}") }))
}

/// The region's endpoint, where the environment does not name another.
fn endpoint_of(region: &Region) -> Result<String, Failure> {
    if let Some(named) = named_endpoint(region, "HSS")? {
        return Ok(named);
    }
    let endpoint = region.hss_endpoint();
    if !region.is_known() {
        output::note(&format!(
            "note: region {region} is not known to this version; its endpoint is taken to be {endpoint}"
        ));
    }
    Ok(endpoint)
}

fn network(access: &AccessArguments) -> Result<Network, Failure> {
    let retry = Retry::default().with_retry_unknown(access.retry_unknown);
    let network = Network::default()
        .with_connect_timeout(access.connect_timeout)
        .with_timeout(access.timeout)
        .with_allow_http(access.allow_http)
        .with_retry(retry);
    let network = match access.rate {
        Some(rate) => network.with_rate(rate),
        None => network,
    };
    let Some(path) = &access.ca_file else { return Ok(network) };
    let pem = fs::read(path)
        .map_err(|error| Failure::usage(format!("CA file {}: cannot be read: {error}", path.display())))?;
    Ok(network.with_ca_certificates(pem))
}

/// Terraform's variable ends in the version of the API, which the calls' own paths begin with.
fn without_version(url: &str) -> String {
    let url = url.trim_end_matches('/');
    url.strip_suffix("/v3").unwrap_or(url).to_owned()
}

fn first_variable(names: &[&'static str]) -> Result<Option<(&'static str, String)>, Failure> {
    for name in names {
        if let Some(text) = variable(name)? {
            return Ok(Some((name, text)));
        }
    }
    Ok(None)
}

/// An environment variable that is set and not empty.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    match OsSystem.env(name) {
        Ok(text) => Ok(text.filter(|text| !text.is_empty())),
        Err(_) => Err(Failure::usage(format!("environment variable {name} is not UTF-8 text"))),
    }
}

const NEEDS_PROJECT: &str = "a project id (--project-id, or HUAWEICLOUD_SDK_PROJECT_ID or HW_PROJECT_ID in the environment), or a \
                             region, whose main project is then asked of IAM";

const EMULATOR_HINT: &str = "\nOr add --emulator to try the same command against a made-up fleet on this machine.";

/// What a connection still needs.
#[derive(Default)]
struct Missing {
    endpoint: bool,
    project: bool,
    credentials: bool,
}

impl Missing {
    /// Names all that is missing and both ways on.
    fn failure(&self, emulator_is_a_way: bool) -> Failure {
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
        let hint = if emulator_is_a_way { EMULATOR_HINT } else { "" };
        Failure::usage(format!("the service cannot be called without\n  - {}{hint}", needs.join("\n  - ")))
    }
}
