//! One call with all its attempts: ready credentials for each, a pause between them, one renewal of a token, and what is told to
//! `tracing`: a span for the call and one for each attempt, with the names of OpenTelemetry, and never a body or a credential.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use huaweicloud_auth::Credentials;
use tracing::{Instrument as _, debug, field, info_span, warn};
use url::Url;

use crate::credentials::Provider;
use crate::error::{Error, ErrorKind};
use crate::generated::hss as api;
use crate::http::config::HttpConfig;
use crate::http::context::{Named, RequestContext, Seen, Slot};
use crate::response::classify as answer;
use crate::shutdown::ShutdownSignal;

/// What differs from the gateway's time by more than this is refused there (facts, section 3).
const CLOCK_TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// What kind of call is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The vendor's name of it.
    pub(crate) name: &'static str,
    /// The HTTP method.
    pub(crate) method: &'static str,
    /// Whether sending it twice makes a difference.
    pub(crate) changes_something: bool,
    /// How many bytes of an answer are read.
    pub(crate) body_limit: usize,
}

impl Operation {
    /// A call that asks for something and changes nothing.
    pub(crate) const fn question(name: &'static str) -> Self {
        Self { name, method: "GET", changes_something: false, body_limit: answer::BODY_LIMIT }
    }

    /// The same call, whose answer may be a page of a list.
    pub(crate) const fn with_long_answer(self) -> Self {
        Self { body_limit: answer::LONG_BODY_LIMIT, ..self }
    }
}

/// An answered call: its value, the answer as it came, and how it went.
pub(crate) struct Answered<T> {
    pub(crate) value: Result<T, Error>,
    pub(crate) seen: Seen,
    pub(crate) attempts: u32,
    /// Whether an attempt before the answered one may have arrived.
    pub(crate) earlier_attempt_ambiguous: bool,
    pub(crate) elapsed: Duration,
}

impl<T> Answered<T> {
    /// The part of the value that the caller is after. A refusal that came with status 200 is an error, and so is a value that lacks
    /// the part.
    pub(crate) fn need<U>(self, part: impl FnOnce(T) -> Option<U>, lacks: &str) -> Result<U, Error> {
        let Self { value, seen, attempts, .. } = self;
        if let Some(error) = answer::refused_in_200(&seen) {
            return Err(error.with_attempts(attempts));
        }
        part(value?).ok_or_else(|| answer::unreadable(&seen, lacks).with_attempts(attempts))
    }
}

/// Makes calls over one HTTP client with the credentials of one provider.
pub(crate) struct Caller {
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    pub(crate) network: HttpConfig,
    pub(crate) provider: Provider,
    pub(crate) named: Named,
}

impl Caller {
    /// Checks the endpoint and sets up the HTTP client. `named` tells for an endpoint what signed requests name.
    pub(crate) fn new(
        endpoint: &str,
        network: HttpConfig,
        provider: Provider,
        named: impl FnOnce(&Url) -> Named,
    ) -> Result<Self, Error> {
        let url = network.endpoint(endpoint)?;
        let http = network.http_client(&url)?;
        // The generated clients put their paths behind this text.
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base, http, network, provider, named: named(&url) })
    }

    /// Makes a call until it is answered, or is not to be tried again.
    ///
    /// `send` makes one attempt with the generated client. An answer with status 200 that cannot be read is an answer: its
    /// error is in [`Answered::value`].
    ///
    /// After `stop` no attempt begins; the answer that is on its way is still waited for.
    pub(crate) async fn call<T, S, F>(
        &self,
        operation: Operation,
        stop: Option<&ShutdownSignal>,
        send: S,
    ) -> Result<Answered<T>, Error>
    where
        S: Fn(RequestContext) -> F,
        F: Future<Output = Result<api::ResponseValue<T>, api::Error<()>>>,
    {
        let span = info_span!(
            "hss.call",
            otel.kind = "client",
            rpc.method = operation.name,
            http.request.method = operation.method,
            server.address = %self.base,
            http.response.status_code = field::Empty,
            http.request.resend_count = field::Empty,
            request_id = field::Empty,
            error.type = field::Empty,
        );
        // Pinned before it is instrumented: it is large, and would be moved once more.
        let result = pin!(self.attempts(operation, stop, send)).instrument(span.clone()).await;
        let attempts = match &result {
            Ok(Answered { attempts, .. }) => *attempts,
            Err(error) => error.attempts(),
        };
        span.record("http.request.resend_count", attempts.saturating_sub(1));
        record(&span, result.as_ref().map(|answered| &answered.seen));
        result
    }

    async fn attempts<T, S, F>(
        &self,
        operation: Operation,
        stop: Option<&ShutdownSignal>,
        send: S,
    ) -> Result<Answered<T>, Error>
    where
        S: Fn(RequestContext) -> F,
        F: Future<Output = Result<api::ResponseValue<T>, api::Error<()>>>,
    {
        let started = Instant::now();
        let mut attempts = 0;
        let mut rejected: Option<Arc<Credentials>> = None;
        let mut last: Option<Error> = None;
        // Once an attempt may have arrived, no later failure can tell that the call did nothing.
        let mut maybe_sent = false;
        loop {
            let credentials = match self.provider.get(rejected.as_deref()).await {
                Ok(credentials) => credentials,
                Err(error) if maybe_sent => return Err(error.with_attempts(attempts).after_maybe_sent()),
                Err(error) => return Err(error.with_attempts(attempts)),
            };
            // What was refused is not sent again: five refusals lock a key.
            let same = credentials.as_ref().zip(rejected.as_ref()).is_some_and(|(new, old)| new.secret_eq(old));
            if let Some(error) = last.take_if(|_| same) {
                return Err(if maybe_sent { error.after_maybe_sent() } else { error });
            }
            if !unless_stopped(stop, self.network.rate.turn()).await {
                let error = last.unwrap_or_else(|| Error::new(ErrorKind::Cancelled, "stopped before it was sent"));
                return Err(if maybe_sent { error.after_maybe_sent() } else { error });
            }
            attempts += 1;
            let timeout = self.network.limit(self.network.timeout.saturating_sub(started.elapsed()));
            let slot = Slot::default();
            let (credentials_sent, named) = (credentials.clone(), self.named.clone());
            let attempt = RequestContext::watched(credentials_sent, named, timeout, operation.body_limit, &slot);
            let span = info_span!(
                "hss.attempt",
                attempt = attempts,
                http.response.status_code = field::Empty,
                request_id = field::Empty,
                error.type = field::Empty,
            );
            let result = pin!(send(attempt)).instrument(span.clone()).await;
            let error = match read(result, slot.take(), operation.changes_something) {
                Ok((value, seen)) => {
                    self.network.rate.answered();
                    record(&span, Ok(&seen));
                    debug!(parent: &span, "answered");
                    let elapsed = started.elapsed();
                    let value = value.map_err(|error| error.with_attempts(attempts));
                    return Ok(Answered { value, seen, attempts, earlier_attempt_ambiguous: maybe_sent, elapsed });
                }
                Err(error) => clock_checked(error, credentials.as_deref()).with_attempts(attempts),
            };
            maybe_sent |= error.may_have_taken_effect();
            if error.kind() == ErrorKind::Throttled {
                self.network.rate.throttled();
            }
            record(&span, Err(&error));
            // A token is renewed once; a key that was refused is refused again, and five times lock it (facts, section 3).
            if error.kind() == ErrorKind::Credentials && rejected.is_none() && self.provider.can_renew() {
                warn!(parent: &span, "the token was refused; it is renewed once");
                rejected = credentials;
                last = Some(error);
                continue;
            }
            let pause = self.network.retry.pause(&error, attempts, fastrand::f64());
            match pause.filter(|pause| started.elapsed() + *pause < self.network.timeout) {
                None => {
                    debug!(parent: &span, "given up");
                    return Err(if maybe_sent { error.after_maybe_sent() } else { error });
                }
                Some(pause) => {
                    warn!(parent: &span, pause_ms = pause.as_millis() as u64, "tried again after a pause");
                    // Stopped or not, the next round says what to do.
                    unless_stopped(stop, tokio::time::sleep(pause)).await;
                    last = Some(error);
                }
            }
        }
    }
}

