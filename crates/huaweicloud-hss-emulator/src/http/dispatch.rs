//! Owns a request's way over the socket: its time, its fault, its body, and what `service` or `control` make of it.

use super::admin;
use crate::error_response::Refusal;
use crate::faults::Plan;
use crate::faults::rule::{Deed, Refused};
use crate::http::body::Reply;
use crate::http::resettable_stream::Doom;
use crate::model::prng::SplitMix64;
use crate::service::{BodyFault, InProcessService, MAX_BODY_BYTES};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, EXPECT, HeaderValue};
use http::request::Parts;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use std::future::pending;
use std::io;
use tokio::sync::watch;
use tokio::time::{Duration, Instant, sleep_until, timeout};

/// A client that has not sent a complete head or body by then is given up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How much of a refused request's body is read and dropped, and for how long. Closing a connection with unread data
/// resets it, and the reset may overtake the answer.
const DRAIN_LIMIT_BYTES: usize = 4 * MAX_BODY_BYTES;
const DRAIN_PATIENCE: Duration = Duration::from_secs(5);

/// What a proxy says that wants people to log in first.
const LOGIN_PAGE: &str =
    "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><h1>Log in</h1></body></html>\n";

/// What answers the requests of all connections.
#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) service: InProcessService,
    pub(crate) latency: Duration,
    /// Turns true when the server is to stop: answers that go on end then.
    pub(crate) stop: watch::Receiver<bool>,
}

impl Front {
    /// Answers, but not before the set time has passed since the request's head was there. The error is a connection that is to
    /// end without an answer.
    pub(crate) async fn answer<B>(&self, request: Request<B>, doom: &Doom) -> io::Result<Response<Reply>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let arrived = Instant::now();
        let (head, body) = request.into_parts();
        if admin::is_for(head.uri.path()) {
            let body = timeout(PATIENCE, read(body)).await.unwrap_or(Err(BodyFault::TooSlow));
            return Ok(admin::answer(&self.service, &self.stop, &head, body));
        }
        let plan = self.service.plan(&head.method, &head.uri, arrived);
        let wait = self.latency.saturating_add(plan.delay);
        let response = self.answer_now(head, body, plan, doom).await;
        match arrived.checked_add(wait) {
            _ if wait.is_zero() => {}
            Some(earliest) => sleep_until(earliest).await,
            // Beyond what the clock can count.
            None => pending().await,
        }
        response
    }

    async fn answer_now<B>(&self, head: Parts, body: B, plan: Plan, doom: &Doom) -> io::Result<Response<Reply>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let Plan { deed, name, chance, .. } = plan;
        match &deed {
            Some(Deed::Reset { after_work: false }) => {
                self.service.turn_down(&head, name, None);
                return Err(reset(doom));
            }
            Some(deed) => {
                if let Some(refusal) = self.instead(deed) {
                    drain_unless_expected(&head, body).await;
                    return Ok(self.service.turn_down(&head, name, Some(&refusal)).map(Reply::from));
                }
            }
            None => {}
        }
        let response = self.work(head, body, name).await;
        match deed {
            Some(Deed::Reset { after_work: true }) => Err(reset(doom)),
            Some(deed) => Ok(altered(response, &deed, chance)),
            None => Ok(response.map(Reply::from)),
        }
    }

    async fn work<B>(&self, head: Parts, body: B, fault: Option<String>) -> Response<Bytes>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        match self.service.admit(&head.method, &head.uri, &head.headers, fault) {
            Ok(admitted) => {
                let body = timeout(PATIENCE, read(body)).await.unwrap_or(Err(BodyFault::TooSlow));
                self.service.finish(admitted, body)
            }
            Err(response) => {
                drain_unless_expected(&head, body).await;
                *response
            }
        }
    }

    /// What is answered in place of the work.
    fn instead(&self, deed: &Deed) -> Option<Refusal> {
        match deed {
            Deed::Status { refusal, after_work: false } => Some(refused(refusal)),
            Deed::Throttle { a_second, retry_after } => {
                let retry_after = *retry_after;
                Some(Refusal { retry_after, ..Refusal::throttled(*a_second) })
            }
            Deed::ExpireToken => {
                self.service.expire_tokens();
                Some(Refusal::expired_token())
            }
            _ => None,
        }
    }
}

fn reset(doom: &Doom) -> io::Error {
    doom.reset();
    io::ErrorKind::ConnectionReset.into()
}

fn refused(refused: &Refused) -> Refusal {
    let Refused { status, code, retry_after } = refused.clone();
    Refusal { retry_after, ..Refusal::new(status, code, "a fault was asked for") }
}

