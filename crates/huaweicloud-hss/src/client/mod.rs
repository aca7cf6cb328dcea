//! The client of HSS: checked input, credentials and retries for each call, and responses whose outcome is known.

pub(crate) mod builder;
pub(crate) mod fake_client;
pub(crate) mod hosts;
pub(crate) mod scan_api;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "fleet")]
use huaweicloud_auth::Credentials;

use crate::error::{Error, ErrorKind};
use crate::generated::hss as api;
use crate::generated::hss::builder::{CreateGlobalAssetScanTask, ListGlobalAssetScanTask};
use crate::generated::set_some::SetSome as _;
use crate::http::call_options::CallOptions;
use crate::http::context::RequestContext;
use crate::http::executor::{CallControl, Completed, Executor, Operation};
use crate::http::retry::RetryPolicy;
use crate::response::classify::error_in_ok_response;
use crate::response::outcome::ScanOutcome;
use crate::types::queue::Queue;
use crate::types::scan::{ResponseMeta, ScanRequest, ScanResponse, StatusResponse};

const SCAN: Operation = Operation::post("CreateGlobalAssetScanTask");
const STATUS: Operation = Operation::get("ListGlobalAssetScanTask");

/// A client of the HSS endpoint of one region. Cheap to clone; clones share their connections and credentials.
///
/// ```no_run
/// use huaweicloud_hss::{AccessKey, Client, Queue, ScanRequest, Secret};
///
/// # async fn example(secret_key: String) -> Result<(), Box<dyn std::error::Error>> {
/// let key = AccessKey::new("EXAMPLEACCESSKEY0001", Secret::new(secret_key), None)?;
/// let client =
///     Client::builder().with_endpoint("https://hss.cn-north-4.myhuaweicloud.com").with_access_key(key).build()?;
/// let queue = Queue::new("2b31ed520xxxxxxebedb6e57xxxxxxxx".parse()?);
/// let response = client.scan(&ScanRequest::hosts(queue, ["host-1", "host-2"])).await?;
/// println!("{:?}", response.outcome);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    executor: Arc<Executor>,
}

impl Client {
    pub(crate) fn new(executor: Executor) -> Self {
        Self { executor: Arc::new(executor) }
    }

