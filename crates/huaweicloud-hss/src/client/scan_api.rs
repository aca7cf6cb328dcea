//! The scan calls as a trait, implemented by [`Client`] and by a fake for tests.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::client::Client;
use crate::error::Error;
use crate::http::call_options::CallOptions;
use crate::http::executor::CallControl;
use crate::types::host::{Host, HostFilter, HostGroup};
use crate::types::project::{EnterpriseProject, ProjectId};
use crate::types::queue::Queue;
use crate::types::scan::{ScanRequest, ScanResponse, StatusResponse};

/// The future of a call.
pub type ApiFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// The scan calls. Code that is written for `impl ScanApi` or `dyn ScanApi`, and fleet runs, can be tested with a
/// [`FakeClient`](crate::FakeClient) in place of a [`Client`].
///
/// An implementation returns `Box::pin(async move { ... })` from each method. References, `Arc` and `Box` of an
/// implementation are implementations. One that adds something to a client, such as a log, forwards every method,
/// [`ScanApi::scan_in_run`] and [`ScanApi::status_in_run`] included.
///
/// ```
/// use huaweicloud_hss::{Error, FakeClient, ProjectId, Queue, ScanApi, ScanOutcome, ScanRequest};
///
/// /// The program's own code: returns whether a scan of everything was accepted.
/// async fn nightly(service: &dyn ScanApi, queue: Queue) -> Result<bool, Error> {
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
pub trait ScanApi: Send + Sync {
    /// Starts a scan: see [`Client::scan`].
    fn scan<'a>(&'a self, request: &'a ScanRequest) -> ApiFuture<'a, ScanResponse>;

    /// Returns whether a scan is pending: see [`Client::status`].
    fn status<'a>(&'a self, queue: &'a Queue) -> ApiFuture<'a, StatusResponse>;

    /// Lists servers, with all pages: see [`Client::hosts`].
    fn list_hosts<'a>(
        &'a self,
        project_id: &'a ProjectId,
        enterprise_project: &'a EnterpriseProject,
        filter: &'a HostFilter,
    ) -> ApiFuture<'a, Vec<Host>>;

    /// Lists server groups, with all pages: see [`Client::host_groups`].
    fn list_host_groups<'a>(
        &'a self,
        project_id: &'a ProjectId,
        enterprise_project: &'a EnterpriseProject,
    ) -> ApiFuture<'a, Vec<HostGroup>>;

    /// Returns the endpoint: when it cannot be reached, a fleet run ends for all queues with the same endpoint.
    fn endpoint(&self) -> &str {
        ""
    }

    /// Returns a number that differs between clients with limits of their own: in a fleet run, their queues do not wait for
    /// one another.
    fn limits_id(&self) -> usize {
        0
    }

    /// Starts a scan as a call of a fleet run.
    ///
    /// An implementation that forwards [`ScanApi::scan`] to a [`Client`] should forward this too: then the limits and the
    /// journal of the run apply to each attempt. By default, they apply to the call as a whole.
    fn scan_in_run<'a>(
        &'a self,
        request: &'a ScanRequest,
        control: &'a CallControl<'a>,
    ) -> ApiFuture<'a, ScanResponse> {
        Box::pin(control.admit(self.scan(request)))
    }

    /// Returns whether a scan is pending, as a call of a fleet run: see [`ScanApi::scan_in_run`].
    fn status_in_run<'a>(&'a self, queue: &'a Queue, control: &'a CallControl<'a>) -> ApiFuture<'a, StatusResponse> {
        Box::pin(control.admit(self.status(queue)))
    }
}

impl ScanApi for Client {
    fn scan<'a>(&'a self, request: &'a ScanRequest) -> ApiFuture<'a, ScanResponse> {
        Box::pin(Client::scan(self, request))
    }

    fn status<'a>(&'a self, queue: &'a Queue) -> ApiFuture<'a, StatusResponse> {
        Box::pin(Client::status(self, queue))
    }

