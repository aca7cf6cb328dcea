//! What flags and environment say of where to call and how; nothing here needs the network.

use std::collections::HashSet;

use huaweicloud_hss::{
    Environment as _, HttpConfig, MetadataEndpoint, OsEnvironment, ProjectId, Region, ResolvedCredentials, RetryPolicy,
};

use crate::cli::ConnectionArgs;
use crate::exit::CliError;
use crate::output;

/// Environment variables that may hold the project id; the first that is set counts.
const PROJECT_VARIABLES: [&str; 2] = ["HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID"];

/// Environment variable that may hold the region.
const REGION_VARIABLE: &str = "HW_REGION_NAME";

/// Environment variables that may hold the endpoint of IAM; the first that is set counts.
pub(super) const IAM_VARIABLES: [&str; 2] = ["HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"];

/// Environment variables that may hold the account's id; the first that is set counts.
pub(super) const DOMAIN_VARIABLES: [&str; 2] = ["HUAWEICLOUD_SDK_DOMAIN_ID", "HW_DOMAIN_ID"];

/// Where the metadata of the cloud server is looked for: `off`, or another address.
const METADATA_VARIABLE: &str = "HSS_METADATA";

/// The largest file of CA certificates; a system's own is less than one MiB.
const LONGEST_CA_FILE: usize = 16 * 1024 * 1024;

/// The project id from the flag, else from the environment.
pub(crate) fn project(flag: Option<&ProjectId>) -> Result<Option<ProjectId>, CliError> {
    if let Some(project) = flag {
        return Ok(Some(project.clone()));
    }
    let Some((name, text)) = first_variable(&PROJECT_VARIABLES)? else { return Ok(None) };
    text.parse().map(Some).map_err(|error| CliError::usage(format!("environment variable {name}: {error}")))
}

/// Says which project is used, where flag, environment and credentials name different ones.
pub(crate) fn other_projects(
    flag: Option<&ProjectId>,
    found: &ResolvedCredentials,
) -> Result<Option<String>, CliError> {
    let mut named: Vec<(String, String)> = Vec::new();
    named.extend(flag.map(|id| ("--project-id".to_owned(), id.to_string())));
    for name in PROJECT_VARIABLES {
        named.extend(variable(name)?.map(|id| (name.to_owned(), id)));
    }
    named.extend(found.project_id.clone().map(|id| (found.source.to_string(), id)));
    let Some((from, used)) = named.first().cloned() else { return Ok(None) };
    let mut seen = HashSet::from([used.clone()]);
    named.retain(|(_, id)| seen.insert(id.clone()));
    if named.is_empty() {
        return Ok(None);
    }
    let others: Vec<String> = named.iter().map(|(from, id)| format!("{id:?} of {from}")).collect();
    Ok(Some(format!("project {used:?} of {from} is used, and not {}", others.join(" and "))))
}

/// The region from the flag, else from the environment.
pub(crate) fn region(access: &ConnectionArgs) -> Result<Option<Region>, CliError> {
    if let Some(region) = &access.region {
        return Ok(Some(region.clone()));
    }
    let Some(text) = variable(REGION_VARIABLE)? else { return Ok(None) };
    text.parse().map(Some).map_err(|error| CliError::usage(format!("environment variable {REGION_VARIABLE}: {error}")))
}

/// The endpoint from the flag, else that of the region.
pub(crate) fn endpoint(access: &ConnectionArgs, region: Option<&Region>) -> Result<Option<String>, CliError> {
    match (&access.endpoint, region) {
        (Some(endpoint), _) => Ok(Some(endpoint.clone())),
        (None, region) => region.map(endpoint_of).transpose(),
    }
}

/// Where the metadata of the cloud server is looked for.
pub(super) fn metadata() -> Result<MetadataEndpoint, CliError> {
    let Some(text) = variable(METADATA_VARIABLE)? else { return Ok(MetadataEndpoint::Default) };
    if text == "off" {
        return Ok(MetadataEndpoint::Disabled);
    }
    // The service itself is at plain http, on an address that every cloud server has.
    HttpConfig::default().with_plain_http(true).validate_endpoint(&text).map_err(|error| {
        CliError::usage(format!("environment variable {METADATA_VARIABLE} is neither `off` nor an address: {error}"))
    })?;
    Ok(MetadataEndpoint::Custom(text))
}

/// The endpoint of a service that the environment names for a region. Of several the first counts, as for the vendor's SDKs.
pub(super) fn named_endpoint(region: &Region, service: &str) -> Result<Option<String>, CliError> {
    let named = variable(&region.endpoint_env_var(service))?;
    let first = named.as_deref().and_then(|list| list.split(',').map(str::trim).find(|url| !url.is_empty()));
    Ok(first.map(|first| if first.contains("://") { first.to_owned() } else { format!("https://{first}") }))
}

/// The region's endpoint, where the environment does not name another.
pub(super) fn endpoint_of(region: &Region) -> Result<String, CliError> {
    if let Some(named) = named_endpoint(region, "HSS")? {
        return Ok(named);
    }
    let endpoint = region.hss_endpoint();
    if !region.is_known() {
        output::message(&format!(
            "note: region {region} is not known to this version; its endpoint is taken to be {endpoint}"
        ));
    }
    Ok(endpoint)
}

pub(crate) fn network(access: &ConnectionArgs) -> Result<HttpConfig, CliError> {
    let retry = RetryPolicy::default().with_retry_ambiguous(access.retry_ambiguous);
    let network = HttpConfig::default()
        .with_connect_timeout(access.connect_timeout)
        .with_timeout(access.timeout)
        .with_plain_http(access.allow_http)
        .with_retry(retry);
    let network = match access.rate_limit {
        Some(rate) => network.with_rate_limit(rate),
        None => network,
    };
    let Some(path) = &access.ca_file else { return Ok(network) };
    let pem = OsEnvironment
        .read_file(path, LONGEST_CA_FILE)
        .map_err(|error| CliError::usage(format!("CA file {} cannot be read: {error}", path.display())))?;
    Ok(network.with_ca_certificates(pem.bytes().to_vec()))
}

/// Terraform's variable ends in the version of the API, which the calls' own paths begin with.
pub(super) fn without_version(url: &str) -> String {
    let url = url.trim_end_matches('/');
    url.strip_suffix("/v3").unwrap_or(url).to_owned()
}

pub(super) fn first_variable(names: &[&'static str]) -> Result<Option<(&'static str, String)>, CliError> {
    for name in names {
        if let Some(text) = variable(name)? {
            return Ok(Some((name, text)));
        }
    }
    Ok(None)
}

/// An environment variable that is set and not empty.
fn variable(name: &str) -> Result<Option<String>, CliError> {
    match OsEnvironment.var(name) {
        Ok(text) => Ok(text.filter(|text| !text.is_empty())),
        Err(_) => Err(CliError::usage(format!("environment variable {name} is not UTF-8 text"))),
    }
}
