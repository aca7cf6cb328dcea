//! Verifies requests signed with an access key: the signature over the canonical request, the date, and the lock after
//! too many failures.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use tokio::time::{Duration, Instant};

use crate::auth::canonical::{CanonicalRequest, ReceivedRequest};
use crate::auth::clock::{WallClock, parse_sdk_date};
use crate::auth::hash::{hmac_sha256, sha256};
use crate::error_response::ErrorResponse;

const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// How far a request's date may be from the emulator's clock, in minutes: see
/// `docs/design/service-behaviour.md#clock-tolerance`.
const TOLERANCE_MINUTES: i64 = 15;

/// More failures than this in a row lock a key: see `docs/design/service-behaviour.md#key-lock`.
const MAX_FAILURES: u32 = 5;

/// How long a key stays locked.
const LOCK_DURATION: Duration = Duration::from_secs(5 * 60);

/// A key that may sign requests.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) ak: String,
    pub(crate) sk: String,
    pub(crate) security_token: Option<String>,
}

// Written by hand, so that no log shows the secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("ak", &self.ak).finish_non_exhaustive()
    }
}

/// The keys that may sign requests, and the recent failures of each.
pub(crate) struct AccessKeys {
    keys: Vec<Key>,
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Clone, Copy, Default)]
struct Failures {
    in_a_row: u32,
    locked_until: Option<Instant>,
}

/// The parts of an Authorization header.
struct Authorization<'h> {
    access: &'h str,
    headers: &'h str,
    signature: &'h str,
}

/// Whether a request is signed.
pub(crate) fn is_signed(headers: &HeaderMap) -> bool {
    headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(ALGORITHM.as_bytes()))
}

/// Returns the access key that a request names, whether or not its signature is valid.
pub(crate) fn access_key_of(headers: &HeaderMap) -> Option<&str> {
    parse(headers.get(AUTHORIZATION)?.to_str().ok()?).map(|authorization| authorization.access)
}

impl AccessKeys {
    pub(crate) fn new(keys: Vec<Key>) -> Self {
        Self { keys, failures: Mutex::default() }
    }

    /// Verifies a signed request. Like the gateway, an error response repeats what was signed, including credentials,
    /// so a client must keep it out of its log: see `docs/design/service-behaviour.md#echoed-signatures`.
    pub(crate) fn check(
        &self,
        request: &ReceivedRequest<'_>,
        clock: WallClock,
        now: Instant,
    ) -> Result<(), ErrorResponse> {
        let reject = |text: &str| ErrorResponse::unauthenticated(format!("incorrect IAM authentication: {text}"));
        let header = request.header(AUTHORIZATION.as_str()).map_err(|text| reject(&text))?;
        let authorization = parse(&header).ok_or_else(|| reject("the Authorization header cannot be read"))?;
        let key = self
            .keys
            .iter()
            .find(|key| key.ak == authorization.access)
            .ok_or_else(|| reject("the access key is not known"))?;
        if self.is_locked(&key.ak, now) {
            return Err(reject("the access key is locked after too many failures"));
        }
        let verified = verify(key, &authorization, request, clock);
        self.record_result(&key.ak, verified.is_ok(), now);
        verified.map_err(|text| {
            let echo = CanonicalRequest::new(request, authorization.headers).map(|canonical| canonical.echo(&header));
            reject(&format!("{text}, canonicalRequest:{}", echo.unwrap_or_default()))
        })
    }

    /// Forgets all failures, and unlocks all keys.
    pub(crate) fn reset_failures(&self) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn is_locked(&self, ak: &str, now: Instant) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(ak).and_then(|failures| failures.locked_until).is_some_and(|until| now < until)
    }

    fn record_result(&self, ak: &str, is_valid: bool, now: Instant) {
        // Only known keys are counted, so the map does not grow.
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = all.entry(ak.to_owned()).or_default();
        if is_valid {
            *failures = Failures::default();
            return;
        }
        failures.in_a_row += 1;
        if failures.in_a_row > MAX_FAILURES {
            *failures = Failures { in_a_row: 0, locked_until: Some(now + LOCK_DURATION) };
        }
    }
}

