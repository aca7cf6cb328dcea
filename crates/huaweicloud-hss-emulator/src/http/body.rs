//! The bodies of responses: complete ones, truncated ones, and streams.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// The body of a response.
pub(crate) enum ResponseBody {
    /// The complete body.
    Full(Full<Bytes>),
    /// The first part of a body that is shorter than announced.
    Truncated(Truncated),
    /// Parts as they arrive, until their sender is dropped. With an error, the connection ends.
    Stream(mpsc::Receiver<io::Result<Bytes>>),
}

/// A body that ends too early.
pub(crate) struct Truncated {
    first: Option<Bytes>,
    announced: u64,
    flushed: bool,
}

impl From<Bytes> for ResponseBody {
    fn from(bytes: Bytes) -> Self {
        Self::Full(Full::new(bytes))
    }
}

impl ResponseBody {
    /// Returns a stream, and the sender of its parts.
    pub(crate) fn stream() -> (mpsc::Sender<io::Result<Bytes>>, Self) {
        let (parts, received) = mpsc::channel(1);
        (parts, Self::Stream(received))
    }

    /// Returns the first half of a body.
    pub(crate) fn truncated(whole: &Bytes) -> Self {
        let announced = whole.len() as u64;
        Self::Truncated(Truncated { first: Some(whole.slice(..whole.len() / 2)), announced, flushed: false })
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Full(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Self::Stream(parts) => parts.poll_recv(cx).map(|part| part.map(|part| part.map(Frame::data))),
            Self::Truncated(cut) => match cut.first.take() {
                Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                // The first part must be sent first; an immediate error would discard it.
                None if !cut.flushed => {
                    cut.flushed = true;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
                None => Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Full(body) => body.is_end_stream(),
            Self::Truncated(_) | Self::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Full(body) => body.size_hint(),
            Self::Stream(_) => SizeHint::default(),
            Self::Truncated(cut) => SizeHint::with_exact(cut.announced),
        }
    }
}
