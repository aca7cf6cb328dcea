//! Reads settings from flags and environment variables, without the network.

use std::collections::HashSet;

use huaweicloud_hss::auth::empty_variable;
use huaweicloud_hss::{
    CallOptions, CredentialsResolver, Environment as _, HttpConfig, MetadataEndpoint, OsEnvironment, ProjectId, Region,
    ResolvedCredentials, RetryPolicy,
};

use crate::cli::ConnectionArgs;
use crate::exit::CliError;
use crate::output;

/// Environment variables for the project id; the first one that is set applies.
const PROJECT_VARIABLES: [&str; 2] = ["HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID"];

/// Environment variable for the region.
const REGION_VARIABLE: &str = "HW_REGION_NAME";

/// Environment variables for the IAM endpoint; the first one that is set applies.
pub(super) const IAM_VARIABLES: [&str; 2] = ["HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"];

/// Environment variables for the account id; the first one that is set applies.
pub(super) const DOMAIN_VARIABLES: [&str; 2] = ["HUAWEICLOUD_SDK_DOMAIN_ID", "HW_DOMAIN_ID"];

/// Environment variable for the metadata service of the cloud server: `off`, or a URL.
const METADATA_VARIABLE: &str = "HSS_METADATA";

/// Maximum size of a file of CA certificates. Those of operating systems are smaller than one MiB.
const MAX_CA_FILE_BYTES: usize = 16 * 1024 * 1024;

/// How to pass a project id.
pub(super) const PROJECT_ID_HELP: &str = "pass --project-id ID, or set HUAWEICLOUD_SDK_PROJECT_ID or HW_PROJECT_ID";

/// How to pass a project, including by its region.
pub(super) const PROJECT_HELP: &str = "pass --project-id ID, set HUAWEICLOUD_SDK_PROJECT_ID or HW_PROJECT_ID, or pass a region to \
                                       look up its main project in IAM";

/// Returns the project id from the flag, else from the environment.
pub(crate) fn project(flag: Option<&ProjectId>) -> Result<Option<ProjectId>, CliError> {
    if let Some(project) = flag {
        return Ok(Some(project.clone()));
    }
    let Some((name, text)) = first_variable(&PROJECT_VARIABLES)? else { return Ok(None) };
    text.parse().map(Some).map_err(|error| CliError::usage(format!("environment variable {name}: {error}")))
}

/// Describes which project is used if flag, environment and credentials name different projects.
pub(crate) fn other_projects(
    flag: Option<&ProjectId>,
    found: &ResolvedCredentials,
) -> Result<Option<String>, CliError> {
    let mut named: Vec<(String, String)> = Vec::new();
    named.extend(flag.map(|id| ("--project-id".to_owned(), id.to_string())));
    for name in PROJECT_VARIABLES {
        named.extend(variable(name)?.map(|id| (name.to_owned(), id)));
    }
    named.extend(found.project_id.clone().map(|id| (found.location.to_string(), id)));
    let Some((from, used)) = named.first().cloned() else { return Ok(None) };
    let mut seen = HashSet::from([used.clone()]);
    named.retain(|(_, id)| seen.insert(id.clone()));
    if named.is_empty() {
        return Ok(None);
    }
    let others: Vec<String> = named.iter().map(|(from, id)| format!("{id:?} from {from}")).collect();
    Ok(Some(format!("using project {used:?} from {from}, not {}", others.join(" or "))))
}

/// Returns the region from the flag, else from the environment, else from the file of the credentials.
pub(crate) fn region(args: &ConnectionArgs) -> Result<Option<Region>, CliError> {
    if let Some(region) = &args.region {
        return Ok(Some(region.clone()));
    }
    let (setting, text) = match variable(REGION_VARIABLE)? {
        Some(text) => (format!("environment variable {REGION_VARIABLE}"), text),
        None => match credentials_resolver(args).local_region() {
            Some(text) => ("KooCLI file, region of the current profile".to_owned(), text),
            None => return Ok(None),
        },
    };
    text.parse().map(Some).map_err(|error| CliError::usage(format!("{setting}: {error}")))
}

/// Returns where credentials are looked for, according to the flags.
pub(super) fn credentials_resolver(args: &ConnectionArgs) -> CredentialsResolver {
    let resolver = CredentialsResolver::default().with_token_file(args.token_file.clone());
    args.skip_source.iter().fold(resolver, CredentialsResolver::without_source)
}

