//! The error for a request that got no whole response: not sent, timed out, or cut off.

use crate::error::{Error, ErrorKind};

use super::redact::sanitize;

/// Returns the error for a request that failed before a whole response arrived. `is_mutating` distinguishes a POST from
/// a GET.
pub(super) fn transport_error(error: reqwest::Error, is_mutating: bool) -> Error {
    // The error types of this crate name the endpoint themselves.
    let error = error.without_url();
    let cause = root_cause(&error);
    let (kind, what, help) = if error.is_builder() {
        (ErrorKind::InvalidInput, "the request cannot be built", "Check the endpoint and the ids.")
    } else if error.is_connect() {
        (
            ErrorKind::Unreachable,
            "the service cannot be reached",
            if cause.contains("certificate") {
                "Nothing was sent. Check the endpoint, the proxy settings and the trusted certificate authorities."
            } else {
                "Nothing was sent. Check the endpoint, the network and the proxy settings."
            },
        )
    } else if is_mutating {
        (
            ErrorKind::Ambiguous,
            if error.is_timeout() {
                "no response arrived in time"
            } else {
                "the connection broke before the response arrived"
            },
            "The request may have taken effect: check the scan status before you retry.",
        )
    } else {
        (
            ErrorKind::Unavailable,
            if error.is_timeout() { "no response arrived in time" } else { "the connection broke" },
            "Try again later.",
        )
    };
    Error::new(kind, format!("{what}: {cause}")).with_help(help).with_source(error)
}

/// Returns the innermost cause: the outer ones only report that something failed.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    sanitize(&cause.to_string()).into_owned()
}
