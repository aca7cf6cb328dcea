//! The paths of the emulator itself, which no real service has: OpenAPI document, web UI, request log, assets, reset
//! and faults.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::error_response::{ErrorResponse, json_response};
use crate::faults::{Faults, parse_duration};
use crate::model::assets::coverage::HostAttributes;
use crate::service::{BodyError, InProcessService};

use super::access::AllowedHosts;
use super::body::ResponseBody;
use super::{events, json_lines, web_ui};

const PREFIX: &str = "/_emulator/";
const OPENAPI: &str = "/openapi.json";

/// Whether a path belongs to the emulator itself rather than to a service.
pub(crate) fn handles(path: &str) -> bool {
    path.starts_with(PREFIX) || path == OPENAPI || web_ui::handles(path)
}

/// Responds to a request for such a path. `stop` becomes true when the server must stop; endless responses end then.
pub(crate) fn respond(
    service: &InProcessService,
    hosts: &AllowedHosts,
    stop: &watch::Receiver<bool>,
    head: &Parts,
    body: Result<Bytes, BodyError>,
) -> Response<ResponseBody> {
    let path = head.uri.path();
    if let Err(reason) = hosts.check(head) {
        return error_response(StatusCode::FORBIDDEN, "EMULATOR.0403", &reason).map(ResponseBody::from);
    }
    let is_read = matches!(head.method, Method::GET | Method::HEAD);
    if path == events::PATH && is_read {
        return events::respond(service, stop, &head.method);
    }
    if path == json_lines::REQUESTS && is_read {
        return json_lines::respond(service.request_log_parts(), &head.method);
    }
    if path == json_lines::ASSETS && is_read {
        return json_lines::respond(service.asset_truth_lines(), &head.method);
    }
    if let Some(file) = web_ui::file(path) {
        return (if is_read { file } else { method_not_allowed("GET") }).map(ResponseBody::from);
    }
    let response = match path.strip_prefix(PREFIX).unwrap_or(path) {
        OPENAPI => match head.method {
            Method::GET | Method::HEAD => bytes("application/json", service.openapi()),
            _ => method_not_allowed("GET"),
        },
        "ledger" | "live" | "assets" => method_not_allowed("GET"),
        "reset" => match head.method {
            Method::POST => {
                service.reset();
                empty()
            }
            _ => method_not_allowed("POST"),
        },
        "faults" => match head.method {
            Method::GET | Method::HEAD => text("text/plain; charset=utf-8", service.faults().to_string()),
            Method::POST | Method::PUT => match set_faults(service, body) {
                Ok(()) => text("text/plain; charset=utf-8", service.faults().to_string()),
                Err(error) => error_response(StatusCode::BAD_REQUEST, "EMULATOR.0400", &error),
            },
            Method::DELETE => match service.set_faults(Faults::default()) {
                Ok(()) => empty(),
                Err(error) => error_response(StatusCode::BAD_REQUEST, "EMULATOR.0400", &error.to_string()),
            },
            _ => method_not_allowed("GET, POST, PUT, DELETE"),
        },
        "hosts" => match head.method {
            Method::POST => match set_host(service, body) {
                Ok(()) => empty(),
                Err(error) => error_response(StatusCode::BAD_REQUEST, "EMULATOR.0400", &error),
            },
            _ => method_not_allowed("POST"),
        },
        "clock" => match head.method {
            Method::GET | Method::HEAD => clock(service),
            Method::POST => match advance_clock(service, body) {
                Ok(()) => clock(service),
                Err(error) => error_response(StatusCode::BAD_REQUEST, "EMULATOR.0400", &error),
            },
            _ => method_not_allowed("GET, POST"),
        },
        _ => error_response(
            StatusCode::NOT_FOUND,
            "EMULATOR.0404",
            "unknown path: the emulator has ledger, live, assets, hosts, reset, faults and clock here",
        ),
    };
    let mut response = response.map(ResponseBody::from);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn body_text(body: Result<Bytes, BodyError>) -> Result<String, String> {
    let body = body.map_err(|_| "the body is incomplete".to_owned())?;
    String::from_utf8(body.into()).map_err(|_| "the body is not UTF-8".to_owned())
}

fn clock(service: &InProcessService) -> Response<Bytes> {
    let advanced = u64::try_from(service.clock().advanced().as_millis()).unwrap_or(u64::MAX);
    json_response(StatusCode::OK, &json!({ "advanced_millis": advanced }), "")
}

fn advance_clock(service: &InProcessService, body: Result<Bytes, BodyError>) -> Result<(), String> {
    let text = body_text(body)?;
    let by = parse_duration(text.trim()).ok_or("the body must be a duration such as 500ms, 90s, 1m, 2h or 7d")?;
    service.advance_clock(by);
    Ok(())
}

/// The body that sets attributes of a host.
#[derive(Deserialize)]
struct HostChange {
    host_id: String,
    #[serde(flatten)]
    attributes: Map<String, Value>,
}

fn set_host(service: &InProcessService, body: Result<Bytes, BodyError>) -> Result<(), String> {
    let read = |error: serde_json::Error| format!("the body must be JSON with host_id and attributes: {error}");
    let HostChange { host_id, attributes } = serde_json::from_str(&body_text(body)?).map_err(read)?;
    let attributes: HostAttributes = serde_json::from_value(attributes.into()).map_err(read)?;
    service.set_host_attributes(&host_id, attributes).map_err(|error| error.to_string())
}

fn set_faults(service: &InProcessService, body: Result<Bytes, BodyError>) -> Result<(), String> {
    let text = body_text(body)?;
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

fn method_not_allowed(allow: &'static str) -> Response<Bytes> {
    let text = ErrorResponse::unknown_method(allow).message;
    let mut response = error_response(StatusCode::METHOD_NOT_ALLOWED, "EMULATOR.0405", &text);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    response
}

fn error_response(status: StatusCode, code: &str, text: &str) -> Response<Bytes> {
    json_response(status, &json!({ "error_code": code, "error_msg": text }), "")
}
