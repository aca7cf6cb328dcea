//! The error for a request that got no whole response: not sent, timed out, or cut off.

mod certificate;

use std::error::Error as StdError;
use std::io;

use tokio::time::error::Elapsed;

use crate::error::{Error, ErrorKind};

use certificate::certificate_error;

use super::error_codes::PROXY_AUTHENTICATION;
use super::redact::sanitize;

/// The system's codes for too many open files of this program and of the machine: `EMFILE` and `ENFILE`.
const TOO_MANY_FILES: [i32; 2] = if cfg!(windows) { [10_024, 4] } else { [24, 23] };

/// Returns the error for a request that failed before a whole response arrived. `is_mutating` distinguishes a POST from
/// a GET.
pub(super) fn transport_error(error: reqwest::Error, is_mutating: bool) -> Error {
    // The error types of this crate name the endpoint themselves.
    let error = error.without_url();
    if error.is_connect() {
        return connect_error(&error).with_source(error);
    }
    let cause = root_cause(&error);
    let (kind, what, help) = if error.is_builder() {
        (ErrorKind::InvalidInput, "the request cannot be built", "Check the endpoint and the ids.")
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

/// Returns the error for a connection that could not be made.
fn connect_error(error: &(dyn StdError + 'static)) -> Error {
    if let Some(error) = causes(error).find_map(certificate_error) {
        return error;
    }
    let timed_out = causes(error).any(|cause| cause.is::<Elapsed>());
    let cause = if timed_out { "no connection was made in time".to_owned() } else { root_cause(error) };
    if cause.contains("proxy authorization required") {
        let error = Error::new(PROXY_AUTHENTICATION.kind, PROXY_AUTHENTICATION.what);
        return error.with_help(PROXY_AUTHENTICATION.help).permanent();
    }
    let too_many_files = causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>()?.raw_os_error())
        .any(|code| TOO_MANY_FILES.contains(&code));
    let help = if too_many_files {
        "Nothing was sent. Make fewer calls at a time, or raise the limit of open files."
    } else if cause.contains("certificate") {
        "Nothing was sent. Check the endpoint, the proxy settings and the trusted certificate authorities."
    } else {
        "Nothing was sent. Check the endpoint, the network and the proxy settings."
    };
    Error::new(ErrorKind::Unreachable, format!("the service cannot be reached: {cause}")).with_help(help)
}

/// Returns the error and all that caused it, the innermost last.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        let error: &'a (dyn StdError + 'static) = *error;
        // The source of an I/O error is not the error that it wraps, but the source of that.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

/// Returns the innermost cause: the outer ones only report that something failed.
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let cause = causes(error).last().map_or_else(String::new, ToString::to_string);
    sanitize(&cause).into_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn too_many_open_files_are_named_with_the_right_advice() {
        let error = io::Error::other(io::Error::from_raw_os_error(TOO_MANY_FILES[0]));
        let text = connect_error(&error).to_string();
        assert!(text.contains("Make fewer calls at a time, or raise the limit of open files."), "{text}");
        assert!(!text.contains("proxy"), "{text}");
    }

    #[tokio::test]
    async fn a_connection_that_takes_too_long_is_named_as_such() {
        let elapsed = tokio::time::timeout(Duration::ZERO, std::future::pending::<()>()).await.unwrap_err();
        let text = connect_error(&io::Error::other(elapsed)).to_string();
        assert!(
            text.starts_with("the service cannot be reached: no connection was made in time. Nothing was sent."),
            "{text}"
        );
    }

    #[test]
    fn other_failures_name_their_innermost_cause() {
        let error = connect_error(&io::Error::other(io::Error::other("Connection refused\u{202e}")));
        let text = "the service cannot be reached: Connection refused. Nothing was sent. Check the endpoint, the network \
                    and the proxy settings.";
        assert_eq!((error.to_string().as_str(), error.is_transient()), (text, true));
        let error = connect_error(&io::Error::other("tunnel error: proxy authorization required"));
        assert!(error.to_string().starts_with("the proxy requires authentication. Nothing was sent."), "{error}");
        assert!(!error.is_transient());
    }
}
