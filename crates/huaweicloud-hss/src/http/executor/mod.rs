//! Makes a call with all its attempts: credentials for each, retries after a delay, and one replacement of refused
//! credentials.
//!
//! Before an attempt is sent, it waits for credentials, for its turn (`http/rate_limit`), for the gate of its
//! credentials (`http/gate`) and for a place among the calls in flight. None of these waits counts as time of an attempt.
//!
//! `tracing` gets a span for the call and one for each attempt, with the names of OpenTelemetry, and never a body or a
//! credential.

mod attempt_end;
mod call_time;
pub(crate) mod control;
mod operation;
mod runtime;
// Only a fleet run is shut down.
#[cfg_attr(not(feature = "fleet"), expect(dead_code, unreachable_pub))]
pub(crate) mod shutdown;
mod spans;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use huaweicloud_auth::{Credentials, CredentialsProvider};
use progenitor_client::ResponseValue;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument as _, Span, debug, warn};
use url::Url;

use super::capture::ResponseCapture;
use super::config::HttpConfig;
use super::connection::proxy::Proxy;
use super::context::{RequestContext, SigningScope};
use super::gate::{Pass, Verdict};
use super::rate_limit::reported::ReportedLimit;
use super::rate_limit::{CallEnd, Identity, Permit};
use super::retry::RetryPolicy;
use crate::error::{Error, ErrorKind};
use crate::http::executor::shutdown::ShutdownSignal;
use crate::response::classify::{classify, classify_api_error, error_in_ok_response};
use crate::response::clock_skew::add_clock_skew_hint;
use crate::response::redact::Redactor;

use attempt_end::{call_end, end_pass, verdict};
use call_time::CallTime;
pub use control::CallControl;
use control::{out_of_time, stopped};
pub(crate) use operation::{Completed, Operation};
pub(crate) use runtime::check_runtime;
use spans::{InFlight, Server};

/// How many scans of a run wait for their turn at a time. The others wait for that, which takes less memory.
const LINE: usize = 16;

/// Makes calls to one endpoint, over one HTTP client, with the credentials of one provider.
pub(crate) struct Executor {
    base_url: String,
    server: Server,
    client: reqwest::Client,
    /// The proxy and the endpoint behind it.
    proxy: Option<(Proxy, Url)>,
    config: HttpConfig,
    provider: CredentialsProvider,
    scope: SigningScope,
    /// The scans of a run that wait for their turn.
    line: Semaphore,
    /// Whether the service has received any call, as far as is known.
    has_been_reached: AtomicBool,
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
        let (scope, server) = (scope(&url), Server::new(&url));
        let proxy = proxy.map(|proxy| (proxy, url));
        let line = Semaphore::new(LINE);
        let has_been_reached = AtomicBool::new(false);
        Ok(Self { base_url, server, client, proxy, config, provider, scope, line, has_been_reached })
    }

    /// Returns the URL that the paths of the service are appended to.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns how calls are retried.
    pub(crate) fn retry_policy(&self) -> &RetryPolicy {
        &self.config.retry
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
        Ok(RequestContext::new(credentials, self.scope.clone(), self.config.clock)
            .with_timeout(self.config.attempt_timeout))
    }

    /// Returns the error that the generated client returned to a program.
    pub(crate) async fn api_error(&self, error: progenitor_client::Error<()>, is_mutating: bool) -> Error {
        // The service may repeat them.
        let credentials = self.provider.current().await.ok().flatten();
        classify_api_error(error, is_mutating, Redactor::new(credentials, None), self.config.clock.now()).await
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
    pub(crate) async fn call<T, S, F>(
        &self,
        operation: Operation<'_>,
        control: Option<&CallControl<'_>>,
        send: S,
    ) -> Result<Completed<T>, Error>
    where
        S: Fn(RequestContext) -> F,
        F: Future<Output = Result<ResponseValue<T>, progenitor_client::Error<()>>>,
    {
        check_runtime()?;
        let control = control.copied().unwrap_or_default();
        let is_one_of_many = control.admission.is_some() && operation.is_mutating;
        // The semaphore is never closed.
        let line = if is_one_of_many { self.line.acquire().await.ok() } else { None };
        let options = control.options.unwrap_or(&self.config.call_options);
        let mut call = Call {
            executor: self,
            span: operation.span(&self.server),
            operation,
            retry: options.retry.as_ref().unwrap_or(&self.config.retry),
            time: CallTime::new(&self.config, options, Instant::now()),
            control,
            line,
            first_sent: None,
            attempts: 0,
            may_have_taken_effect: false,
        };
        let span = call.span.clone();
        let result = Box::pin(call.run(send)).instrument(span.clone()).await.map_err(|error| call.finish(error));
        if call.attempts > 1 {
            span.record("http.request.resend_count", call.attempts - 1);
        }
        spans::record(&span, result.as_ref().map(|completed| &completed.raw));
        if let Err(error) = &result
            && operation.is_mutating
        {
            spans::record_outcome(&span, error.outcome(), Some(error.kind().as_str()));
        }
        result
    }
}

