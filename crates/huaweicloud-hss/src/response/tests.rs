//! No response may cause a panic or print control characters.

use std::time::UNIX_EPOCH;

use bytes::Bytes;
use proptest::prelude::*;
use reqwest::header::HeaderMap;

use super::classify::{decode_error, error_from_response, error_in_ok_response};
use super::error_body::ErrorBody;
use super::printable::is_unprintable;
use super::raw_response::{MAX_BODY_BYTES, RawResponse};
use super::redact::{MAX_TEXT_CHARS, Redactor};

/// A response without headers.
pub(super) fn raw(status: u16, body: impl Into<Bytes>) -> RawResponse {
    RawResponse {
        status,
        headers: HeaderMap::new(),
        body: body.into(),
        body_limit_bytes: MAX_BODY_BYTES,
        received_at: UNIX_EPOCH,
        redactor: Redactor::default(),
    }
}

/// Bodies of every documented shape, and some others.
const BODIES: [&str; 8] = [
    r#"{"error_code":"HSS.0013","error_msg":"no","error_description":"d","request_id":"r1"}"#,
    r#"{"error":{"code":401,"message":"m","title":"Unauthorized"}}"#,
    r#"{"error":{"error_code":"A.1","error_msg":"m\u4e3b\n"}}"#,
    r#"{"errorCode":"A.1","errorMsg":"m","errorMessage":"主机"}"#,
    r#"{"code":-1.5e300,"message":null,"request_id":7}"#,
    r#"{"error":"p-0 processed 1 tasks successfully."}"#,
    r#"[{"error_code":["x",{"y":[true,false]}],"error_msg":{}}]"#,
    "<html>502</html>",
];

/// Pieces with a meaning in JSON or to the code that reads it.
const PIECES: [&str; 25] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\\",
    "\\u",
    "\\ud800",
    "null",
    "true",
    "1e999",
    "-",
    "0",
    "\u{1b}[31m",
    "\u{0}",
    "é",
    "主",
    "\"error\":{",
    "\"code\":",
    "\"error_code\":\"APIGW.0301\",",
    "\u{202e}",
    "[[[[[[[[[[[[[[[[",
    "                ",
];

/// A small random number generator (xorshift): the cases are cheap, and the same in every run.
fn below(state: &mut u64, bound: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state % bound.max(1) as u64) as usize
}

/// A body with up to four pieces of damage.
fn damaged(state: &mut u64) -> Vec<u8> {
    let mut body = BODIES[below(state, BODIES.len())].as_bytes().to_vec();
    for _ in 0..below(state, 5) {
        let at = below(state, body.len() + 1);
        match below(state, 4) {
            0 => body.insert(at, below(state, 256) as u8),
            1 => drop(body.splice(at..at, PIECES[below(state, PIECES.len())].bytes())),
            2 => drop(body.drain(at..(at + below(state, 20)).min(body.len()))),
            _ => body.truncate(at.max(1)),
        }
    }
    body
}

#[test]
fn no_body_makes_it_panic() {
    let mut state = 0x9e37_79b9_7f4a_7c15;
    let mut parsed = 0;
    for case in 0..100_000_u32 {
        let body = damaged(&mut state);
        let status = 100 + below(&mut state, 900) as u16;
        let printed = std::panic::catch_unwind(|| {
            let raw = raw(status, body.clone());
            let error = error_from_response(&raw, case % 2 == 0);
            let _ = error_in_ok_response(&raw);
            format!("{error}{}", decode_error(&raw, &String::from_utf8_lossy(&body)))
        });
        let Ok(printed) = printed else { panic!("case {case}, {status}: {:?}", String::from_utf8_lossy(&body)) };
        assert!(!printed.contains(is_unprintable), "case {case}, {status}: {printed:?}");
        assert!(printed.chars().count() < 4 * MAX_TEXT_CHARS, "case {case}, {status}: {printed:?}");
        parsed += u32::from(ErrorBody::parse(&body) != ErrorBody::default());
    }
    assert!((10_000..90_000).contains(&parsed), "{parsed} bodies were parsed");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(status in 100u16..999, body in proptest::collection::vec(any::<u8>(), 0..200), post: bool) {
        let _ = error_from_response(&raw(status, body), post).to_string();
    }
}
