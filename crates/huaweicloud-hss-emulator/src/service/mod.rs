//! Owns the way of a request through the emulator, without a socket: route, method, token, parameters, media type, body.

use crate::auth::access_key::{AccessKeys, is_signed};
use crate::auth::canonical::Arrived;
use crate::auth::clock::http_date;
use crate::auth::token::Tokens;
use crate::error::EmulatorError;
use crate::error_response::{Refusal, RequestIds, respond};
use crate::faults::{Faults, Plan, Running};
use crate::handlers;
use crate::handlers::state::{Done, State};
use crate::model::enterprise_projects::EnterpriseProjects;
use crate::model::iam::Iam;
use crate::model::inventory::Inventory;
use crate::model::persistence::{RestoredState, StateError, StateFile};
use crate::model::queues::{PendingScan, Queues};
use crate::model::request_log::{AcceptedScan, AuthMethod, AuthOutcome, RecordedRequest, RequestLog};
use crate::spec::joined::joined;
use crate::spec::routes::{Operation, Routes};
use crate::spec::validate::{self as check, Checked};
use crate::spec::violation_message::{Inside, broken_rule};
use bytes::Bytes;
use http::header::{DATE, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;
use tokio::time::{Duration, Instant};

/// Larger request bodies are refused, as the cloud's gateway does.
pub const MAX_BODY_BYTES: usize = 12 * 1024 * 1024;

/// The emulator without its socket: answers requests one by one, on any thread. Clones share their state.
///
/// It reads the time from tokio's clock, so a test with `start_paused` decides when a scan ends.
#[derive(Clone)]
pub struct InProcessService {
    shared: Arc<Shared>,
}

struct Shared {
    routes: Routes,
    tokens: Tokens,
    access_keys: AccessKeys,
    state: State,
    calls: RequestLog,
    faults: Running,
    state_file: Option<StateFile>,
    /// Whether the state file could not be written once.
    lost: AtomicBool,
    warnings: Vec<String>,
    request_ids: RequestIds,
    /// Turned with each thing that happened, for those who watch.
    changes: watch::Sender<()>,
    /// What `/openapi.json` says.
    openapi: Bytes,
}

/// What a `InProcessService` is made with.
pub(crate) struct Settings {
    pub(crate) tokens: Tokens,
    pub(crate) access_keys: AccessKeys,
    pub(crate) iam: Iam,
    pub(crate) scan_duration: Duration,
    pub(crate) inventory: Inventory,
    pub(crate) enterprise_projects: EnterpriseProjects,
    pub(crate) request_log_capacity: usize,
    pub(crate) state_file: Option<StateFile>,
    pub(crate) restored: RestoredState,
}

/// A request whose head passed, waiting for its body.
pub(crate) struct Admitted {
    ticket: Ticket,
    operation: Arc<Operation>,
    checked: Checked,
    /// What `check::media_type` said.
    media: Option<usize>,
    /// The headers of a signed request: its signature covers the body as well.
    signed: Option<HeaderMap>,
}

/// What is known of a request for the record of calls.
struct Ticket {
    request_id: String,
    method: Method,
    uri: Uri,
    operation_id: Option<String>,
    auth_method: AuthMethod,
    auth_outcome: AuthOutcome,
    fault: Option<String>,
}

/// Why there is no complete body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFault {
    TooLarge,
    CutOff,
    TooSlow,
}

impl InProcessService {
    pub(crate) fn new(specs: &[(&str, &str)], settings: Settings) -> Result<Self, EmulatorError> {
        let routes = Routes::load(specs)?;
        for rule in routes.operations().filter_map(|operation| operation.token.as_ref()) {
            settings.tokens.usable(rule)?;
        }
        let shared = Shared {
            routes,
            tokens: settings.tokens,
            access_keys: settings.access_keys,
            state: State {
                inventory: settings.inventory,
                enterprise_projects: settings.enterprise_projects,
                queues: Queues::new(settings.scan_duration),
                iam: settings.iam,
            },
            calls: RequestLog::new(settings.request_log_capacity),
            faults: Running::default(),
            state_file: settings.state_file,
            lost: AtomicBool::new(false),
            warnings: settings.restored.warnings,
            request_ids: RequestIds::new(),
            changes: watch::Sender::new(()),
            openapi: joined(specs)?,
        };
        shared.calls.restore(settings.restored.answered, settings.restored.requests);
        for scan in settings.restored.scans {
            shared.state.queues.restore(scan);
        }
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Answers one request.
    pub fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match self.admit(request.method(), request.uri(), request.headers(), None) {
            Ok(admitted) => self.finish(admitted, Ok(request.body().clone())),
            Err(response) => *response,
        }
    }