/// One call and its progress.
struct Call<'a> {
    executor: &'a Executor,
    span: Span,
    operation: Operation<'a>,
    control: CallControl<'a>,
    /// Its place in the line, until it is sent for the first time.
    line: Option<SemaphorePermit<'a>>,
    retry: &'a RetryPolicy,
    time: CallTime,
    /// When the first attempt was sent.
    first_sent: Option<Instant>,
    attempts: u32,
    /// Whether an attempt may have arrived: then no later failure can show that the call had no effect.
    may_have_taken_effect: bool,
}

/// Everything that an attempt needs.
struct Ready<'a> {
    credentials: Option<Arc<Credentials>>,
    permit: Permit,
    pass: Option<Pass>,
    _place: Option<SemaphorePermit<'a>>,
}

/// Why an attempt is not sent.
enum NotReady {
    /// There are no usable credentials.
    Failed(Error),
    /// The time is over, the run was stopped, or the caller does not want it to be sent.
    Ended(Error),
    /// The service has refused the credentials in another call.
    Refused(Error, Option<Arc<Credentials>>),
    /// The refused credentials cannot be replaced.
    SameCredentials,
}

/// How an attempt failed, and how long the service has been unreachable for all calls.
struct Failed {
    error: Error,
    unreachable_for: Duration,
}

impl<'a> Call<'a> {
    /// Completes the error that ends the call.
    fn finish(&self, error: Error) -> Error {
        let error = error.with_attempts(self.attempts);
        if self.attempts == 0 {
            error.before_sending()
        } else if self.may_have_taken_effect {
            error.after_ambiguous_attempt()
        } else {
            error
        }
    }

