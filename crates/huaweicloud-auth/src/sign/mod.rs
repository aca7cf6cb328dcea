//! SDK-HMAC-SHA256, the signature of a request with an access key, as a pure function of the request and the time.
//!
//! The rules are those of facts, section 4. Nothing here reads a clock or sends anything.

mod canonical;
mod error;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use hmac::Mac;
use sha2::{Digest, Sha256};

use crate::credentials::AccessKey;
use crate::secret::Secret;
use crate::timestamp::SdkDate;

pub use canonical::canonical_query;
pub use error::{SignError, SignErrorKind};

const ALGORITHM: &str = "SDK-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
/// Set by the signer; in a caller's hands they would be on the wire twice.
const RESERVED: [&str; 7] =
    ["host", "authorization", "x-sdk-date", "x-sdk-content-sha256", "x-project-id", "x-domain-id", "x-security-token"];

/// A request as it will be sent.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method, such as `POST`.
    pub method: &'a str,
    /// The Host header's value: the host, and the port if it is not the scheme's own.
    pub host: &'a str,
    /// The path as sent, with or without percent-encoding: both sign the same. An empty one stands for `/`.
    pub path: &'a str,
    /// The query as sent, without `?`, in the form encoding that URL libraries write: `+` and `%20` are both a space.
    /// Send [`SignedRequest::query`] instead and no gateway can read it differently.
    pub query: &'a str,
    /// The headers to sign besides those the signer adds. Content-Type has to be among them if it is sent, and nothing
    /// that a proxy may change should be. A name with an underscore is not signed. The bodies meant here are JSON or
    /// empty; with another Content-Type the body is left unsigned, as the rules have it.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body's bytes, exactly.
    pub body: &'a [u8],
    /// Which id header goes along.
    pub scope: Scope<'a>,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Header values, query and body are the caller's business and may be private.
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.host)
            .field("path", &self.path)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The id header that the vendor's SDKs send: a project for regional services, an account for global ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope<'a> {
    /// Neither, as when asking IAM for the project id.
    #[default]
    None,
    /// X-Project-Id.
    Project(&'a str),
    /// X-Domain-Id.
    Domain(&'a str),
}

/// A header to add to the request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name, in lower case.
    pub name: &'static str,
    /// The value: visible ASCII and spaces.
    pub value: &'a str,
    /// The value must not be logged.
    pub sensitive: bool,
}

impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.sensitive { ".." } else { self.value };
        write!(f, "{}: {value}", self.name)
    }
}

/// What signing adds to a request.
pub struct SignedRequest<'a> {
    date: SdkDate,
    authorization: String,
    query: String,
    scope: Scope<'a>,
    security_token: Option<&'a Secret>,
    unsigned_body: bool,
}

impl SignedRequest<'_> {
    /// The headers to add, all of them: X-Sdk-Date, and where they apply X-Project-Id or X-Domain-Id, X-Security-Token
    /// and X-Sdk-Content-Sha256, and Authorization last.
    pub fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        let header = |name, value, sensitive| Some(Header { name, value, sensitive });
        [
            header("x-sdk-date", self.date.as_str(), false),
            match self.scope {
                Scope::None => None,
                Scope::Project(id) => header("x-project-id", id, false),
                Scope::Domain(id) => header("x-domain-id", id, false),
            },
            self.security_token.and_then(|token| header("x-security-token", token.expose(), true)),
            if self.unsigned_body { header("x-sdk-content-sha256", UNSIGNED, false) } else { None },
            header("authorization", &self.authorization, true),
        ]
        .into_iter()
        .flatten()
    }

    /// The query in canonical form: the one that was signed, and the best one to send. Empty when there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// X-Sdk-Date's value. The gateway allows it to be 15 minutes off (facts, section 3).
    #[must_use]
    pub fn date(&self) -> SdkDate {
        self.date
    }
}

impl fmt::Debug for SignedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.headers()).finish()
    }
}

/// One signed header: name in lower case, value without blanks around it.
struct Line<'a> {
    name: Cow<'a, str>,
    value: &'a str,
}