fn verify(
    key: &Key,
    authorization: &Authorization<'_>,
    request: &ReceivedRequest<'_>,
    clock: WallClock,
) -> Result<(), String> {
    let date = request.header("x-sdk-date")?;
    let at = parse_sdk_date(&date).ok_or("X-Sdk-Date is not a date of the form 20260403T081530Z")?;
    if (clock.now() - at).abs() > time::Duration::minutes(TOLERANCE_MINUTES) {
        return Err("X-Sdk-Date is more than 15 minutes away from the gateway's time".to_owned());
    }
    if !authorization.headers.split(';').any(|name| name == "x-sdk-date") {
        return Err("X-Sdk-Date is not signed".to_owned());
    }
    if let Some(token) = &key.security_token
        && request.header("x-security-token")? != *token
    {
        return Err("the security token is not that of the temporary key".to_owned());
    }
    if let (Some(in_path), Ok(named)) = (request.project_id, request.header("x-project-id"))
        && in_path != named
    {
        return Err("X-Project-Id is not the project of the path".to_owned());
    }
    let canonical = CanonicalRequest::new(request, authorization.headers)?;
    let to_sign = format!("{ALGORITHM}\n{date}\n{}", sha256(canonical.text().as_bytes()));
    match hmac_sha256(key.sk.as_bytes(), to_sign.as_bytes()) == authorization.signature {
        true => Ok(()),
        false => Err("the signature does not verify".to_owned()),
    }
}

fn parse(authorization: &str) -> Option<Authorization<'_>> {
    let mut parts = authorization.strip_prefix(ALGORITHM)?.trim_start().split(',').map(str::trim);
    let mut part = |name: &str| parts.next()?.strip_prefix(name)?.strip_prefix('=');
    let parsed =
        Authorization { access: part("Access")?, headers: part("SignedHeaders")?, signature: part("Signature")? };
    parts.next().is_none().then_some(parsed)
}

#[cfg(test)]
mod tests {
    use http::{Method, Request, request};
    use serde_json::Value;
    use tokio::time::Instant;

    use crate::auth::canonical::ReceivedRequest;
    use crate::auth::clock::WallClock;

    use super::{AccessKeys, Key, LOCK_DURATION, MAX_FAILURES};

    /// A test vector of the vendor's own signer, as the request that it sent.
    struct Vector {
        name: String,
        key: Key,
        head: request::Parts,
        body: Vec<u8>,
    }

