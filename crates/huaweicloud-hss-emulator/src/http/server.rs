//! Owns the socket side: accepting connections, and stopping. What becomes of a request is `front`'s business.

use crate::http::dispatch::{Front, PATIENCE};
use crate::http::resettable_stream::{Doom, Wire};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep, timeout};

/// A request head (request line and headers together) may have this many bytes. It is far above the longest token, so
/// that a token past the limit is answered as such, by the emulator and not by the HTTP library.
pub const MAX_HEADER_BYTES: usize = 1024 * 1024;

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
pub(crate) async fn serve(listener: TcpListener, front: Front, mut stop: Stop) {
    let front = Arc::new(front);
    let mut connections = JoinSet::new();
    let stop_of_connections = stop.clone();
    loop {
        tokio::select! {
            _ = stopped(&mut stop) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&front), stop_of_connections.clone()));
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

async fn connection(stream: TcpStream, front: Arc<Front>, mut stop: Stop) {
    // Answers are small and single: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let doom = Doom::default();
    let wire = Wire::new(stream, doom.clone());
    let service = service_fn(|request| front.answer(request, &doom));
    let mut connection = pin!(
        http1::Builder::new()
            .max_buf_size(MAX_HEADER_BYTES)
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .serve_connection(TokioIo::new(wire), service)
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
