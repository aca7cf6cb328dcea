//! Makes a call with all its attempts: credentials for each, retries after a delay, and one replacement of refused
//! credentials.
//!
//! `tracing` gets a span for the call and one for each attempt, with the names of OpenTelemetry, and never a body or a
//! credential.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use huaweicloud_auth::{Credentials, CredentialsProvider};
use progenitor_client::ResponseValue;
use tracing::{Instrument as _, debug, field, info_span, warn};
use url::Url;

use super::capture::ResponseCapture;
use super::config::HttpConfig;
use super::context::{RequestContext, SigningScope};
use super::proxy::Proxy;
use crate::error::{Error, ErrorKind};
use crate::response::classify::{classify, decode_error, error_in_ok_response};
use crate::response::clock_skew::add_clock_skew_hint;
use crate::response::raw_response::{MAX_BODY_BYTES, MAX_LIST_BODY_BYTES, RawResponse};
use crate::shutdown::ShutdownSignal;

/// What kind of call is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The vendor's name of it.
    name: &'static str,
    /// The HTTP method.
    method: &'static str,
    /// Whether sending it twice makes a difference.
    is_mutating: bool,
    /// How many bytes of a response are read.
    body_limit_bytes: usize,
}

impl Operation {
    /// A GET.
    pub(crate) const fn get(name: &'static str) -> Self {
        Self { name, method: "GET", is_mutating: false, body_limit_bytes: MAX_BODY_BYTES }
    }

    /// A GET whose response is a page of a list.
    pub(crate) const fn list(name: &'static str) -> Self {
        Self { body_limit_bytes: MAX_LIST_BODY_BYTES, ..Self::get(name) }
    }

    /// A POST that starts something.
    pub(crate) const fn post(name: &'static str) -> Self {
        Self { method: "POST", is_mutating: true, ..Self::get(name) }
    }

    /// A POST that may be sent again.
    pub(crate) const fn repeatable_post(name: &'static str) -> Self {
        Self { is_mutating: false, ..Self::post(name) }
    }
}

/// A call that got a response: its value, the response as it arrived, and how it went.
pub(crate) struct Completed<T> {
    /// The value, or why the response has none.
    pub(crate) value: Result<T, Error>,
    pub(crate) raw: RawResponse,
    pub(crate) attempts: u32,
    /// Whether an earlier attempt may have arrived.
    pub(crate) earlier_attempt_ambiguous: bool,
    pub(crate) elapsed: Duration,
}

impl<T> Completed<T> {
    /// Returns the part of the value that the caller needs. An error that came with status 200 is an error, and so is a
    /// value without the part, for which `missing` is the reason.
    pub(crate) fn require<U>(self, part: impl FnOnce(T) -> Option<U>, missing: &str) -> Result<U, Error> {
        let Self { value, raw, attempts, .. } = self;
        if let Some(error) = error_in_ok_response(&raw) {
            return Err(error.with_attempts(attempts));
        }
        part(value?).ok_or_else(|| decode_error(&raw, missing).with_attempts(attempts))
    }
}

/// Makes calls to one endpoint, over one HTTP client, with the credentials of one provider.
pub(crate) struct Executor {
    base_url: String,
    client: reqwest::Client,
    /// The proxy and the endpoint behind it.
    proxy: Option<(Proxy, Url)>,
    config: HttpConfig,
    provider: CredentialsProvider,
    scope: SigningScope,
}

impl Executor {
    /// Checks the endpoint and sets up the HTTP client. `scope` returns the id header of signed requests for the
    /// endpoint.
    pub(crate) fn new(
        endpoint: &str,
        config: HttpConfig,
        provider: CredentialsProvider,
        scope: impl FnOnce(&Url) -> SigningScope,
    ) -> Result<Self, Error> {
        let url = config.parse_endpoint(endpoint)?;
        let proxy = config.find_proxy(&url)?;
        let client = config.http_client(&url, proxy.as_ref())?;
        // The generated clients append their paths to this.
        let base_url = url.as_str().trim_end_matches('/').to_owned();
        let scope = scope(&url);
        let proxy = proxy.map(|proxy| (proxy, url));
        Ok(Self { base_url, client, proxy, config, provider, scope })
    }