    fn vectors() -> Vec<Vector> {
        let file: Value = serde_json::from_str(include_str!("../../tests/signing-vectors.json")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let vector = |vector: &Value| {
            let (input, expected) = (&vector["input"], &vector["expected"]);
            let uri =
                format!("{}://{}{}", text(&input["scheme"]), text(&input["host"]), text(&expected["request_uri"]));
            let mut request = Request::builder().method(text(&input["method"]).as_str()).uri(uri);
            for (name, value) in expected["headers_sent"].as_object().unwrap() {
                request = request.header(name, text(value));
            }
            let key = Key {
                ak: text(&input["ak"]),
                sk: text(&input["sk"]),
                security_token: input["security_token"].as_str().map(str::to_owned),
            };
            let body = input["body_utf8"].as_str().unwrap_or_default().as_bytes().to_vec();
            Vector { name: text(&vector["name"]), key, head: request.body(()).unwrap().into_parts().0, body }
        };
        file["vectors"].as_array().unwrap().iter().map(vector).collect()
    }

    /// A clock that shows the time of the vectors.
    fn clock_of_the_vectors() -> WallClock {
        WallClock::ahead_by(1_775_204_130 - time::OffsetDateTime::now_utc().unix_timestamp())
    }

    fn verified(keys: &AccessKeys, vector: &Vector, clock: WallClock) -> Result<(), String> {
        let Vector { head, body, .. } = vector;
        let arrived =
            ReceivedRequest { method: &head.method, uri: &head.uri, headers: &head.headers, body, project_id: None };
        keys.check(&arrived, clock, Instant::now()).map_err(|response| response.message)
    }

    #[test]
    fn the_vendors_own_signatures_verify_and_changed_requests_do_not() {
        let all = vectors();
        assert_eq!(all.len(), 6);
        for mut vector in all {
            let keys = || AccessKeys::new(vec![vector.key.clone()]);
            let name = vector.name.clone();
            assert_eq!(verified(&keys(), &vector, clock_of_the_vectors()), Ok(()), "{name}");
            let wrong = AccessKeys::new(vec![Key { sk: "another".to_owned(), ..vector.key.clone() }]);
            assert!(verified(&wrong, &vector, clock_of_the_vectors()).is_err(), "{name}: another key");
            let strict = keys();
            let method = std::mem::replace(&mut vector.head.method, Method::PUT);
            assert!(verified(&strict, &vector, clock_of_the_vectors()).is_err(), "{name}: another method");
            vector.head.method = method;
            if !vector.head.headers.contains_key("x-sdk-content-sha256") {
                vector.body.push(b' ');
                assert!(verified(&strict, &vector, clock_of_the_vectors()).is_err(), "{name}: another body");
                vector.body.pop();
            }
            vector.head.headers.insert("x-sdk-date", "20260403T081531Z".parse().unwrap());
            assert!(verified(&strict, &vector, clock_of_the_vectors()).is_err(), "{name}: another date");
        }
    }

    #[test]
    fn a_date_more_than_15_minutes_off_is_rejected() {
        let vector = &vectors()[0];
        let keys = AccessKeys::new(vec![vector.key.clone()]);
        let off = |minutes: i64| {
            let offset = 1_775_204_130 - time::OffsetDateTime::now_utc().unix_timestamp() + minutes * 60;
            verified(&keys, vector, WallClock::ahead_by(offset))
        };
        for (minutes, good) in [(0, true), (14, true), (-14, true), (16, false), (-16, false)] {
            assert_eq!(off(minutes).is_ok(), good, "{minutes}");
        }
    }

    #[test]
    fn more_than_five_failures_lock_a_key_for_five_minutes() {
        let vector = &vectors()[0];
        let keys = AccessKeys::new(vec![vector.key.clone()]);
        let start = Instant::now();
        let arrived = |body: &'static [u8]| ReceivedRequest {
            method: &vector.head.method,
            uri: &vector.head.uri,
            headers: &vector.head.headers,
            body,
            project_id: None,
        };
        let good = ReceivedRequest { body: &vector.body, ..arrived(b"") };
        let clock = clock_of_the_vectors();
        for _ in 0..MAX_FAILURES {
            assert!(keys.check(&arrived(b"wrong"), clock, start).is_err());
        }
        assert!(keys.check(&good, clock, start).is_ok(), "five do not lock, and a valid one resets the count");
        for _ in 0..=MAX_FAILURES {
            assert!(keys.check(&arrived(b"wrong"), clock, start).is_err());
        }
        assert!(keys.check(&good, clock, start).unwrap_err().message.contains("locked"));
        assert!(keys.check(&good, clock, start + LOCK_DURATION).is_ok());
    }

    #[test]
    fn an_error_response_repeats_what_was_signed_as_the_gateways_does() {
        let vector = &vectors()[0];
        let keys = AccessKeys::new(vec![Key { sk: "another".to_owned(), ..vector.key.clone() }]);
        let text = verified(&keys, vector, clock_of_the_vectors()).unwrap_err();
        assert!(text.contains("Signature=") && text.contains("|host:"), "{text}");
        assert!(!format!("{:?}", vector.key).contains(&vector.key.sk));
    }
}
