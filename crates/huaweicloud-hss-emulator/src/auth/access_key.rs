//! Owns the check of requests that are signed with an access key: the signature over the canonical request, the date, and the lock
//! after too many failures.

use crate::auth::canonical::{Arrived, Canonical};
use crate::auth::clock::{WallClock, read_sdk_date};
use crate::auth::hash::{hmac_sha256, sha256};
use crate::error_response::Refusal;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use tokio::time::{Duration, Instant};

const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// How far a request's date may be from the emulator's clock, in minutes (facts, section 3).
const TOLERANCE_MINUTES: i64 = 15;

/// More failures than this in a row lock a key (facts, section 3).
const FAILURES: u32 = 5;

/// For so long.
const LOCKED: Duration = Duration::from_secs(5 * 60);

/// A key that may sign.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) ak: String,
    pub(crate) sk: String,
    pub(crate) security_token: Option<String>,
}

// Written by hand: a secret must not get into a log through a `{:?}`.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("ak", &self.ak).finish_non_exhaustive()
    }
}

/// The keys that may sign, and how often each failed of late.
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
struct Signed<'h> {
    access: &'h str,
    headers: &'h str,
    signature: &'h str,
}

/// Whether a request is signed at all.
pub(crate) fn is_signed(headers: &HeaderMap) -> bool {
    headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(ALGORITHM.as_bytes()))
}

impl AccessKeys {
    pub(crate) fn new(keys: Vec<Key>) -> Self {
        Self { keys, failures: Mutex::default() }
    }

    /// Checks a signed request. Like the gateway, a refusal repeats what was signed, credentials included: a client has to keep
    /// that from its log.
    pub(crate) fn check(&self, request: &Arrived<'_>, clock: WallClock, now: Instant) -> Result<(), Refusal> {
        let refuse = |text: &str| Refusal::unauthenticated(format!("incorrect IAM authentication: {text}"));
        let authorization = request.header(AUTHORIZATION.as_str()).map_err(|text| refuse(&text))?;
        let signed = parse(&authorization).ok_or_else(|| refuse("the Authorization header cannot be read"))?;
        let key = self
            .keys
            .iter()
            .find(|key| key.ak == signed.access)
            .ok_or_else(|| refuse("the access key is not known"))?;
        if self.is_locked(&key.ak, now) {
            return Err(refuse("the access key is locked after too many failures"));
        }
        let verdict = judge(key, &signed, request, clock);
        self.count(&key.ak, verdict.is_ok(), now);
        verdict.map_err(|text| {
            let echo = Canonical::new(request, signed.headers).map(|canonical| canonical.echo(&authorization));
            refuse(&format!("{text}, canonicalRequest:{}", echo.unwrap_or_default()))
        })
    }

    /// Forgets all failures.
    pub(crate) fn forgive(&self) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn is_locked(&self, ak: &str, now: Instant) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(ak).and_then(|failures| failures.locked_until).is_some_and(|until| now < until)
    }

    fn count(&self, ak: &str, good: bool, now: Instant) {
        // Only known keys are counted, so this does not grow.
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = all.entry(ak.to_owned()).or_default();
        if good {
            *failures = Failures::default();
            return;
        }
        failures.in_a_row += 1;
        if failures.in_a_row > FAILURES {
            *failures = Failures { in_a_row: 0, locked_until: Some(now + LOCKED) };
        }
    }
}

fn judge(key: &Key, signed: &Signed<'_>, request: &Arrived<'_>, clock: WallClock) -> Result<(), String> {
    let date = request.header("x-sdk-date")?;
    let at = read_sdk_date(&date).ok_or("X-Sdk-Date is no date of the form 20260403T081530Z")?;
    if (clock.now() - at).abs() > time::Duration::minutes(TOLERANCE_MINUTES) {
        return Err("X-Sdk-Date is more than 15 minutes away from the gateway's time".to_owned());
    }
    if !signed.headers.split(';').any(|name| name == "x-sdk-date") {
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
        return Err("X-Project-Id is another project than that of the path".to_owned());
    }
    let canonical = Canonical::new(request, signed.headers)?;
    let to_sign = format!("{ALGORITHM}\n{date}\n{}", sha256(canonical.text().as_bytes()));
    match hmac_sha256(key.sk.as_bytes(), to_sign.as_bytes()) == signed.signature {
        true => Ok(()),
        false => Err("the signature does not verify".to_owned()),
    }
}

