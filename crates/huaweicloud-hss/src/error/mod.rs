//! The error type of this crate: what happened, whether the request may have taken effect, and what to do about it.

mod builder;
mod kind;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use kind::ErrorKind;

/// Why a call failed.
///
/// The text is what happened, then what to do. It never contains a credential.
///
/// ```no_run
/// use huaweicloud_hss::{Client, Error, ScanRequest};
///
/// async fn start(client: &Client, request: &ScanRequest) -> Result<bool, Error> {
///     match client.scan(request).await {
///         Ok(response) => Ok(matches!(response.outcome, huaweicloud_hss::ScanOutcome::Accepted { .. })),
///         // The scan may be running: the status shows it, and a second call could start another one.
///         Err(error) if error.may_have_taken_effect() => Ok(client.status(&request.queue).await?.pending),
///         Err(error) => Err(error),
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    what: String,
    help: Option<&'static str>,
    http_status: Option<u16>,
    code: Option<String>,
    /// What the code means, in a few words.
    code_meaning: Option<&'static str>,
    message: Option<String>,
    request_id: Option<String>,
    attempts: u32,
    retry_after: Option<Duration>,
    server_time: Option<SystemTime>,
    note: Option<String>,
    /// Whether the request was one that starts something.
    is_mutating: bool,
    /// Whether a retry fails as well, although errors of this kind usually pass.
    is_permanent: bool,
    /// Whether the failure shows that this machine's clock is wrong.
    is_clock_skew: bool,
    /// Whether nothing of the call was sent.
    not_sent: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Returns whether nothing of the call was sent.
    pub(crate) fn is_before_sending(&self) -> bool {
        self.0.not_sent
    }

    /// Returns what kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the HTTP status of the response, if there is one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Returns the service's code, such as `HSS.0013` or `APIGW.0301`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the service's message. It may be in any language, so decide by [`Error::code`]. It is `None` if it could
    /// contain credentials.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Returns the id that the service gave to the request, which Huawei Cloud support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the delay that the service asks for before another call (`Retry-After`).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the time of the service, from the Date header of its response.
    #[must_use]
    pub fn server_time(&self) -> Option<SystemTime> {
        self.0.server_time
    }

    /// Returns how many times the request was sent or its sending was attempted.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns whether the request may have taken effect although no usable response arrived: there was none, or a
    /// request that starts something got one that was not understood. Sending it again may start a second scan.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        match self.0.kind {
            ErrorKind::Ambiguous => true,
            ErrorKind::InvalidResponse => self.0.is_mutating,
            _ => false,
        }
    }

    /// Returns whether the call had no effect and the failure may pass: the service was out of reach, unavailable or
    /// received too many requests. Failures that need another setting, such as a certificate that is not trusted or a
    /// proxy that requires other credentials, do not pass.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        !self.0.is_permanent
            && matches!(self.0.kind, ErrorKind::Unreachable | ErrorKind::Throttled | ErrorKind::Unavailable)
    }

    /// Returns whether the failure shows that this machine's clock is wrong.
    #[must_use]
    pub fn is_clock_skew(&self) -> bool {
        self.0.is_clock_skew
    }

    /// Returns the error of another library behind this one, if any. Its text is part of this error's own, so it is not
    /// its [`source`](StdError::source), as with [`std::io::Error::get_ref`].
    #[must_use]
    pub fn get_ref(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }

    /// Returns whether other credentials or more permissions are needed.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Credentials | ErrorKind::Permission)
    }
}

impl From<huaweicloud_auth::Error> for Error {
    /// Returns an error of this crate's own sources unchanged. Those of other sources become
    /// [`ErrorKind::Credentials`], or [`ErrorKind::Unreachable`] when the source cannot be reached.
    fn from(error: huaweicloud_auth::Error) -> Self {
        if let Some(own) = error.source_as::<Self>() {
            return own.clone();
        }
        let kind = match error.kind() {
            huaweicloud_auth::ErrorKind::Unavailable => ErrorKind::Unreachable,
            _ => ErrorKind::Credentials,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut text = inner.what.clone();
        if let Some(code) = &inner.code {
            append(&mut text, ", code ", code);
            if let Some(meaning) = inner.code_meaning {
                append(&mut text, " ", &format!("({meaning})"));
            }
        }
        if let Some(message) = &inner.message {
            append(&mut text, ": ", message);
        }
        if let Some(status) = inner.http_status {
            append(&mut text, ", HTTP status ", &status.to_string());
        }
        if let Some(request_id) = &inner.request_id {
            append(&mut text, ", request id ", request_id);
        }
        for sentence in [inner.note.as_deref(), inner.help].into_iter().flatten() {
            append(&mut text, ". ", sentence);
        }
        f.write_str(&text)
    }
}

/// Appends a part to a text, whose full stop then is not its end.
fn append(text: &mut String, separator: &str, part: &str) {
    text.truncate(text.trim_end_matches('.').len());
    text.extend([separator, part]);
}

impl fmt::Debug for Error {
    /// Writes the text for people: a program that returns the error from `main` prints this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_no_doubled_full_stop_and_does_not_repeat_its_source() {
        let cause = std::io::Error::other("Permission denied.");
        let error = Error::new(ErrorKind::Config, format!("it failed: {cause}"))
            .with_note("A note.".to_owned())
            .with_help("Do this.")
            .with_source(cause);
        assert_eq!(error.to_string(), "it failed: Permission denied. A note. Do this.");
        assert_eq!(format!("{error:?}"), error.to_string(), "as printed by a program that returns it from main");
        assert!(error.source().is_none() && error.get_ref().is_some());
        let refused = Error::new(ErrorKind::Refused, "refused").with_message("No.");
        assert_eq!(refused.with_http_status(400).to_string(), "refused: No, HTTP status 400");
    }

    #[test]
    fn permanent_failures_are_not_transient() {
        for (kind, transient) in [
            (ErrorKind::Unreachable, true),
            (ErrorKind::Throttled, true),
            (ErrorKind::Unavailable, true),
            (ErrorKind::Ambiguous, false),
            (ErrorKind::Refused, false),
            (ErrorKind::Credentials, false),
        ] {
            assert_eq!(Error::new(kind, "x").is_transient(), transient, "{kind:?}");
            assert!(!Error::new(kind, "x").permanent().is_transient(), "{kind:?}");
        }
    }
}