    /// The inventory, for instance to pick ids from.
    pub fn inventory(&self) -> &Inventory {
        &self.shared.state.inventory
    }

    /// The last answered calls, oldest first: at most as many as the builder says, fewer when they carried many ids.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.calls.snapshot()
    }

    /// What the user should know about the start, such as that the state file had an incomplete line.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.shared.warnings
    }

    /// Judges the head of a request, before any of its body is read. The error is the finished answer.
    pub(crate) fn admit(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        fault: Option<String>,
    ) -> Result<Admitted, Box<Response<Bytes>>> {
        let mut ticket = self.ticket(method, uri, fault);
        if self.shared.lost.load(Ordering::Relaxed) {
            return Err(Box::new(self.refuse(ticket, &Refusal::state_lost())));
        }
        match self.judge_head(&mut ticket, headers) {
            Ok((operation, checked, media)) => {
                let signed = (ticket.auth_method == AuthMethod::AccessKey).then(|| headers.clone());
                Ok(Admitted { ticket, operation, checked, media, signed })
            }
            Err(refusal) => Err(Box::new(self.refuse(ticket, &refusal))),
        }
    }

    fn ticket(&self, method: &Method, uri: &Uri, fault: Option<String>) -> Ticket {
        Ticket {
            request_id: self.shared.request_ids.next(),
            method: method.clone(),
            uri: uri.clone(),
            operation_id: None,
            auth_method: AuthMethod::None,
            auth_outcome: AuthOutcome::NotChecked,
            fault,
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
            // A token goes before a signature, where a request has both.
            let has_token = headers.contains_key(&rule.header);
            if has_token || !is_signed(headers) {
                ticket.auth_method = if has_token { AuthMethod::Token } else { AuthMethod::None };
                ticket.auth_outcome = AuthOutcome::Refused;
                let issuer = &self.shared.state.iam.issuer;
                self.shared.tokens.check(rule, headers, |token| issuer.standing(token, Instant::now()))?;
                ticket.auth_outcome = AuthOutcome::Accepted;
            } else {
                ticket.auth_method = AuthMethod::AccessKey;
            }
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
        let Admitted { mut ticket, operation, checked, media, signed } = admitted;
        let verified = match (&signed, &body) {
            (Some(headers), Ok(body)) => {
                let verified = self.verify(&ticket, headers, &checked, body);
                ticket.auth_outcome = if verified.is_ok() { AuthOutcome::Accepted } else { AuthOutcome::Refused };
                verified
            }
            _ => Ok(()),
        };
        match verified.and_then(|()| self.work(&operation, checked, media, body)) {
            Ok(done) => {
                let mut response = respond(done.status, &done.body, &ticket.request_id);
                if let Some(token) = done.subject_token.and_then(|token| HeaderValue::from_str(&token).ok()) {
                    response.headers_mut().insert(HeaderName::from_static("x-subject-token"), token);
                }
                self.date(&mut response);
                self.record(ticket, Some(response.status()), None, done.accepted, done.started);
                response
            }
            Err(refusal) => self.refuse(ticket, &refusal),
        }
    }

    /// Checks the signature of a request, now that its body is there.
    fn verify(&self, ticket: &Ticket, headers: &HeaderMap, checked: &Checked, body: &Bytes) -> Result<(), Refusal> {
        let project_id = Some(checked.text("project_id")).filter(|id| !id.is_empty());
        let arrived = Arrived { method: &ticket.method, uri: &ticket.uri, headers, body, project_id };
        self.shared.access_keys.check(&arrived, self.shared.state.iam.clock, Instant::now())
    }

    fn work(
        &self,
        operation: &Operation,
        mut checked: Checked,
        media: Option<usize>,
        body: Result<Bytes, BodyFault>,
    ) -> Result<Done, Refusal> {
        let body = match body {
            Ok(body) if body.len() > MAX_BODY_BYTES => Err(BodyFault::TooLarge),
            other => other,
        };
        let faulty = |fault| match (fault, &operation.body) {
            (BodyFault::TooLarge, Some(rule)) if media.is_none() => check::no_media_type(rule),
            (BodyFault::TooLarge, _) => Refusal::too_large(MAX_BODY_BYTES),
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
            schema.judge(&done.body).map_err(|broken| {
                Refusal::own_fault(&operation.id, &broken_rule("the answer", &broken, Inside::AfterName))
            })?;
        }
        Ok(done)
    }

    /// Says the emulator's own time, which a test may have set wrong.
    fn date(&self, response: &mut Response<Bytes>) {
        if let Ok(date) = HeaderValue::from_str(&http_date(self.shared.state.iam.clock.now())) {
            response.headers_mut().insert(DATE, date);
        }
    }

    fn refuse(&self, ticket: Ticket, refusal: &Refusal) -> Response<Bytes> {
        let mut response = refusal.respond(&ticket.request_id);
        self.date(&mut response);
        self.record(ticket, Some(refusal.status), Some(&refusal.code), None, None);
        response
    }

    /// The faults that are set.
    pub(crate) fn faults(&self) -> Faults {
        self.shared.faults.get()
    }

    /// Sets other faults.
    pub(crate) fn set_faults(&self, faults: Faults) -> Result<(), EmulatorError> {
        let known = |id: &str| self.shared.routes.operations().any(|operation| operation.id == id);
        if let Some(unknown) = faults.unknown_operation(known) {
            return Err(EmulatorError::fault(unknown));
        }
        self.shared.faults.set(faults);
        self.shared.changes.send_replace(());
        Ok(())
    }

    /// What a call gets of the faults that are set.
    pub(crate) fn plan(&self, method: &Method, uri: &Uri, now: Instant) -> Plan {
        match self.shared.faults.any() {
            true => self.shared.faults.draw(self.operation_id(method, uri).as_deref(), now),
            false => Plan::default(),
        }
    }

    fn operation_id(&self, method: &Method, uri: &Uri) -> Option<String> {
        let (route, _) = self.shared.routes.find(uri.path())?;
        route.operation(method).map(|operation| operation.id.clone())
    }

    /// Records a call that a fault keeps from being judged. Without a refusal there is no answer at all, and nobody sees the one
    /// that is returned.
    pub(crate) fn turn_down(&self, head: &Parts, fault: Option<String>, refusal: Option<&Refusal>) -> Response<Bytes> {
        let mut ticket = self.ticket(&head.method, &head.uri, fault);
        ticket.operation_id = self.operation_id(&head.method, &head.uri);
        match refusal {
            Some(refusal) => self.refuse(ticket, refusal),
            None => {
                self.record(ticket, None, None, None, None);
                Response::new(Bytes::new())
            }
        }
    }

    /// Ends all tokens that were given out so far.
    pub(crate) fn expire_tokens(&self) {
        let below = self.shared.state.iam.issuer.end_all();
        self.save(|state| state.expire_tokens_below(below));
    }

    /// Empties all queues, forgets all calls and failures, and begins to count for the faults anew.
    pub(crate) fn reset(&self) {
        self.shared.state.queues.clear();
        self.shared.calls.clear(|| self.save(StateFile::reset));
        self.shared.access_keys.forgive();
        self.shared.faults.restart();
        self.shared.changes.send_replace(());
    }

    /// Turns with each thing that happens.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.shared.changes.subscribe()
    }

    /// The queues that are busy.
    pub(crate) fn pending_queues(&self, now: Instant) -> Vec<PendingScan> {
        self.shared.state.queues.pending(now)
    }

    /// How many calls there were, the last ones, and the last ones that started a scan; newest first.
    pub(crate) fn last_calls(&self, many: usize) -> (u64, Vec<RecordedRequest>, Vec<RecordedRequest>) {
        self.shared.calls.last(many)
    }

    /// The loaded documents as one.
    pub(crate) fn openapi(&self) -> Bytes {
        self.shared.openapi.clone()
    }

    /// The calls kept as JSON lines: all of them, where they are kept in a file.
    pub(crate) fn ledger(&self) -> String {
        let kept = self.shared.state_file.as_ref().and_then(|state| state.request_lines().ok());
        kept.unwrap_or_else(|| self.shared.calls.lines())
    }

    fn record(
        &self,
        ticket: Ticket,
        status: Option<StatusCode>,
        error_code: Option<&str>,
        accepted: Option<AcceptedScan>,
        started: Option<PendingScan>,
    ) {
        let call = RecordedRequest {
            sequence: 0,
            request_id: ticket.request_id,
            method: ticket.method.as_str().to_owned(),
            path: ticket.uri.path().to_owned(),
            query: ticket.uri.query().map(str::to_owned),
            operation_id: ticket.operation_id,
            status: status.map_or(0, |status| status.as_u16()),
            error_code: error_code.map(str::to_owned),
            auth_method: ticket.auth_method,
            auth_outcome: ticket.auth_outcome,
            fault: ticket.fault,
            accepted,
        };
        self.shared.calls.record(call, |call| self.save(|state| state.add_request(call, started.as_ref())));
        self.shared.changes.send_replace(());
    }

    fn save(&self, save: impl FnOnce(&StateFile) -> Result<(), StateError>) {
        if let Some(state) = &self.shared.state_file
            && save(state).is_err()
        {
            self.shared.lost.store(true, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for InProcessService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcessService")
            .field("tokens", &self.shared.tokens)
            .field("hosts", &self.inventory().hosts().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod edges;
#[cfg(test)]
mod tests;
