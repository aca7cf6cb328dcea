//! The vendor's signing vectors, reproduced down to the canonical request, and what the signer refuses.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::canonical::{canonical_query, canonical_request};
use super::headers::{self, SignedHeader};
use super::signer::string_to_sign;
use super::{Request, Scope, SignErrorKind, sign};
use crate::credentials::AccessKey;
use crate::credentials::Secret;

/// Made with the vendor's signer (`docs/design/service-behaviour.md#signing`).
const VECTORS: &str = include_str!("../../tests/fixtures/signing-vectors.json");
/// More cases, made with the same signer.
const MORE_VECTORS: &str = include_str!("../../tests/fixtures/signing-vectors-more.json");

/// 2026-04-03 08:15:30 UTC, the time of all vectors.
fn vector_time() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_775_204_130)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is a text"))
}

fn key(input: &Value) -> AccessKey {
    let token = input["security_token"].as_str().map(|token| Secret::new(token.to_owned()));
    AccessKey::new(text(input, "ak"), Secret::new(text(input, "sk").to_owned()), token).unwrap()
}

/// The pairs as a form-encoding URL library would write them, in the vector's own order.
fn raw_query(input: &Value) -> String {
    let scalar = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut pairs = Vec::new();
    for pair in input["query"].as_array().unwrap() {
        let values = match &pair[1] {
            Value::Array(values) => values.iter().map(scalar).collect(),
            value => vec![scalar(value)],
        };
        for value in values {
            let form = |text: &str| {
                text.bytes()
                    .map(|byte| match byte {
                        b' ' => "+".to_owned(),
                        byte if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) => char::from(byte).to_string(),
                        byte => format!("%{byte:02x}"),
                    })
                    .collect::<String>()
            };
            pairs.push(format!("{}={}", form(pair[0].as_str().unwrap()), form(&value)));
        }
    }
    pairs.join("&")
}

fn check(vector: &Value) {
    let name = text(vector, "name");
    let (input, expected) = (&vector["input"], &vector["expected"]);
    let headers: Vec<(&str, &str)> = input["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let query = raw_query(input);
    let request = Request {
        method: text(input, "method"),
        host: text(input, "host"),
        path: text(input, "resource_path"),
        query: &query,
        headers: &headers,
        body: text(input, "body_utf8").as_bytes(),
        scope: match (input["project_id"].as_str(), input["domain_id"].as_str()) {
            (Some(id), _) => Scope::Project(id),
            (None, Some(id)) => Scope::Domain(id),
            (None, None) => Scope::None,
        },
    };
    let key = key(input);
    let signed = sign(&key, &request, vector_time()).unwrap();

    let mut added: Vec<(String, String)> =
        signed.headers().map(|header| (header.name.to_owned(), header.value.to_owned())).collect();
    let authorization = added.pop().unwrap();
    assert_eq!(authorization, ("authorization".to_owned(), text(expected, "authorization").to_owned()), "{name}");

    // Exactly the headers the vendor's signer adds, with its values.
    let mut wanted: Vec<(String, String)> = expected["headers_sent"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str().unwrap().to_owned()))
        .filter(|(name, _)| name != "host" && name != "authorization")
        .filter(|(name, _)| !headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)))
        .collect();
    added.sort();
    wanted.sort();
    assert_eq!(added, wanted, "{name}");

    let sent_query = text(expected, "request_uri").split_once('?').map_or("", |(_, query)| query);
    assert_eq!(signed.query(), sent_query, "{name}");

    // The canonical request itself: rebuilt from the expected name list, compared byte for byte.
    let date = added.iter().find(|(name, _)| name == "x-sdk-date").map(|(_, value)| value.as_str()).unwrap();
    let mut signed_headers = headers::validated(&request).unwrap();
    signed_headers.extend(added.iter().map(|(name, value)| SignedHeader::new(name, value)));
    signed_headers.push(SignedHeader::new("host", request.host));
    headers::sort(&mut signed_headers).unwrap();
    let (names, payload) = (text(expected, "signed_headers"), text(expected, "payload_sha256"));
    let canonical = canonical_request(&request, signed.query(), &signed_headers, names, payload);
    assert_eq!(*canonical, text(expected, "canonical_request"), "{name}");
    assert_eq!(string_to_sign(date, &canonical), text(expected, "string_to_sign"), "{name}");
}