/// Changes a finished answer on its way out.
fn altered(response: Response<Bytes>, deed: &Deed, chance: u64) -> Response<Reply> {
    match deed {
        Deed::Status { refusal, .. } => {
            let id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
            refused(refusal).respond(id).map(Reply::from)
        }
        Deed::Truncate => {
            let (head, body) = response.into_parts();
            Response::from_parts(head, Reply::half(&body))
        }
        Deed::Garbage => response.map(|_| garbage(chance).into()),
        Deed::Html => {
            let mut response = response.map(|_| Bytes::from_static(LOGIN_PAGE.as_bytes()).into());
            *response.status_mut() = http::StatusCode::OK;
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            response
        }
        _ => response.map(Reply::from),
    }
}

/// 8 to 64 bytes that are no JSON.
fn garbage(chance: u64) -> Bytes {
    let mut numbers = SplitMix64(chance);
    // No JSON begins with a zero byte, whatever follows.
    let mut bytes = vec![0];
    for _ in 0..1 + numbers.next() % 8 {
        bytes.extend(numbers.next().to_le_bytes());
    }
    bytes.into()
}

/// A client that waits for a go-ahead has not sent its body, and must not be asked for it now.
async fn drain_unless_expected<B: Body<Data = Bytes> + Unpin>(head: &Parts, body: B) {
    if !head.headers.contains_key(EXPECT) {
        let _ = timeout(DRAIN_PATIENCE, drain(body)).await;
    }
}

async fn read<B: Body<Data = Bytes> + Unpin>(mut body: B) -> Result<Bytes, BodyFault> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyFault::CutOff)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.is_empty() && body.is_end_stream() && data.len() <= MAX_BODY_BYTES {
            return Ok(data);
        }
        if bytes.len() + data.len() > MAX_BODY_BYTES {
            let _ = timeout(DRAIN_PATIENCE, drain(body)).await;
            return Err(BodyFault::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

async fn drain<B: Body<Data = Bytes> + Unpin>(mut body: B) {
    let mut left = DRAIN_LIMIT_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DRAIN_PATIENCE, Front, PATIENCE};
    use crate::builder::Emulator;
    use crate::http::resettable_stream::Doom;
    use bytes::Bytes;
    use http::Request;
    use http_body_util::Empty;
    use hyper::body::Frame;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use tokio::sync::watch;
    use tokio::time::{Duration, Instant};

    /// A body of which nothing ever arrives.
    struct Stuck;

    impl hyper::body::Body for Stuck {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    fn front(latency: Duration) -> Front {
        Front { service: Emulator::builder().service().unwrap(), latency, stop: watch::channel(false).1 }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_comes_is_given_up() {
        let front = front(Duration::ZERO);
        for (path, expect, status, waited) in [
            ("/v5/p/asset/assign-task?category=host", None, 408, PATIENCE),
            ("/elsewhere", None, 404, DRAIN_PATIENCE),
            ("/elsewhere", Some("100-continue"), 404, Duration::ZERO),
        ] {
            let mut request =
                Request::post(path).header("X-Auth-Token", "t").header("Content-Type", "application/json");
            if let Some(expect) = expect {
                request = request.header("Expect", expect);
            }
            let start = Instant::now();
            let response = front.answer(request.body(Stuck).unwrap(), &Doom::default()).await.unwrap();
            assert_eq!((response.status().as_u16(), start.elapsed().as_secs()), (status, waited.as_secs()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_comes_no_earlier_than_the_latency_and_does_not_hold_up_others() {
        let doom = Doom::default();
        for latency in [Duration::ZERO, Duration::from_millis(20), Duration::from_secs(3600)] {
            let (start, front) = (Instant::now(), front(latency));
            let ask = || front.answer(Request::get("/x").body(Empty::<Bytes>::new()).unwrap(), &doom);
            let (one, other) = tokio::join!(ask(), ask());
            let statuses = [one.unwrap().status().as_u16(), other.unwrap().status().as_u16()];
            assert_eq!((statuses, start.elapsed()), ([404, 404], latency));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_is_added_to_the_latency() {
        let front = front(Duration::from_millis(20));
        front.service.set_faults("delay=1s@2".parse().unwrap()).unwrap();
        for waited in [20, 1020, 20] {
            let start = Instant::now();
            let request = Request::get("/x").body(Empty::<Bytes>::new()).unwrap();
            front.answer(request, &Doom::default()).await.unwrap();
            assert_eq!(start.elapsed(), Duration::from_millis(waited));
        }
    }
}
