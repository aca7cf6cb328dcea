//! The two calls of the identity service (IAM) that HSS depends on: a token for a password, and the projects with their ids.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use huaweicloud_auth::Secret;

use crate::credentials::{CredentialsProvider, Provider};
use crate::error::{Error, ErrorKind};
use crate::http::config::HttpConfig;
use crate::http::context::{Named, RequestContext};
use crate::http::executor::{Caller, Operation};

/// The client that the generator makes from `spec/iam.yaml`.
pub use crate::generated::iam as api;

use api::limits::keystone_list_projects as limits;
pub use api::types::Project;

const CREATE_TOKEN: Operation =
    // A second token does no harm: asking again is safe.
    Operation { method: "POST", ..Operation::question("KeystoneCreateUserTokenByPassword") };
const LIST_PROJECTS: Operation = Operation::question("KeystoneListProjects").with_long_answer();

const LOG_IN_HELP: &str = "Check HW_USER_NAME, HW_USER_PASSWORD and HW_DOMAIN_NAME; only an IAM user gets a token, not the account's own log-in.";
const PROJECTS_HELP: &str =
    "Check the credentials and the clock, or give the project's id so that IAM need not be asked.";
const ENDPOINT_HELP: &str = "Check that the endpoint is that of IAM.";

/// An error of IAM's with advice that fits: that of HSS calls speaks of tokens and scans.
fn told(error: Error, not_accepted: &str, help: &'static str) -> Error {
    match error.kind() {
        ErrorKind::Credentials => error.with_what(not_accepted).with_help(help),
        ErrorKind::Permission => error.with_what("IAM denies access").with_help(
            "Ask for the permission to list projects, or give the project's id so that IAM need not be asked.",
        ),
        ErrorKind::Refused | ErrorKind::InvalidResponse => error.with_help(ENDPOINT_HELP),
        _ => error,
    }
}

/// A client of IAM. Cheap to clone.
#[derive(Clone)]
pub struct IamClient {
    caller: Arc<Caller>,
}

/// A new token and what IAM says of it.
pub(crate) struct Created {
    pub(crate) token: Secret,
    /// Nothing where the body could not be read: the token is in the header alone.
    pub(crate) info: Option<api::types::CreateTokenResponse>,
}

impl IamClient {
    pub(crate) fn new(endpoint: &str, network: HttpConfig, provider: Provider) -> Result<Self, Error> {
        Ok(Self { caller: Arc::new(Caller::new(endpoint, network, provider, |_| Named::Nothing)?) })
    }

    /// A client that asks with these credentials.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`](crate::ClientBuilder::build).
    pub fn with_credentials(
        endpoint: &str,
        network: HttpConfig,
        credentials: CredentialsProvider,
    ) -> Result<Self, Error> {
        Self::new(endpoint, network, credentials.0)
    }

    /// A client for exchanging passwords, which needs no other credentials.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`](crate::ClientBuilder::build).
    pub fn without_credentials(endpoint: &str, network: HttpConfig) -> Result<Self, Error> {
        Self::new(endpoint, network, Provider::None)
    }

    /// Where this client sends to.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.caller.base
    }

    fn api(&self, inner: RequestContext) -> api::Client {
        api::Client { baseurl: self.caller.base.clone(), client: self.caller.http.clone(), inner }
    }

    pub(crate) async fn create_token(&self, request: &api::types::CreateTokenRequest) -> Result<Created, Error> {
        let answered = self
            .caller
            .call(CREATE_TOKEN, None, |attempt| {
                let api = self.api(attempt);
                async move { api.keystone_create_user_token_by_password(Some("true"), request).await }
            })
            .await
            .map_err(|error| told(error, "IAM does not accept the user name or the password", LOG_IN_HELP))?;
        let header = answered.seen.headers.get("x-subject-token").and_then(|value| value.to_str().ok());
        let Some(token) = header.filter(|token| !token.is_empty()) else {
            let what = "IAM's answer has no X-Subject-Token";
            return Err(
                Error::new(ErrorKind::InvalidResponse, what).with_help("Check that the endpoint is that of IAM.")
            );
        };
        Ok(Created { token: Secret::new(token.to_owned()), info: answered.value.ok() })
    }

    /// The id of the one project with this name; the main project of a region has the region's name.
    ///
    /// # Errors
    /// Whatever a call can fail with, and [`ErrorKind::InvalidInput`] when none or several have the name.
    pub async fn project_id(&self, name: &str) -> Result<String, Error> {
        let projects = self.page(Some(name), None, None).await?;
        let ids: Vec<String> = projects
            .into_iter()
            .filter(|project| project.name.as_deref() == Some(name))
            .filter_map(|project| project.id)
            .collect();
        match <[String; 1]>::try_from(ids) {
            Ok([id]) => Ok(id),
            Err(ids) => {
                let count = if ids.is_empty() { "no project".to_owned() } else { format!("{} projects", ids.len()) };
                Err(Error::invalid_input(format!("IAM knows {count} with the name {name:?}"))
                    .with_help("Give the project's id."))
            }
        }
    }

    /// Every project of the account that the caller may see.
    ///
    /// # Errors
    /// Whatever a call can fail with.
    pub async fn projects(&self) -> Result<Vec<Project>, Error> {
        let per_page = u32::try_from(limits::PER_PAGE.max()).ok().and_then(NonZeroU32::new);
        let mut all: Vec<Project> = Vec::new();
        for number in (1..).map_while(NonZeroU32::new) {
            let page = self.page(None, Some(number), per_page).await?;
            let last = page.len() < per_page.map_or(0, NonZeroU32::get) as usize;
            // A service without pages gives the same projects again.
            let known = page.first().is_some_and(|first| all.iter().any(|known| known.id == first.id));
            if !known {
                all.extend(page);
            }
            if last || known {
                break;
            }
        }
        Ok(all)
    }

    async fn page(
        &self,
        name: Option<&str>,
        page: Option<NonZeroU32>,
        per_page: Option<NonZeroU32>,
    ) -> Result<Vec<Project>, Error> {
        let answered = self
            .caller
            .call(LIST_PROJECTS, None, |attempt| {
                let api = self.api(attempt);
                async move { api.keystone_list_projects(name, page, per_page).await }
            })
            .await
            .map_err(|error| told(error, "IAM does not accept the credentials", PROJECTS_HELP))?;
        Ok(answered.value.map_err(|error| error.with_help(ENDPOINT_HELP))?.projects)
    }
}

impl fmt::Debug for IamClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IamClient").field("endpoint", &self.caller.base).finish_non_exhaustive()
    }
}