    fn list_hosts<'a>(
        &'a self,
        project_id: &'a ProjectId,
        enterprise_project: &'a EnterpriseProject,
        filter: &'a HostFilter,
    ) -> ApiFuture<'a, Vec<Host>> {
        Box::pin(async move {
            let mut pages = self.hosts(project_id.clone(), enterprise_project.clone(), filter.clone());
            let mut all = Vec::new();
            while let Some(page) = pages.next_page().await? {
                all.extend(page);
            }
            Ok(all)
        })
    }

    fn list_host_groups<'a>(
        &'a self,
        project_id: &'a ProjectId,
        enterprise_project: &'a EnterpriseProject,
    ) -> ApiFuture<'a, Vec<HostGroup>> {
        Box::pin(async move {
            let mut pages = self.host_groups(project_id.clone(), enterprise_project.clone());
            let mut all = Vec::new();
            while let Some(page) = pages.next_page().await? {
                all.extend(page);
            }
            Ok(all)
        })
    }

    fn endpoint(&self) -> &str {
        Client::endpoint(self)
    }

    fn limits_id(&self) -> usize {
        Arc::as_ptr(&self.executor).addr()
    }

    fn scan_in_run<'a>(
        &'a self,
        request: &'a ScanRequest,
        control: &'a CallControl<'a>,
    ) -> ApiFuture<'a, ScanResponse> {
        Box::pin(self.controlled_scan(request, Some(control)))
    }

    fn status_in_run<'a>(&'a self, queue: &'a Queue, control: &'a CallControl<'a>) -> ApiFuture<'a, StatusResponse> {
        Box::pin(async move {
            let options: CallOptions;
            let mut control = *control;
            if let Some(attempts) = control.max_attempts {
                let retry = self.retry_policy().clone().with_max_attempts(attempts);
                options = control.options.cloned().unwrap_or_default().with_retry(retry);
                control.options = Some(&options);
            }
            self.controlled_status(queue, Some(&control)).await
        })
    }
}

/// Implements the trait for a type that dereferences to an implementation.
macro_rules! forward {
    ($($type:ty),*) => {
        $(
            impl<T: ScanApi + ?Sized> ScanApi for $type {
                fn scan<'a>(&'a self, request: &'a ScanRequest) -> ApiFuture<'a, ScanResponse> {
                    (**self).scan(request)
                }

                fn status<'a>(&'a self, queue: &'a Queue) -> ApiFuture<'a, StatusResponse> {
                    (**self).status(queue)
                }

                fn list_hosts<'a>(
                    &'a self,
                    project_id: &'a ProjectId,
                    enterprise_project: &'a EnterpriseProject,
                    filter: &'a HostFilter,
                ) -> ApiFuture<'a, Vec<Host>> {
                    (**self).list_hosts(project_id, enterprise_project, filter)
                }

                fn list_host_groups<'a>(
                    &'a self,
                    project_id: &'a ProjectId,
                    enterprise_project: &'a EnterpriseProject,
                ) -> ApiFuture<'a, Vec<HostGroup>> {
                    (**self).list_host_groups(project_id, enterprise_project)
                }

                fn endpoint(&self) -> &str {
                    (**self).endpoint()
                }

                fn limits_id(&self) -> usize {
                    (**self).limits_id()
                }

                fn scan_in_run<'a>(
                    &'a self,
                    request: &'a ScanRequest,
                    control: &'a CallControl<'a>,
                ) -> ApiFuture<'a, ScanResponse> {
                    (**self).scan_in_run(request, control)
                }

                fn status_in_run<'a>(
                    &'a self,
                    queue: &'a Queue,
                    control: &'a CallControl<'a>,
                ) -> ApiFuture<'a, StatusResponse> {
                    (**self).status_in_run(queue, control)
                }
            }
        )*
    };
}

forward!(&T, Arc<T>, Box<T>);
