//! Makes errors: those of this crate, and those that tests of other programs need.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Error, ErrorKind, Inner};

impl Error {
    /// Creates an error, as a fake or an own implementation of [`ScanApi`](crate::ScanApi) returns it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use huaweicloud_hss::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Throttled, "too many calls")
    ///     .with_http_status(429)
    ///     .with_code("APIGW.0308")
    ///     .with_retry_after(Duration::from_secs(30));
    /// assert!(error.is_transient() && !error.may_have_taken_effect());
    /// assert_eq!(error.to_string(), "too many calls, code APIGW.0308, HTTP status 429");
    /// ```
    #[must_use]
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            help: None,
            http_status: None,
            code: None,
            code_meaning: None,
            message: None,
            request_id: None,
            attempts: 0,
            retry_after: None,
            server_time: None,
            note: None,
            is_mutating: false,
            is_permanent: false,
            is_clock_skew: false,
            not_sent: false,
            source: None,
        }))
    }

    /// Sets the HTTP status of the response.
    #[must_use]
    pub fn with_http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// Sets the service's code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Sets the service's message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = Some(message.into());
        self
    }

    /// Sets the id that the service gave to the request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// Sets how many times the request was sent.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Sets the delay that the service asks for.
    #[must_use]
    pub fn with_retry_after(mut self, delay: impl Into<Option<Duration>>) -> Self {
        self.0.retry_after = delay.into();
        self
    }

    /// Sets whether the request was one that starts something: then it may have taken effect if its response is not
    /// understood.
    #[must_use]
    pub fn with_mutating(mut self, is_mutating: bool) -> Self {
        self.0.is_mutating = is_mutating;
        self
    }

    /// Sets the error of another library behind this one, whose text is part of this error's own.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
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

    /// Names the setting that the error is about.
    pub(crate) fn within(mut self, setting: &str) -> Self {
        self.0.what = format!("{setting}: {}", self.0.what);
        self
    }

    /// Adds the URL that was called, and the setting that its address comes from, to an error that a wrong address may
    /// cause.
    pub(crate) fn with_called_url(self, url: &str, setting: Option<&str>) -> Self {
        let by_address = matches!(
            self.0.kind,
            ErrorKind::Refused | ErrorKind::InvalidResponse | ErrorKind::Unreachable | ErrorKind::Unavailable
        );
        if !by_address || self.0.note.is_some() {
            return self;
        }
        let from = setting.map(|setting| format!(", from {setting}")).unwrap_or_default();
        self.with_note(format!("The URL called was {url}{from}"))
    }

    /// Sets what the body of the response reports: a code, what it means in a few words, and a message.
    pub(crate) fn with_body(
        mut self,
        code: Option<String>,
        meaning: Option<&'static str>,
        message: Option<String>,
    ) -> Self {
        self.0.code = code;
        self.0.code_meaning = meaning;
        self.0.message = message;
        self
    }

    pub(crate) fn with_response(mut self, http_status: u16, request_id: Option<String>) -> Self {
        self.0.http_status = Some(http_status);
        self.0.request_id = request_id;
        self
    }

    pub(crate) fn with_server_time(mut self, time: Option<SystemTime>) -> Self {
        self.0.server_time = time;
        self
    }

    /// Adds a sentence that explains more; it is printed before the help.
    pub(crate) fn with_note(mut self, note: String) -> Self {
        self.0.note = Some(note);
        self
    }

    /// Marks the failure as one that a retry does not remove.
    pub(crate) fn permanent(mut self) -> Self {
        self.0.is_permanent = true;
        self
    }

    /// Marks the failure as one that shows that this machine's clock is wrong.
    pub(crate) fn with_clock_skew(mut self) -> Self {
        self.0.is_clock_skew = true;
        self
    }

    /// Marks the error of a call of which nothing was sent.
    pub(crate) fn before_sending(mut self) -> Self {
        self.0.not_sent = true;
        self
    }

    /// Marks the call as ambiguous because an earlier attempt may have reached the service.
    pub(crate) fn after_ambiguous_attempt(mut self) -> Self {
        if self.0.kind != ErrorKind::Ambiguous {
            self.0.kind = ErrorKind::Ambiguous;
            self.0.note = Some("An earlier attempt may have reached the service, so the outcome is unknown".to_owned());
        }
        self
    }
}
