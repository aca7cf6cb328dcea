//! Dispatches a request from a socket: reads its body, injects its fault, and delays the response.

use std::future::pending;
use std::io;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, EXPECT, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::watch;
use tokio::time::{Duration, Instant, sleep_until, timeout};

use super::access::AllowedHosts;
use super::body::ResponseBody;
use super::controlled_stream::ConnectionHandle;
use crate::error_response::ErrorResponse;
use crate::faults::FaultDecision;
use crate::faults::rule::{FaultAction, FaultResponse};
use crate::model::prng::SplitMix64;
use crate::service::{BodyError, InProcessService, MAX_BODY_BYTES, SUBJECT_TOKEN};

use super::admin;

/// How long a client may take to send a complete head or body.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// How much of the body of a rejected request is read and dropped. Closing a connection with unread data resets it, and
/// the reset may overtake the response.
const DRAIN_LIMIT_BYTES: usize = 4 * MAX_BODY_BYTES;

/// How long the body of a rejected request is read.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// The page of a proxy that requires a log-in.
const LOGIN_PAGE: &str =
    "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><h1>Log in</h1></body></html>\n";

/// Dispatches the requests of all connections.
#[derive(Clone)]
pub(crate) struct Dispatcher {
    pub(crate) service: InProcessService,
    pub(crate) latency: Duration,
    /// The hosts under which the emulator can be controlled.
    pub(crate) hosts: AllowedHosts,
    /// Becomes true when the server must stop. Endless responses end then.
    pub(crate) stop: watch::Receiver<bool>,
}

impl Dispatcher {
    /// Responds, but not before the latency and the delay of a fault have passed since the head arrived. With an error,
    /// the connection must end without a response.
    pub(crate) async fn dispatch<B>(
        &self,
        request: Request<B>,
        connection: &ConnectionHandle,
    ) -> io::Result<Response<ResponseBody>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let arrived = Instant::now();
        let (head, body) = request.into_parts();
        if admin::handles(head.uri.path()) {
            let body = timeout(READ_TIMEOUT, read(body)).await.unwrap_or(Err(BodyError::Timeout));
            return Ok(admin::respond(&self.service, &self.hosts, &self.stop, &head, body));
        }
        let decision = self.service.decide_fault(&head, connection.peer);
        let wait = self.latency.saturating_add(decision.delay);
        let mut response = self.respond(head, body, &decision, connection).await;
        if let Ok(response) = &mut response {
            for (policy, state) in &decision.limits {
                if let Ok(state) = HeaderValue::try_from(state) {
                    response.headers_mut().insert(policy.header(), state);
                }
            }
        }
        match arrived.checked_add(wait) {
            _ if wait.is_zero() => {}
            Some(earliest) => sleep_until(earliest).await,
            // The clock cannot represent the time.
            None => pending().await,
        }
        if let Some(FaultAction::CloseIdle(time)) = decision.action {
            connection.close_after(time);
        }
        response
    }

    async fn respond<B>(
        &self,
        head: Parts,
        body: B,
        decision: &FaultDecision,
        connection: &ConnectionHandle,
    ) -> io::Result<Response<ResponseBody>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        match &decision.action {
            Some(FaultAction::Disconnect { reset, after_work: false }) => {
                // A close with unread data would be a reset.
                if !reset {
                    drain_unless_expected(&head, body).await;
                }
                self.service.reject(&head, decision, None);
                return Err(disconnect(connection, *reset));
            }
            Some(action) => {
                if let Some(error) = self.fault_response(action, head.uri.path()) {
                    drain_unless_expected(&head, body).await;
                    return Ok(self.service.reject(&head, decision, Some(&error)).map(ResponseBody::from));
                }
            }
            None => {}
        }
        let response = self.process(head, body, decision).await;
        match &decision.action {
            Some(FaultAction::Disconnect { reset, after_work: true }) => Err(disconnect(connection, *reset)),
            Some(action) => Ok(apply_fault(response, action, decision.chance)),
            None => Ok(response.map(ResponseBody::from)),
        }
    }

    async fn process<B>(&self, head: Parts, body: B, fault: &FaultDecision) -> Response<Bytes>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        match self.service.validate_head(&head.method, &head.uri, &head.headers, fault) {
            Ok(head) => {
                let body = timeout(READ_TIMEOUT, read(body)).await.unwrap_or(Err(BodyError::Timeout));
                self.service.complete(head, body)
            }
            Err(response) => {
                drain_unless_expected(&head, body).await;
                *response
            }
        }
    }

    /// Returns the response that a fault sends instead of calling the handler.
    fn fault_response(&self, action: &FaultAction, path: &str) -> Option<ErrorResponse> {
        match action {
            FaultAction::Respond { response, after_work: false } => Some(error_response(response)),
            FaultAction::Throttle(throttle) => {
                // The gateway of HSS has a prefix of its own.
                let usual = if path.starts_with("/v5/") { "APIGW.0308" } else { "APIG.0308" };
                let code = throttle.code.clone().unwrap_or_else(|| usual.to_owned());
                let error = ErrorResponse::new(StatusCode::TOO_MANY_REQUESTS, code, throttle.message());
                Some(ErrorResponse { retry_after: throttle.retry_after, ..error })
            }
            FaultAction::ExpireToken => {
                self.service.expire_tokens();
                Some(ErrorResponse::expired_token())
            }
            _ => None,
        }
    }
}

/// Returns the error that ends a connection.
fn disconnect(connection: &ConnectionHandle, reset: bool) -> io::Error {
    if reset {
        connection.reset_at_end();
    }
    io::ErrorKind::ConnectionReset.into()
}

fn error_response(response: &FaultResponse) -> ErrorResponse {
    let FaultResponse { status, code, retry_after, body } = response.clone();
    ErrorResponse { retry_after, body, ..ErrorResponse::new(status, code, "injected fault") }
}