    /// Returns the URL that the paths of the service are appended to.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the credentials if they are fixed.
    #[cfg(feature = "fleet")]
    pub(crate) fn static_credentials(&self) -> Option<&Credentials> {
        self.provider.static_credentials()
    }

    /// Returns the HTTP client.
    pub(crate) fn http_client(&self) -> reqwest::Client {
        self.client.clone()
    }

    /// Returns a context with current credentials, for a program that calls the generated client itself.
    pub(crate) async fn context(&self) -> Result<RequestContext, Error> {
        let credentials = self.credentials(None).await?;
        Ok(RequestContext::new(credentials, self.scope.clone(), self.config.clock))
    }

    async fn credentials(&self, refused: Option<&Credentials>) -> Result<Option<Arc<Credentials>>, Error> {
        Ok(match refused {
            None => self.provider.current().await?,
            Some(refused) => self.provider.replace(refused).await?,
        })
    }

    /// Makes a call until it gets a response or is not to be retried.
    ///
    /// `send` makes one attempt with the generated client. A 200 that is not what the service documents is a response:
    /// its error is in [`Completed::value`].
    ///
    /// After `shutdown` no attempt begins; the response to an attempt that has begun is still waited for.
    pub(crate) async fn call<T, S, F>(
        &self,
        operation: Operation,
        shutdown: Option<&ShutdownSignal>,
        send: S,
    ) -> Result<Completed<T>, Error>
    where
        S: Fn(RequestContext) -> F,
        F: Future<Output = Result<ResponseValue<T>, progenitor_client::Error<()>>>,
    {
        let span = info_span!(
            "hss.call",
            otel.kind = "client",
            rpc.method = operation.name,
            http.request.method = operation.method,
            server.address = %self.base_url,
            http.response.status_code = field::Empty,
            http.request.resend_count = field::Empty,
            request_id = field::Empty,
            error.type = field::Empty,
        );
        let mut state = CallState::new();
        let result = self.retry(&mut state, operation, shutdown, send).instrument(span.clone()).await;
        let result = result.map_err(|error| state.finish(error));
        span.record("http.request.resend_count", state.attempts.saturating_sub(1));
        record(&span, result.as_ref().map(|completed| &completed.raw));
        result
    }

    async fn retry<T, S, F>(
        &self,
        state: &mut CallState,
        operation: Operation,
        shutdown: Option<&ShutdownSignal>,
        send: S,
    ) -> Result<Completed<T>, Error>
    where
        S: Fn(RequestContext) -> F,
        F: Future<Output = Result<ResponseValue<T>, progenitor_client::Error<()>>>,
    {
        let mut refused: Option<Arc<Credentials>> = None;
        let mut last_error: Option<Error> = None;
        loop {
            let credentials = self.credentials(refused.as_deref()).await?;
            // Refused credentials are not sent again: repeated failures lock a key
            // (`docs/design/service-behaviour.md#key-lock`).
            let is_refused =
                credentials.as_ref().zip(refused.as_ref()).is_some_and(|(new, refused)| new.secret_eq(refused));
            if let Some(error) = last_error.take_if(|_| is_refused) {
                return Err(error);
            }
            if !completes_before_shutdown(shutdown, self.config.rate_limiter.acquire()).await {
                return Err(
                    last_error.unwrap_or_else(|| Error::new(ErrorKind::Cancelled, "not sent: the run was stopped"))
                );
            }
            state.attempts += 1;
            let span = info_span!(
                "hss.attempt",
                attempt = state.attempts,
                http.response.status_code = field::Empty,
                request_id = field::Empty,
                error.type = field::Empty,
            );
            let error = match self.attempt(state, operation, credentials.clone(), &send, &span).await {
                Ok(completed) => return Ok(completed),
                Err(error) => error,
            };
            if error.kind() == ErrorKind::Credentials && refused.is_none() && self.provider.can_refresh() {
                warn!(parent: &span, "credentials rejected; renewing them once");
                refused = credentials;
                last_error = Some(error);
                continue;
            }
            let delay = self.config.retry.delay(&error, state.attempts, fastrand::f64());
            let Some(delay) = delay.filter(|delay| state.started.elapsed() + *delay < self.config.timeout) else {
                debug!(parent: &span, "giving up");
                return Err(error);
            };
            warn!(parent: &span, delay_ms = delay.as_millis() as u64, "retrying after a delay");
            // After a shutdown the next round returns.
            completes_before_shutdown(shutdown, tokio::time::sleep(delay)).await;
            last_error = Some(error);
        }
    }

