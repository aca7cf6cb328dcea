//! Owns the socket side: accepting connections, reading bodies, and stopping. What is answered is `service`'s business.

use crate::service::{BODY_LIMIT_BYTES, BodyFault, Service};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use bytes::{Bytes, BytesMut};
use http::header::EXPECT;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, sleep, sleep_until, timeout};

/// A request head (request line and headers together) may have this many bytes. It is far above the longest token, so
/// that a token past the limit is answered as such, by the emulator and not by the HTTP library.
pub const HEAD_LIMIT_BYTES: usize = 1024 * 1024;

/// A client that has not sent a complete head or body by then is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much of a refused request's body is read and dropped, and for how long. Closing a connection with unread data
/// resets it, and the reset may overtake the answer.
const DRAIN_LIMIT_BYTES: usize = 4 * BODY_LIMIT_BYTES;
const DRAIN_PATIENCE: Duration = Duration::from_secs(5);

/// How long open connections get to finish when the server stops.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// Pause after a failed accept: out of file descriptors is the usual reason, and asking again at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How many connections may wait to be accepted. The usual 128 is soon full when a test opens hundreds at once, and a
/// client that finds it full tries again only after a second.
const BACKLOG: u32 = 4096;

/// Binds an address.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // On Unix this only lets a restart have its port back at once; on Windows it would let two listeners share one.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Turns true when the server is to stop.
type Stop = watch::Receiver<bool>;

/// Serves until `stop` turns true, or its sender is gone.
pub(crate) async fn serve(listener: TcpListener, service: Service, latency: Duration, mut stop: Stop) {
    let router = Router::new().fallback(answer_late).with_state((service, latency));
    let mut connections = JoinSet::new();
    let stop_of_connections = stop.clone();
    loop {
        tokio::select! {
            _ = stopped(&mut stop) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), stop_of_connections.clone()));
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            // Finished connections are collected as they end, or their results would pile up.
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    // Connections that outstay the patience are cut off when the set is dropped.
    let _ = timeout(STOP_PATIENCE, finished).await;
}

async fn connection(stream: TcpStream, router: Router, mut stop: Stop) {
    // Answers are small and single: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let mut connection = pin!(
        http1::Builder::new()
            .max_buf_size(HEAD_LIMIT_BYTES)
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
    );
    // A broken connection is the client's affair: its error ends this task and nothing else.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped(&mut stop) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn stopped(stop: &mut Stop) {
    // A sender that is gone says the same as one that says so.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Answers, but not before the set time has passed since the request's head was there.
async fn answer_late(State((service, latency)): State<(Service, Duration)>, request: Request<Body>) -> Response<Body> {
    let earliest = Instant::now().checked_add(latency);
    let response = answer(service, request).await;
    match earliest {
        _ if latency.is_zero() => {}
        Some(earliest) => sleep_until(earliest).await,
        // Beyond what the clock can count.
        None => pending().await,
    }
    response
}

async fn answer(service: Service, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let response = match service.admit(&head.method, &head.uri, &head.headers) {
        Ok(admitted) => {
            let body = timeout(PATIENCE, read(body)).await.unwrap_or(Err(BodyFault::TooSlow));
            service.finish(admitted, body)
        }
        Err(response) => {
            // A client that waits for a go-ahead has not sent its body, and must not be asked for it now.
            if !head.headers.contains_key(EXPECT) {
                let _ = timeout(DRAIN_PATIENCE, drain(body)).await;
            }
            *response
        }
    };
    response.map(Body::from)
}

async fn read(mut body: Body) -> Result<Bytes, BodyFault> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyFault::CutOff)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > BODY_LIMIT_BYTES {
            let _ = timeout(DRAIN_PATIENCE, drain(body)).await;
            return Err(BodyFault::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

async fn drain(mut body: Body) {
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
    use super::{DRAIN_PATIENCE, PATIENCE, answer, answer_late};
    use crate::emulator::Emulator;
    use axum::body::Body;
    use axum::extract::State;
    use bytes::Bytes;
    use http::Request;
    use hyper::body::Frame;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};
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

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_comes_is_given_up() {
        let service = Emulator::builder().service().unwrap();
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
            let response = answer(service.clone(), request.body(Body::new(Stuck)).unwrap()).await;
            assert_eq!((response.status().as_u16(), start.elapsed().as_secs()), (status, waited.as_secs()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_comes_no_earlier_than_the_latency_and_does_not_hold_up_others() {
        let service = Emulator::builder().service().unwrap();
        for latency in [Duration::ZERO, Duration::from_millis(20), Duration::from_secs(3600)] {
            let start = Instant::now();
            let ask = || answer_late(State((service.clone(), latency)), Request::get("/").body(Body::empty()).unwrap());
            let (one, other) = tokio::join!(ask(), ask());
            assert_eq!(
                (one.status(), other.status(), start.elapsed()),
                (404.try_into().unwrap(), one.status(), latency)
            );
        }
    }
}
