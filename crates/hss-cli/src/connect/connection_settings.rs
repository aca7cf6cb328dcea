//! Where to connect and with which credentials.

use huaweicloud_hss::iam::{IamClient, IamEndpoint};
use huaweicloud_hss::{CredentialsResolver, HttpConfig, ProjectId, Region, ResolvedCredentials};

use crate::cli::ConnectionArgs;
use crate::exit::CliError;
use crate::output;

use super::environment::{
    IAM_VARIABLES, PROJECT_HELP, credentials_resolver, empty_variables, endpoint, endpoint_of, first_variable,
    http_config, metadata_endpoint, region,
};

/// Where to connect, according to flags and environment. Creating it sends nothing.
pub(crate) struct ConnectionSettings {
    pub(crate) region: Option<Region>,
    pub(crate) endpoint: Option<String>,
    /// Whether the endpoint comes from a flag, so that it applies to every region.
    endpoint_from_flag: bool,
    pub(crate) http_config: HttpConfig,
    pub(crate) resolver: CredentialsResolver,
}

impl ConnectionSettings {
    pub(crate) fn new(args: &ConnectionArgs, project: Option<&ProjectId>) -> Result<Self, CliError> {
        let region = region(args)?;
        let endpoint = endpoint(args, region.as_ref())?;
        Self::from_parts(args, project, region, endpoint, http_config(args)?)
    }

    /// Creates the settings from a region, an endpoint and an HTTP configuration.
    pub(crate) fn from_parts(
        args: &ConnectionArgs,
        project: Option<&ProjectId>,
        region: Option<Region>,
        endpoint: Option<String>,
        http_config: HttpConfig,
    ) -> Result<Self, CliError> {
        let iam_endpoint = match &args.iam_endpoint {
            Some(endpoint) => Some(IamEndpoint::new(endpoint).with_setting("--iam-endpoint")),
            None => first_variable(&IAM_VARIABLES)?
                .map(|(name, url)| IamEndpoint::new(url).with_setting(format!("environment variable {name}"))),
        };
        let resolver = credentials_resolver(args)
            .with_region(region.clone())
            .with_project_id(project.map(ToString::to_string))
            .with_iam_endpoint(iam_endpoint)
            .with_http_config(http_config.clone())
            .with_metadata_endpoint(metadata_endpoint()?);
        Ok(Self { region, endpoint, endpoint_from_flag: args.endpoint.is_some(), http_config, resolver })
    }

    /// Resolves the credentials.
    pub(crate) async fn resolve(&self) -> Result<ResolvedCredentials, CliError> {
        let mut found = self.resolver.resolve().await?;
        for note in empty_variables() {
            if !found.notes.contains(&note) {
                found.notes.push(note);
            }
        }
        Ok(found)
    }

    /// Looks up the project id where none is given: in the credentials, else in IAM by the name of the region.
    ///
    /// `region` is the region of the queue, if the queue names one.
    pub(crate) async fn find_project(
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
            return Err(CliError::usage(format!("no project id is known. To fix this, {PROJECT_HELP}")));
        };
        let resolver = self.resolver.clone().with_region(Some(region.clone()));
        let endpoint = resolver.iam_endpoint(Some(found));
        let iam = IamClient::with_credentials(endpoint, self.http_config.clone(), found.provider.clone())?;
        Ok(iam.project_id(region.as_str()).await?.parse()?)
    }

    /// Returns the endpoint for the region of a queue.
    pub(super) fn endpoint_for(&self, region: Option<&Region>) -> Result<Option<String>, CliError> {
        match region {
            Some(region) if !self.endpoint_from_flag => endpoint_of(region).map(Some),
            _ => Ok(self.endpoint.clone()),
        }
    }
}

/// Prints the notes on the source of the credentials, such as other credentials that are ignored.
pub(super) fn print_notes(found: &ResolvedCredentials) {
    for note in &found.notes {
        output::message(&format!("note: {note}"));
    }
}
