//! Decides what the response to an attempt means: a value, a response that cannot be used, or an error.

use std::time::SystemTime;

use bytes::Bytes;
use progenitor_client::ResponseValue;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::error_body::ErrorBody;
use super::error_codes::{self, Diagnosis};
use super::raw_response::{MAX_LIST_BODY_BYTES, RawResponse};
use super::redact::Redactor;
use super::transport_error::transport_error;
use crate::error::{Error, ErrorKind};

/// Classifies the result of an attempt.
///
/// A 200 whose body is not what the service documents is a response: the inner result is its error.
pub(crate) fn classify<T>(
    result: Result<ResponseValue<T>, progenitor_client::Error<()>>,
    raw: Option<RawResponse>,
    is_mutating: bool,
) -> Result<(Result<T, Error>, RawResponse), Error> {
    use progenitor_client::Error as ClientError;
    match (result, raw) {
        // serde would read a list of the right length as the fields of an object.
        (Ok(_), Some(raw)) if !raw.body.trim_ascii_start().starts_with(b"{") => {
            Ok((Err(decode_error(&raw, "it is not a JSON object").with_mutating(is_mutating)), raw))
        }
        (Ok(value), Some(raw)) => Ok((Ok(value.into_inner()), raw)),
        (Err(ClientError::InvalidResponsePayload(_, error)), Some(raw)) if raw.is_success() => {
            Ok((Err(decode_error(&raw, &error.to_string()).with_mutating(is_mutating)), raw))
        }
        (Err(_), Some(raw)) if !raw.is_success() => Err(error_from_response(&raw, is_mutating)),
        (Err(ClientError::CommunicationError(error) | ClientError::ResponseBodyError(error)), _) => {
            Err(transport_error(error, is_mutating))
        }
        (Err(ClientError::InvalidRequest(text) | ClientError::Custom(text)), _) => Err(Error::invalid_input(text)),
        // The generated client returns these for a response only, and each response is captured.
        (Ok(_) | Err(_), _) => Err(Error::new(ErrorKind::Ambiguous, "internal error: the response was not captured")
            .with_help("Please report this bug. Check the scan status before you retry.")),
    }
}

/// Classifies an error that the generated client returned to a program. The body of a response is read here.
pub(crate) async fn classify_api_error(
    error: progenitor_client::Error<()>,
    is_mutating: bool,
    redactor: Redactor,
    received_at: SystemTime,
) -> Error {
    use progenitor_client::Error as ClientError;
    let raw = |status: StatusCode, headers: &HeaderMap, body: Bytes| RawResponse {
        status: status.as_u16(),
        headers: headers.clone(),
        body,
        body_limit_bytes: MAX_LIST_BODY_BYTES,
        received_at,
        redactor,
    };
    let error = match error {
        ClientError::InvalidRequest(text) | ClientError::Custom(text) => return Error::invalid_input(text),
        ClientError::CommunicationError(error)
        | ClientError::ResponseBodyError(error)
        | ClientError::InvalidUpgrade(error) => transport_error(error, is_mutating),
        ClientError::ErrorResponse(response) => {
            error_from_response(&raw(response.status(), response.headers(), Bytes::new()), is_mutating)
        }
        ClientError::UnexpectedResponse(response) => {
            let (status, headers) = (response.status(), response.headers().clone());
            // The status counts, even if the connection broke within the body.
            let body = response.bytes().await.unwrap_or_default();
            error_from_response(&raw(status, &headers, body), is_mutating)
        }
        ClientError::InvalidResponsePayload(body, error) => {
            let raw = raw(StatusCode::OK, &HeaderMap::new(), body);
            let reported = error_in_ok_response(&raw);
            reported.unwrap_or_else(|| decode_error(&raw, &error.to_string()).with_mutating(is_mutating))
        }
    };
    error.with_attempts(1)
}

/// Returns the error for a response whose status is not a success. `is_mutating` distinguishes a POST from a GET.
pub(super) fn error_from_response(raw: &RawResponse, is_mutating: bool) -> Error {
    report(raw, ErrorBody::parse(&raw.body), raw.status, is_mutating)
}

