//! What kind of call is made, and what comes of it.

use std::fmt;
use std::time::Duration;

use tracing::{Span, field, info_span};

use super::spans::{self, Server};
use crate::error::{Error, ErrorKind};
use crate::http::rate_limit::reported::ReportedLimit;
use crate::response::classify::{decode_error, error_in_ok_response};
use crate::response::outcome::ScanOutcome;
#[cfg(feature = "assets")]
use crate::response::raw_response::MAX_FILE_BYTES;
use crate::response::raw_response::{MAX_BODY_BYTES, MAX_LIST_BODY_BYTES, RawResponse};

/// What kind of call is made.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'a> {
    /// The vendor's name of it.
    pub(super) name: &'static str,
    /// The HTTP method.
    pub(super) method: &'static str,
    /// Whether sending it twice makes a difference.
    pub(super) is_mutating: bool,
    /// How many bytes of a response are read.
    pub(super) body_limit_bytes: usize,
    /// The project and enterprise project that it is about.
    project: Option<(&'a str, &'a str)>,
    /// The kind of asset that it is about.
    category: Option<&'a (dyn fmt::Display + Sync)>,
}

impl Operation<'static> {
    /// A GET.
    pub(crate) const fn get(name: &'static str) -> Self {
        Self {
            name,
            method: "GET",
            is_mutating: false,
            body_limit_bytes: MAX_BODY_BYTES,
            project: None,
            category: None,
        }
    }

    /// A GET whose response is a page of a list.
    pub(crate) const fn list(name: &'static str) -> Self {
        Self { body_limit_bytes: MAX_LIST_BODY_BYTES, ..Self::get(name) }
    }

    /// A GET whose response is a file.
    #[cfg(feature = "assets")]
    pub(crate) const fn file(name: &'static str) -> Self {
        Self { body_limit_bytes: MAX_FILE_BYTES, ..Self::get(name) }
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

impl<'a> Operation<'a> {
    /// Names the project and the enterprise project that the call is about.
    pub(crate) fn in_project(self, id: &'a str, enterprise_project: &'a str) -> Self {
        Self { project: Some((id, enterprise_project)), ..self }
    }

    /// Names the kind of asset that the call is about.
    pub(crate) fn in_category(self, category: &'a (dyn fmt::Display + Sync)) -> Self {
        Self { category: Some(category), ..self }
    }

    /// Returns the span of a call.
    pub(super) fn span(&self, server: &Server) -> Span {
        let (project, enterprise_project) = self.project.unzip();
        info_span!(
            "hss.call",
            otel.kind = "client",
            rpc.method = self.name,
            http.request.method = self.method,
            server.address = server.host,
            server.port = server.port,
            cloud.region = server.region,
            hss.project_id = project,
            hss.enterprise_project_id = enterprise_project,
            hss.category = self.category.map(field::display),
            hss.outcome = field::Empty,
            http.response.status_code = field::Empty,
            http.request.resend_count = field::Empty,
            request_id = field::Empty,
            error.type = field::Empty,
        )
    }
}

/// A call that got a response: its value, the response as it arrived, and how it went.
pub(crate) struct Completed<T> {
    /// The value, or why the response has none.
    pub(crate) value: Result<T, Error>,
    pub(crate) raw: RawResponse,
    /// The limits that the gateway reported.
    pub(crate) limits: Vec<ReportedLimit>,
    pub(crate) attempts: u32,
    /// Whether an earlier attempt may have arrived.
    pub(crate) earlier_attempt_ambiguous: bool,
    pub(crate) elapsed: Duration,
    /// The span of the call.
    pub(super) span: Span,
}

impl<T> Completed<T> {
    /// Returns the part of the value that the caller needs. An error that came with status 200 is an error, and so is a
    /// value without the part, for which `missing` is the reason.
    pub(crate) fn require<U>(self, part: impl FnOnce(T) -> Option<U>, missing: &str) -> Result<U, Error> {
        let Self { value, raw, attempts, span, .. } = self;
        let result = match error_in_ok_response(&raw) {
            Some(error) => Err(error.with_attempts(attempts)),
            None => {
                value.and_then(|value| part(value).ok_or_else(|| decode_error(&raw, missing).with_attempts(attempts)))
            }
        };
        result.inspect_err(|error| spans::record(&span, Err(error)))
    }

    /// Records that the response to a scan is not understood.
    pub(crate) fn record_error(&self, error: &Error) {
        spans::record_outcome(&self.span, error.outcome(), Some(error.kind().as_str()));
    }

    /// Records the outcome that the response to a scan reports.
    pub(crate) fn record_outcome(&self, outcome: &ScanOutcome) {
        let error = match outcome {
            ScanOutcome::Refused { kind, .. } => Some(kind.as_str()),
            ScanOutcome::Unrecognised => Some(ErrorKind::InvalidResponse.as_str()),
            ScanOutcome::Accepted { .. } | ScanOutcome::AlreadyQueued => None,
        };
        spans::record_outcome(&self.span, outcome.into(), error);
    }
}
