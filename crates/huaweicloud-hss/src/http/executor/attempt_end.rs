//! What the end of an attempt means for the rate limits and the credentials.

use crate::error::{Error, ErrorKind};
use crate::http::gate::{Pass, Verdict};
use crate::http::rate_limit::CallEnd;
use crate::http::rate_limit::reported::ReportedLimit;

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