/// Returns the error that a response with status 200 describes, if it does. A response that reports both success and
/// an error is of kind [`ErrorKind::InvalidResponse`].
pub(crate) fn error_in_ok_response(raw: &RawResponse) -> Option<Error> {
    let body = ErrorBody::parse(&raw.body);
    let code = body.code.as_deref()?;
    if body.is_contradictory {
        let code = raw.printable(code);
        let what = format!("the response contradicts itself: it has the code {code}, but also reports a success");
        return Some(
            Error::new(ErrorKind::InvalidResponse, what)
                .with_help("Contact Huawei Cloud support with the request id.")
                .with_response(raw.status, raw.request_id()),
        );
    }
    // The status is of no use here; 400 is the one that the vendor documents for each code of HSS.
    Some(report(raw, body, 400, true))
}

fn report(raw: &RawResponse, body: ErrorBody, status: u16, is_mutating: bool) -> Error {
    let printable = |text: Option<String>| text.map(|text| raw.printable(&text));
    let code = printable(body.code);
    let known = code.as_deref().and_then(error_codes::find);
    // A code decides before the status: refusals of permission arrive as 400. But no code shows that a request which
    // starts something had no effect, if the service failed after it received the request.
    let failed_after_receipt = is_mutating && status >= 500 && status != 503;
    let by_status;
    let Diagnosis { kind, what, help } = match known.and_then(|known| known.diagnosis).filter(|_| !failed_after_receipt)
    {
        Some(diagnosis) => diagnosis,
        None => {
            by_status = diagnose_status(status, is_mutating);
            &by_status
        }
    };
    let meaning = known.map(|known| known.meaning_of(body.message.as_deref()));
    // The gateway's message for a bad signature may repeat the whole signed request
    // (`docs/design/service-behaviour.md#echoed-signatures`).
    let message = printable(body.message).filter(|_| *kind != ErrorKind::Credentials);
    let error = Error::new(*kind, *what);
    let error = if raw.status == 407 { error.permanent() } else { error };
    error
        .with_help(help)
        .with_body(code, meaning, message)
        .with_response(raw.status, raw.request_id().or(printable(body.request_id)))
        .with_retry_after(raw.retry_after())
        .with_server_time(raw.server_time())
        .with_mutating(is_mutating)
}

/// Returns what a status means that comes without a known code.
fn diagnose_status(status: u16, is_mutating: bool) -> Diagnosis {
    let (kind, what, help) = match status {
        404 => return error_codes::NOT_OFFERED,
        429 => return error_codes::THROTTLED,
        401 => (
            ErrorKind::Credentials,
            "the service rejected the credentials",
            "Get a new token, or check the access key and the clock.",
        ),
        403 => (
            ErrorKind::Permission,
            "the service denied access",
            "Check the user's permissions for this project and enterprise project.",
        ),
        407 => return error_codes::PROXY_AUTHENTICATION,
        408 | 425 => (ErrorKind::Unavailable, "the service did not process the request", "Try again later."),
        413 | 414 | 431 | 494 => {
            (ErrorKind::Refused, "the request is too large for the gateway", "Send fewer or shorter ids.")
        }
        400..=499 => (
            ErrorKind::Refused,
            "the service refused the call",
            "If this persists, contact Huawei Cloud support with the error code and the request id.",
        ),
        503 => (ErrorKind::Unavailable, "the service is unavailable", "Try again later."),
        500.. if is_mutating => (
            ErrorKind::Ambiguous,
            "the service failed while it handled the request",
            "The request may have taken effect: check the scan status before you retry.",
        ),
        500.. => (ErrorKind::Unavailable, "the service failed", "Try again later."),
        300..=399 => (
            ErrorKind::InvalidResponse,
            "the endpoint returned a redirect, which is never followed",
            "Check the endpoint's scheme, host and path, and that no proxy responds with a login page.",
        ),
        _ => (
            ErrorKind::InvalidResponse,
            "the endpoint returned an undocumented status",
            "Check that this is an HSS endpoint.",
        ),
    };
    Diagnosis { kind, what, help }
}

