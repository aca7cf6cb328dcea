//! The list of enterprise projects, from the Enterprise Project Management Service (EPS).

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::credentials::CredentialsProvider;
use crate::error::Error;
use crate::http::config::HttpConfig;
use crate::http::context::{Named, RequestContext};
use crate::http::executor::{Caller, Operation};
use crate::http::pagination::Pages;

/// The client that the generator makes from `spec/eps.yaml`.
pub use crate::generated::eps as api;

use api::limits::list_enterprise_project as limits;
pub use api::types::EnterpriseProjectDetail;

const LIST: Operation = Operation::question("ListEnterpriseProject").with_long_answer();

/// A client of EPS. Cheap to clone.
#[derive(Clone)]
pub struct EpsClient {
    caller: Arc<Caller>,
}

impl EpsClient {
    /// A client that asks with these credentials. A signed request names the account in X-Domain-Id, where it is known.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`](crate::ClientBuilder::build).
    pub fn with_credentials(
        endpoint: &str,
        network: HttpConfig,
        credentials: CredentialsProvider,
        domain_id: Option<String>,
    ) -> Result<Self, Error> {
        let named = domain_id.map_or(Named::Nothing, Named::Domain);
        Ok(Self { caller: Arc::new(Caller::new(endpoint, network, credentials.0, |_| named)?) })
    }

    /// Where this client sends to.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.caller.base
    }

    fn api(&self, inner: RequestContext) -> api::Client {
        api::Client { baseurl: self.caller.base.clone(), client: self.caller.http.clone(), inner }
    }

    /// Every enterprise project that the caller may see.
    ///
    /// # Errors
    /// Whatever a call can fail with, and an answer that is no list.
    pub async fn enterprise_projects(&self) -> Result<Vec<EnterpriseProjectDetail>, Error> {
        let (mut pages, mut all) = (Pages::default(), Vec::new());
        while let Some((offset, limit)) = pages.next(limits::OFFSET, limits::LIMIT)? {
            let limit = u32::try_from(limit).ok().and_then(NonZeroU32::new);
            let answered =
                self.caller
                    .call(LIST, None, |attempt| {
                        let api = self.api(attempt);
                        async move {
                            api.list_enterprise_project(None, limit, None, Some(offset), None, None, None, None).await
                        }
                    })
                    .await?;
            let (page, total) =
                answered.need(|page| Some((page.enterprise_projects, page.total_count?)), "it has no `total_count`")?;
            all.extend(pages.take(page, total).unwrap_or_default());
        }
        Ok(all)
    }
}

impl fmt::Debug for EpsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EpsClient").field("endpoint", &self.caller.base).finish_non_exhaustive()
    }
}