    async fn run<T, S, F>(&mut self, send: S) -> Result<Completed<T>, Error>
    where
        S: Fn(RequestContext) -> F,
        F: Future<Output = Result<ResponseValue<T>, progenitor_client::Error<()>>>,
    {
        let mut refused: Option<Arc<Credentials>> = None;
        let mut last_error: Option<Error> = None;
        loop {
            let ready = match self.ready(refused.as_deref()).await {
                Ok(ready) => ready,
                Err(NotReady::Failed(error)) => return Err(error),
                Err(NotReady::Ended(error)) => return Err(last_error.unwrap_or(error)),
                Err(NotReady::Refused(error, credentials)) => {
                    if credentials.is_none() || refused.is_some() || !self.executor.provider.can_refresh() {
                        return Err(error);
                    }
                    refused = credentials;
                    last_error = Some(error);
                    continue;
                }
                Err(NotReady::SameCredentials) => return Err(last_error.unwrap_or_else(not_replaced)),
            };
            self.line = None;
            let credentials = ready.credentials.clone();
            let span = spans::attempt(self.attempts + 1);
            // Boxed, so that a call that waits does not hold the memory of an attempt.
            let Failed { error, unreachable_for } = match Box::pin(self.attempt(ready, &send, &span)).await {
                Ok(completed) => return Ok(completed),
                Err(failed) => failed,
            };
            if error.kind() == ErrorKind::Credentials && refused.is_none() && self.executor.provider.can_refresh() {
                warn!(parent: &span, "credentials rejected; renewing them once");
                refused = credentials;
                last_error = Some(error);
                continue;
            }
            let now = Instant::now();
            let delay = self.retry.delay(&error, self.attempts, fastrand::f64()).and_then(|delay| match error.kind() {
                ErrorKind::Unreachable if !self.executor.has_been_reached.load(Relaxed) => {
                    self.time.until_next_contact(delay, unreachable_for)
                }
                _ => Some(delay),
            });
            let delay = delay.filter(|delay| match error.kind() {
                ErrorKind::Throttled => self.time.may_start(now),
                _ => self.time.allows_retry(now, *delay, unreachable_for),
            });
            let Some(delay) = delay else {
                debug!(parent: &span, "giving up");
                return Err(error);
            };
            warn!(parent: &span, delay_ms = delay.as_millis() as u64, "retrying after a delay");
            if let Some(admission) = self.control.admission.filter(|_| !self.may_have_taken_effect) {
                admission.not_processed(&error).await;
            }
            // After a shutdown the next round returns.
            before_shutdown(self.control.shutdown, sleep(delay)).await;
            self.time.spend(delay);
            last_error = Some(error);
        }
    }

