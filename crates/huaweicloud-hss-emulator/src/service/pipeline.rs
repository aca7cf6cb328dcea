//! The steps of a request: route, method, credentials, parameters, media type, body, and the handler.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::header::{DATE, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode, Uri};

use crate::auth::access_key::{access_key_of, is_signed};
use crate::auth::canonical::ReceivedRequest;
use crate::auth::clock::http_date;
use crate::auth::hash::sha256;
use crate::error_response::{ErrorResponse, empty_response, file_response, json_response};
use crate::faults::change::Change;
use crate::faults::rule::FaultAction;
use crate::faults::{Arrival, Caller, FaultDecision};
use crate::handlers;
use crate::handlers::state::HandlerOutput;
use crate::model::assets::fault::{HostFaultRule, HostFaults};
use crate::model::assets::orders::Order;
use crate::model::queues::PendingScan;
use crate::model::request_log::{AcceptedScan, AuthMethod, AuthOutcome, RecordedRequest};
use crate::spec::routes::Operation;
use crate::spec::validate::{self, ValidatedRequest};
use crate::spec::violation_message::{PartNames, violation_message};

use super::change::{change_output, change_request};
use super::in_process::InProcessService;

/// The largest request body, as at the cloud's gateway. Larger ones are rejected.
pub const MAX_BODY_BYTES: usize = 12 * 1024 * 1024;

/// The header of a new token.
pub(crate) const SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");

/// A request with a valid head, waiting for its body.
pub(crate) struct ValidatedHead {
    context: RequestContext,
    operation: Arc<Operation>,
    request: ValidatedRequest,
    /// The result of `validate::media_type`.
    media: Option<usize>,
    /// The headers of a signed request, because its signature also covers the body.
    signed: Option<HeaderMap>,
    change: Option<Change>,
    host_faults: Vec<HostFaultRule>,
}

/// What a request did.
#[derive(Default)]
struct Effects {
    accepted: Option<AcceptedScan>,
    started: Option<PendingScan>,
    order: Option<Order>,
}

/// What the request log needs to know about a request.
struct RequestContext {
    request_id: String,
    method: Method,
    uri: Uri,
    operation_id: Option<String>,
    auth_method: AuthMethod,
    auth_outcome: AuthOutcome,
    fault: Option<String>,
}

/// Why the body is missing or incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    TooLarge,
    Incomplete,
    Timeout,
}

impl InProcessService {
    /// Validates the head of a request, before any of its body is read. The error is the complete response.
    pub(crate) fn validate_head(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        fault: &FaultDecision,
    ) -> Result<ValidatedHead, Box<Response<Bytes>>> {
        let mut context = self.context(method, uri, fault.name.clone());
        if self.shared.storage_failed.load(Ordering::Relaxed) {
            return Err(Box::new(self.finish_with_error(context, &ErrorResponse::state_write_failed())));
        }
        match self.check_head(&mut context, headers) {
            Ok((operation, request, media)) => {
                let signed = (context.auth_method == AuthMethod::AccessKey).then(|| headers.clone());
                let change = match &fault.action {
                    Some(FaultAction::Change(change)) => Some(change.clone()),
                    _ => None,
                };
                let host_faults = fault.host_faults.clone();
                Ok(ValidatedHead { context, operation, request, media, signed, change, host_faults })
            }
            Err(error) => Err(Box::new(self.finish_with_error(context, &error))),
        }
    }

    fn context(&self, method: &Method, uri: &Uri, fault: Option<String>) -> RequestContext {
        RequestContext {
            request_id: self.shared.request_ids.next(),
            method: method.clone(),
            uri: uri.clone(),
            operation_id: None,
            auth_method: AuthMethod::None,
            auth_outcome: AuthOutcome::NotChecked,
            fault,
        }
    }

