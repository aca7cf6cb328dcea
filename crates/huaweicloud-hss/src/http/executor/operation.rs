//! What kind of call is made, and what comes of it.

use std::time::Duration;

use crate::error::Error;
use crate::http::rate_limit::reported::ReportedLimit;
use crate::response::classify::{decode_error, error_in_ok_response};
use crate::response::raw_response::{MAX_BODY_BYTES, MAX_LIST_BODY_BYTES, RawResponse};

/// What kind of call is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The vendor's name of it.
    pub(super) name: &'static str,
    /// The HTTP method.
    pub(super) method: &'static str,
    /// Whether sending it twice makes a difference.
    pub(super) is_mutating: bool,
    /// How many bytes of a response are read.
    pub(super) body_limit_bytes: usize,
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
    /// The limits that the gateway reported.
    pub(crate) limits: Vec<ReportedLimit>,
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
