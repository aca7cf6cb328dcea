//! Asks all sources in order, those that use the network last, and reports which one won.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use huaweicloud_auth::{
    CredentialChain, CredentialSource, CredentialsProvider, Environment, LoadFuture, Lookup, OsEnvironment,
    SourceLocation,
};

use super::ecs_metadata::EcsMetadata;
use super::iam_variables::IamPasswordVariables;
use crate::error::Error;
use crate::http::config::HttpConfig;
use crate::types::region::Region;

/// Where the metadata service of a cloud server is expected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MetadataEndpoint {
    /// At the address that every cloud server has.
    #[default]
    Default,
    /// At this URL.
    Custom(String),
    /// Nowhere: it is not asked.
    Disabled,
}

/// Finds credentials where users of Huawei Cloud already keep them, or where the program itself looks.
///
/// In this order: the program's [own sources](Self::with_source); a given token file; `HW_AUTH_TOKEN`; `HUAWEICLOUD_SDK_AK` and its siblings; `HW_ACCESS_KEY` and its siblings; the
/// profile file `~/.huaweicloud/credentials`; KooCLI's `~/.hcloud/config.json`; an IAM user and password (`HW_USER_NAME`,
/// `HW_USER_PASSWORD`, `HW_DOMAIN_NAME`); the metadata service of a cloud server. A source that is set up but broken ends the search.
#[derive(Clone)]
#[must_use]
pub struct CredentialsResolver {
    sources: Vec<Arc<dyn CredentialSource>>,
    env: Arc<dyn Environment>,
    token_file: Option<PathBuf>,
    region: Option<Region>,
    project_id: Option<String>,
    iam_endpoint: Option<String>,
    http_config: HttpConfig,
    metadata: MetadataEndpoint,
}

/// Credentials, where they come from, and notes about that for the user.
#[derive(Debug)]
#[non_exhaustive]
pub struct ResolvedCredentials {
    /// Supplies a client with the credentials.
    pub provider: CredentialsProvider,
    /// Where they come from.
    pub location: SourceLocation,
    /// What they are, in words that may be shown: `token`, `access key HPUA****`.
    pub summary: String,
    /// Warnings about their place, and the sources that are set up as well and not used, each a sentence.
    pub notes: Vec<String>,
    /// The project that the source names.
    pub project_id: Option<String>,
    /// The IAM endpoint that the source names.
    pub iam_endpoint: Option<String>,
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
        }
    }
}

impl CredentialsResolver {
    /// Adds a source of the program's own. Own sources are asked before all others, in the order they are added.
    ///
    /// A client asks it again when its credentials are about to expire or were refused by the service, unless it
    /// [cannot refresh](CredentialSource::can_refresh) them. Refused credentials that it returns again are not sent again by the same
    /// call.
    pub fn with_source(mut self, source: impl CredentialSource + 'static) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    /// Sets the environment that the sources read, instead of this machine's.
    pub fn with_environment(mut self, env: impl Environment + 'static) -> Self {
        self.env = Arc::new(env);
        self
    }

    /// Sets the token file, which goes before everything else on the machine.
    pub fn with_token_file(mut self, path: Option<PathBuf>) -> Self {
        self.token_file = path;
        self
    }

    /// Sets the region whose IAM is asked, and whose main project tokens are for.
    pub fn with_region(mut self, region: Option<Region>) -> Self {
        self.region = region;
        self
    }

    /// Sets the project that tokens are for, instead of the region's main one.
    pub fn with_project_id(mut self, id: Option<String>) -> Self {
        self.project_id = id;
        self
    }

    /// Sets the IAM endpoint, instead of the region's own.
    pub fn with_iam_endpoint(mut self, url: Option<String>) -> Self {
        self.iam_endpoint = url;
        self
    }

    /// Sets how IAM is called.
    pub fn with_http_config(mut self, http_config: HttpConfig) -> Self {
        self.http_config = http_config;
        self
    }

    /// Sets where the metadata service is expected.
    pub fn with_metadata_endpoint(mut self, metadata: MetadataEndpoint) -> Self {
        self.metadata = metadata;
        self
    }

    /// Returns the IAM endpoint to use if the credentials' source names `named` itself.
    #[must_use]
    pub fn iam_endpoint(&self, named: Option<&str>) -> String {
        let own = self.iam_endpoint.as_deref().or(named).map(str::to_owned);
        own.unwrap_or_else(|| Region::iam_endpoint(self.region.as_ref()))
    }

    /// Asks the sources in order; the first that has credentials wins.
    ///
    /// # Errors
    /// The broken source's own error, or one of kind [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) that lists every
    /// source and why it has none.
    pub async fn resolve(&self) -> Result<ResolvedCredentials, Error> {
        let resolved = self.chain().resolve(&*self.env).await?;
        let loaded = resolved.credentials.as_ref();
        let warnings = loaded.iter().flat_map(|loaded| &loaded.warnings).map(ToString::to_string);
        let shadowed = resolved.shadowed.iter().map(ToString::to_string);
        Ok(ResolvedCredentials {
            location: resolved.location.clone(),
            summary: resolved.summary.clone(),
            notes: warnings.chain(shadowed).collect(),
            project_id: loaded.and_then(|loaded| loaded.credentials.project_id()).map(str::to_owned),
            iam_endpoint: loaded.and_then(|loaded| loaded.iam_endpoint.clone()),
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
        self.sources.iter().rev().fold(chain, |chain, source| chain.push_front(Arc::clone(source)))
    }
}

/// The metadata service, at the endpoint that is configured. Its HTTP client is only set up when it is asked.
struct Metadata(MetadataEndpoint);

impl CredentialSource for Metadata {
    fn name(&self) -> String {
        EcsMetadata::NAME.to_owned()
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
            .finish_non_exhaustive()
    }
}