/// Changes a complete response.
fn apply_fault(response: Response<Bytes>, action: &FaultAction, chance: u64) -> Response<ResponseBody> {
    match action {
        FaultAction::Respond { response: fault, .. } => {
            let id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
            let mut error = error_response(fault);
            error.body = error.body.map(|body| body.replace("$FIELDS", fields(response.body())));
            let mut changed = error.to_response(id);
            // With a body of its own it is the operation's response, which may have a token.
            if let (Some(_), Some(token)) = (&error.body, response.headers().get(SUBJECT_TOKEN)) {
                changed.headers_mut().insert(SUBJECT_TOKEN, token.clone());
            }
            changed.map(ResponseBody::from)
        }
        FaultAction::Truncate => {
            let (head, body) = response.into_parts();
            Response::from_parts(head, ResponseBody::truncated(&body))
        }
        FaultAction::Garbage => response.map(|_| garbage(chance).into()),
        FaultAction::Html => {
            let mut response = response.map(|_| Bytes::from_static(LOGIN_PAGE.as_bytes()).into());
            *response.status_mut() = StatusCode::OK;
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            response
        }
        _ => response.map(ResponseBody::from),
    }
}

/// Returns the fields of a JSON object without its braces.
fn fields(body: &[u8]) -> &str {
    let text = std::str::from_utf8(body).unwrap_or_default().trim();
    text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default()
}

/// Returns 9 to 65 bytes that are not JSON.
fn garbage(chance: u64) -> Bytes {
    let mut numbers = SplitMix64(chance);
    // JSON never begins with a zero byte.
    let mut bytes = vec![0];
    for _ in 0..1 + numbers.next() % 8 {
        bytes.extend(numbers.next().to_le_bytes());
    }
    bytes.into()
}

/// Drains a body, unless the client waits with it for `100 Continue`, which must not be sent now.
async fn drain_unless_expected<B: Body<Data = Bytes> + Unpin>(head: &Parts, body: B) {
    if !head.headers.contains_key(EXPECT) {
        let _ = timeout(DRAIN_TIMEOUT, drain(body)).await;
    }
}

async fn read<B: Body<Data = Bytes> + Unpin>(mut body: B) -> Result<Bytes, BodyError> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyError::Incomplete)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.is_empty() && body.is_end_stream() && data.len() <= MAX_BODY_BYTES {
            return Ok(data);
        }
        if bytes.len() + data.len() > MAX_BODY_BYTES {
            let _ = timeout(DRAIN_TIMEOUT, drain(body)).await;
            return Err(BodyError::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

async fn drain<B: Body<Data = Bytes> + Unpin>(mut body: B) {
    let mut remaining = DRAIN_LIMIT_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        match remaining.checked_sub(bytes) {
            Some(rest) => remaining = rest,
            None => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::net::Ipv4Addr;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use bytes::Bytes;
    use http::Request;
    use http_body_util::Empty;
    use hyper::body::Frame;
    use tokio::sync::watch;
    use tokio::time::{Duration, Instant};

    use crate::builder::Emulator;
    use crate::http::controlled_stream::ConnectionHandle;

    use super::{AllowedHosts, DRAIN_TIMEOUT, Dispatcher, READ_TIMEOUT};

    /// A body that never arrives.
    struct Stuck;

    impl hyper::body::Body for Stuck {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    fn dispatcher(latency: Duration) -> Dispatcher {
        let hosts = AllowedHosts { listen: Ipv4Addr::LOCALHOST.into(), is_remote: false, names: Vec::new() };
        Dispatcher { service: Emulator::builder().service().unwrap(), latency, hosts, stop: watch::channel(false).1 }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_times_out_without_a_body() {
        let dispatcher = dispatcher(Duration::ZERO);
        for (path, expect, status, waited) in [
            ("/v5/p/asset/assign-task?category=host", None, 408, READ_TIMEOUT),
            ("/elsewhere", None, 404, DRAIN_TIMEOUT),
            ("/elsewhere", Some("100-continue"), 404, Duration::ZERO),
        ] {
            let mut request =
                Request::post(path).header("X-Auth-Token", "t").header("Content-Type", "application/json");
            if let Some(expect) = expect {
                request = request.header("Expect", expect);
            }
            let start = Instant::now();
            let response =
                dispatcher.dispatch(request.body(Stuck).unwrap(), &ConnectionHandle::new(None)).await.unwrap();
            assert_eq!((response.status().as_u16(), start.elapsed().as_secs()), (status, waited.as_secs()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_takes_at_least_the_latency_and_does_not_delay_others() {
        let connection = ConnectionHandle::new(None);
        for latency in [Duration::ZERO, Duration::from_millis(20), Duration::from_secs(3600)] {
            let (start, dispatcher) = (Instant::now(), dispatcher(latency));
            let send = || dispatcher.dispatch(Request::get("/x").body(Empty::<Bytes>::new()).unwrap(), &connection);
            let (one, other) = tokio::join!(send(), send());
            let statuses = [one.unwrap().status().as_u16(), other.unwrap().status().as_u16()];
            assert_eq!((statuses, start.elapsed()), ([404, 404], latency));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_is_added_to_the_latency() {
        let dispatcher = dispatcher(Duration::from_millis(20));
        dispatcher.service.set_faults("delay=1s@2".parse().unwrap()).unwrap();
        for waited in [20, 1020, 20] {
            let start = Instant::now();
            let request = Request::get("/x").body(Empty::<Bytes>::new()).unwrap();
            dispatcher.dispatch(request, &ConnectionHandle::new(None)).await.unwrap();
            assert_eq!(start.elapsed(), Duration::from_millis(waited));
        }
    }
}
