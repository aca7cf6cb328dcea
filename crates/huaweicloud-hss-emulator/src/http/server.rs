//! Accepts connections, and stops the server.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep, timeout};

use super::controlled_stream::{ConnectionHandle, ControlledStream};
use super::dispatch::{Dispatcher, READ_TIMEOUT};

/// The largest head of a request: request line and headers. It is far larger than the longest token, so that the
/// emulator and not the HTTP library responds to a token above its limit.
pub const MAX_HEADER_BYTES: usize = 1024 * 1024;

/// How long open connections may take to finish when the server stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// The pause after a failed accept. The usual reason is a lack of file descriptors, and an immediate retry would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How many connections may wait to be accepted. A test that opens hundreds at once soon exceeds the usual 128, and its
/// clients retry only after a second.
const BACKLOG: u32 = 4096;

/// Binds an address.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // On Unix this only allows a restart to reuse its port at once; on Windows two listeners could share a port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Becomes true when the server must stop.
type Stop = watch::Receiver<bool>;

/// Serves until `stop` becomes true or its sender is dropped.
pub(crate) async fn serve(listener: TcpListener, dispatcher: Dispatcher, mut stop: Stop) {
    let dispatcher = Arc::new(dispatcher);
    let mut connections = JoinSet::new();
    let stop_of_connections = stop.clone();
    loop {
        tokio::select! {
            _ = stopped(&mut stop) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let handle = ConnectionHandle::new(Some(peer.ip().to_canonical()));
                    connections.spawn(connection(stream, handle, Arc::clone(&dispatcher), stop_of_connections.clone()));
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            // Finished connections are collected as they end; otherwise their results would accumulate.
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    // Connections that take longer are closed when the set is dropped.
    let _ = timeout(SHUTDOWN_TIMEOUT, finished).await;
}

async fn connection(stream: TcpStream, handle: ConnectionHandle, dispatcher: Arc<Dispatcher>, mut stop: Stop) {
    // Responses are small, so waiting for more data would only delay them.
    let _ = stream.set_nodelay(true);
    let stream = ControlledStream::new(stream, handle.clone());
    let service = service_fn(|request| dispatcher.dispatch(request, &handle));
    let mut connection = pin!(
        http1::Builder::new()
            .max_buf_size(MAX_HEADER_BYTES)
            .timer(TokioTimer::new())
            .header_read_timeout(READ_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service)
    );
    // An error of the connection ends only this task.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped(&mut stop) => connection.as_mut().graceful_shutdown(),
        () = handle.closes() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn stopped(stop: &mut Stop) {
    // A dropped sender also stops the server.
    let _ = stop.wait_for(|stop| *stop).await;
}