/// Returns the error for a 200 whose body is not what the service documents.
pub(crate) fn decode_error(raw: &RawResponse, reason: &str) -> Error {
    let body = &raw.body;
    let what = if body.len() >= raw.body_limit_bytes {
        format!("the response is larger than {} bytes", raw.body_limit_bytes)
    } else if body.is_empty() {
        "the response is empty".to_owned()
    } else if body.trim_ascii_start().starts_with(b"<") {
        "the response is a web page, not JSON".to_owned()
    } else {
        format!("the response does not match the documentation: {}", raw.printable(reason))
    };
    Error::new(ErrorKind::InvalidResponse, what)
        .with_help("Check that this is an HSS endpoint, and that no proxy responds with a login page.")
        .with_response(raw.status, raw.request_id())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::super::outcome::CallOutcome;
    use super::super::tests::raw;
    use super::*;

    #[test]
    fn the_message_of_rejected_credentials_names_the_reason() {
        for (message, part) in [
            ("Get secretKey failed,ak:AK,err:ak not exist", "unknown access key, or a temporary one"),
            ("ak SOMEACCESSKEYID not exist", "unknown access key, or a temporary one"),
            ("AK access failed to reach the limit,forbidden.", "locked for five minutes"),
            (
                "verify aksk signature fail, canonicalRequest:GET|x-auth-token:geheim",
                "the AK and the SK do not belong together",
            ),
            (
                "calc aksk signature fail:signature expired, signature time:20211217T064303Z",
                "the date of the signature",
            ),
            ("decrypt token fail", "the token is damaged"),
            ("anything else: geheim", "bad signature, token or clock"),
        ] {
            let body = format!(
                r#"{{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: {message}"}}"#
            );
            let error = error_from_response(&raw(401, body), false).to_string();
            assert!(error.contains("APIGW.0301 (") && error.contains(part) && !error.contains("geheim"), "{error}");
        }
        // Of another code, the message is printed as it is.
        let error = error_from_response(&raw(404, r#"{"error_code":"HSS.0011","error_msg":"does not exist"}"#), false);
        assert!(error.to_string().contains("HSS.0011 (resource not found): does not exist"), "{error}");
    }

    #[test]
    fn a_code_is_found_however_its_name_is_spelt() {
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
            let raw = raw(200, body);
            assert_eq!(error_in_ok_response(&raw).is_some(), code, "{body}");
            assert_eq!(ErrorBody::parse(&raw.body).code.is_some(), code, "{body}");
        }
    }

    #[test]
    fn a_code_decides_before_the_status() {
        use CallOutcome::{NotSent, Refused, Unknown, Unrecognised};
        for (status, code, kind, outcome) in [
            (400, "HSS.0013", ErrorKind::Permission, Refused),
            (400, "HSS.0010", ErrorKind::Permission, Refused),
            (400, "00000010", ErrorKind::Permission, Refused),
            (400, "HSS.0001", ErrorKind::Refused, Refused),
            (400, "HSS.unknown", ErrorKind::Refused, Refused),
            (400, "", ErrorKind::Refused, Refused),
            (401, "APIGW.0301", ErrorKind::Credentials, Refused),
            (401, "", ErrorKind::Credentials, Refused),
            (403, "APIGW.0302", ErrorKind::Permission, Refused),
            (403, "", ErrorKind::Permission, Refused),
            (404, "APIGW.0101", ErrorKind::Refused, Refused),
            (429, "APIGW.0308", ErrorKind::Throttled, NotSent),
            (429, "APIG.0308", ErrorKind::Throttled, NotSent),
            (401, "APIG.0301", ErrorKind::Credentials, Refused),
            (429, "", ErrorKind::Throttled, NotSent),
            (500, "APIGW.0601", ErrorKind::Ambiguous, Unknown),
            (502, "", ErrorKind::Ambiguous, Unknown),
            (504, "APIGW.0201", ErrorKind::Ambiguous, Unknown),
            (500, "HSS.0001", ErrorKind::Ambiguous, Unknown),
            (500, "APIGW.0308", ErrorKind::Ambiguous, Unknown),
            (502, "HSS.0013", ErrorKind::Ambiguous, Unknown),
            (503, "APIGW.0308", ErrorKind::Throttled, NotSent),
            (503, "", ErrorKind::Unavailable, Refused),
            (408, "", ErrorKind::Unavailable, Refused),
            (425, "", ErrorKind::Unavailable, Refused),
            (407, "", ErrorKind::Unreachable, NotSent),
            (302, "", ErrorKind::InvalidResponse, Unrecognised),
            (204, "", ErrorKind::InvalidResponse, Unrecognised),
        ] {
            let body = format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#);
            let error = error_from_response(&raw(status, body), true);
            assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{status} {code}");
            let unusable = matches!(outcome, Unknown | Unrecognised);
            assert_eq!(error.may_have_taken_effect(), unusable, "{status} {code}");
            assert_eq!(error.http_status(), Some(status));
            let transient = matches!(status, 408 | 425 | 429 | 503);
            assert_eq!(error.is_transient(), transient, "{status} {code}");
        }
    }

    #[test]
    fn a_failed_get_is_never_ambiguous() {
        for status in [500, 502, 504] {
            assert_eq!(error_from_response(&raw(status, ""), false).kind(), ErrorKind::Unavailable);
        }
        assert!(!error_from_response(&raw(302, ""), false).may_have_taken_effect());
        let throttled = error_from_response(&raw(500, r#"{"error_code":"APIGW.0308"}"#), false);
        assert_eq!(throttled.kind(), ErrorKind::Throttled);
    }

    #[test]
    fn a_200_that_reports_success_and_an_error_is_not_understood() {
        const SUCCESS: &str = r#""error":"p-0 processed 1 tasks successfully.""#;
        for body in [
            format!(r#"{{{SUCCESS},"code":0}}"#),
            format!(r#"{{"code":"SUCCESS",{SUCCESS}}}"#),
            format!(r#"{{{SUCCESS},"error_code":"HSS.0013"}}"#),
            format!(r#"{{{SUCCESS},"error":{{"code":"HSS.0013"}}}}"#),
            r#"{"error_code":"HSS.0013","error_code":"HSS.0001"}"#.to_owned(),
            r#"{"code":200,"message":"OK"}"#.to_owned(),
        ] {
            let error = error_in_ok_response(&raw(200, body.clone())).unwrap();
            assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}: {error}");
        }
        for body in [
            r#"{"error":"Bad Request","code":400}"#,
            r#"{"error":{"code":"HSS.0013"},"error_code":"HSS.0013"}"#,
            r#"{"error":"Current project p-0 is already in the task queue.","error_code":"HSS.0001"}"#,
        ] {
            let error = error_in_ok_response(&raw(200, body)).unwrap();
            assert_ne!(error.kind(), ErrorKind::InvalidResponse, "{body}: {error}");
        }
    }

    #[test]
    fn the_echo_of_a_bad_signature_is_not_printed() {
        let body = r#"{"error_code":"APIGW.0301","error_msg":"Authorization: SDK-HMAC-SHA256 Access=AK, Signature=feed","request_id":"r1"}"#;
        let error = error_from_response(&raw(401, body), true);
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("feed") && !shown.contains("Access="), "{shown}");
        assert!(shown.contains("APIGW.0301") && shown.contains("r1"), "{shown}");
    }

    #[test]
    fn the_request_id_comes_from_the_header_first() {
        let mut raw = raw(400, r#"{"error_code":"X.1","request_id":"from-body"}"#);
        assert_eq!(error_from_response(&raw, true).request_id(), Some("from-body"));
        raw.headers.insert("X-Request-Id", HeaderValue::from_static("from-header"));
        assert_eq!(error_from_response(&raw, true).request_id(), Some("from-header"));
    }
}
