//! The request log as JSON lines. A slow reader only takes the memory of a few lines.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Response};

use crate::service::InProcessService;

use super::body::ResponseBody;

/// The path of the request log.
pub(crate) const PATH: &str = "/_emulator/ledger";

/// Returns a response with the requests up to now.
pub(crate) fn respond(service: &InProcessService, method: &Method) -> Response<ResponseBody> {
    let (sender, body) = ResponseBody::stream();
    if *method == Method::GET {
        let parts = service.request_log_parts();
        tokio::spawn(async move {
            for part in parts {
                // Sending fails if the client has disconnected.
                if sender.send(part).await.is_err() {
                    return;
                }
            }
        });
    }
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
