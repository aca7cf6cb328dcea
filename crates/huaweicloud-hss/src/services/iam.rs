//! The client of the identity service (IAM): a token for a password, and the projects with their ids.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use huaweicloud_auth::{CredentialsProvider, Secret};

use crate::error::{Error, ErrorKind};
use crate::generated::set_some::SetSome as _;
use crate::http::config::HttpConfig;
use crate::http::context::{RequestContext, SigningScope};
use crate::http::executor::{CallControl, Executor, Operation};
use crate::http::pagination::{Listed, Page, PageRequest, Pager};

/// The client that the generator makes from `spec/iam.yaml`.
pub use crate::generated::iam as api;

use api::bounds::keystone_list_projects as bounds;
use api::builder::KeystoneListProjects;
pub use api::types::Project;

/// Another token does no harm, so this may be sent again.
const CREATE_TOKEN: Operation = Operation::repeatable_post("KeystoneCreateUserTokenByPassword");
const LIST_PROJECTS: Operation = Operation::list("KeystoneListProjects");

const LOG_IN_HELP: &str = "Check HW_USER_NAME, HW_USER_PASSWORD and HW_DOMAIN_NAME. Only IAM users can get a token; the account's own login cannot.";
const PROJECTS_HELP: &str = "Check the credentials and the clock, or give the project id to skip the lookup in IAM.";
const ENDPOINT_HELP: &str = "Check that this is an IAM endpoint.";

/// Replaces the help of an error: the usual one is about HSS.
fn with_iam_help(error: Error, not_accepted: &str, help: &'static str) -> Error {
    match error.kind() {
        ErrorKind::Credentials => error.with_what(not_accepted).with_help(help),
        ErrorKind::Permission => error
            .with_what("IAM denied access")
            .with_help("Request the permission to list projects, or give the project id to skip the lookup in IAM."),
        ErrorKind::Refused | ErrorKind::InvalidResponse => error.with_help(ENDPOINT_HELP),
        _ => error,
    }
}

/// The address of IAM, and the setting that it comes from.
///
/// A scheme that is missing is https, and the API version `/v3` at the end is removed, because the paths of the calls
/// begin with it:
///
/// ```
/// use huaweicloud_hss::iam::IamEndpoint;
///
/// let endpoint = IamEndpoint::new("iam.example.com/v3/").with_setting("HW_AUTH_URL");
/// assert_eq!(endpoint.url(), "https://iam.example.com");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamEndpoint {
    url: String,
    setting: Option<String>,
}

impl IamEndpoint {
    /// Takes the address. It is validated when a client is created.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        let url = url.into();
        let url = url.trim().trim_end_matches('/');
        let url = url.strip_suffix("/v3").unwrap_or(url).trim_end_matches('/');
        let url = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
        Self { url, setting: None }
    }

    /// Sets the setting that the address comes from, for errors.
    #[must_use]
    pub fn with_setting(mut self, setting: impl Into<String>) -> Self {
        self.setting = Some(setting.into());
        self
    }

    /// Returns the URL that the paths of the calls are appended to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl From<String> for IamEndpoint {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

impl From<&str> for IamEndpoint {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

/// Fetches the list of projects page by page. [`IamClient::project_pages`] returns one.
#[derive(Clone, Debug)]
pub struct ProjectPager {
    client: IamClient,
    pager: Pager,
}

impl Listed for Project {
    fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }
}

impl ProjectPager {
    /// Fetches the next page; `None` after the last.
    ///
    /// # Errors
    /// As [`HostPager::next_page`](crate::HostPager::next_page). IAM returns no total: the list is incomplete if a
    /// page repeats projects of earlier pages, or is empty although the page before named it.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Project>>, Error> {
        let Self { client, pager } = self;
        pager.next_page(|request| client.page(request)).await
    }
}

/// A client of IAM. Cheap to clone.
///
/// ```no_run
/// use huaweicloud_hss::iam::IamClient;
/// use huaweicloud_hss::{CredentialsResolver, HttpConfig, Region};
///
/// # async fn example() -> Result<(), huaweicloud_hss::Error> {
/// let credentials = CredentialsResolver::default().resolve().await?.provider;
/// let iam = IamClient::with_credentials(Region::iam_endpoint(None), HttpConfig::default(), credentials)?;
/// println!("project {}", iam.project_id("cn-north-4").await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct IamClient {
    executor: Arc<Executor>,
    setting: Option<String>,
}

/// A new token.
pub(crate) struct IssuedToken {
    pub(crate) token: Secret,
    /// What IAM reports about it; `None` if the body is not usable. The token itself is in a header.
    pub(crate) info: Option<api::types::CreateTokenResponse>,
}

impl IamClient {
    /// Creates a client with these credentials.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`](crate::ClientBuilder::build).
    pub fn with_credentials(
        endpoint: impl Into<IamEndpoint>,
        http_config: HttpConfig,
        credentials: CredentialsProvider,
    ) -> Result<Self, Error> {
        let IamEndpoint { url, setting } = endpoint.into();
        let executor = Executor::new(&url, http_config, credentials, |_| SigningScope::None);
        let executor = executor.map_err(|error| match &setting {
            Some(setting) => error.within(setting),
            None => error.within("IAM"),
        })?;
        Ok(Self { executor: Arc::new(executor), setting })
    }

