//! Captures a response before the generated client takes it apart, and limits how much of a body is read.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use reqwest::{Response, ResponseBuilderExt, StatusCode};
use url::Url;

use crate::http::clock::Clock;
use crate::response::raw_response::{RawResponse, is_success};
use crate::response::redact::Redactor;

/// Where the response to an attempt is left. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct ResponseCapture(Arc<Mutex<Option<RawResponse>>>);

impl ResponseCapture {
    /// Takes the response, if at least its status arrived.
    pub(crate) fn take(&self) -> Option<RawResponse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Captures a response, and returns the status and body that the generated client needs.
    pub(super) async fn fill(
        &self,
        mut response: Response,
        redirected: bool,
        body_limit_bytes: usize,
        clock: Clock,
        redactor: Redactor,
    ) -> reqwest::Result<Response> {
        let status = if redirected { StatusCode::MULTIPLE_CHOICES } else { response.status() };
        let headers = std::mem::take(response.headers_mut());
        let (body, error) = read_body(&mut response, body_limit_bytes).await;
        // An error response may have its code in the part that arrived.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(RawResponse {
            status: status.as_u16(),
            headers,
            body: body.clone(),
            body_limit_bytes,
            received_at: clock.now(),
            redactor,
        });
        if let Some(error) = error {
            return Err(error);
        }
        let status = if is_success(status.as_u16()) { StatusCode::OK } else { status };
        Ok(rebuild(status, response.url(), body).into())
    }
}

/// Cuts off the body at the limit.
pub(super) async fn limit_body(mut response: Response, limit_bytes: usize) -> reqwest::Result<Response> {
    if response.content_length().is_some_and(|length| length <= limit_bytes as u64) {
        return Ok(response);
    }
    let body = match read_body(&mut response, limit_bytes).await {
        (body, None) => body,
        (_, Some(error)) => return Err(error),
    };
    let headers = std::mem::take(response.headers_mut());
    let mut rebuilt = rebuild(response.status(), response.url(), body);
    *rebuilt.headers_mut() = headers;
    Ok(rebuilt.into())
}

/// Builds a response without headers.
fn rebuild(status: StatusCode, url: &Url, body: Bytes) -> ::http::Response<Bytes> {
    let with_url = ::http::Response::builder().url(url.clone()).body(body.clone());
    let mut rebuilt = with_url.unwrap_or_else(|_| ::http::Response::new(body));
    *rebuilt.status_mut() = status;
    rebuilt
}

/// Reads a body up to the limit, and returns the error that ended it early, if any.
async fn read_body(response: &mut Response, limit_bytes: usize) -> (Bytes, Option<reqwest::Error>) {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(mut chunk)) => {
                chunk.truncate(limit_bytes - body.len());
                body.extend_from_slice(&chunk);
                if body.len() == limit_bytes {
                    return (body.freeze(), None);
                }
            }
            Ok(None) => return (body.freeze(), None),
            Err(error) => return (body.freeze(), Some(error)),
        }
    }
}
