//! The client people use: checked input, one attempt's credentials on every request, and an answer whose text was read.

pub(crate) mod builder;
pub(crate) mod fake_client;
pub(crate) mod hosts;

use std::fmt;
use std::sync::Arc;

use self::builder::ClientBuilder;
use crate::error::Error;
use crate::generated::hss as api;
use crate::http::context::RequestContext;
use crate::http::executor::{Answered, Caller, Operation};
use crate::response::classify as answer;
use crate::response::outcome::ScanOutcome;
use crate::shutdown::ShutdownSignal;
use crate::types::queue::Queue;
use crate::types::scan::{ResponseMeta, ScanRequest, ScanResponse, StatusResponse};

const SCAN: Operation = Operation {
    name: "CreateGlobalAssetScanTask",
    method: "POST",
    changes_something: true,
    body_limit: answer::BODY_LIMIT,
};
const STATUS: Operation = Operation::question("ListGlobalAssetScanTask");

/// A client of the HSS endpoint of one region. Cheap to clone; clones share their connections and credentials.
#[derive(Clone)]
pub struct Client {
    pub(crate) caller: Arc<Caller>,
}

impl Client {
    /// Starts to set up a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    pub(crate) fn new(caller: Caller) -> Self {
        Self { caller: Arc::new(caller) }
    }

    /// Where this client sends to.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.caller.base
    }

    /// The generated client underneath, with credentials for now and this client's connections, for what has no method here yet.
    ///
    /// # Errors
    /// Whatever keeps the credentials' source from giving any.
    pub async fn api(&self) -> Result<api::Client, Error> {
        let credentials = self.caller.provider.get(None).await?;
        Ok(self.generated(RequestContext::plain(credentials, self.caller.named.clone())))
    }

    pub(crate) fn generated(&self, inner: RequestContext) -> api::Client {
        api::Client { baseurl: self.caller.base.clone(), client: self.caller.http.clone(), inner }
    }

    /// Starts a scan (`CreateGlobalAssetScanTask`).
    ///
    /// An answer with status 200 is a [`ScanResponse`], whatever its text says: look at [`ScanResponse::outcome`]. A call that may have
    /// been sent is not sent again by itself.
    ///
    /// # Errors
    /// Input outside its limits (nothing is sent), any other status, no answer, or an answer that cannot be read.
    /// [`Error::maybe_sent`] tells whether the scan may have started all the same.
    pub async fn scan(&self, request: &ScanRequest) -> Result<ScanResponse, Error> {
        self.scan_unless_stopped(request, None).await
    }

    /// As [`Client::scan`]; after `stop` no attempt begins.
    pub(crate) async fn scan_unless_stopped(
        &self,
        request: &ScanRequest,
        stop: Option<&ShutdownSignal>,
    ) -> Result<ScanResponse, Error> {
        let body = &request.selector.body()?;
        let Queue { project_id, enterprise_project, category } = &request.queue;
        let answered = self
            .caller
            .call(SCAN, stop, |attempt| {
                let api = self.generated(attempt);
                async move {
                    api.create_global_asset_scan_task(project_id.raw(), *category, enterprise_project.raw(), body).await
                }
            })
            .await?;
        let meta = meta(&answered);
        if let Some(error) = answer::refused_in_200(&answered.seen) {
            let code = error.code().unwrap_or_default().to_owned();
            let request_id = error.request_id().map(str::to_owned);
            let outcome = ScanOutcome::Refused { code, kind: error.kind() };
            return Ok(ScanResponse { outcome, message: error.to_string(), meta: ResponseMeta { request_id, ..meta } });
        }
        let text = answered.value?.error.unwrap_or_default();
        let outcome = ScanOutcome::parse(&text, project_id.as_str());
        let message = match answered.seen.shown(&text) {
            text if text.is_empty() => "the answer has no text".to_owned(),
            text => text,
        };
        Ok(ScanResponse { outcome, message, meta })
    }

    /// Asks whether a scan of the queue is pending (`ListGlobalAssetScanTask`).
    ///
    /// # Errors
    /// Any status but 200, no answer, or an answer without a proper `exist`.
    pub async fn status(&self, queue: &Queue) -> Result<StatusResponse, Error> {
        let answered = self
            .caller
            .call(STATUS, None, |attempt| {
                let api = self.generated(attempt);
                async move {
                    api.list_global_asset_scan_task(
                        queue.project_id.raw(),
                        queue.category,
                        queue.enterprise_project.raw(),
                    )
                    .await
                }
            })
            .await?;
        let meta = meta(&answered);
        let pending = answered.need(|status| status.exist, "it has no `exist`")?;
        Ok(StatusResponse { pending, meta })
    }
}

fn meta<T>(answered: &Answered<T>) -> ResponseMeta {
    ResponseMeta {
        http_status: answered.seen.status,
        request_id: answered.seen.request_id(),
        attempts: answered.attempts,
        earlier_attempt_ambiguous: answered.earlier_attempt_ambiguous,
        elapsed: answered.elapsed,
        server_time: answer::server_time(&answered.seen.headers),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.caller.base).finish_non_exhaustive()
    }
}