/// Waits for `what`; `false` when stopping was asked for first.
async fn unless_stopped(stop: Option<&ShutdownSignal>, what: impl Future<Output = ()>) -> bool {
    let Some(stop) = stop else {
        what.await;
        return true;
    };
    tokio::select! {
        biased;
        () = stop.requested() => false,
        () = what => true,
    }
}

/// Tells how it ended, to those who listen.
fn record(span: &tracing::Span, result: Result<&Seen, &Error>) {
    if span.is_disabled() {
        return;
    }
    let (status, request_id) = match result {
        Ok(seen) => (Some(seen.status), seen.request_id()),
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

/// Takes one attempt apart: an answer that has a value or tells in its 200 why it has none, or an error.
fn read<T>(
    result: Result<api::ResponseValue<T>, api::Error<()>>,
    seen: Option<Seen>,
    changes_something: bool,
) -> Result<(Result<T, Error>, Seen), Error> {
    match (result, seen) {
        // A list of the right length would be taken for the fields of an object.
        (Ok(_), Some(seen)) if !seen.body.trim_ascii_start().starts_with(b"{") => {
            Ok((Err(answer::unreadable(&seen, "it is no JSON object")), seen))
        }
        (Ok(value), Some(seen)) => Ok((Ok(value.into_inner()), seen)),
        (Err(api::Error::InvalidResponsePayload(_, error)), Some(seen)) if seen.is_success() => {
            Ok((Err(answer::unreadable(&seen, &error.to_string())), seen))
        }
        (Err(_), Some(seen)) if !seen.is_success() => Err(answer::refusal(&seen, changes_something)),
        (Err(api::Error::CommunicationError(error) | api::Error::ResponseBodyError(error)), _) => {
            Err(answer::broken(error, changes_something))
        }
        (Err(api::Error::InvalidRequest(text) | api::Error::Custom(text)), _) => Err(Error::invalid_input(text)),
        // The generated client gives these only for an answer, and an answer is always seen.
        (Ok(_) | Err(_), _) => Err(Error::new(ErrorKind::Ambiguous, "the answer was lost")),
    }
}

/// Adds to a refused signature that the clock is wrong, where the answer's own Date says so.
fn clock_checked(error: Error, credentials: Option<&Credentials>) -> Error {
    if error.kind() != ErrorKind::Credentials || !matches!(credentials, Some(Credentials::AccessKey { .. })) {
        return error;
    }
    let Some(theirs) = error.server_time() else { return error };
    let ours = crate::clock::now();
    let (difference, word) = match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if difference <= CLOCK_TOLERANCE {
        return error;
    }
    // Rounded up: just over 15 minutes are not to be told as 15.
    let minutes = difference.as_secs().div_ceil(60);
    error.with_note(format!(
        "This machine's clock is {minutes} minutes {word} the service's, and 15 are allowed: set the clock"
    ))
}
