//! From an answer or a broken call to an outcome: which body shapes are read, and which codes mean what (facts, section 3).

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

use crate::clock::now;
use crate::error::{Error, ErrorKind};
use crate::http::context::Seen;

use super::error_body::{self, ErrorBody, error_body};

/// How much of an answer is read, in bytes. A documented answer is a few hundred.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;

/// How much of a page of a list is read, in bytes: a server group names all its servers, and has no stated size.
pub(crate) const LONG_BODY_LIMIT: usize = 16 * BODY_LIMIT;

/// How many characters of a text the service sent are kept. The page documents at most 256.
const TEXT_LIMIT: usize = 512;

/// Where the id of a request stands: HSS and the gateway, and IAM.
const REQUEST_ID: [HeaderName; 2] =
    [HeaderName::from_static("x-request-id"), HeaderName::from_static("x-iam-trace-id")];

impl Seen {
    /// A text of the answer as it may be shown.
    pub(crate) fn shown(&self, text: &str) -> String {
        clean(&self.hidden.hide(text)).into_owned()
    }

    /// Id of the request, from the header that HSS and the gateway use, or IAM's.
    pub(crate) fn request_id(&self) -> Option<String> {
        REQUEST_ID
            .iter()
            .find_map(|name| self.headers.get(name)?.to_str().ok())
            .map(|text| self.shown(text))
            .filter(|text| !text.is_empty())
    }

    /// What the body tells of an error, as it may be shown.
    fn error(&self) -> ErrorBody {
        let ErrorBody { code, message, request_id } = error_body(&self.body);
        let shown = |text: Option<String>| text.map(|text| self.shown(&text));
        ErrorBody { code: shown(code), message: shown(message), request_id: shown(request_id) }
    }
}

/// A text of the service's as it may be shown: bounded, and without control characters, which could drive a terminal.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    // Nearly all texts are short and plain. Without a way out before the end many bytes are looked at in one step.
    let plain = text.len() <= TEXT_LIMIT && text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
    if plain || (text.chars().count() <= TEXT_LIMIT && !text.contains(char::is_control)) {
        return Cow::Borrowed(text);
    }
    let mut out: String = text.chars().take(TEXT_LIMIT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > TEXT_LIMIT {
        out.push('…');
    }
    Cow::Owned(out)
}

/// The pause that Retry-After asks for, in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // Measured from the service's own time, so that a wrong clock here does no harm.
    let from = server_time(headers).unwrap_or_else(now);
    date(headers, RETRY_AFTER)?.duration_since(from).ok()
}