fn check_all(file: &str) -> usize {
    let file: Value = serde_json::from_str(file).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    vectors.iter().for_each(check);
    vectors.len()
}

#[test]
fn every_vector_is_reproduced() {
    assert_eq!(check_all(VECTORS), 6);
}

#[test]
fn every_further_vector_is_reproduced() {
    assert_eq!(check_all(MORE_VECTORS), 3);
}

const REQUEST: Request<'static> =
    Request { method: "GET", host: "h", path: "/", query: "", headers: &[], body: b"", scope: Scope::None };

fn any_key() -> AccessKey {
    AccessKey::new("AK", Secret::new("sk".to_owned()), None).unwrap()
}

#[test]
fn an_invalid_request_is_refused() {
    let table: &[(Request<'_>, SignErrorKind)] = &[
        (Request { method: "", ..REQUEST }, SignErrorKind::InvalidMethod),
        (Request { method: "GET\n", ..REQUEST }, SignErrorKind::InvalidMethod),
        (Request { host: "", ..REQUEST }, SignErrorKind::InvalidHost),
        (Request { host: "a b", ..REQUEST }, SignErrorKind::InvalidHost),
        (Request { scope: Scope::Project(""), ..REQUEST }, SignErrorKind::InvalidScope),
        (Request { scope: Scope::Domain("é"), ..REQUEST }, SignErrorKind::InvalidScope),
        (Request { headers: &[("a:b", "")], ..REQUEST }, SignErrorKind::InvalidHeaderName),
        (Request { headers: &[("", "")], ..REQUEST }, SignErrorKind::InvalidHeaderName),
        (Request { headers: &[("a", "b\r\nc: d")], ..REQUEST }, SignErrorKind::InvalidHeaderValue),
        (Request { headers: &[("Host", "h")], ..REQUEST }, SignErrorKind::ReservedHeader),
        (Request { headers: &[("X-SDK-Date", "h")], ..REQUEST }, SignErrorKind::ReservedHeader),
        (Request { headers: &[("authorization", "h")], ..REQUEST }, SignErrorKind::ReservedHeader),
        (Request { headers: &[("a", "1"), ("A", "2")], ..REQUEST }, SignErrorKind::DuplicateHeader),
    ];
    for (request, kind) in table {
        assert_eq!(sign(&any_key(), request, vector_time()).unwrap_err().kind(), *kind, "{request:?}");
    }
    let late = UNIX_EPOCH + Duration::from_secs(400_000_000_000);
    assert!(sign(&any_key(), &REQUEST, late).unwrap_err().is_time());
}

#[test]
fn an_error_names_the_header_and_not_its_value() {
    let request = Request { headers: &[("X-Mine", "marker\0")], ..REQUEST };
    let error = sign(&any_key(), &request, vector_time()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot sign the request: the value of header x-mine contains a control character; remove it"
    );
    assert!(!format!("{error:?}").contains("marker"));
}

#[test]
fn debug_shows_neither_token_nor_signature() {
    let key = AccessKey::new("AK", Secret::new("sk".to_owned()), Some(Secret::new("marker-token".to_owned()))).unwrap();
    let signed = sign(&key, &REQUEST, vector_time()).unwrap();
    let shown = format!("{signed:?}");
    assert_eq!(shown, "[x-sdk-date: 20260403T081530Z, x-security-token: .., authorization: ..]");
}

#[test]
fn a_query_is_normalised() {
    let table = [
        ("", ""),
        ("&&", ""),
        ("a", "a="),
        ("=", "="),
        ("=v", "=v"),
        ("a=b=c", "a=b%3Dc"),
        ("b=2&a=1&b=1", "a=1&b=1&b=2"),
        ("a=%41%2f%2F/", "a=A%2F%2F%2F"),
        ("a=1+2%2B3", "a=1%202%2B3"),
        ("a=%", "a=%25"),
        ("a=%4", "a=%254"),
        ("a=%zz", "a=%25zz"),
        ("a=%ff", "a=%FF"),
        ("%61=2&a=1", "a=1&a=2"),
        // Sorted by what the text stands for: `~` comes after `z`, though its encoding would come first.
        ("%7e=1&z=2&%C3%A9=3", "z=2&~=1&%C3%A9=3"),
    ];
    for (raw, expected) in table {
        assert_eq!(canonical_query(raw), expected, "{raw}");
        assert_eq!(canonical_query(expected), expected, "{raw} is not its own canonical form");
    }
}
