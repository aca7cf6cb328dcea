//! The spans of calls and attempts, with the names and types of OpenTelemetry where it has them.

use tracing::{Span, debug, field, info_span, warn};
use url::Url;

use crate::error::Error;
use crate::response::outcome::CallOutcome;
use crate::response::raw_response::RawResponse;

/// The `error.type` of a request whose caller stopped waiting.
const DROPPED: &str = "dropped";

/// The server that all calls of a client are sent to.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) region: Option<String>,
}

impl Server {
    pub(super) fn new(endpoint: &Url) -> Self {
        let host = endpoint.host_str().unwrap_or_default().to_owned();
        // `hss.cn-north-4.myhuaweicloud.com`.
        let mut labels = host.split('.').skip(1);
        let region = labels.next().filter(|_| labels.next() == Some("myhuaweicloud")).map(str::to_owned);
        Self { port: endpoint.port_or_known_default(), region, host }
    }
}

/// Returns the span of an attempt, the first of which has number 1.
pub(super) fn attempt(number: u32) -> Span {
    info_span!(
        "hss.attempt",
        attempt = number,
        http.response.status_code = field::Empty,
        request_id = field::Empty,
        error.type = field::Empty,
    )
}

/// Records how a call or an attempt ended.
pub(super) fn record(span: &Span, result: Result<&RawResponse, &Error>) {
    if span.is_disabled() {
        return;
    }
    let (status, request_id) = match result {
        Ok(raw) => (Some(raw.status), raw.request_id()),
        Err(error) => {
            span.record("error.type", error.kind().as_str());
            (error.http_status(), error.request_id().map(str::to_owned))
        }
    };
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if let Some(request_id) = request_id {
        span.record("request_id", request_id);
    }
}

/// Records the outcome of a scan. `error` names the kind of error, if there is one.
pub(super) fn record_outcome(span: &Span, outcome: CallOutcome, error: Option<&str>) {
    span.record("hss.outcome", outcome.as_str());
    if outcome != CallOutcome::Accepted {
        span.record("error.type", error.unwrap_or(outcome.as_str()));
    }
}

/// A request in flight. If it is dropped before its end, the caller has stopped waiting, and the request may have
/// arrived: that is logged, because nothing else shows it.
pub(super) struct InFlight<'a> {
    call: &'a Span,
    attempt: &'a Span,
    is_mutating: bool,
    has_ended: bool,
}

impl<'a> InFlight<'a> {
    pub(super) fn new(call: &'a Span, attempt: &'a Span, is_mutating: bool) -> Self {
        Self { call, attempt, is_mutating, has_ended: false }
    }

    pub(super) fn end(mut self) {
        self.has_ended = true;
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        self.attempt.record("error.type", DROPPED);
        self.call.record("error.type", DROPPED);
        if self.is_mutating {
            self.call.record("hss.outcome", CallOutcome::Unknown.as_str());
            warn!(parent: self.attempt, "the caller stopped waiting; the request may have taken effect");
        } else {
            debug!(parent: self.attempt, "the caller stopped waiting");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_part_of_the_name_of_a_regional_service() {
        for (endpoint, region, port) in [
            ("https://hss.cn-north-4.myhuaweicloud.com", Some("cn-north-4"), Some(443)),
            ("https://hss.eu-west-101.myhuaweicloud.eu:8443/base", Some("eu-west-101"), Some(8443)),
            ("https://eps.myhuaweicloud.com", None, Some(443)),
            ("http://localhost:8080", None, Some(8080)),
            ("https://a.b.example.com", None, Some(443)),
        ] {
            let server = Server::new(&endpoint.parse().unwrap());
            assert_eq!((server.region.as_deref(), server.port), (region, port), "{endpoint}");
        }
    }
}
