//! Owns the way of a request through the emulator, without a socket: route, method, token, parameters, media type, body.

use crate::answer::{Refusal, RequestIds, respond};
use crate::calls::{Accepted, Call, Calls};
use crate::check::{self, Checked};
use crate::error::EmulatorError;
use crate::explain::{Inside, broken_rule};
use crate::fleet::Fleet;
use crate::handlers::{self, State};
use crate::queues::Queues;
use crate::routes::{Operation, Routes};
use crate::token::Tokens;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use std::fmt;
use std::sync::Arc;
use tokio::time::Duration;

/// The documents the emulator serves.
pub(crate) const SPECS: &[(&str, &str)] = &[("hss.yaml", include_str!("../spec/hss.yaml"))];

/// Larger request bodies are refused, as the cloud's gateway does.
pub const BODY_LIMIT_BYTES: usize = 12 * 1024 * 1024;

/// The emulator without its socket: answers requests one by one, on any thread. Clones share their state.
///
/// It reads the time from tokio's clock, so a test with `start_paused` decides when a scan ends.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

struct Shared {
    routes: Routes,
    tokens: Tokens,
    state: State,
    calls: Calls,
    request_ids: RequestIds,
}

/// What a `Service` is made with.
pub(crate) struct Settings {
    pub(crate) tokens: Tokens,
    pub(crate) scan_duration: Duration,
    pub(crate) fleet: Fleet,
}

/// A request whose head passed, waiting for its body.
pub(crate) struct Admitted {
    ticket: Ticket,
    operation: Arc<Operation>,
    checked: Checked,
    /// What `check::media_type` said.
    media: Option<usize>,
}

/// What is known of a request for the record of calls.
struct Ticket {
    request_id: String,
    method: Method,
    uri: Uri,
    operation_id: Option<String>,
}

/// Why there is no complete body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFault {
    TooLarge,
    CutOff,
    TooSlow,
}

impl Service {
    pub(crate) fn new(specs: &[(&str, &str)], settings: Settings) -> Result<Self, EmulatorError> {
        let routes = Routes::load(specs)?;
        for rule in routes.operations().filter_map(|operation| operation.token.as_ref()) {
            settings.tokens.usable(rule)?;
        }
        let shared = Shared {
            routes,
            tokens: settings.tokens,
            state: State { fleet: settings.fleet, queues: Queues::new(settings.scan_duration) },
            calls: Calls::default(),
            request_ids: RequestIds::new(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Answers one request.
    pub fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match self.admit(request.method(), request.uri(), request.headers()) {
            Ok(admitted) => self.finish(admitted, Ok(request.body().clone())),
            Err(response) => *response,
        }
    }

    /// The fleet, for instance to pick ids from.
    pub fn fleet(&self) -> &Fleet {
        &self.shared.state.fleet
    }

    /// The last answered calls, oldest first: at most 10,000 of them, fewer when they carried many ids.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.snapshot()
    }

    /// Judges the head of a request, before any of its body is read. The error is the finished answer.
    pub(crate) fn admit(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Admitted, Box<Response<Bytes>>> {
        let request_id = self.shared.request_ids.next();
        let mut ticket = Ticket { request_id, method: method.clone(), uri: uri.clone(), operation_id: None };
        match self.judge_head(&mut ticket, headers) {
            Ok((operation, checked, media)) => Ok(Admitted { ticket, operation, checked, media }),
            Err(refusal) => Err(Box::new(self.refuse(ticket, &refusal))),
        }
    }

    fn judge_head(
        &self,
        ticket: &mut Ticket,
        headers: &HeaderMap,
    ) -> Result<(Arc<Operation>, Checked, Option<usize>), Refusal> {
        let (route, in_path) = self.shared.routes.find(ticket.uri.path()).ok_or_else(Refusal::unknown_path)?;
        let operation = route.operation(&ticket.method).ok_or_else(|| Refusal::unknown_method(&route.allow))?;
        ticket.operation_id = Some(operation.id.clone());
        if let Some(rule) = &operation.token {
            self.shared.tokens.check(rule, headers)?;
        }
        let parameters = check::parameters(operation, &in_path, ticket.uri.query(), headers)?;
        let media = match &operation.body {
            Some(rule) => check::media_type(rule, headers)?,
            None => None,
        };
        Ok((Arc::clone(operation), Checked { parameters, body: None }, media))
    }

    /// Judges the body, does the work, and answers.
    pub(crate) fn finish(&self, admitted: Admitted, body: Result<Bytes, BodyFault>) -> Response<Bytes> {
        let Admitted { ticket, operation, checked, media } = admitted;
        match self.work(&operation, checked, media, body) {
            Ok(done) => {
                let response = respond(StatusCode::OK, &done.body, &ticket.request_id);
                self.record(ticket, response.status(), None, done.accepted);
                response
            }
            Err(refusal) => self.refuse(ticket, &refusal),
        }
    }

    fn work(
        &self,
        operation: &Operation,
        mut checked: Checked,
        media: Option<usize>,
        body: Result<Bytes, BodyFault>,
    ) -> Result<handlers::Done, Refusal> {
        let body = match body {
            Ok(body) if body.len() > BODY_LIMIT_BYTES => Err(BodyFault::TooLarge),
            other => other,
        };
        let faulty = |fault| match (fault, &operation.body) {
            (BodyFault::TooLarge, Some(rule)) if media.is_none() => check::no_media_type(rule),
            (BodyFault::TooLarge, _) => Refusal::too_large(BODY_LIMIT_BYTES),
            (BodyFault::CutOff, _) => Refusal::cut_off(),
            (BodyFault::TooSlow, _) => Refusal::too_slow(),
        };
        let body = body.map_err(faulty)?;
        if let Some(rule) = &operation.body {
            checked.body = check::body(rule, media, &body)?;
        }
        let handler = handlers::find(&operation.id).ok_or_else(|| Refusal::no_handler(&operation.id))?;
        let done = handler(&self.shared.state, &checked)?;
        if let Some(schema) = &operation.answer {
            schema.validate(&done.body).map_err(|error| {
                Refusal::own_fault(&operation.id, &broken_rule("the answer", &error, Inside::AfterName))
            })?;
        }
        Ok(done)
    }

    fn refuse(&self, ticket: Ticket, refusal: &Refusal) -> Response<Bytes> {
        let response = refusal.respond(&ticket.request_id);
        self.record(ticket, refusal.status, Some(refusal.code), None);
        response
    }

    fn record(&self, ticket: Ticket, status: StatusCode, error_code: Option<&str>, accepted: Option<Accepted>) {
        self.shared.calls.record(Call {
            number: 0,
            request_id: ticket.request_id,
            method: ticket.method.as_str().to_owned(),
            path: ticket.uri.path().to_owned(),
            query: ticket.uri.query().map(str::to_owned),
            operation_id: ticket.operation_id,
            status: status.as_u16(),
            error_code: error_code.map(str::to_owned),
            accepted,
        });
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("tokens", &self.shared.tokens)
            .field("hosts", &self.fleet().hosts().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
