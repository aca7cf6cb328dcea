//! Owns what is the emulator's own: its document, and what steers it while it runs. No real service has these paths.

use super::events;
use super::web_ui;
use crate::error_response::{Refusal, respond};
use crate::faults::Faults;
use crate::http::body::Reply;
use crate::service::{BodyFault, InProcessService};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode};
use serde_json::json;
use tokio::sync::watch;

const PREFIX: &str = "/_emulator/";
const OPENAPI: &str = "/openapi.json";

/// Whether a path is the emulator's own, and not one of a service.
pub(crate) fn is_for(path: &str) -> bool {
    path.starts_with(PREFIX) || path == OPENAPI || web_ui::is_for(path)
}

/// Answers a request to such a path.
pub(crate) fn answer(
    service: &InProcessService,
    stop: &watch::Receiver<bool>,
    head: &Parts,
    body: Result<Bytes, BodyFault>,
) -> Response<Reply> {
    let path = head.uri.path();
    if is_from_elsewhere(&head.headers) {
        let text = "a page of another origin may not steer the emulator";
        return problem(StatusCode::FORBIDDEN, "EMULATOR.0403", text).map(Reply::from);
    }
    let reads = matches!(head.method, Method::GET | Method::HEAD);
    if path == events::PATH && reads {
        return events::answer(service, stop, &head.method);
    }
    if let Some(file) = web_ui::file(path) {
        return (if reads { file } else { wrong_method("GET") }).map(Reply::from);
    }
    let answer = match path.strip_prefix(PREFIX).unwrap_or(path) {
        OPENAPI => match head.method {
            Method::GET | Method::HEAD => bytes("application/json", service.openapi()),
            _ => wrong_method("GET"),
        },
        "ledger" => match head.method {
            Method::GET | Method::HEAD => text("application/x-ndjson", service.ledger()),
            _ => wrong_method("GET"),
        },
        "live" => wrong_method("GET"),
        "reset" => match head.method {
            Method::POST => {
                service.reset();
                empty()
            }
            _ => wrong_method("POST"),
        },
        "faults" => match head.method {
            Method::GET | Method::HEAD => text("text/plain; charset=utf-8", service.faults().to_string()),
            Method::POST | Method::PUT => match set_faults(service, body) {
                Ok(()) => text("text/plain; charset=utf-8", service.faults().to_string()),
                Err(why) => problem(StatusCode::BAD_REQUEST, "EMULATOR.0400", &why),
            },
            Method::DELETE => match service.set_faults(Faults::default()) {
                Ok(()) => empty(),
                Err(why) => problem(StatusCode::BAD_REQUEST, "EMULATOR.0400", &why.to_string()),
            },
            _ => wrong_method("GET, POST, PUT, DELETE"),
        },
        _ => problem(StatusCode::NOT_FOUND, "EMULATOR.0404", "the emulator has ledger, live, reset and faults here"),
    };
    let mut answer = answer.map(Reply::from);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Whether a browser sends this for a page that is not the emulator's own. Other clients say nothing of the kind.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

fn set_faults(service: &InProcessService, body: Result<Bytes, BodyFault>) -> Result<(), String> {
    let body = body.map_err(|_| "the body did not arrive whole".to_owned())?;
    let text = std::str::from_utf8(&body).map_err(|_| "the body is not UTF-8".to_owned())?;
    let faults: Faults = text.parse().map_err(|error: crate::faults::FaultError| error.to_string())?;
    service.set_faults(faults).map_err(|error| error.to_string())
}

fn text(media: &'static str, text: String) -> Response<Bytes> {
    bytes(media, text.into())
}

fn bytes(media: &'static str, bytes: Bytes) -> Response<Bytes> {
    let mut response = Response::new(bytes);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

fn empty() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn wrong_method(allow: &'static str) -> Response<Bytes> {
    let text = Refusal::unknown_method(allow).text;
    let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, "EMULATOR.0405", &text);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    response
}

fn problem(status: StatusCode, code: &str, text: &str) -> Response<Bytes> {
    respond(status, &json!({ "error_code": code, "error_msg": text }), "")
}
