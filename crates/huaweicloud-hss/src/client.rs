//! The client people use: checked input, one attempt's credentials on every request, and an answer whose text was read.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use huaweicloud_auth::Secret;

use crate::answer;
use crate::api;
use crate::builder::ClientBuilder;
use crate::error::{Error, ErrorKind};
use crate::hooks::{Attempt, Seen};
use crate::outcome::classify;
use crate::queue::Queue;
use crate::scan::{Meta, ScanReply, ScanRequest, StatusReply};

/// A client of the HSS endpoint of one region. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    base: String,
    http: reqwest::Client,
    token: Arc<Secret>,
}

impl Client {
    /// Starts to set up a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    pub(crate) fn new(base: String, http: reqwest::Client, token: Arc<Secret>) -> Self {
        Self { shared: Arc::new(Shared { base, http, token }) }
    }

    /// Where this client sends to.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.shared.base
    }

    /// The generated client underneath, with this client's credentials and connections, for what has no method here yet.
    #[must_use]
    pub fn api(&self) -> api::Client {
        let Shared { base, http, token } = &*self.shared;
        api::Client { baseurl: base.clone(), client: http.clone(), inner: Attempt::plain(Arc::clone(token)) }
    }

    /// Starts a scan (`CreateGlobalAssetScanTask`). Sent once; nothing is tried again by itself.
    ///
    /// An answer with status 200 is a [`ScanReply`], whatever its text says: look at [`ScanReply::outcome`].
    ///
    /// # Errors
    /// Input outside its limits (nothing is sent), any other status, no answer, or an answer that cannot be read.
    /// [`Error::maybe_sent`] tells whether the scan may have started all the same.
    pub async fn scan(&self, request: &ScanRequest) -> Result<ScanReply, Error> {
        let body = request.selector.body()?;
        let Queue { project_id, enterprise_project, category } = &request.queue;
        let started = Instant::now();
        let api = self.watched();
        let result =
            api.create_global_asset_scan_task(project_id.raw(), *category, enterprise_project.raw(), &body).await;
        let Some(seen) = api.inner.take_seen() else { return Err(without_answer(result, true)) };
        let meta = meta(&seen, started);
        if seen.status == 200
            && let Some((refused, message, request_id)) = answer::refused_in_200(&seen.body)
        {
            let meta = Meta { request_id: meta.request_id.or(request_id), ..meta };
            return Ok(ScanReply { outcome: refused, message, meta });
        }
        let text = value(result, &seen, true)?.error.unwrap_or_default();
        let outcome = classify(&text, project_id.as_str());
        Ok(ScanReply { outcome, message: answer::clean(&text).into_owned(), meta })
    }

    /// Asks whether a scan of the queue is pending (`ListGlobalAssetScanTask`).
    ///
    /// # Errors
    /// Any status but 200, no answer, or an answer without a proper `exist`.
    pub async fn status(&self, queue: &Queue) -> Result<StatusReply, Error> {
        let started = Instant::now();
        let api = self.watched();
        let result = api
            .list_global_asset_scan_task(queue.project_id.raw(), queue.category, queue.enterprise_project.raw())
            .await;
        let Some(seen) = api.inner.take_seen() else { return Err(without_answer(result, false)) };
        match value(result, &seen, false)?.exist {
            Some(exist) => Ok(StatusReply { exist, meta: meta(&seen, started) }),
            None => Err(answer::unreadable(&seen, "it has no `exist`").with_attempts(1)),
        }
    }

    fn watched(&self) -> api::Client {
        let Shared { base, http, token } = &*self.shared;
        api::Client { baseurl: base.clone(), client: http.clone(), inner: Attempt::watched(Arc::clone(token)) }
    }
}

fn meta(seen: &Seen, started: Instant) -> Meta {
    Meta {
        http_status: seen.status,
        request_id: answer::request_id(&seen.headers),
        attempts: 1,
        elapsed: started.elapsed(),
    }
}

/// The value of an answer, or the typed error for an answer that has none.
fn value<T>(
    result: Result<api::ResponseValue<T>, api::Error<()>>,
    seen: &Seen,
    changes_something: bool,
) -> Result<T, Error> {
    let error = match result {
        Ok(value) => return Ok(value.into_inner()),
        Err(_) if seen.status != 200 => answer::refusal(seen, changes_something),
        Err(api::Error::InvalidResponsePayload(_, error)) => answer::unreadable(seen, &error.to_string()),
        Err(other) => return Err(without_answer::<T>(Err(other), changes_something)),
    };
    Err(error.with_attempts(1))
}

/// The typed error for a call of which no whole answer arrived.
fn without_answer<T>(result: Result<api::ResponseValue<T>, api::Error<()>>, changes_something: bool) -> Error {
    let error = match result {
        Err(api::Error::CommunicationError(error) | api::Error::ResponseBodyError(error)) => {
            answer::broken(error, changes_something)
        }
        Err(api::Error::InvalidRequest(text) | api::Error::Custom(text)) => Error::invalid_input(text),
        // The generated client gives these only for an answer, and an answer is always seen.
        Ok(_) | Err(_) => Error::new(ErrorKind::Unknown, "the answer was lost"),
    };
    error.with_attempts(1)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.shared.base).finish_non_exhaustive()
    }
}
