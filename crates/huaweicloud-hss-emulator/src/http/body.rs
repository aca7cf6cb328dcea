//! Owns the bodies of answers on the wire: whole ones, ones that break off half-way, and ones that go on.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// The body of an answer.
pub(crate) enum Reply {
    /// All of it.
    Whole(Full<Bytes>),
    /// The first part of a body that was announced as longer.
    Cut(Cut),
    /// Parts as they come, until their sender is gone.
    Live(mpsc::Receiver<Bytes>),
}

/// A body that ends before its time.
pub(crate) struct Cut {
    first: Option<Bytes>,
    announced: u64,
    flushed: bool,
}

impl From<Bytes> for Reply {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }
}

impl Reply {
    /// The first half of a body.
    pub(crate) fn half(whole: &Bytes) -> Self {
        let announced = whole.len() as u64;
        Self::Cut(Cut { first: Some(whole.slice(..whole.len() / 2)), announced, flushed: false })
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Self::Live(parts) => parts.poll_recv(cx).map(|part| part.map(|bytes| Ok(Frame::data(bytes)))),
            Self::Cut(cut) => match cut.first.take() {
                Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                // What was handed over is sent while this waits; an error at once would throw it away.
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
            Self::Whole(body) => body.is_end_stream(),
            Self::Cut(_) | Self::Live(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Live(_) => SizeHint::default(),
            Self::Cut(cut) => SizeHint::with_exact(cut.announced),
        }
    }
}
