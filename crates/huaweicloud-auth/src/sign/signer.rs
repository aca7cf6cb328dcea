//! The signing of a request.

use std::time::SystemTime;

use base16ct::lower::encode_string as hex;
use hmac::Mac;
use sha2::{Digest, Sha256};

use super::canonical::{canonical_query, canonical_request};
use super::error::{SignError, SignErrorKind};
use super::headers::{self, SignedHeader};
use super::request::Request;
use super::signed_request::SignedRequest;
use crate::credentials::AccessKey;
use crate::timestamp::sdk_date;

const ALGORITHM: &str = "SDK-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Signs a request. The same input gives the same output. Each attempt of a call must be signed again, with its own
/// time.
///
/// # Errors
/// [`SignError`] when a part cannot be sent as given (a line break in a header, an empty host), when a header is given
/// twice or is one that the signer adds, or when the time is outside the years 0 to 9999. These are refused here
/// because repeated signature failures lock a key (`docs/design/service-behaviour.md#key-lock`).
pub fn sign<'a>(key: &'a AccessKey, request: &Request<'a>, now: SystemTime) -> Result<SignedRequest<'a>, SignError> {
    let date = sdk_date(now).ok_or_else(|| SignError::new(SignErrorKind::InvalidTime, ""))?;
    let mut signed = headers::validated(request)?;
    let unsigned_body = signed.iter().any(|header| header.name == "content-type" && !is_hashed_type(header.value));

    let id = request.scope.header();
    let security_token = key.security_token().map(|token| ("x-security-token", token.expose()));
    let content_hash = unsigned_body.then_some(("x-sdk-content-sha256", UNSIGNED));
    let added: Vec<(&'static str, &'a str)> = [id, security_token, content_hash].into_iter().flatten().collect();
    signed.extend(added.iter().map(|(name, value)| SignedHeader::new(name, value)));
    signed.push(SignedHeader::new("host", request.host));
    // The date belongs to this function and not to the request, so from here on the headers are borrowed for less time.
    let mut signed: Vec<SignedHeader<'_>> = signed;
    signed.push(SignedHeader::new("x-sdk-date", &date));
    headers::sort(&mut signed)?;

    let names = signed.iter().map(|header| header.name.as_str()).collect::<Vec<_>>().join(";");
    let query = canonical_query(request.query);
    let payload_hash = if unsigned_body && !request.body.is_empty() {
        UNSIGNED.to_owned()
    } else {
        hex(&Sha256::digest(request.body))
    };
    let canonical = canonical_request(request, &query, &signed, &names, &payload_hash);
    let mut mac = key.mac();
    mac.update(string_to_sign(&date, &canonical).as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    let authorization = format!("{ALGORITHM} Access={}, SignedHeaders={names}, Signature={signature}", key.id());
    Ok(SignedRequest { added, date, authorization, query })
}

pub(super) fn string_to_sign(date: &str, canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{date}\n{}", hex(&Sha256::digest(canonical_request)))
}

/// Returns whether bodies of this content type are hashed; others are signed as UNSIGNED-PAYLOAD.
fn is_hashed_type(value: &str) -> bool {
    value.is_empty() || value.starts_with("application/json") || value.starts_with("application/bson")
}
