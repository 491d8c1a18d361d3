//! Snapshot: the world as a reply that is written while it is sent, as fast as its reader takes it.

use std::convert::Infallible;
use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::sync::mpsc;

use crate::api::house::House;
use crate::api::reply::Reply;
use crate::document::{self, Snapshot};

/// How much of a document goes out at once, in bytes; one that is no longer is sent whole.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces that wait for the reader.
const PIECES: usize = 2;

/// The reply whose body is this document.
pub async fn reply(house: &House, document: Snapshot) -> Reply {
    let place = house.writers.clone().acquire_owned().await.expect("the semaphore is never closed");
    let (pieces, mut waiting) = mpsc::channel(PIECES);
    // Nothing is locked while a piece waits for its reader; only this thread is.
    tokio::task::spawn_blocking(move || {
        let mut outlet = Outlet { pieces, piece: BytesMut::new() };
        // It fails only where nobody reads any more.
        let _ = document::write(&document, &mut outlet).and_then(|()| outlet.flush());
        drop(place);
    });
    let first = waiting.recv().await.unwrap_or_default();
    let second = waiting.recv().await;
    let whole = second.is_none();
    let mut reply = Reply::new(StatusCode::OK, if whole { first.clone() } else { Bytes::new() });
    reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if !whole {
        let start = [Some(first), second].into_iter().flatten().collect::<Vec<_>>().into_iter();
        let pieces = stream::unfold((start, waiting), |(mut start, mut waiting)| async move {
            let piece = match start.next() {
                Some(piece) => piece,
                None => waiting.recv().await?,
            };
            Some((Ok::<_, Infallible>(Frame::data(piece)), (start, waiting)))
        });
        reply.flow = Some(StreamBody::new(pieces).boxed_unsync());
    }
    reply
}

/// Where a document is written to: piece by piece to whoever sends it.
struct Outlet {
    pieces: mpsc::Sender<Bytes>,
    piece: BytesMut,
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.capacity() == 0 {
            self.piece.reserve(PIECE_BYTES);
        }
        let taken = bytes.len().min(PIECE_BYTES - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE_BYTES {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.piece).freeze();
        if piece.is_empty() {
            return Ok(());
        }
        self.pieces.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