    fn check_head(
        &self,
        context: &mut RequestContext,
        headers: &HeaderMap,
    ) -> Result<(Arc<Operation>, ValidatedRequest, Option<usize>), ErrorResponse> {
        let (route, in_path) = self.shared.routes.find(context.uri.path()).ok_or_else(ErrorResponse::unknown_path)?;
        let operation = route.operation(&context.method).ok_or_else(|| ErrorResponse::unknown_method(&route.allow))?;
        context.operation_id = Some(operation.id.clone());
        if let Some(rule) = &operation.token {
            // A token takes precedence over a signature.
            let has_token = headers.contains_key(&rule.header);
            if has_token || !is_signed(headers) {
                context.auth_method = if has_token { AuthMethod::Token } else { AuthMethod::None };
                context.auth_outcome = AuthOutcome::Refused;
                let (issuer, now) = (&self.shared.state.iam.issuer, self.clock().now());
                self.shared.tokens.check(rule, headers, |token| issuer.status_of(token, now))?;
                context.auth_outcome = AuthOutcome::Accepted;
            } else {
                context.auth_method = AuthMethod::AccessKey;
            }
        }
        let parameters = validate::parameters(operation, &in_path, context.uri.query(), headers)?;
        let media = match &operation.body {
            Some(rule) => validate::media_type(rule, headers)?,
            None => None,
        };
        Ok((Arc::clone(operation), ValidatedRequest { parameters, body: None }, media))
    }

    /// Validates the body, calls the handler, and returns the response.
    pub(crate) fn complete(&self, head: ValidatedHead, body: Result<Bytes, BodyError>) -> Response<Bytes> {
        let ValidatedHead { mut context, operation, request, media, signed, change, host_faults } = head;
        let verified = match (&signed, &body) {
            (Some(headers), Ok(body)) => {
                let verified = self.verify(&context, headers, &request, body);
                context.auth_outcome = if verified.is_ok() { AuthOutcome::Accepted } else { AuthOutcome::Refused };
                verified
            }
            _ => Ok(()),
        };
        match verified.and_then(|()| self.call_handler(&operation, request, media, body, change.as_ref())) {
            Ok(mut output) => {
                if let Some(order) = &mut output.order {
                    order.faults = HostFaults(host_faults);
                    self.shared.state.assets.add_order(order, self.shared.state.now_millis());
                }
                let mut response = match output.file.take() {
                    Some(file) => file_response(&file.name, file.content, &context.request_id),
                    None if output.body.is_null() => empty_response(output.status, &context.request_id),
                    None => json_response(output.status, &output.body, &context.request_id),
                };
                if let Some(token) = output.subject_token.as_ref().and_then(|token| HeaderValue::from_str(token).ok()) {
                    response.headers_mut().insert(SUBJECT_TOKEN, token);
                }
                let HandlerOutput { accepted, started, order, .. } = output;
                self.finish(context, response, None, Effects { accepted, started, order })
            }
            Err(error) => self.finish_with_error(context, &error),
        }
    }

    /// Verifies the signature of a request, now that its body is there.
    fn verify(
        &self,
        context: &RequestContext,
        headers: &HeaderMap,
        request: &ValidatedRequest,
        body: &Bytes,
    ) -> Result<(), ErrorResponse> {
        let project_id = Some(request.text("project_id")).filter(|id| !id.is_empty());
        let received = ReceivedRequest { method: &context.method, uri: &context.uri, headers, body, project_id };
        self.shared.access_keys.check(&received, self.shared.state.iam.clock, self.clock().now())
    }

    fn call_handler(
        &self,
        operation: &Operation,
        mut request: ValidatedRequest,
        media: Option<usize>,
        body: Result<Bytes, BodyError>,
        change: Option<&Change>,
    ) -> Result<HandlerOutput, ErrorResponse> {
        let body = match body {
            Ok(body) if body.len() > MAX_BODY_BYTES => Err(BodyError::TooLarge),
            other => other,
        };
        let body = body.map_err(|error| match (error, &operation.body) {
            (BodyError::TooLarge, Some(rule)) if media.is_none() => validate::no_media_type(rule),
            (BodyError::TooLarge, _) => ErrorResponse::body_too_large(MAX_BODY_BYTES),
            (BodyError::Incomplete, _) => ErrorResponse::incomplete_body(),
            (BodyError::Timeout, _) => ErrorResponse::body_timeout(),
        })?;
        if let Some(rule) = &operation.body {
            request.body = validate::body(rule, media, &body)?;
        }
        let handler = handlers::find(&operation.id).ok_or_else(|| ErrorResponse::no_handler(&operation.id))?;
        let offset = request.count("offset");
        if let Some(change) = change {
            change_request(change, &mut request);
        }
        let mut output = handler(&self.shared.state, &request)?;
        if let Some(schema) = &operation.response_schema {
            schema.validate(&output.body).map_err(|violation| {
                let message = violation_message("the response", &violation, PartNames::Prefixed);
                ErrorResponse::internal_error(&operation.id, &message)
            })?;
        }
        if let Some(change) = change {
            change_output(change, &self.shared.state, offset, &mut output);
        }
        Ok(output)
    }

