//! Asks all sources in order, those that use the network last, and reports which one won.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use huaweicloud_auth::{
    CredentialChain, CredentialSource, Credentials, CredentialsProvider, Environment, LoadFuture, Lookup,
    OsEnvironment, SourceLocation,
};

use super::ecs_metadata::EcsMetadata;
use super::iam_variables::IamPasswordVariables;
use crate::error::{Error, ErrorKind};
use crate::generated::hss::bounds::credentials::X_AUTH_TOKEN;
use crate::http::config::HttpConfig;
use crate::services::iam::IamEndpoint;
use crate::types::region::Region;

/// The address at which the metadata service of a cloud server is expected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MetadataEndpoint {
    /// The address that is the same on every cloud server.
    #[default]
    Default,
    /// This URL.
    Custom(String),
    /// No address: the metadata service is not asked.
    Disabled,
}

/// Finds credentials where users of Huawei Cloud already keep them, and in the program's own sources.
///
/// It asks, in this order:
///
/// 1. the program's [own sources](Self::with_source);
/// 2. a [token file](Self::with_token_file);
/// 3. the variable `HW_AUTH_TOKEN`;
/// 4. the variables of the official SDKs, `HUAWEICLOUD_SDK_AK` and its siblings;
/// 5. the variables of the Terraform provider, `HW_ACCESS_KEY` and its siblings;
/// 6. the profile file of the official SDKs, `~/.huaweicloud/credentials`;
/// 7. the configuration of KooCLI, `~/.hcloud/config.json`;
/// 8. an IAM user and password: `HW_USER_NAME`, `HW_USER_PASSWORD` and `HW_DOMAIN_NAME`;
/// 9. the metadata service of a cloud server.
///
/// A source that is set up but broken ends the search with its error, unless it is
/// [skipped](CredentialsResolver::without_source). A file in its usual place that cannot be read is passed over, with a
/// note.
///
/// ```no_run
/// use huaweicloud_hss::{Client, CredentialsResolver, Region};
///
/// # async fn example() -> Result<(), huaweicloud_hss::Error> {
/// let region: Region = "cn-north-4".parse()?;
/// let found = CredentialsResolver::default().with_region(region.clone()).resolve().await?;
/// println!("{} from {}", found.summary, found.location);
/// let client =
///     Client::builder().with_endpoint(region.hss_endpoint()).with_credentials(found.provider).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct CredentialsResolver {
    sources: Vec<Arc<dyn CredentialSource>>,
    env: Arc<dyn Environment>,
    token_file: Option<PathBuf>,
    region: Option<Region>,
    project_id: Option<String>,
    iam_endpoint: Option<IamEndpoint>,
    http_config: HttpConfig,
    metadata: MetadataEndpoint,
    skipped: Vec<String>,
}

/// Credentials, where they come from, and notes for the user.
#[derive(Debug)]
#[non_exhaustive]
pub struct ResolvedCredentials {
    /// Supplies a client with the credentials.
    pub provider: CredentialsProvider,
    /// Where they come from.
    pub location: SourceLocation,
    /// A description without secrets: `token`, `access key HPUA****`.
    pub summary: String,
    /// Warnings about their location, other sources that are also set up but not used, and what was passed over. Each is
    /// a sentence.
    pub notes: Vec<String>,
    /// The project that the source names.
    pub project_id: Option<String>,
    /// The IAM endpoint that the source names.
    pub iam_endpoint: Option<String>,
    /// The region that the source names.
    pub region: Option<String>,
}

impl Default for CredentialsResolver {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            env: Arc::new(OsEnvironment),
            token_file: None,
            region: None,
            project_id: None,
            iam_endpoint: None,
            http_config: HttpConfig::default(),
            metadata: MetadataEndpoint::default(),
            skipped: Vec::new(),
        }
    }
}

impl CredentialsResolver {
    /// The sources of this machine that can be skipped by name, in the order in which they are asked.
    pub const SOURCES: [&str; 7] = ["token", "sdk", "terraform", "profile", "koocli", "iam-user", "metadata"];