    async fn attempt<T, S, F>(
        &self,
        state: &mut CallState,
        operation: Operation,
        credentials: Option<Arc<Credentials>>,
        send: &S,
        span: &tracing::Span,
    ) -> Result<Completed<T>, Error>
    where
        S: Fn(RequestContext) -> F,
        F: Future<Output = Result<ResponseValue<T>, progenitor_client::Error<()>>>,
    {
        let attempts = state.attempts;
        let capture = ResponseCapture::default();
        let context = RequestContext::new(credentials.clone(), self.scope.clone(), self.config.clock)
            .with_timeout(self.config.attempt_limit(self.config.timeout.saturating_sub(state.started.elapsed())))
            .with_capture(&capture, operation.body_limit_bytes);
        let result = send(context).instrument(span.clone()).await;
        match classify(result, capture.take(), operation.is_mutating) {
            Ok((value, raw)) => {
                self.config.rate_limiter.succeeded();
                record(span, Ok(&raw));
                debug!(parent: span, "response received");
                let value = value.map_err(|error| error.with_attempts(attempts));
                let earlier_attempt_ambiguous = state.may_have_taken_effect;
                Ok(Completed { value, raw, attempts, earlier_attempt_ambiguous, elapsed: state.started.elapsed() })
            }
            Err(error) => {
                let error = match &self.proxy {
                    Some((proxy, endpoint)) => proxy.explain(error, endpoint, &self.client).await,
                    None => error,
                };
                let is_signed = matches!(credentials.as_deref(), Some(Credentials::AccessKey { .. }));
                let error = if is_signed { add_clock_skew_hint(error, self.config.clock.now()) } else { error };
                state.may_have_taken_effect |= error.kind() == ErrorKind::Ambiguous;
                if error.kind() == ErrorKind::Throttled {
                    self.config.rate_limiter.throttled();
                }
                record(span, Err(&error));
                Err(error)
            }
        }
    }
}

/// The progress of a call.
struct CallState {
    started: Instant,
    attempts: u32,
    /// Whether an attempt may have arrived: then no later failure can show that the call had no effect.
    may_have_taken_effect: bool,
}

impl CallState {
    fn new() -> Self {
        Self { started: Instant::now(), attempts: 0, may_have_taken_effect: false }
    }

    /// Completes the error that ends the call.
    fn finish(&self, error: Error) -> Error {
        let error = error.with_attempts(self.attempts);
        if self.may_have_taken_effect { error.after_ambiguous_attempt() } else { error }
    }
}

/// Waits for `future`; returns `false` if the shutdown comes first.
async fn completes_before_shutdown(shutdown: Option<&ShutdownSignal>, future: impl Future<Output = ()>) -> bool {
    let Some(shutdown) = shutdown else {
        future.await;
        return true;
    };
    tokio::select! {
        biased;
        () = shutdown.requested() => false,
        () = future => true,
    }
}

/// Records in a span how a call or an attempt ended.
fn record(span: &tracing::Span, result: Result<&RawResponse, &Error>) {
    if span.is_disabled() {
        return;
    }
    let (status, request_id) = match result {
        Ok(raw) => (Some(raw.status), raw.request_id()),
        Err(error) => {
            span.record("error.type", field::debug(error.kind()));
            (error.http_status(), error.request_id().map(str::to_owned))
        }
    };
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if let Some(request_id) = request_id {
        span.record("request_id", request_id);
    }
}