/// Signs a request. The same input gives the same output; each attempt of a request is signed afresh with its own time.
///
/// # Errors
/// [`SignError`] when a part cannot be sent as given (a line break in a header, an empty host), when a header is given
/// twice or is one the signer adds, or when the time is outside the years 0 to 9999. Repeated signature failures lock a
/// key (facts, section 3), so what cannot be right is refused here.
pub fn sign<'a>(key: &'a AccessKey, request: &Request<'a>, now: SystemTime) -> Result<SignedRequest<'a>, SignError> {
    let date = SdkDate::new(now).ok_or_else(|| SignError::new(SignErrorKind::InvalidTime, ""))?;
    let mut lines = caller_lines(request)?;
    let unsigned_body = lines.iter().any(|line| line.name == "content-type" && !is_hashed_type(line.value));
    let security_token = key.security_token();
    let mut add = |name: &'static str, value: &'a str| lines.push(Line { name: Cow::Borrowed(name), value });
    add("host", request.host);
    match request.scope {
        Scope::None => {}
        Scope::Project(id) => add("x-project-id", id),
        Scope::Domain(id) => add("x-domain-id", id),
    }
    if let Some(token) = security_token {
        add("x-security-token", token.expose());
    }
    if unsigned_body {
        add("x-sdk-content-sha256", UNSIGNED);
    }
    // The date lives here and not in the request, so it joins the borrowed lines through a shorter borrow.
    let mut lines: Vec<Line<'_>> = lines;
    lines.push(Line { name: Cow::Borrowed("x-sdk-date"), value: date.as_str() });
    lines.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    if let Some(twice) = lines.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(SignError::new(SignErrorKind::DuplicateHeader, &twice[0].name));
    }

    let mut authorization = String::with_capacity(320);
    authorization.push_str(ALGORITHM);
    authorization.push_str(" Access=");
    authorization.push_str(key.id());
    authorization.push_str(", SignedHeaders=");
    let names_at = authorization.len();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            authorization.push(';');
        }
        authorization.push_str(&line.name);
    }

    let query = canonical_query(request.query);
    let body_hash;
    let payload = if unsigned_body && !request.body.is_empty() {
        UNSIGNED.as_bytes()
    } else {
        body_hash = hex(&Sha256::digest(request.body).into());
        &body_hash
    };
    let mut hasher = Sha256::new();
    let names = &authorization[names_at..];
    canonical::write(&mut hasher, request, &query, &lines, names, payload);
    let request_hash = hex(&hasher.finalize().into());

    let mut mac = key.mac();
    mac.update(ALGORITHM.as_bytes());
    mac.update(b"\n");
    mac.update(date.as_str().as_bytes());
    mac.update(b"\n");
    mac.update(&request_hash);
    let signature = hex(&mac.finalize().into_bytes().into());
    authorization.push_str(", Signature=");
    // Only ASCII digits are in it, so nothing is ever left out.
    authorization.push_str(std::str::from_utf8(&signature).unwrap_or_default());
    Ok(SignedRequest { date, authorization, query, scope: request.scope, security_token, unsigned_body })
}

/// The caller's headers, checked; those with an underscore in the name are left out.
fn caller_lines<'a>(request: &Request<'a>) -> Result<Vec<Line<'a>>, SignError> {
    let is_token = |text: &str| !text.is_empty() && text.bytes().all(is_token_byte);
    let is_visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_token(request.method) {
        return Err(SignError::new(SignErrorKind::InvalidMethod, ""));
    }
    if !is_visible(request.host) {
        return Err(SignError::new(SignErrorKind::InvalidHost, ""));
    }
    if let Scope::Project(id) | Scope::Domain(id) = request.scope
        && !is_visible(id)
    {
        return Err(SignError::new(SignErrorKind::InvalidScope, ""));
    }
    let mut lines = Vec::with_capacity(request.headers.len() + 5);
    for &(name, value) in request.headers {
        if name.contains('_') {
            continue;
        }
        if !is_token(name) {
            return Err(SignError::new(SignErrorKind::InvalidHeaderName, ""));
        }
        let lower = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        };
        if RESERVED.contains(&&*lower) {
            return Err(SignError::new(SignErrorKind::ReservedHeader, &lower));
        }
        let value = value.trim_matches([' ', '\t']);
        if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(SignError::new(SignErrorKind::InvalidHeaderValue, &lower));
        }
        lines.push(Line { name: lower, value });
    }
    Ok(lines)
}

/// The content types whose bodies are hashed; others are sent as UNSIGNED-PAYLOAD.
fn is_hashed_type(value: &str) -> bool {
    value.is_empty() || value.starts_with("application/json") || value.starts_with("application/bson")
}

/// A character of a method or header name (RFC 9110, "token").
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}