    /// Returns the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.executor.base_url()
    }

    /// Returns how calls are retried.
    pub(crate) fn retry_policy(&self) -> &RetryPolicy {
        self.executor.retry_policy()
    }

    /// Returns the generated client, for operations and parameters that have no method here.
    ///
    /// It shares this client's connections and time limit for an attempt, and keeps the credentials that are valid now:
    /// call this again when they may have expired. It does not retry, wait for its turn or trace, and any status but 200
    /// is an untyped error: see the warnings of module [`api`](crate::api), and [`Client::api_error`].
    ///
    /// ```no_run
    /// # async fn example(client: huaweicloud_hss::Client) -> Result<(), huaweicloud_hss::Error> {
    /// let api = client.api().await?;
    /// match api.list_host_status().project_id("p").host_name("web").limit(10).send().await {
    ///     Ok(page) => println!("{:?} servers", page.total_num),
    ///     Err(error) => return Err(client.api_error(error, false).await),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Any error of the credential source.
    pub async fn api(&self) -> Result<api::Client, Error> {
        Ok(self.generated(self.executor.context().await?))
    }

    /// Converts an error of the generated client: the result has the kind, the code and the request id, and no
    /// credentials that the service repeated. It reads the body of the response.
    ///
    /// `is_mutating` is whether the request starts something: then it may have taken effect if no usable response came.
    pub async fn api_error(&self, error: api::Error<()>, is_mutating: bool) -> Error {
        self.executor.api_error(error, is_mutating).await
    }

    /// Returns the credentials if they are fixed.
    #[cfg(feature = "fleet")]
    pub(crate) fn static_credentials(&self) -> Option<&Credentials> {
        self.executor.static_credentials()
    }

    /// Returns what makes the calls.
    #[cfg(feature = "assets")]
    pub(crate) fn executor(&self) -> &Executor {
        &self.executor
    }

    fn generated(&self, context: RequestContext) -> api::Client {
        api::Client::new_with_client(self.executor.base_url(), self.executor.http_client(), context)
    }

    /// Starts a scan (`CreateGlobalAssetScanTask`).
    ///
    /// Any response with status 200 is a [`ScanResponse`], accepted or not: see [`ScanResponse::outcome`]. A call that
    /// may have taken effect is not retried unless [`RetryPolicy::with_retry_ambiguous`] allows it.
    ///
    /// [`RetryPolicy::with_retry_ambiguous`]: crate::RetryPolicy::with_retry_ambiguous
    ///
    /// # Cancellation
    /// A dropped future leaves its place to other calls at once. Dropped while its request is in flight, the call may
    /// have taken effect: a warning is logged, and the span has `error.type` `dropped`. To let a scan finish when its
    /// caller goes away, such as a web client that disconnects, run it in a task (`tokio::spawn`).
    ///
    /// # Errors
    /// Input outside its bounds (nothing is sent), any other status, no response, or a response that is not understood.
    /// If [`Error::may_have_taken_effect`] is true, the scan may have started anyway.
    pub async fn scan(&self, request: &ScanRequest) -> Result<ScanResponse, Error> {
        self.controlled_scan(request, None).await
    }

    /// Starts a scan as [`Client::scan`] does, with these limits in time.
    ///
    /// # Errors
    /// As [`Client::scan`].
    pub async fn scan_with(&self, request: &ScanRequest, options: &CallOptions) -> Result<ScanResponse, Error> {
        self.controlled_scan(request, Some(&CallControl { options: Some(options), ..CallControl::default() })).await
    }

    pub(crate) async fn controlled_scan(
        &self,
        request: &ScanRequest,
        control: Option<&CallControl<'_>>,
    ) -> Result<ScanResponse, Error> {
        let body = &request.selector.body()?;
        let Queue { project_id, enterprise_project, category } = &request.queue;
        let completed = self
            .executor
            .call(request.queue.label(SCAN), control, |context| {
                let api = self.generated(context);
                async move {
                    api.create_global_asset_scan_task()
                        .project_id(project_id.raw().clone())
                        .category(*category)
                        .set_some(enterprise_project.raw().cloned(), CreateGlobalAssetScanTask::enterprise_project_id)
                        .body(body.clone())
                        .send()
                        .await
                }
            })
            .await?;
        let meta = meta(&completed);
        if let Some(error) = error_in_ok_response(&completed.raw) {
            let code = error.code().unwrap_or_default().to_owned();
            let request_id = error.request_id().map(str::to_owned);
            let outcome = match error.kind() {
                ErrorKind::InvalidResponse => ScanOutcome::Unrecognised,
                kind => ScanOutcome::Refused { code, kind },
            };
            completed.record_outcome(&outcome);
            return Ok(ScanResponse { outcome, message: error.to_string(), meta: ResponseMeta { request_id, ..meta } });
        }
        let text = match &completed.value {
            Ok(value) => value.error.clone().unwrap_or_default(),
            Err(error) => {
                completed.record_error(error);
                return Err(error.clone());
            }
        };
        let outcome = ScanOutcome::parse(&text, project_id.as_str());
        completed.record_outcome(&outcome);
        let message = match completed.raw.printable(&text) {
            text if text.is_empty() => "the response has no text".to_owned(),
            text => text,
        };
        Ok(ScanResponse { outcome, message, meta })
    }

    /// Returns whether a scan of the queue is pending (`ListGlobalAssetScanTask`).
    ///
    /// # Cancellation
    /// The future can be dropped at any time: the call changes nothing.
    ///
    /// # Errors
    /// Any status but 200, no response, or a response without a valid `exist`.
    pub async fn status(&self, queue: &Queue) -> Result<StatusResponse, Error> {
        self.controlled_status(queue, None).await
    }

    /// Returns whether a scan of the queue is pending as [`Client::status`] does, with these limits in time.
    ///
    /// # Errors
    /// As [`Client::status`].
    pub async fn status_with(&self, queue: &Queue, options: &CallOptions) -> Result<StatusResponse, Error> {
        self.controlled_status(queue, Some(&CallControl { options: Some(options), ..CallControl::default() })).await
    }

    pub(crate) async fn controlled_status(
        &self,
        queue: &Queue,
        control: Option<&CallControl<'_>>,
    ) -> Result<StatusResponse, Error> {
        let completed = self
            .executor
            .call(queue.label(STATUS), control, |context| {
                let api = self.generated(context);
                async move {
                    api.list_global_asset_scan_task()
                        .project_id(queue.project_id.raw().clone())
                        .category(queue.category)
                        .set_some(
                            queue.enterprise_project.raw().cloned(),
                            ListGlobalAssetScanTask::enterprise_project_id,
                        )
                        .send()
                        .await
                }
            })
            .await?;
        let meta = meta(&completed);
        let pending = completed.require(|status| status.exist, "it has no `exist`")?;
        Ok(StatusResponse { pending, meta })
    }
}

fn meta<T>(completed: &Completed<T>) -> ResponseMeta {
    ResponseMeta {
        http_status: completed.raw.status,
        request_id: completed.raw.request_id(),
        attempts: completed.attempts,
        earlier_attempt_ambiguous: completed.earlier_attempt_ambiguous,
        elapsed: completed.elapsed,
        rate_limits: completed.limits.clone(),
        server_time: completed.raw.server_time(),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}
