//! The one error of this crate: what happened, whether the request may have taken effect, and what to do about it.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::response::error_codes as codes;
use crate::response::outcome::CallOutcome;
use crate::response::redact::without;

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value is outside its documented limits, or cannot be used; nothing was sent.
    InvalidInput,
    /// This program cannot be set up as asked, for example no TLS for an https endpoint; nothing was sent.
    #[serde(rename = "setup")]
    Config,
    /// Stopping was asked for before the call was sent.
    #[serde(rename = "stopped")]
    Cancelled,
    /// The service does not accept the credentials.
    Credentials,
    /// The credentials are good, but lack the permission.
    Permission,
    /// Too many calls: the call was not taken.
    Throttled,
    /// The service refused the call for another reason.
    Refused,
    /// The service could not be reached: the call was not sent.
    Unreachable,
    /// The service said that it cannot serve now: the call was not taken.
    Unavailable,
    /// An answer came that is not what the service documents.
    #[serde(rename = "unreadable")]
    InvalidResponse,
    /// The call may have been sent, and no usable answer came.
    #[serde(rename = "unknown")]
    Ambiguous,
}

/// Why a call failed.
///
/// The text says what happened and ends in what to do. It never holds a credential.
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    what: String,
    help: Option<&'static str>,
    http_status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    attempts: u32,
    retry_after: Option<Duration>,
    server_time: Option<SystemTime>,
    note: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            help: None,
            http_status: None,
            code: None,
            message: None,
            request_id: None,
            attempts: 0,
            retry_after: None,
            server_time: None,
            note: None,
            source: None,
        }))
    }

    pub(crate) fn invalid_input(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, what)
    }

    pub(crate) fn with_help(mut self, help: &'static str) -> Self {
        self.0.help = Some(help);
        self
    }

    pub(crate) fn with_what(mut self, what: impl Into<String>) -> Self {
        self.0.what = what.into();
        self
    }

    /// The same without a secret that a service may have repeated.
    pub(crate) fn hiding(mut self, secret: &str) -> Self {
        let inner = &mut *self.0;
        for text in [Some(&mut inner.what), inner.message.as_mut(), inner.code.as_mut()].into_iter().flatten() {
            *text = without(std::mem::take(text).into(), secret).into_owned();
        }
        self
    }

    pub(crate) fn with_answer(mut self, http_status: u16, request_id: Option<String>) -> Self {
        self.0.http_status = Some(http_status);
        self.0.request_id = request_id;
        self
    }

    pub(crate) fn with_code(mut self, code: Option<String>, message: Option<String>) -> Self {
        self.0.code = code;
        self.0.message = message;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// The pause that the service asks for.
    pub(crate) fn with_retry_after(mut self, pause: Option<Duration>) -> Self {
        self.0.retry_after = pause;
        self
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The service's own time, as its answer says.
    pub(crate) fn with_answered_at(mut self, time: Option<SystemTime>) -> Self {
        self.0.server_time = time;
        self
    }

    /// The service's own time when it answered, as its Date header says.
    #[must_use]
    pub fn server_time(&self) -> Option<SystemTime> {
        self.0.server_time
    }

    /// A sentence that explains more, put before what to do.
    pub(crate) fn with_note(mut self, note: String) -> Self {
        self.0.note = Some(note);
        self
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// The same failure of a call that an earlier attempt may have brought to the service all the same.
    pub(crate) fn after_maybe_sent(mut self) -> Self {
        if self.0.kind != ErrorKind::Ambiguous {
            self.0.kind = ErrorKind::Ambiguous;
            self.0.note =
                Some("An attempt before this one may have arrived, so what became of the call is unknown".to_owned());
        }
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Status of the answer, if one came.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The service's code, such as `HSS.0013` or `APIGW.0301`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The service's own message. It is localised: decide by [`Error::code`]. Empty where it could hold credentials.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Id of the request at the service, to be named to its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How many times the call went out, or was tried to be sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the request may have taken effect although no usable answer came. A caller who sends it again may start a
    /// second scan.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.kind == ErrorKind::Ambiguous
    }

    /// Whether other credentials or more permissions are needed.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Credentials | ErrorKind::Permission)
    }

    /// What became of the hosts and groups of a scan call that failed with this error.
    #[must_use]
    pub fn outcome(&self) -> CallOutcome {
        match self.0.kind {
            ErrorKind::InvalidInput | ErrorKind::Config | ErrorKind::Cancelled | ErrorKind::Unreachable => {
                CallOutcome::NotSent
            }
            ErrorKind::Credentials
            | ErrorKind::Permission
            | ErrorKind::Throttled
            | ErrorKind::Refused
            | ErrorKind::Unavailable => CallOutcome::Refused,
            ErrorKind::InvalidResponse => CallOutcome::Unrecognised,
            ErrorKind::Ambiguous => CallOutcome::Unknown,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.write_str(&inner.what)?;
        if let Some(code) = &inner.code {
            write!(f, ", code {code}")?;
            if let Some(meaning) = codes::meaning(code) {
                write!(f, " ({meaning})")?;
            }
        }
        if let Some(message) = &inner.message {
            write!(f, ": {message}")?;
        }
        if let Some(status) = inner.http_status {
            write!(f, ", HTTP status {status}")?;
        }
        if let Some(request_id) = &inner.request_id {
            write!(f, ", request id {request_id}")?;
        }
        if let Some(note) = &inner.note {
            write!(f, ". {note}")?;
        }
        if let Some(help) = inner.help {
            write!(f, ". {help}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
