//! Tables of error bodies, statuses and codes, and what each is taken for.

use bytes::Bytes;
use proptest::prelude::*;
use reqwest::header::HeaderValue;

use super::*;
use crate::response::outcome::CallOutcome;
use crate::response::redact::Hidden;

/// An answer with this status and body, and no headers.
fn seen(status: u16, body: impl Into<Bytes>) -> Seen {
    Seen { body_limit: BODY_LIMIT, hidden: Hidden::default(), status, headers: HeaderMap::new(), body: body.into() }
}

#[test]
fn every_documented_error_shape_is_read() {
    let code =
        |code: &str, message: &str| (Some(code.to_owned()), Some(message.to_owned()).filter(|text| !text.is_empty()));
    for (body, (expected_code, message)) in [
        (r#"{"error_code":"HSS.0013","error_msg":"no"}"#, code("HSS.0013", "no")),
        (r#"{"error_code":"HSS.0013","error_description":"d","error_msg":"no"}"#, code("HSS.0013", "no")),
        (r#"{"error_code":"00000010","error_description":"denied"}"#, code("00000010", "denied")),
        (r#"{"error":{"code":"A.1","message":"m"}}"#, code("A.1", "m")),
        (r#"{"error":{"error_code":"A.1","error_msg":"m"}}"#, code("A.1", "m")),
        (r#"{"error":{"code":401,"message":"m","title":"Unauthorized"}}"#, code("401", "m")),
        (r#"{"errorCode":"A.1","errorMsg":"m"}"#, code("A.1", "m")),
        (r#"{"errorCode":"A.1","errorMessage":"m"}"#, code("A.1", "m")),
        (r#"{"code":"A.1","message":"m"}"#, code("A.1", "m")),
        (r#"{"error_code":"A.1"}"#, code("A.1", "")),
        (r#"{"error_code":"","error_msg":""}"#, (None, None)),
        (r#"{"error_code":["x"],"error_msg":{}}"#, (None, None)),
        (r#"{"error":"text"}"#, (None, None)),
        ("<html>502</html>", (None, None)),
        ("", (None, None)),
        ("[]", (None, None)),
        (r#"{"error_code":"A"#, (None, None)),
    ] {
        let read = error_body(body.as_bytes());
        assert_eq!((read.code, read.message), (expected_code, message), "{body}");
    }
    let body = br#"{"error_code":"APIGW.0101","error_msg":"x","request_id":"abc"}"#;
    assert_eq!(error_body(body).request_id.as_deref(), Some("abc"));
}

#[test]
fn no_code_is_passed_over_however_its_name_is_written() {
    for (body, code) in [
        (r#"{"error_code":"A.1"}"#, true),
        (r#"{"errorCode":"A.1"}"#, true),
        (r#"{"code":1}"#, true),
        (r#"{"error":{"code":"A.1"}}"#, true),
        (r#"{"error_c\u006fde":"A.1"}"#, true),
        (r#"{"error":"p-0 processed 1 tasks successfully."}"#, false),
        (r#"{"exist":true}"#, false),
        ("", false),
        ("od", false),
    ] {
        let seen = seen(200, body);
        assert_eq!(refused_in_200(&seen).is_some(), code, "{body}");
        assert_eq!(seen.error().code.is_some(), code, "{body}");
    }
}

#[test]
fn a_code_decides_before_the_status() {
    use CallOutcome::{Refused, Unknown, Unrecognised};
    for (status, code, kind, outcome) in [
        (400, "HSS.0013", ErrorKind::Permission, Refused),
        (400, "HSS.0010", ErrorKind::Permission, Refused),
        (400, "00000010", ErrorKind::Permission, Refused),
        (400, "HSS.0001", ErrorKind::Refused, Refused),
        (400, "HSS.9999", ErrorKind::Refused, Refused),
        (400, "", ErrorKind::Refused, Refused),
        (401, "APIGW.0301", ErrorKind::Credentials, Refused),
        (401, "", ErrorKind::Credentials, Refused),
        (403, "APIGW.0302", ErrorKind::Permission, Refused),
        (403, "", ErrorKind::Permission, Refused),
        (404, "APIGW.0101", ErrorKind::Refused, Refused),
        (429, "APIGW.0308", ErrorKind::Throttled, Refused),
        (429, "", ErrorKind::Throttled, Refused),
        (500, "APIGW.0601", ErrorKind::Ambiguous, Unknown),
        (502, "", ErrorKind::Ambiguous, Unknown),
        (504, "APIGW.0201", ErrorKind::Ambiguous, Unknown),
        (503, "", ErrorKind::Unavailable, Refused),
        (302, "", ErrorKind::InvalidResponse, Unrecognised),
        (204, "", ErrorKind::InvalidResponse, Unrecognised),
    ] {
        let body = format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#);
        let error = refusal(&seen(status, body), true);
        assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{status} {code}");
        assert_eq!(error.may_have_taken_effect(), outcome == Unknown, "{status} {code}");
        assert_eq!(error.http_status(), Some(status));
    }
}

#[test]
fn a_failed_question_is_never_unknown() {
    for status in [500, 502, 504] {
        assert_eq!(refusal(&seen(status, ""), false).kind(), ErrorKind::Unavailable);
    }
}

#[test]
fn the_echo_of_a_bad_signature_is_not_repeated() {
    let body = r#"{"error_code":"APIGW.0301","error_msg":"Authorization: SDK-HMAC-SHA256 Access=AK, Signature=feed","request_id":"r1"}"#;
    let error = refusal(&seen(401, body), true);
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("feed") && !shown.contains("Access="), "{shown}");
    assert!(shown.contains("APIGW.0301") && shown.contains("r1"), "{shown}");
}

#[test]
fn the_request_id_comes_from_the_header_first() {
    let mut seen = seen(400, r#"{"error_code":"X.1","request_id":"from-body"}"#);
    assert_eq!(refusal(&seen, true).request_id(), Some("from-body"));
    seen.headers.insert("X-Request-Id", HeaderValue::from_static("from-header"));
    assert_eq!(refusal(&seen, true).request_id(), Some("from-header"));
}

#[test]
fn texts_of_the_service_are_shown_tame() {
    assert_eq!(clean(" a\u{1b}[31mb\r\n "), "a [31mb");
    assert_eq!(clean(&"x".repeat(600)).chars().count(), 513);
}

/// Bodies of every documented shape, and some that are none.
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

/// Pieces that mean something in JSON or to its readers.
const PIECES: [&str; 24] = [
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
    "[[[[[[[[[[[[[[[[",
    "                ",
];

/// A small generator of numbers (xorshift): the cases cost next to nothing and are the same in every run.
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
    let mut read = 0;
    for case in 0..100_000_u32 {
        let body = damaged(&mut state);
        let status = 100 + below(&mut state, 900) as u16;
        let said = std::panic::catch_unwind(|| {
            let seen = seen(status, body.clone());
            let error = refusal(&seen, case % 2 == 0);
            let _ = refused_in_200(&seen);
            format!("{error}{}", unreadable(&seen, &String::from_utf8_lossy(&body)))
        });
        let Ok(said) = said else { panic!("case {case}, {status}: {:?}", String::from_utf8_lossy(&body)) };
        assert!(!said.contains(char::is_control), "case {case}, {status}: {said:?}");
        assert!(said.chars().count() < 4 * TEXT_LIMIT, "case {case}, {status}: {said:?}");
        read += u32::from(error_body(&body) != ErrorBody::default());
    }
    assert!((10_000..90_000).contains(&read), "{read} of the bodies said something");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(status in 100u16..999, body in proptest::collection::vec(any::<u8>(), 0..200), post: bool) {
        let _ = refusal(&seen(status, body), post).to_string();
    }
}
