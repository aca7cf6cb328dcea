//! What kind of call is made, and what comes of it.

use std::time::Duration;

use tracing::Span;

use super::spans;
use crate::error::{Error, ErrorKind};
use crate::http::rate_limit::reported::ReportedLimit;
use crate::response::classify::{decode_error, error_in_ok_response};
use crate::response::outcome::ScanOutcome;
use crate::response::raw_response::{MAX_BODY_BYTES, MAX_LIST_BODY_BYTES, RawResponse};
use crate::types::project::{EnterpriseProject, ProjectId};
use crate::types::queue::{Category, Queue};

/// What kind of call is made.
#[derive(Clone, Copy, Debug)]
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
    pub(super) project: Option<(&'a ProjectId, &'a EnterpriseProject)>,
    pub(super) category: Option<Category>,
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

    /// A POST that starts something.
    pub(crate) const fn post(name: &'static str) -> Self {
        Self { method: "POST", is_mutating: true, ..Self::get(name) }
    }

    /// A POST that may be sent again.
    pub(crate) const fn repeatable_post(name: &'static str) -> Self {
        Self { is_mutating: false, ..Self::post(name) }
    }
}

impl Operation<'_> {
    /// Sets the projects that the call is about.
    pub(crate) fn in_project<'a>(self, id: &'a ProjectId, enterprise_project: &'a EnterpriseProject) -> Operation<'a> {
        Operation { project: Some((id, enterprise_project)), ..self }
    }

    /// Sets the queue that the call is about.
    pub(crate) fn in_queue(self, queue: &Queue) -> Operation<'_> {
        let operation = self.in_project(&queue.project_id, &queue.enterprise_project);
        Operation { category: Some(queue.category), ..operation }
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
