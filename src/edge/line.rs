//! Line: a connection that a fault can cut or leave without an answer. It stands between HTTP and whatever carries the bytes.
//!
//! A cut waits until what was to be sent before it has left; a connection that hangs leaves HTTP behind and costs its
//! socket alone, until its client goes.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Collected};
use hyper::body::{Body, Frame, SizeHint};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::api::reply::{Flow, Reply};

/// How many bytes of a client that gets no answer are read, and forgotten, at a time.
const FORGOTTEN_BYTES: usize = 4 * 1024;

/// Why a request gets no reply at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReply {
    /// The connection is cut.
    #[error("a fault rule cut the connection")]
    Cut,
    /// It stays open, and nothing comes.
    #[error("a fault rule leaves the request without an answer")]
    Hang,
}

/// How a connection ends where a fault wants that; shared by its bytes, its requests and its task.
#[derive(Debug)]
pub struct Fate<S> {
    /// Cut once everything written is sent.
    cut: Arc<AtomicBool>,
    hangs: AtomicBool,
    /// What carried the bytes of a connection that hangs.
    kept: Mutex<Option<S>>,
}

impl<S> Fate<S> {
    /// A connection as it should be.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { cut: Arc::default(), hangs: AtomicBool::new(false), kept: Mutex::new(None) })
    }

    /// Turns true where the connection is to be cut once everything written is sent.
    pub fn cut(&self) -> Arc<AtomicBool> {
        self.cut.clone()
    }

    /// Notes how a request without a reply ends its connection.
    pub fn note(&self, how: NoReply) {
        self.hangs.store(how == NoReply::Hang, Ordering::Release);
    }
}

impl<S: AsyncRead + Unpin> Fate<S> {
    /// After HTTP has left a connection: waits until the client of one that hangs has gone.
    pub async fn hang(&self) {
        let Some(mut stream) = self.kept.lock().take() else { return };
        let mut forgotten = vec![0; FORGOTTEN_BYTES];
        while stream.read(&mut forgotten).await.is_ok_and(|bytes| bytes > 0) {}
    }
}

/// A connection.
#[derive(Debug)]
pub struct Line<S> {
    /// There until the line is dropped.
    stream: Option<S>,
    fate: Arc<Fate<S>>,
}

impl<S> Line<S> {
    /// A line over what carries the bytes.
    pub fn new(stream: S, fate: Arc<Fate<S>>) -> Self {
        Self { stream: Some(stream), fate }
    }
}

impl<S: Unpin> Line<S> {
    fn stream(&mut self) -> Pin<&mut S> {
        Pin::new(self.stream.as_mut().expect("it is there until the line is dropped"))
    }
}

impl<S> Drop for Line<S> {
    fn drop(&mut self) {
        if self.fate.hangs.load(Ordering::Acquire) {
            *self.fate.kept.lock() = self.stream.take();
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_read(cx, to)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    /// Flushed: everything that was to go before a cut has gone.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.stream().poll_flush(cx);
        if flushed.is_ready() && self.fate.cut.load(Ordering::Acquire) {
            return Poll::Ready(Err(io::Error::other(NoReply::Cut)));
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }
}

/// The body of a reply: whole, a stream, or the beginning of one whose length was announced in full.
#[derive(Debug, Default)]
pub struct Sent {
    bytes: Bytes,
    /// A stream that comes instead.
    flow: Option<Flow>,
    /// Bytes that are announced and never come.
    missing: u64,
    /// What to tell once the last byte is given, where some are missing.
    cut: Option<Arc<AtomicBool>>,
}

impl Sent {
    /// The whole body of a reply; a stream is taken out of it.
    pub fn whole(reply: &mut Reply) -> Self {
        Self { bytes: reply.body.clone(), flow: reply.flow.take(), ..Self::default() }
    }

    /// At most the first `most` bytes of a body.
    pub fn first(most: usize, mut whole: Bytes) -> Self {
        let length = whole.len();
        whole.truncate(most);
        Self { missing: u64::try_from(length - whole.len()).unwrap_or(u64::MAX), bytes: whole, ..Self::default() }
    }

    /// The same body on a connection that is cut where the bytes are over but the length is not.
    pub fn cut_by(self, cut: Arc<AtomicBool>) -> Self {
        Self { cut: (self.missing > 0).then_some(cut), ..self }
    }

    /// The length that is announced and not reached, if that is so.
    pub fn short_of(&self) -> Option<u64> {
        (self.missing > 0).then(|| self.length())
    }

    /// All bytes that come, and none of those that are missing.
    pub async fn arrived(self) -> Bytes {
        match self.flow {
            Some(flow) => flow.collect().await.map(Collected::to_bytes).unwrap_or_default(),
            None => self.bytes,
        }
    }

    fn length(&self) -> u64 {
        self.missing.saturating_add(u64::try_from(self.bytes.len()).unwrap_or(u64::MAX))
    }
}

impl From<Bytes> for Sent {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, ..Self::default() }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(flow) = &mut self.flow {
            return Pin::new(flow).poll_frame(cx);
        }
        if !self.bytes.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.bytes)))));
        }
        if self.missing == 0 {
            return Poll::Ready(None);
        }
        // Nobody wakes it: the flush that comes next ends the connection.
        self.cut.iter().for_each(|cut| cut.store(true, Ordering::Release));
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.flow.as_ref().map_or_else(|| self.length() == 0, Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.flow.as_ref().map_or_else(|| SizeHint::with_exact(self.length()), Body::size_hint)
    }
}
