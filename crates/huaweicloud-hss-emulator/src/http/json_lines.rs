//! The request log and the truth about assets as JSON lines. A slow reader only takes the memory of a few lines.

use std::io;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Response};

use super::body::ResponseBody;

/// The path of the request log.
pub(crate) const REQUESTS: &str = "/_emulator/ledger";

/// The path of the truth about assets.
pub(crate) const ASSETS: &str = "/_emulator/assets";

/// Returns a response with these lines.
pub(crate) fn respond(
    parts: impl Iterator<Item = io::Result<Bytes>> + Send + 'static,
    method: &Method,
) -> Response<ResponseBody> {
    let (sender, body) = ResponseBody::stream();
    if *method == Method::GET {
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