/// Returns the endpoint from the flag, else that of the region.
pub(crate) fn endpoint(args: &ConnectionArgs, region: Option<&Region>) -> Result<Option<String>, CliError> {
    match (&args.endpoint, region) {
        (Some(endpoint), _) => Ok(Some(endpoint.clone())),
        (None, region) => region.map(endpoint_of).transpose(),
    }
}

/// Returns the endpoint of the metadata service of the cloud server.
pub(super) fn metadata_endpoint() -> Result<MetadataEndpoint, CliError> {
    let Some(text) = variable(METADATA_VARIABLE)? else { return Ok(MetadataEndpoint::Default) };
    if text == "off" {
        return Ok(MetadataEndpoint::Disabled);
    }
    // The metadata service uses plain HTTP, on an address that is the same on every cloud server.
    HttpConfig::default().with_plain_http(true).validate_endpoint(&text).map_err(|error| {
        CliError::usage(format!("environment variable {METADATA_VARIABLE} must be `off` or a URL: {error}"))
    })?;
    Ok(MetadataEndpoint::Custom(text))
}

/// Returns the endpoint that the environment names for a service and a region. If it lists several, the first applies, as in the
/// vendor's SDKs.
pub(super) fn named_endpoint(region: &Region, service: &str) -> Result<Option<String>, CliError> {
    let named = variable(&region.endpoint_env_var(service))?;
    let first = named.as_deref().and_then(|list| list.split(',').map(str::trim).find(|url| !url.is_empty()));
    Ok(first.map(|first| if first.contains("://") { first.to_owned() } else { format!("https://{first}") }))
}

/// Returns the endpoint that the environment names for a region, else the region's own.
pub(super) fn endpoint_of(region: &Region) -> Result<String, CliError> {
    if let Some(named) = named_endpoint(region, "HSS")? {
        return Ok(named);
    }
    let endpoint = region.hss_endpoint();
    if !region.is_known() {
        output::message(&format!(
            "note: region {region} is not known to this version of hss; using endpoint {endpoint}"
        ));
    }
    Ok(endpoint)
}

/// Builds the HTTP settings from the flags.
pub(crate) fn http_config(args: &ConnectionArgs) -> Result<HttpConfig, CliError> {
    let retry = RetryPolicy::default().with_time_limit(args.timeout).with_retry_ambiguous(args.retry_ambiguous);
    let options = CallOptions::default();
    let options = match args.deadline {
        Some(deadline) => options.with_deadline(deadline),
        None => options,
    };
    let config = HttpConfig::default()
        .with_connect_timeout(args.connect_timeout)
        .with_call_options(options)
        .with_plain_http(args.allow_http)
        .with_retry(retry);
    let config = match args.rate_limit {
        Some(limit) => config.with_rate_limit(limit),
        None => config,
    };
    let Some(path) = &args.ca_file else { return Ok(config) };
    let pem = OsEnvironment
        .read_file(path, MAX_CA_FILE_BYTES)
        .map_err(|error| CliError::usage(format!("cannot read CA file {}: {error}", path.display())))?;
    Ok(config.with_ca_certificates(pem.bytes().to_vec()))
}

/// Returns the name and value of the first variable that is set.
pub(super) fn first_variable(names: &[&'static str]) -> Result<Option<(&'static str, String)>, CliError> {
    for name in names {
        if let Some(text) = variable(name)? {
            return Ok(Some((name, text)));
        }
    }
    Ok(None)
}

/// Returns a note on each setting whose environment variable is empty.
pub(super) fn empty_variables() -> impl Iterator<Item = String> {
    let names =
        [&[REGION_VARIABLE, METADATA_VARIABLE][..], &PROJECT_VARIABLES, &IAM_VARIABLES, &DOMAIN_VARIABLES].concat();
    let is_empty = |name: &&str| OsEnvironment.var(name).is_ok_and(|text| text.as_deref() == Some(""));
    names.into_iter().filter(is_empty).map(empty_variable)
}

/// Returns an environment variable if it is set and not empty.
fn variable(name: &str) -> Result<Option<String>, CliError> {
    match OsEnvironment.var(name) {
        Ok(text) => Ok(text.filter(|text| !text.is_empty())),
        Err(_) => Err(CliError::usage(format!("environment variable {name} is not valid UTF-8"))),
    }
}