    /// Creates a client without credentials, which can only exchange passwords for tokens
    /// ([`IamPassword`](crate::IamPassword)).
    ///
    /// # Errors
    /// As [`ClientBuilder::build`](crate::ClientBuilder::build).
    pub fn without_credentials(endpoint: impl Into<IamEndpoint>, http_config: HttpConfig) -> Result<Self, Error> {
        Self::with_credentials(endpoint, http_config, CredentialsProvider::anonymous())
    }

    /// Returns the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.executor.base_url()
    }

    fn api(&self, context: RequestContext) -> api::Client {
        api::Client::new_with_client(self.executor.base_url(), self.executor.http_client(), context)
    }

    pub(crate) async fn create_token(&self, request: &api::types::CreateTokenRequest) -> Result<IssuedToken, Error> {
        let user = &request.auth.identity.password.user;
        let log_in = Some([user.domain.name.as_str(), &user.name, user.password.0.expose()]);
        let control = CallControl { log_in, ..CallControl::default() };
        let completed = self
            .executor
            .call(CREATE_TOKEN, Some(&control), |context| {
                let api = self.api(context.with_body_secret(user.password.0.clone()));
                async move {
                    api.keystone_create_user_token_by_password().nocatalog("true").body(request.clone()).send().await
                }
            })
            .await
            .map_err(|error| with_iam_help(error, "IAM rejected the user name or password", LOG_IN_HELP))
            .map_err(|error| self.with_url(error, "/v3/auth/tokens"))?;
        let header = completed.raw.headers.get("x-subject-token").and_then(|value| value.to_str().ok());
        let Some(token) = header.filter(|token| !token.is_empty()) else {
            let what = "IAM's response has no X-Subject-Token header";
            let error = Error::new(ErrorKind::InvalidResponse, what).with_help(ENDPOINT_HELP);
            return Err(self.with_url(error, "/v3/auth/tokens"));
        };
        Ok(IssuedToken { token: Secret::new(token.to_owned()), info: completed.value.ok() })
    }

    /// Returns the id of the project with this name. The main project of a region has the region's name.
    ///
    /// # Errors
    /// Any error of a call, and [`ErrorKind::InvalidInput`] if no project or several have the name.
    pub async fn project_id(&self, name: &str) -> Result<String, Error> {
        let projects = self.list_projects(Some(name), None, None).await?.projects;
        let ids: Vec<String> = projects
            .into_iter()
            .filter(|project| project.name.as_deref() == Some(name))
            .filter_map(|project| project.id)
            .collect();
        match <[String; 1]>::try_from(ids) {
            Ok([id]) => Ok(id),
            Err(ids) => {
                let count = if ids.is_empty() { "no project".to_owned() } else { format!("{} projects", ids.len()) };
                Err(Error::invalid_input(format!("IAM has {count} named {name:?}"))
                    .with_help("Give the project id instead."))
            }
        }
    }

    /// Returns all projects of the account that the caller may see.
    ///
    /// # Errors
    /// As [`ProjectPager::next_page`].
    pub async fn projects(&self) -> Result<Vec<Project>, Error> {
        let mut pages = self.project_pages();
        let mut all = Vec::new();
        while let Some(page) = pages.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// Lists the projects of the account that the caller may see, page by page.
    #[must_use]
    pub fn project_pages(&self) -> ProjectPager {
        ProjectPager { client: self.clone(), pager: Pager::new("projects", bounds::PER_PAGE.max(), u64::MAX) }
    }

    async fn page(&self, request: PageRequest) -> Result<Page<Project>, Error> {
        let per_page = u32::try_from(request.limit).ok().and_then(NonZeroU32::new);
        let page = self.list_projects(None, NonZeroU32::new(request.number), per_page).await?;
        let has_next = page.links.is_some_and(|links| links.next.is_some());
        Ok(Page::without_total(page.projects, has_next))
    }

    async fn list_projects(
        &self,
        name: Option<&str>,
        page: Option<NonZeroU32>,
        per_page: Option<NonZeroU32>,
    ) -> Result<api::types::ListProjectsResponse, Error> {
        self.executor
            .call(LIST_PROJECTS, None, |context| {
                let api = self.api(context);
                async move {
                    api.keystone_list_projects()
                        .set_some(name, KeystoneListProjects::name)
                        .set_some(page, KeystoneListProjects::page)
                        .set_some(per_page, KeystoneListProjects::per_page)
                        .send()
                        .await
                }
            })
            .await
            .map_err(|error| with_iam_help(error, "IAM rejected the credentials", PROJECTS_HELP))
            .and_then(|completed| completed.require(Some, "").map_err(|error| error.with_help(ENDPOINT_HELP)))
            .map_err(|error| self.with_url(error, "/v3/projects"))
    }

    /// Adds the URL that was called, and where its address comes from, to an error that a wrong address may cause.
    fn with_url(&self, error: Error, path: &str) -> Error {
        error.with_called_url(&format!("{}{path}", self.endpoint()), self.setting.as_deref())
    }
}

impl fmt::Debug for IamClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IamClient").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}
