//! What a response can do to its connection: end it with a reset, or close it when it is idle.

use std::io::{self, IoSlice};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Duration, sleep};

/// One connection, as the responses that use it see it.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionHandle {
    /// The address of the client.
    pub(crate) peer: Option<IpAddr>,
    is_reset: Arc<AtomicBool>,
    close_after: Arc<watch::Sender<Option<Duration>>>,
}

impl ConnectionHandle {
    pub(crate) fn new(peer: Option<IpAddr>) -> Self {
        Self { peer, is_reset: Arc::default(), close_after: Arc::new(watch::Sender::new(None)) }
    }

    /// Makes the connection end with a reset.
    pub(crate) fn reset_at_end(&self) {
        self.is_reset.store(true, Ordering::Relaxed);
    }

    /// Closes the connection after this time, unless it is busy then; in that case it closes when it is idle.
    pub(crate) fn close_after(&self, time: Duration) {
        self.close_after.send_replace(Some(time));
    }

    /// Waits until the connection must close.
    pub(crate) async fn closes(&self) {
        let mut close_after = self.close_after.subscribe();
        // The sender is not dropped while this runs.
        let time = close_after.wait_for(Option::is_some).await.ok().and_then(|time| *time);
        sleep(time.unwrap_or_default()).await;
    }
}

/// A connection.
pub(crate) struct ControlledStream {
    stream: TcpStream,
    handle: ConnectionHandle,
}

impl ControlledStream {
    pub(crate) fn new(stream: TcpStream, handle: ConnectionHandle) -> Self {
        Self { stream, handle }
    }
}

impl Drop for ControlledStream {
    fn drop(&mut self) {
        if self.handle.is_reset.load(Ordering::Relaxed) {
            // Closing then discards unsent data and resets the connection. If the system does not support it, the
            // connection just ends.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for ControlledStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for ControlledStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
