//! Looks through all sources in their order, those that need the network last, and says which one won.

use std::path::PathBuf;

use huaweicloud_auth::{CredentialChain, Environment, SourceLocation};

use super::{CredentialsProvider, EcsMetadata, IamPassword, Provider};
use crate::error::{Error, ErrorKind};
use crate::iam::IamClient;
use crate::network::HttpConfig;
use crate::region::Region;

/// Where the metadata service of a cloud server is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MetadataEndpoint {
    /// At the address that every cloud server has.
    #[default]
    Default,
    /// At this URL.
    Custom(String),
    /// Nowhere.
    Disabled,
}

/// Finds credentials the way users of Huawei Cloud already keep them.
///
/// In this order: a given token file; `HW_AUTH_TOKEN`; `HUAWEICLOUD_SDK_AK` and its siblings; `HW_ACCESS_KEY` and its siblings; the
/// profile file `~/.huaweicloud/credentials`; KooCLI's `~/.hcloud/config.json`; an IAM user and password (`HW_USER_NAME`,
/// `HW_USER_PASSWORD`, `HW_DOMAIN_NAME`); the metadata service of a cloud server. A source that is there but broken ends the search.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CredentialsResolver {
    token_file: Option<PathBuf>,
    region: Option<Region>,
    project_id: Option<String>,
    iam_endpoint: Option<String>,
    network: HttpConfig,
    metadata: MetadataEndpoint,
}

/// Credentials, where they come from, and what a person should know about it.
#[derive(Debug)]
#[non_exhaustive]
pub struct ResolvedCredentials {
    /// What a client is to be built with.
    pub provider: CredentialsProvider,
    /// Where they come from.
    pub source: SourceLocation,
    /// What they are, without any secret: `token`, `access key HPUA****`.
    pub summary: String,
    /// Sources that also hold credentials and are not used, and other remarks, each a sentence.
    pub notes: Vec<String>,
    /// The project that the source names.
    pub project_id: Option<String>,
    /// The IAM endpoint that the source names.
    pub iam_endpoint: Option<String>,
}

impl CredentialsResolver {
    /// A token file that goes before everything else.
    pub fn with_token_file(mut self, path: Option<PathBuf>) -> Self {
        self.token_file = path;
        self
    }

    /// The region whose IAM is asked, and whose main project tokens are for.
    pub fn with_region(mut self, region: Option<Region>) -> Self {
        self.region = region;
        self
    }

    /// The project that tokens are for, instead of the region's main one.
    pub fn with_project_id(mut self, id: Option<String>) -> Self {
        self.project_id = id;
        self
    }

    /// Where IAM is, instead of the region's own.
    pub fn with_iam_endpoint(mut self, url: Option<String>) -> Self {
        self.iam_endpoint = url;
        self
    }

    /// How calls to IAM go out.
    pub fn with_network(mut self, network: HttpConfig) -> Self {
        self.network = network;
        self
    }

    /// Where the metadata service is looked for.
    pub fn with_metadata_endpoint(mut self, metadata: MetadataEndpoint) -> Self {
        self.metadata = metadata;
        self
    }

    /// The IAM endpoint to use, where the credentials' source named `named` itself.
    #[must_use]
    pub fn iam_endpoint(&self, named: Option<&str>) -> String {
        let own = self.iam_endpoint.as_deref().or(named).map(str::to_owned);
        own.unwrap_or_else(|| Region::iam_endpoint(self.region.as_ref()))
    }

    /// Looks for credentials.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] with the broken source's own reason, or with every source and why it had none.
    pub async fn resolve(&self, env: &dyn Environment) -> Result<ResolvedCredentials, Error> {
        let not_found = match CredentialChain::default_chain(self.token_file.clone()).resolve(env).await {
            Ok(resolved) => {
                let mut notes: Vec<String> = resolved.credentials.warnings.iter().map(ToString::to_string).collect();
                notes.extend(resolved.shadowed.iter().map(ToString::to_string));
                if IamPassword::is_in(env).unwrap_or(true) {
                    notes.push(
                        "other credentials are not used: environment variables HW_USER_NAME and HW_USER_PASSWORD"
                            .to_owned(),
                    );
                }
                let found = resolved.credentials;
                return Ok(ResolvedCredentials {
                    summary: found.credentials.summary(),
                    project_id: found.credentials.project_id().map(str::to_owned),
                    provider: CredentialsProvider::from_static(found.credentials),
                    source: found.source,
                    notes,
                    iam_endpoint: found.iam_endpoint,
                });
            }
            Err(error) if error.is_invalid() => return Err(Error::new(ErrorKind::Credentials, error.to_string())),
            Err(error) => error,
        };
        let iam = IamClient::new(&self.iam_endpoint(None), self.network.clone(), Provider::None)?;
        let region = self.region.as_ref().map(Region::as_str);
        if let Some(password) = IamPassword::from_environment(env, iam, region, self.project_id.as_deref())? {
            return Ok(ResolvedCredentials {
                provider: CredentialsProvider::iam_password(password),
                source: SourceLocation::Other(
                    "environment variables HW_USER_NAME, HW_USER_PASSWORD and HW_DOMAIN_NAME".to_owned(),
                ),
                summary: "IAM user and password, exchanged for a token".to_owned(),
                notes: Vec::new(),
                project_id: None,
                iam_endpoint: None,
            });
        }
        let not_found = not_found.with_reason("IAM user and password", "HW_USER_NAME and HW_USER_PASSWORD are not set");
        match self.metadata_source().await {
            Ok(found) => Ok(found),
            Err(reason) => {
                let not_found = not_found.with_reason("metadata of the cloud server", reason);
                Err(Error::new(ErrorKind::Credentials, not_found.to_string()))
            }
        }
    }

    /// The last source, asked at once: whether it is there only asking can tell.
    async fn metadata_source(&self) -> Result<ResolvedCredentials, String> {
        let source = match &self.metadata {
            MetadataEndpoint::Disabled => return Err("switched off".to_owned()),
            MetadataEndpoint::Default => EcsMetadata::new(),
            MetadataEndpoint::Custom(address) => EcsMetadata::with_endpoint(address.as_str()),
        };
        let provider = CredentialsProvider::ecs_metadata(source.map_err(|error| error.to_string())?);
        let credentials = provider.credentials().await.map_err(|error| error.to_string())?;
        Ok(ResolvedCredentials {
            provider,
            source: SourceLocation::Other("metadata of the cloud server".to_owned()),
            summary: credentials.summary(),
            notes: Vec::new(),
            project_id: None,
            iam_endpoint: None,
        })
    }
}
