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
use crate::http::pagination::{Page, PageRequest, Pager};

/// The client that the generator makes from `spec/eps.yaml`.
pub use crate::generated::eps as api;

use api::bounds::list_enterprise_project as bounds;
use api::builder::ListEnterpriseProject;
pub use api::types::EnterpriseProjectDetail;

const LIST: Operation = Operation::list("ListEnterpriseProject");

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
    /// Any error of a call, and [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) for a response that
    /// is not a list.
    pub async fn enterprise_projects(&self) -> Result<Vec<EnterpriseProjectDetail>, Error> {
        Pager::new(bounds::LIMIT.max(), bounds::OFFSET.max()).collect(|request| self.page(request)).await
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
