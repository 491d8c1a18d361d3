//! Guarded: a connection with its bounds — one of so many, a time for writes that do not get on, and a way to cut it,
//! also once it was handed over to a socket.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;

use crate::kernel::clock::sleep_real;
use crate::kernel::ending::Ending;

type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;
/// Who waits, and the task that is woken.
type Watching = (Waiting, Waker);

/// A hold on a connection: cuts it, and tells how much it took.
#[derive(Clone, Debug, Default)]
pub struct Cut(Arc<Line>);

#[derive(Debug, Default)]
struct Line {
    ending: Ending,
    written: AtomicU64,
}

impl Cut {
    /// Cuts it now; what was not yet sent is lost.
    pub fn cut(&self) {
        self.0.ending.end();
    }

    /// Waits until the connection is cut, or gone by itself.
    pub async fn done(self) {
        self.0.ending.wait().await;
    }

    /// The bytes that the system took of it so far.
    pub fn written(&self) -> u64 {
        self.0.written.load(Ordering::Relaxed)
    }

    /// Whether it is cut; if not, the task is woken once it is.
    fn poll(&self, watching: &mut Option<Watching>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let task = context.waker();
        // Asked at every read: whoever waits already needs not to be told again.
        if watching.as_ref().is_some_and(|(_, woken)| woken.will_wake(task)) && !self.0.ending.is_over() {
            return Poll::Pending;
        }
        let (waiting, woken) = watching.get_or_insert_with(|| (Box::pin(self.clone().done()), task.clone()));
        woken.clone_from(task);
        ready!(waiting.as_mut().poll(context));
        *watching = None;
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }
}

/// A connection with its bounds.
pub struct Guarded<S> {
    stream: S,
    cut: Cut,
    reading: Option<Watching>,
    writing: Option<Watching>,
    stalled: Option<Waiting>,
    /// How long a write may make no progress because the other side does not read, real time.
    write_timeout: Duration,
    /// One of so many.
    _permit: OwnedSemaphorePermit,
}

impl<S> Guarded<S> {
    /// Guards this connection.
    pub fn new(stream: S, cut: Cut, permit: OwnedSemaphorePermit, write_timeout: Duration) -> Self {
        Self { stream, cut, reading: None, writing: None, stalled: None, write_timeout, _permit: permit }
    }

    /// Lets a write that waits go on waiting within its bounds.
    fn guard<T>(&mut self, wrote: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.stalled = None;
            return wrote;
        }
        if let Poll::Ready(Err(cut)) = self.cut.poll(&mut self.writing, context) {
            return Poll::Ready(Err(cut));
        }
        ready!(self.stalled.get_or_insert_with(|| Box::pin(sleep_real(self.write_timeout))).as_mut().poll(context));
        self.cut.cut();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn count(&self, wrote: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(bytes)) = wrote {
            self.cut.0.written.fetch_add(*bytes as u64, Ordering::Relaxed);
        }
    }

    fn check(&self) -> io::Result<()> {
        if self.cut.0.ending.is_over() { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl<S> Drop for Guarded<S> {
    fn drop(&mut self) {
        self.cut.cut();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        let this = &mut *self;
        match Pin::new(&mut this.stream).poll_read(context, into) {
            Poll::Pending => this.cut.poll(&mut this.reading, context),
            ready => ready,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        let wrote = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.count(&wrote);
        self.guard(wrote, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.guard(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.guard(shut, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.count(&wrote);
        self.guard(wrote, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
