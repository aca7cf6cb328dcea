//! The scan calls as a trait, implemented by [`Client`] and by a fake for tests.

use std::future::Future;

use crate::client::Client;
use crate::error::Error;
use crate::types::host::{Host, HostFilter, HostGroup};
use crate::types::project::{EnterpriseProject, ProjectId};
use crate::types::queue::Queue;
use crate::types::scan::{ScanRequest, ScanResponse, StatusResponse};

/// The scan calls. Code that is written for `impl ScanApi` can be tested with a
/// [`FakeClient`](crate::FakeClient) in place of a [`Client`].
///
/// ```
/// use huaweicloud_hss::{Error, FakeClient, ProjectId, Queue, ScanApi, ScanOutcome, ScanRequest};
///
/// /// The program's own code: returns whether a scan of everything was accepted.
/// async fn nightly(service: &impl ScanApi, queue: Queue) -> Result<bool, Error> {
///     let response = service.scan(&ScanRequest::all_hosts(queue)).await?;
///     Ok(matches!(response.outcome, ScanOutcome::Accepted { .. }))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let queue = Queue::new("p".parse::<ProjectId>()?);
/// let fake = FakeClient::new().with_scan(ScanOutcome::AlreadyQueued);
/// assert!(!nightly(&fake, queue.clone()).await?);
/// assert!(nightly(&fake, queue).await?);
/// assert_eq!(fake.scans().len(), 2);
/// # Ok(())
/// # }
/// ```
pub trait ScanApi {
    /// Starts a scan: see [`Client::scan`].
    fn scan(&self, request: &ScanRequest) -> impl Future<Output = Result<ScanResponse, Error>> + Send;

    /// Returns whether a scan is pending: see [`Client::status`].
    fn status(&self, queue: &Queue) -> impl Future<Output = Result<StatusResponse, Error>> + Send;

    /// Lists servers, with all pages: see [`Client::hosts`].
    fn list_hosts(
        &self,
        project_id: &ProjectId,
        enterprise_project: &EnterpriseProject,
        filter: &HostFilter,
    ) -> impl Future<Output = Result<Vec<Host>, Error>> + Send;

    /// Lists server groups, with all pages: see [`Client::host_groups`].
    fn list_host_groups(
        &self,
        project_id: &ProjectId,
        enterprise_project: &EnterpriseProject,
    ) -> impl Future<Output = Result<Vec<HostGroup>, Error>> + Send;
}

impl ScanApi for Client {
    fn scan(&self, request: &ScanRequest) -> impl Future<Output = Result<ScanResponse, Error>> + Send {
        Client::scan(self, request)
    }

    fn status(&self, queue: &Queue) -> impl Future<Output = Result<StatusResponse, Error>> + Send {
        Client::status(self, queue)
    }

    async fn list_hosts(
        &self,
        project_id: &ProjectId,
        enterprise_project: &EnterpriseProject,
        filter: &HostFilter,
    ) -> Result<Vec<Host>, Error> {
        let mut pages = self.hosts(project_id.clone(), enterprise_project.clone(), filter.clone());
        let mut all = Vec::new();
        while let Some(page) = pages.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    async fn list_host_groups(
        &self,
        project_id: &ProjectId,
        enterprise_project: &EnterpriseProject,
    ) -> Result<Vec<HostGroup>, Error> {
        let mut pages = self.host_groups(project_id.clone(), enterprise_project.clone());
        let mut all = Vec::new();
        while let Some(page) = pages.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }
}
