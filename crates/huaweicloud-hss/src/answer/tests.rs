//! Tables of error bodies, statuses and codes, and what each is taken for.

use bytes::Bytes;
use proptest::prelude::*;
use reqwest::header::HeaderValue;

use super::*;
use crate::hidden::Hidden;
use crate::outcome::CallOutcome;

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
        (500, "APIGW.0601", ErrorKind::Unknown, Unknown),
        (502, "", ErrorKind::Unknown, Unknown),
        (504, "APIGW.0201", ErrorKind::Unknown, Unknown),
        (503, "", ErrorKind::Unavailable, Refused),
        (302, "", ErrorKind::Unreadable, Unrecognised),
        (204, "", ErrorKind::Unreadable, Unrecognised),
    ] {
        let body = format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#);
        let error = refusal(&seen(status, body), true);
        assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{status} {code}");
        assert_eq!(error.maybe_sent(), outcome == Unknown, "{status} {code}");
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

proptest! {
    #[test]
    fn no_body_makes_it_panic(status in 100u16..999, body in proptest::collection::vec(any::<u8>(), 0..200), post: bool) {
        let _ = refusal(&seen(status, body), post).to_string();
    }

    #[test]
    fn no_json_makes_it_panic(body in "\\{\"(error|error_code|code|message|request_id)\":[\\[\\]{}\"a-z0-9:,]{0,40}\\}") {
        let _ = error_body(body.as_bytes());
    }
}