    /// Waits until an attempt may be sent. Ends at once when a shutdown is requested.
    async fn ready(&self, refused: Option<&Credentials>) -> Result<Ready<'a>, NotReady> {
        let shutdown = self.control.shutdown;
        let ready = async {
            let credentials = self.credentials(refused).await?;
            self.admitted(credentials).await
        };
        let Some(shutdown) = shutdown else { return ready.await };
        tokio::select! {
            biased;
            () = shutdown.requested() => Err(NotReady::Ended(stopped())),
            ready = ready => ready,
        }
    }

    async fn credentials(&self, refused: Option<&Credentials>) -> Result<Option<Arc<Credentials>>, NotReady> {
        let credentials = self.in_time(self.executor.credentials(refused)).await.ok_or_else(|| {
            let what = "not sent: the credentials did not arrive in time";
            NotReady::Ended(Error::new(ErrorKind::Unavailable, what))
        })?;
        let credentials = credentials.map_err(NotReady::Failed)?;
        // Refused credentials are not sent again: repeated failures lock a key
        // (`docs/design/service-behaviour.md#key-lock`).
        let is_refused = credentials.as_deref().zip(refused).is_some_and(|(new, refused)| new.secret_eq(refused));
        if is_refused { Err(NotReady::SameCredentials) } else { Ok(credentials) }
    }

    /// Waits for the turn of an attempt, for the gate of its credentials, and for the caller's own steps.
    async fn admitted(&self, credentials: Option<Arc<Credentials>>) -> Result<Ready<'a>, NotReady> {
        let Executor { config, base_url, provider, .. } = self.executor;
        let identity = match credentials.as_deref() {
            Some(Credentials::AccessKey { key, .. }) => Identity::AccessKey(key.id().to_owned()),
            _ => Identity::Provider(provider.id()),
        };
        let limiter = config.rate_limiters.get(base_url, self.operation.name, identity);
        let gate = match (credentials.as_deref(), self.control.log_in) {
            (Some(credentials), _) => config.gates.of_credentials(credentials, base_url),
            (None, Some(parts)) => Some(config.gates.of_log_in(parts)),
            (None, None) => None,
        };
        let admit = || async {
            let pass = match &gate {
                Some(gate) => Some(gate.enter().await?),
                None => None,
            };
            let place = match self.control.admission {
                Some(admission) => admission.place().await,
                None => None,
            };
            Ok((pass, place))
        };
        let acquired = self.in_time(limiter.acquire(self.time.latest_start(), admit)).await;
        let acquired = acquired.transpose().map_err(|error| NotReady::Refused(error, credentials.clone()))?;
        let acquired = acquired.flatten().filter(|_| self.time.may_start(Instant::now()));
        let Some((permit, (pass, _place))) = acquired else {
            return Err(NotReady::Ended(out_of_time()));
        };
        if let Some(admission) = self.control.admission {
            admission.sending().await.map_err(NotReady::Ended)?;
        }
        Ok(Ready { credentials, permit, pass, _place })
    }

    /// Waits until an attempt can no longer start.
    async fn in_time<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        match self.time.latest_start() {
            Some(latest) => timeout_at(latest, future).await.ok(),
            None => Some(future.await),
        }
    }

    async fn attempt<T, S, F>(&mut self, ready: Ready<'_>, send: &S, span: &Span) -> Result<Completed<T>, Failed>
    where
        S: Fn(RequestContext) -> F,
        F: Future<Output = Result<ResponseValue<T>, progenitor_client::Error<()>>>,
    {
        let Executor { client, proxy, config, scope, .. } = self.executor;
        let Ready { credentials, mut permit, pass, _place } = ready;
        let started = Instant::now();
        let first_sent = *self.first_sent.get_or_insert(started);
        self.attempts += 1;
        let attempts = self.attempts;
        let capture = ResponseCapture::default();
        let context = RequestContext::new(credentials.clone(), scope.clone(), config.clock)
            .with_timeout(self.time.attempt_limit(started))
            .with_debug_mode(permit.asks_for_limits())
            .with_capture(&capture, self.operation.body_limit_bytes);
        permit.sending();
        let in_flight = InFlight::new(&self.span, span, self.operation.is_mutating);
        let result = send(context).instrument(span.clone()).await;
        in_flight.end();
        let now = Instant::now();
        let raw = capture.take();
        let limits = raw.as_ref().map(|raw| ReportedLimit::from_headers(&raw.headers)).unwrap_or_default();
        let result = classify(result, raw, self.operation.is_mutating);
        if !matches!(&result, Err(error) if error.kind() == ErrorKind::Unreachable) {
            self.executor.has_been_reached.store(true, Relaxed);
        }
        match result {
            Ok((value, raw)) => {
                // Only the first response is searched for a refusal: a list may be long.
                let refusal = pass.as_ref().filter(|pass| pass.is_trial()).and_then(|_| error_in_ok_response(&raw));
                end_pass(pass, refusal.as_ref().map_or(Verdict::Accepted, verdict));
                permit.end(CallEnd::Response(limits.clone()));
                spans::record(span, Ok(&raw));
                debug!(parent: span, "response received");
                let value = value.map_err(|error| error.with_attempts(attempts));
                let earlier_attempt_ambiguous = self.may_have_taken_effect;
                let (elapsed, span) = (now - first_sent, self.span.clone());
                Ok(Completed { value, raw, limits, attempts, earlier_attempt_ambiguous, elapsed, span })
            }
            Err(error) => {
                let error = match proxy {
                    Some((proxy, endpoint)) => proxy.explain(error, endpoint, client).await,
                    None => error,
                };
                let is_signed = matches!(credentials.as_deref(), Some(Credentials::AccessKey { .. }));
                let error = if is_signed { add_clock_skew_hint(error, config.clock.now()) } else { error };
                end_pass(pass, verdict(&error));
                let unreachable_for = permit.end(call_end(&error, limits));
                if error.kind() != ErrorKind::Throttled {
                    self.time.spend(now - started);
                }
                self.may_have_taken_effect |= error.kind() == ErrorKind::Ambiguous;
                spans::record(span, Err(&error));
                Err(Failed { error, unreachable_for })
            }
        }
    }
}

fn not_replaced() -> Error {
    Error::new(ErrorKind::Credentials, "the refused credentials cannot be replaced")
}

/// Waits for `future`, unless a shutdown comes first.
async fn before_shutdown(shutdown: Option<&ShutdownSignal>, future: impl Future<Output = ()>) {
    match shutdown {
        None => future.await,
        Some(shutdown) => tokio::select! {
            biased;
            () = shutdown.requested() => {}
            () = future => {}
        },
    }
}