    /// Returns the fault that a request gets.
    pub(crate) fn decide_fault(&self, head: &Parts, address: Option<IpAddr>) -> FaultDecision {
        if !self.shared.faults.has_rules() {
            return FaultDecision::default();
        }
        let operation = self.operation(&head.method, &head.uri);
        let token = operation.and_then(|operation| head.headers.get(&operation.token.as_ref()?.header));
        self.shared.faults.decide(&Arrival {
            operation: operation.map(|operation| operation.id.as_str()),
            caller: Caller {
                user: self.user_of(token.map(HeaderValue::as_bytes), &head.headers),
                address: address.map(|address| address.to_string()).unwrap_or_default(),
            },
            wants_limits: head.headers.get("x-apig-mode").is_some_and(|mode| mode == "debug"),
            at: self.clock().now(),
        })
    }

    /// Returns what identifies the user of a request, before the credentials are checked.
    fn user_of(&self, token: Option<&[u8]>, headers: &HeaderMap) -> String {
        match token {
            Some(token) => {
                let user =
                    std::str::from_utf8(token).ok().and_then(|token| self.shared.state.iam.issuer.user_of(token));
                // A token of unknown origin is a user of its own.
                user.map_or_else(|| sha256(token), |user| format!("user {user}"))
            }
            None => access_key_of(headers).unwrap_or_default().to_owned(),
        }
    }

    /// Records a request that a fault keeps from being processed. Without an error response nothing is sent, and
    /// the returned response is empty.
    pub(crate) fn reject(&self, head: &Parts, fault: &FaultDecision, error: Option<&ErrorResponse>) -> Response<Bytes> {
        let mut context = self.context(&head.method, &head.uri, fault.name.clone());
        context.operation_id = self.operation(&head.method, &head.uri).map(|operation| operation.id.clone());
        match error {
            Some(error) => self.finish_with_error(context, error),
            None => {
                self.record(context, None, None, Effects::default());
                Response::new(Bytes::new())
            }
        }
    }

    fn operation(&self, method: &Method, uri: &Uri) -> Option<&Arc<Operation>> {
        self.shared.routes.find(uri.path())?.0.operation(method)
    }

    fn finish_with_error(&self, context: RequestContext, error: &ErrorResponse) -> Response<Bytes> {
        let response = error.to_response(&context.request_id);
        self.finish(context, response, Some(&error.code), Effects::default())
    }

    /// Records a request, and returns its response: an error, if the state file could not be written.
    fn finish(
        &self,
        context: RequestContext,
        mut response: Response<Bytes>,
        error_code: Option<&str>,
        effects: Effects,
    ) -> Response<Bytes> {
        let request_id = context.request_id.clone();
        if !self.record(context, Some(response.status()), error_code, effects) {
            response = ErrorResponse::state_write_failed().to_response(&request_id);
        }
        self.set_date(&mut response);
        response
    }

    /// Sets the time of the emulator's clock, which a test may have offset.
    fn set_date(&self, response: &mut Response<Bytes>) {
        if let Ok(date) = HeaderValue::from_str(&http_date(self.shared.state.iam.clock.now())) {
            response.headers_mut().insert(DATE, date);
        }
    }

    /// Records a request. Returns whether the record is in the state file, if there is one.
    fn record(
        &self,
        context: RequestContext,
        status: Option<StatusCode>,
        error_code: Option<&str>,
        effects: Effects,
    ) -> bool {
        let Effects { accepted, started, order } = effects;
        let request = RecordedRequest {
            sequence: 0,
            request_id: context.request_id,
            method: context.method.as_str().to_owned(),
            path: context.uri.path().to_owned(),
            query: context.uri.query().map(str::to_owned),
            operation_id: context.operation_id,
            status: status.map_or(0, |status| status.as_u16()),
            error_code: error_code.map(str::to_owned),
            auth_method: context.auth_method,
            auth_outcome: context.auth_outcome,
            fault: context.fault,
            accepted,
        };
        let mut is_saved = true;
        self.shared.request_log.record(request, |request| {
            is_saved = self.save(|file| file.add_request(request, started.as_ref(), order.as_ref()));
            if !is_saved {
                let error = ErrorResponse::state_write_failed();
                (request.status, request.error_code) = (error.status.as_u16(), Some(error.code.into_owned()));
            }
        });
        self.notify();
        is_saved
    }
}
