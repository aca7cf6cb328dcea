//! The client of the Enterprise Project Management Service (EPS), which lists the enterprise projects.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use huaweicloud_auth::{CredentialField, CredentialsProvider};

use crate::error::{Error, ErrorKind};
use crate::generated::set_some::SetSome as _;
use crate::http::config::HttpConfig;
use crate::http::context::{RequestContext, SigningScope};
use crate::http::executor::{Executor, Operation};
use crate::http::pagination::{Listed, Page, PageRequest, Pager};

/// The client that the generator makes from `spec/eps.yaml`.
pub use crate::generated::eps as api;

use api::bounds::list_enterprise_project as bounds;
use api::builder::ListEnterpriseProject;
pub use api::types::EnterpriseProjectDetail;

const LIST: Operation = Operation::list("ListEnterpriseProject");

/// Fetches the list of enterprise projects page by page. [`EpsClient::enterprise_project_pages`] returns one.
#[derive(Clone, Debug)]
pub struct EnterpriseProjectPager {
    client: EpsClient,
    pager: Pager,
}

impl Listed for EnterpriseProjectDetail {
    fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }
}

impl EnterpriseProjectPager {
    /// Fetches the next page; `None` after the last.
    ///
    /// # Errors
    /// As [`HostPager::next_page`](crate::HostPager::next_page).
    pub async fn next_page(&mut self) -> Result<Option<Vec<EnterpriseProjectDetail>>, Error> {
        let Self { client, pager } = self;
        pager.next_page(|request| client.page(request)).await
    }
}

/// A client of EPS. Cheap to clone.
///
/// ```no_run
/// use huaweicloud_hss::eps::EpsClient;
/// use huaweicloud_hss::{CredentialsResolver, HttpConfig, Region};
///
/// # async fn example(region: Region) -> Result<(), huaweicloud_hss::Error> {
/// let credentials = CredentialsResolver::default().resolve().await?.provider;
/// let eps = EpsClient::with_credentials(&region.eps_endpoint(), HttpConfig::default(), credentials, None)?;
/// for project in eps.enterprise_projects().await? {
///     println!("{:?} {:?}", project.id, project.name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct EpsClient {
    executor: Arc<Executor>,
}

impl EpsClient {
    /// Creates a client with these credentials. `domain_id` is the id of the account, which signed requests carry in
    /// X-Domain-Id.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`](crate::ClientBuilder::build).
    pub fn with_credentials(
        endpoint: &str,
        http_config: HttpConfig,
        credentials: CredentialsProvider,
        domain_id: Option<String>,
    ) -> Result<Self, Error> {
        if let Some(id) = &domain_id {
            CredentialField::DomainId.validate(id).map_err(|error| Error::invalid_input(error.to_string()))?;
        }
        let scope = domain_id.map_or(SigningScope::None, SigningScope::Domain);
        Ok(Self { executor: Arc::new(Executor::new(endpoint, http_config, credentials, |_| scope)?) })
    }

    /// Returns the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.executor.base_url()
    }

    fn api(&self, context: RequestContext) -> api::Client {
        api::Client::new_with_client(self.executor.base_url(), self.executor.http_client(), context)
    }

    /// Returns all enterprise projects that the caller may see.
    ///
    /// # Errors
    /// As [`EnterpriseProjectPager::next_page`].
    pub async fn enterprise_projects(&self) -> Result<Vec<EnterpriseProjectDetail>, Error> {
        let mut pages = self.enterprise_project_pages();
        let mut all = Vec::new();
        while let Some(page) = pages.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// Lists the enterprise projects that the caller may see, page by page.
    #[must_use]
    pub fn enterprise_project_pages(&self) -> EnterpriseProjectPager {
        let pager = Pager::new("enterprise projects", bounds::LIMIT.max(), bounds::OFFSET.max());
        EnterpriseProjectPager { client: self.clone(), pager }
    }

    async fn page(&self, request: PageRequest) -> Result<Page<EnterpriseProjectDetail>, Error> {
        let limit = u32::try_from(request.limit).ok().and_then(NonZeroU32::new);
        let completed = self
            .executor
            .call(LIST, None, |context| {
                let api = self.api(context);
                async move {
                    api.list_enterprise_project()
                        .set_some(limit, ListEnterpriseProject::limit)
                        .offset(request.offset)
                        .send()
                        .await
                }
            })
            .await
            .map_err(|error| self.with_url(error))?;
        let (items, total) = completed
            .require(|page| Some((page.enterprise_projects, page.total_count?)), "it has no `total_count`")
            .map_err(|error| self.with_url(error))?;
        Ok(Page::with_total(items, total))
    }

    /// Adds the URL that was called to an error that a wrong address may cause.
    fn with_url(&self, error: Error) -> Error {
        let error = match error.kind() {
            ErrorKind::Refused | ErrorKind::InvalidResponse => error.with_help("Check that this is an EPS endpoint."),
            _ => error,
        };
        error.with_called_url(&format!("{}/v1.0/enterprise-projects", self.endpoint()), None)
    }
}

impl fmt::Debug for EpsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EpsClient").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}