fn parse(authorization: &str) -> Option<Signed<'_>> {
    let mut parts = authorization.strip_prefix(ALGORITHM)?.trim_start().split(',').map(str::trim);
    let mut part = |name: &str| parts.next()?.strip_prefix(name)?.strip_prefix('=');
    let signed = Signed { access: part("Access")?, headers: part("SignedHeaders")?, signature: part("Signature")? };
    parts.next().is_none().then_some(signed)
}

#[cfg(test)]
mod tests {
    use super::{AccessKeys, FAILURES, Key, LOCKED};
    use crate::auth::canonical::Arrived;
    use crate::auth::clock::WallClock;
    use http::{Method, Request, request};
    use serde_json::Value;
    use tokio::time::Instant;

    /// A vector of the vendor's own signer, as the request that it sent.
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

    fn verdict(keys: &AccessKeys, vector: &Vector, clock: WallClock) -> Result<(), String> {
        let Vector { head, body, .. } = vector;
        let arrived = Arrived { method: &head.method, uri: &head.uri, headers: &head.headers, body, project_id: None };
        keys.check(&arrived, clock, Instant::now()).map_err(|refusal| refusal.text)
    }

    #[test]
    fn the_vendors_own_signatures_verify_and_no_changed_request_does() {
        let all = vectors();
        assert_eq!(all.len(), 6);
        for mut vector in all {
            let keys = || AccessKeys::new(vec![vector.key.clone()]);
            let name = vector.name.clone();
            assert_eq!(verdict(&keys(), &vector, clock_of_the_vectors()), Ok(()), "{name}");
            let wrong = AccessKeys::new(vec![Key { sk: "another".to_owned(), ..vector.key.clone() }]);
            assert!(verdict(&wrong, &vector, clock_of_the_vectors()).is_err(), "{name}: another key");
            let strict = keys();
            let method = std::mem::replace(&mut vector.head.method, Method::PUT);
            assert!(verdict(&strict, &vector, clock_of_the_vectors()).is_err(), "{name}: another method");
            vector.head.method = method;
            if !vector.head.headers.contains_key("x-sdk-content-sha256") {
                vector.body.push(b' ');
                assert!(verdict(&strict, &vector, clock_of_the_vectors()).is_err(), "{name}: another body");
                vector.body.pop();
            }
            vector.head.headers.insert("x-sdk-date", "20260403T081531Z".parse().unwrap());
            assert!(verdict(&strict, &vector, clock_of_the_vectors()).is_err(), "{name}: another date");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_is_refused_past_15_minutes() {
        let vector = &vectors()[0];
        let keys = AccessKeys::new(vec![vector.key.clone()]);
        let off = |minutes: i64| {
            let offset = 1_775_204_130 - time::OffsetDateTime::now_utc().unix_timestamp() + minutes * 60;
            verdict(&keys, vector, WallClock::ahead_by(offset))
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
        let arrived = |body: &'static [u8]| Arrived {
            method: &vector.head.method,
            uri: &vector.head.uri,
            headers: &vector.head.headers,
            body,
            project_id: None,
        };
        let good = Arrived { body: &vector.body, ..arrived(b"") };
        let clock = clock_of_the_vectors();
        for _ in 0..FAILURES {
            assert!(keys.check(&arrived(b"wrong"), clock, start).is_err());
        }
        assert!(keys.check(&good, clock, start).is_ok(), "five do not lock, and a good one starts anew");
        for _ in 0..=FAILURES {
            assert!(keys.check(&arrived(b"wrong"), clock, start).is_err());
        }
        assert!(keys.check(&good, clock, start).unwrap_err().text.contains("locked"));
        assert!(keys.check(&good, clock, start + LOCKED).is_ok());
    }

    #[test]
    fn a_refusal_repeats_what_was_signed_as_the_gateway_does() {
        let vector = &vectors()[0];
        let keys = AccessKeys::new(vec![Key { sk: "another".to_owned(), ..vector.key.clone() }]);
        let text = verdict(&keys, vector, clock_of_the_vectors()).unwrap_err();
        assert!(text.contains("Signature=") && text.contains("|host:"), "{text}");
        assert!(!format!("{:?}", vector.key).contains(&vector.key.sk));
    }
}
