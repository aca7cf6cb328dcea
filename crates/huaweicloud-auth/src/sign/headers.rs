//! The headers that are signed, validated.

use super::error::{SignError, SignErrorKind};
use super::request::Request;

/// Headers that the signer adds. If a caller passed them as well, they would be sent twice.
const RESERVED: [&str; 7] =
    ["host", "authorization", "x-sdk-date", "x-sdk-content-sha256", "x-project-id", "x-domain-id", "x-security-token"];

/// A signed header: the name in lower case, the value without whitespace around it.
pub(super) struct SignedHeader<'a> {
    pub(super) name: String,
    pub(super) value: &'a str,
}

impl<'a> SignedHeader<'a> {
    pub(super) fn new(name: &str, value: &'a str) -> Self {
        Self { name: name.to_ascii_lowercase(), value: value.trim_matches([' ', '\t']) }
    }
}

/// Validates the request and returns its headers, without those whose names have an underscore.
pub(super) fn validated<'a>(request: &Request<'a>) -> Result<Vec<SignedHeader<'a>>, SignError> {
    if !is_token(request.method) {
        return Err(SignError::new(SignErrorKind::InvalidMethod, ""));
    }
    if !is_visible(request.host) {
        return Err(SignError::new(SignErrorKind::InvalidHost, ""));
    }
    if request.scope.header().is_some_and(|(_, id)| !is_visible(id)) {
        return Err(SignError::new(SignErrorKind::InvalidScope, ""));
    }
    let mut headers = Vec::new();
    for &(name, value) in request.headers.iter().filter(|(name, _)| !name.contains('_')) {
        if !is_token(name) {
            return Err(SignError::new(SignErrorKind::InvalidHeaderName, ""));
        }
        let header = SignedHeader::new(name, value);
        if RESERVED.contains(&header.name.as_str()) {
            return Err(SignError::new(SignErrorKind::ReservedHeader, &header.name));
        }
        if header.value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(SignError::new(SignErrorKind::InvalidHeaderValue, &header.name));
        }
        headers.push(header);
    }
    Ok(headers)
}

/// Sorts the headers by name and refuses a name that occurs twice.
pub(super) fn sort(headers: &mut [SignedHeader<'_>]) -> Result<(), SignError> {
    headers.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    match headers.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some(pair) => Err(SignError::new(SignErrorKind::DuplicateHeader, &pair[0].name)),
        None => Ok(()),
    }
}

/// Returns whether the text is a method or header name (RFC 9110, "token").
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}
