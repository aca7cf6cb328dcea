//! What the end of an attempt means for the rate limits, the credentials and the log.

use tracing::field;

use crate::error::{Error, ErrorKind};
use crate::http::gate::{Pass, Verdict};
use crate::http::rate_limit::CallEnd;
use crate::http::rate_limit::reported::ReportedLimit;
use crate::response::raw_response::RawResponse;

/// Returns what the end of an attempt means for the rate limits.
pub(super) fn call_end(error: &Error, mut limits: Vec<ReportedLimit>) -> CallEnd {
    match error.kind() {
        ErrorKind::Throttled => {
            limits.extend(error.message().and_then(ReportedLimit::from_message));
            CallEnd::Throttled(limits, error.retry_after())
        }
        _ if error.http_status().is_some() => CallEnd::Response(limits),
        ErrorKind::Unreachable | ErrorKind::InvalidInput => CallEnd::NotArrived,
        _ => CallEnd::NoResponse,
    }
}

/// Returns what a failed attempt shows about its credentials.
pub(super) fn verdict(error: &Error) -> Verdict<'_> {
    match (error.kind(), error.http_status()) {
        (_, None | Some(500..)) | (ErrorKind::Throttled, _) => Verdict::Unknown,
        (ErrorKind::Credentials, _) => Verdict::Refused(error),
        _ => Verdict::Accepted,
    }
}

pub(super) fn end_pass(pass: Option<Pass>, verdict: Verdict<'_>) {
    if let Some(pass) = pass {
        pass.end(verdict);
    }
}

/// Records in a span how a call or an attempt ended.
pub(super) fn record(span: &tracing::Span, result: Result<&RawResponse, &Error>) {
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