/// The service's own time.
pub(crate) fn server_time(headers: &HeaderMap) -> Option<SystemTime> {
    date(headers, DATE)
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

/// The error for an answer whose status is not 200. `changes_something` tells a POST from a GET.
pub(crate) fn refusal(seen: &Seen, changes_something: bool) -> Error {
    refused(seen, seen.error(), seen.status, changes_something)
}

/// A refusal that comes with status 200, in one of the shapes of an error.
pub(crate) fn refused_in_200(seen: &Seen) -> Option<Error> {
    if !error_body::may_have_code(&seen.body) {
        return None;
    }
    let body = seen.error();
    body.code.as_ref()?;
    // The status tells nothing here; 400 is the one that the vendor documents for every code of HSS.
    Some(refused(seen, body, 400, true))
}

fn refused(seen: &Seen, body: ErrorBody, status: u16, changes_something: bool) -> Error {
    let ErrorBody { code, message, request_id: in_body } = body;
    let (kind, what, help) = meaning(status, code.as_deref(), changes_something);
    let message = message.filter(|_| may_be_shown(kind));
    Error::new(kind, what)
        .with_help(help)
        .with_code(code, message)
        .with_answer(seen.status, seen.request_id().or(in_body))
        .with_retry_after(retry_after(&seen.headers))
        .with_answered_at(server_time(&seen.headers))
}

/// The gateway's message for a bad signature can repeat the whole signed request, credentials included (facts, section 3).
fn may_be_shown(kind: ErrorKind) -> bool {
    kind != ErrorKind::Credentials
}

/// What a status and a code mean together. A code decides before the status: permission refusals arrive as 400.
fn meaning(status: u16, code: Option<&str>, changes_something: bool) -> (ErrorKind, &'static str, &'static str) {
    use ErrorKind::{Ambiguous, Credentials, InvalidResponse, Permission, Refused, Throttled, Unavailable};
    let by_code = match code {
        Some("HSS.0010" | "HSS.0013" | "00000010") => Some((
            Permission,
            "the service denies access",
            "Ask for the role hss_adm in this project (asking for the status needs hss:asset:listGlobalAssetScanTask), and name the enterprise project you have rights in.",
        )),
        Some("HSS.0001" | "HSS.0002") => Some((
            Refused,
            "the service refuses the request as wrong",
            "Check project id, enterprise project id, category and the ids given.",
        )),
        Some("HSS.0011") => {
            Some((Refused, "the service does not know what was asked for", "Check the project id and the ids given."))
        }
        Some("APIGW.0301") => Some((
            Credentials,
            "the gateway does not accept the credentials",
            "Check that the token is whole, not expired and of this region, or that the keys are right and the clock is within 15 minutes.",
        )),
        Some("APIGW.0307") => Some((
            Credentials,
            "the token has expired or is for another region",
            "Get a new token for the project of this region.",
        )),
        Some("APIGW.0303" | "APIGW.0305" | "APIGW.0311") => {
            Some((Credentials, "the gateway does not accept the credentials", "Use an IAM token or an access key."))
        }
        Some(
            "APIGW.0302" | "APIGW.0304" | "APIGW.0306" | "APIGW.0310" | "APIGW.0401" | "APIGW.0402" | "APIGW.0404"
            | "APIGW.0801" | "APIGW.0802",
        ) => Some((
            Permission,
            "the gateway denies access",
            "Check the permissions of the user, its project, and from where it may call.",
        )),
        Some("APIGW.0308") => Some((Throttled, "too many calls", "Wait a little and send fewer calls a second.")),
        Some("APIGW.0101" | "APIGW.0103") => Some((
            Refused,
            "this endpoint does not offer the call",
            "Check that the endpoint is that of HSS in the project's region.",
        )),
        _ => None,
    };
    by_code.unwrap_or(match status {
        401 => (
            Credentials,
            "the service does not accept the credentials",
            "Get a new token, or check the keys and the clock.",
        ),
        403 => (
            Permission,
            "the service denies access",
            "Check the permissions of the user for this project and enterprise project.",
        ),
        404 => (
            Refused,
            "this endpoint does not offer the call",
            "Check that the endpoint is that of HSS in the project's region.",
        ),
        407 => (Refused, "a proxy wants a log-in of its own", "Check the proxy settings of the environment."),
        413 | 414 | 431 | 494 => (Refused, "the request is too large for the gateway", "Send fewer or shorter ids."),
        429 => (Throttled, "too many calls", "Wait a little and send fewer calls a second."),
        400..=499 => {
            (Refused, "the service refuses the call", "The code and the request id tell the vendor's support more.")
        }
        503 => (Unavailable, "the service is not available now", "Try again later."),
        500.. if changes_something => (
            Ambiguous,
            "the service failed after it had the request, which may have taken effect",
            "Ask for the status before sending it again.",
        ),
        500.. => (Unavailable, "the service failed", "Try again later."),
        300..=399 => (
            InvalidResponse,
            "the endpoint answers with a redirect, which is never followed",
            "Check the endpoint's scheme, host and path, and for a proxy with a log-in page.",
        ),
        _ => (
            InvalidResponse,
            "the endpoint answers with a status the service does not document",
            "Check that the endpoint is that of HSS.",
        ),
    })
}

/// The error for a 200 answer that cannot be read.
pub(crate) fn unreadable(seen: &Seen, reason: &str) -> Error {
    let body = &seen.body;
    let what = if body.len() >= seen.body_limit {
        format!("the answer is longer than {} bytes", seen.body_limit)
    } else if body.is_empty() {
        "the answer is empty".to_owned()
    } else if body.trim_ascii_start().starts_with(b"<") {
        "the answer is a web page, not JSON".to_owned()
    } else {
        format!("the answer is not what the service documents: {}", seen.shown(reason))
    };
    Error::new(ErrorKind::InvalidResponse, what)
        .with_help("Check that the endpoint is that of HSS, and for a proxy with a log-in page.")
        .with_answer(seen.status, seen.request_id())
}

/// The error for a call that broke before a whole answer was there.
pub(crate) fn broken(error: reqwest::Error, changes_something: bool) -> Error {
    // reqwest names the URL in its text; it holds no credential, but the same URL is in our own texts already.
    let error = error.without_url();
    let cause = root_cause(&error);
    let (kind, what, help) = if error.is_builder() {
        (ErrorKind::InvalidInput, "the request cannot be built", "Check the endpoint and the ids given.")
    } else if error.is_connect() {
        (
            ErrorKind::Unreachable,
            "the service cannot be reached",
            if cause.contains("certificate") {
                "Check the endpoint and the proxy settings, or trust the authority that made the certificate with --ca-file \
                 (HttpConfig::with_ca_certificates); nothing was sent."
            } else {
                "Check the endpoint, the network and the proxy settings; nothing was sent."
            },
        )
    } else if changes_something {
        (
            ErrorKind::Ambiguous,
            if error.is_timeout() {
                "no answer came in time"
            } else {
                "the connection broke before the answer was there"
            },
            "The request may have taken effect: ask for the status before sending it again.",
        )
    } else {
        (
            ErrorKind::Unavailable,
            if error.is_timeout() { "no answer came in time" } else { "the connection broke" },
            "Try again later.",
        )
    };
    Error::new(kind, format!("{what}: {cause}")).with_help(help).with_source(error)
}

/// The innermost cause: the outer ones only say that something failed.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    clean(&cause.to_string()).into_owned()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