    /// Adds a source of the program's own. Own sources are asked before all others, in the order in which they are
    /// added.
    ///
    /// A client asks the source again when its credentials are about to expire or were rejected by the service, unless
    /// it [cannot refresh](CredentialSource::can_refresh) them. Rejected credentials that it returns again are not sent
    /// again by the same call.
    pub fn with_source(mut self, source: impl CredentialSource + 'static) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    /// Sets the environment that the sources read, instead of this machine's.
    pub fn with_environment(mut self, env: impl Environment + 'static) -> Self {
        self.env = Arc::new(env);
        self
    }

    /// Sets a token file, which takes precedence over all other sources of this machine.
    pub fn with_token_file(mut self, path: impl Into<Option<PathBuf>>) -> Self {
        self.token_file = path.into();
        self
    }

    /// Sets the region, whose IAM endpoint is used and whose main project new tokens are scoped to.
    pub fn with_region(mut self, region: impl Into<Option<Region>>) -> Self {
        self.region = region.into();
        self
    }

    /// Sets the project that new tokens are scoped to, instead of the region's main project.
    pub fn with_project_id(mut self, id: impl Into<Option<String>>) -> Self {
        self.project_id = id.into();
        self
    }

    /// Sets the IAM endpoint, instead of the region's own.
    pub fn with_iam_endpoint(mut self, endpoint: Option<impl Into<IamEndpoint>>) -> Self {
        self.iam_endpoint = endpoint.map(Into::into);
        self
    }

    /// Sets how requests to IAM are sent.
    pub fn with_http_config(mut self, http_config: HttpConfig) -> Self {
        self.http_config = http_config;
        self
    }

    /// Sets the address of the metadata service.
    pub fn with_metadata_endpoint(mut self, metadata: MetadataEndpoint) -> Self {
        self.metadata = metadata;
        self
    }

    /// Does not ask the source with this name, one of [`SOURCES`](Self::SOURCES).
    pub fn without_source(mut self, name: impl Into<String>) -> Self {
        self.skipped.push(name.into());
        self
    }

    /// Returns the IAM endpoint to use: the one that was set, else the one that the source of the credentials names,
    /// else the region's.
    #[must_use]
    pub fn iam_endpoint(&self, found: Option<&ResolvedCredentials>) -> IamEndpoint {
        let named = || {
            let found = found?;
            Some(
                IamEndpoint::new(found.iam_endpoint.as_deref()?)
                    .with_setting(format!("`iam_endpoint` in {}", found.location)),
            )
        };
        self.iam_endpoint.clone().or_else(named).unwrap_or_else(|| Region::iam_endpoint(self.region.as_ref()).into())
    }

    /// Returns the region that the variables and files of this machine name together with the credentials that are used,
    /// as KooCLI's file does. It does not use the network, and ignores sources that are broken.
    #[must_use]
    pub fn local_region(&self) -> Option<String> {
        // What a caller names has no region, and standard input can be read only once.
        if self.token_file.is_some() || !self.sources.is_empty() {
            return None;
        }
        let resolved = self.skipping(CredentialChain::default_chain(None)).resolve_now(&*self.env)?.ok()?;
        resolved.credentials?.region
    }

    fn skipping(&self, chain: CredentialChain) -> CredentialChain {
        self.skipped.iter().fold(chain, CredentialChain::skip)
    }

    /// Asks the sources in order; the first that has credentials wins.
    ///
    /// # Errors
    /// The broken source's own error, or one of kind [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) that
    /// lists every source and why it has none.
    pub async fn resolve(&self) -> Result<ResolvedCredentials, Error> {
        let chain = self.chain();
        if let Some(unknown) = self.skipped.iter().find(|name| chain.ids().all(|id| id != name.as_str())) {
            return Err(Error::invalid_input(format!("there is no credential source {unknown:?} to skip")));
        }
        let resolved = chain.resolve(&*self.env).await?;
        let loaded = resolved.credentials.as_ref();
        if let Some(Credentials::Token { token, .. }) = loaded.map(|loaded| &loaded.credentials) {
            X_AUTH_TOKEN.check_str(token.expose()).map_err(|error| {
                Error::new(ErrorKind::Credentials, format!("{}: {error}", resolved.location))
                    .with_help("Check that the token is complete.")
            })?;
        }
        Ok(ResolvedCredentials {
            location: resolved.location.clone(),
            summary: resolved.summary.clone(),
            notes: resolved.notes().collect(),
            project_id: loaded.and_then(|loaded| loaded.credentials.project_id()).map(str::to_owned),
            iam_endpoint: loaded.and_then(|loaded| loaded.iam_endpoint.clone()),
            region: loaded.and_then(|loaded| loaded.region.clone()),
            provider: resolved.into_provider(Arc::clone(&self.env)),
        })
    }

    fn chain(&self) -> CredentialChain {
        let iam_password = IamPasswordVariables {
            iam_endpoint: self.iam_endpoint(None),
            http_config: self.http_config.clone(),
            region: self.region.as_ref().map(|region| region.as_str().to_owned()),
            project_id: self.project_id.clone(),
        };
        let chain = CredentialChain::default_chain(self.token_file.clone())
            .push(iam_password)
            .push(Metadata(self.metadata.clone()));
        let chain = self.sources.iter().rev().fold(chain, |chain, source| chain.push_front(Arc::clone(source)));
        self.skipping(chain)
    }
}

/// The metadata service, at the endpoint that is configured. Its HTTP client is only set up when it is asked.
struct Metadata(MetadataEndpoint);

impl CredentialSource for Metadata {
    fn name(&self) -> String {
        EcsMetadata::NAME.to_owned()
    }

    fn id(&self) -> &'static str {
        "metadata"
    }

    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(async move {
            let source = match &self.0 {
                MetadataEndpoint::Disabled => return Ok(Lookup::not_found("disabled")),
                MetadataEndpoint::Default => EcsMetadata::new(),
                MetadataEndpoint::Custom(endpoint) => EcsMetadata::with_endpoint(endpoint.as_str()),
            };
            match source {
                Ok(source) => source.load(env).await,
                Err(error) => Ok(EcsMetadata::not_found(error)),
            }
        })
    }

    fn refresh_margin(&self) -> Duration {
        EcsMetadata::REFRESH_MARGIN
    }
}

impl fmt::Debug for CredentialsResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsResolver")
            .field("sources", &self.sources.iter().map(|source| source.name()).collect::<Vec<_>>())
            .field("token_file", &self.token_file)
            .field("region", &self.region)
            .field("project_id", &self.project_id)
            .field("iam_endpoint", &self.iam_endpoint)
            .field("metadata", &self.metadata)
            .field("skipped", &self.skipped)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_sources_are_those_of_the_chain() {
        let chain = CredentialsResolver::default().chain();
        assert_eq!(chain.ids().collect::<Vec<_>>(), CredentialsResolver::SOURCES);
    }
}
